"""The environment of a bot that is to be ended: quick, on free ports, and with everything in one folder."""

from __future__ import annotations

from pathlib import Path

from bot.playground.server import LocalDiscord
from tests.support.runway import LocalRunway

QUOTA = 50
LEASE = 1.0
"""Seconds until others may take over what a silent process held; short, for the sake of the tests."""


def environment_of(
    discord: LocalDiscord, folder: Path, *, database_url: str, runway: LocalRunway | None
) -> dict[str, str]:
    """The variables of a bot on this Discord, with this service or else the sketch painter."""
    variables = {
        "BOT_DISCORD__TOKEN": discord.token,
        "BOT_DISCORD__API_BASE": discord.api_base,
        "BOT_DISCORD__ATTACHMENT_HOSTS": '["127.0.0.1"]',
        "BOT_DATABASE__URL": database_url,
        "BOT_STORAGE__URL": f"file:{folder}/blobs",
        "BOT_PROVIDERS__SKETCH__FOLDER": str(folder / "sketch"),
        "BOT_PROVIDERS__SKETCH__SECONDS": "0.1",
        "BOT_PROVIDERS__SKETCH__POLL_INTERVAL": "0.05",
        "BOT_HTTP__PORT": "0",
        "BOT_JOBS__LEASE": str(LEASE),
        "BOT_QUOTA__DEFAULT__AMOUNT": str(QUOTA),
        # What is left is held against what was charged: a day that begins in the middle would give it back.
        "BOT_QUOTA__DEFAULT__PER": "month",
        "BOT_LOG__FORMAT": "console",
    }
    if runway is not None:
        variables |= {
            "BOT_PROVIDERS__RUNWAY__API_KEY": runway.api_key,
            "BOT_PROVIDERS__RUNWAY__BASE_URL": runway.base_url,
            "BOT_PROVIDERS__RUNWAY__POLL_INTERVAL": "0.05",
        }
    return variables
