"""The whole examination: settings, Discord, image services, store, and on request a real picture at each service."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from bot.doctor.discord_checks import DiscordChecks
from bot.doctor.findings import Finding, Verdict, doubtful, fine
from bot.doctor.live import Ask, LiveChecks
from bot.doctor.service_checks import ServiceChecks
from bot.doctor.store_checks import StoreChecks
from bot.providers.http import HttpClient
from bot.settings_load import Loaded
from bot.texts import load_texts

Say = Callable[[str], None]


class Checks(Protocol):
    """A group of checks."""

    def findings(self) -> AsyncGenerator[Finding]:
        """Each finding as soon as it is known."""
        ...


async def examine(loaded: Loaded, *, say: Say, ask: Ask, live: bool = False, agreed: bool = False) -> int:
    """Say a line for each thing; 1 when something is wrong. `live` makes real pictures, `agreed` without asking."""
    settings, texts = loaded.settings, load_texts()
    verdicts: list[Verdict] = []

    def tell(finding: Finding) -> None:
        verdicts.append(finding.verdict)
        say(str(finding))

    for finding in _of_settings(loaded):
        tell(finding)
    async with HttpClient() as http:
        groups: list[Checks] = [
            DiscordChecks(settings=settings.discord, http=http, clock=time.time),
            ServiceChecks(settings=settings, http=http, texts=texts),
            StoreChecks(settings=settings, texts=texts),
        ]
        if live:
            here = Path()
            groups.append(LiveChecks(settings=settings, http=http, texts=texts, folder=here, ask=ask, agreed=agreed))
        for checks in groups:
            async with aclosing(checks.findings()) as findings:
                async for finding in findings:
                    tell(finding)
    say(_summary(verdicts))
    return 1 if Verdict.WRONG in verdicts else 0


def _of_settings(loaded: Loaded) -> list[Finding]:
    if loaded.warnings:
        return [doubtful("settings", warning) for warning in loaded.warnings]
    if loaded.file is None:
        return [fine("settings", "from the environment and defaults; there is no file")]
    return [fine("settings", f"{loaded.file}, whose secrets nobody else can read")]


def _summary(verdicts: list[Verdict]) -> str:
    bad, odd = verdicts.count(Verdict.WRONG), verdicts.count(Verdict.WARNING)
    if not bad and not odd:
        return "Everything is in order."
    return f"{bad} wrong, {odd} to look at." if bad else f"Nothing is wrong; {odd} to look at."
