"""Tests of the adapters against the real thing where it can be had."""
