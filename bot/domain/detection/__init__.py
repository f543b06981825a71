"""What a series of numbers says: where it changed, what sticks out, whether memory leaks."""
