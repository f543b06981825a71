"""`ironclaw improve`."""
