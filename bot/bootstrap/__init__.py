"""Chooses an adapter for every port: the only place where they meet."""
