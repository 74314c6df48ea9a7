"""What a check came to: a verdict in words, what it is about, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How something stands. Only `WRONG` keeps the bot from working."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the examination."""

    verdict: Verdict
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.verdict:<8} {self.subject:<12} {self.text}"


def fine(subject: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(verdict=Verdict.OK, subject=subject, text=text)


def doubtful(subject: str, text: str) -> Finding:
    """Worth a look; the bot works all the same."""
    return Finding(verdict=Verdict.WARNING, subject=subject, text=text)


def wrong(subject: str, text: str) -> Finding:
    """To be mended."""
    return Finding(verdict=Verdict.WRONG, subject=subject, text=text)
