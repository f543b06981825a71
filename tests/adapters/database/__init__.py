"""Tests of the records on SQLite, on PostgreSQL and in the fake."""
