"""Stateful stand-ins for what lies outside, which mirror the adapters."""
