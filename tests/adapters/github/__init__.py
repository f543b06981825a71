"""Tests of the GitHub adapter, on bytes alone or against the fake GitHub on a socket."""
