"""Reads the routes of web applications out of their code, without running any of it."""

from bot.adapters.routes.reader import read_routes

__all__ = ["read_routes"]
