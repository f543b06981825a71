"""Sets up the GitHub App: a page for one person, on this machine, once."""
