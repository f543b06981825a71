"""Tests of the code host on disk, all with real git repositories."""
