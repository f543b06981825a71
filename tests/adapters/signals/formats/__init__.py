"""Tests of what reads the files of other tools."""
