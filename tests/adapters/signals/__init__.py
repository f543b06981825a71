"""Tests of what reads a running service's figures."""
