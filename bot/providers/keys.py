"""API keys as they come out of the settings: checked before they are put into a header."""

from __future__ import annotations

from bot.domain.errors import ConfigError


def checked_key(api_key: str, *, provider: str) -> str:
    """The key without outer space.

    Raises:
        ConfigError: it is empty or holds characters that no header can carry.
    """
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable():
        detail = f"{provider}: the key holds impossible characters"
        raise ConfigError("config.provider_key", provider=provider, detail=detail)
    return key
