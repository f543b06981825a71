"""Tests of what the examples promise."""
