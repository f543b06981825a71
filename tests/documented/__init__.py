"""The blocks of code in the pages, and what each kind of them is held against."""
