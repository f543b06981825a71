"""Ironclaw: improves a service from its production data, and takes back what made it worse."""

__version__ = "0.1.0"
