"""Builds every service once from the stores, the providers and the presenter, and hands them to each other."""

from bot.assembly.app import App

__all__ = ["App"]
