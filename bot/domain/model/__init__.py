"""What a language model is asked, what is made of its answer, and what it may cost."""
