"""Whether memory grows without bound: its floor between restarts, the shape of it, the verdict."""
