"""Decisions on plain values: tables, properties, and slow obvious oracles."""
