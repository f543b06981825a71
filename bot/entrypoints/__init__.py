"""The ways in: the command line now, the web and the worker later."""
