"""Where the figures of a running service come from."""
