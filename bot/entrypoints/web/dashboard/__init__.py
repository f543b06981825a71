"""The dashboard: pages that people look at, how they come in, and what they may do there."""
