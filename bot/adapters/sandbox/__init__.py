"""Runs untrusted code in local processes, isolated as far as this machine allows."""
