"""Looks at everything that the service needs, and says what is wrong and what to do."""
