"""Atelier: a Discord bot that turns a server into a Gen-4 image studio."""

__version__ = "0.1.0"
