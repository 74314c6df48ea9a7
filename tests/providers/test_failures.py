"""What the words of a failure say, and what the shared parts of adapters make of keys and missing tasks."""

from __future__ import annotations

import pytest

from bot.domain.errors import (
    ConfigError,
    Moderated,
    PollFailed,
    ProviderError,
    ReferenceRefused,
    TaskFailed,
    TaskVanished,
)
from bot.domain.money import FREE
from bot.providers.absences import Absences
from bot.providers.failures import about_credits, failure_text
from bot.providers.keys import checked_key


@pytest.mark.parametrize(
    ("text", "kind", "retryable"),
    [
        ("SAFETY.OUTPUT.IMAGE: not allowed", Moderated, None),
        ("The task failed with INTERNAL.BAD_OUTPUT.CODE01", TaskFailed, True),
        ("code ASSET.INVALID", ReferenceRefused, None),
        ("NSFW content detected", Moderated, None),
        ("Your prompt was flagged by our moderation", Moderated, None),
        ("Unable to fetch image from provided URL", ReferenceRefused, None),
        ("Invalid reference image", ReferenceRefused, None),
        ("upstream answered HTTP 503", TaskFailed, True),
        ("The request timed out", TaskFailed, True),
        ("Try again later", TaskFailed, True),
        ("something else", TaskFailed, False),
        ("", TaskFailed, False),
    ],
)
def test_a_failure_told_in_words_is_understood(text: str, kind: type[ProviderError], retryable: bool | None) -> None:
    error = failure_text(text, provider="x", billed=FREE)
    assert type(error) is kind
    assert error.billed == FREE
    assert getattr(error, "retryable", None) is retryable


def test_what_a_service_wrote_is_not_repeated() -> None:
    error = failure_text("secret-words nsfw", provider="x", billed=None)
    assert "secret-words" not in f"{error} {error.detail} {error.values}"


@pytest.mark.parametrize(
    ("text", "says_so"),
    [
        ("Insufficient credits. Please add credits to continue.", True),
        ("You do not have enough credits to run this task.", True),
        ("user quota is not enough", True),
        ("Insufficient account balance", True),
        ("Your quota is exhausted", True),
        ("team spend limit reached", True),
        ("Insufficient permissions", False),
        ("quota unit must be a number", False),
        ("no such model", False),
    ],
)
def test_an_empty_account_is_told_from_other_words(text: str, says_so: bool) -> None:
    assert about_credits(text) is says_so


def test_a_missing_task_vanishes_after_the_grace_and_a_seen_one_begins_anew() -> None:
    now = [0.0]
    absences = Absences(provider="x", grace=30, clock=lambda: now[0])
    kinds: list[type[ProviderError]] = []
    for moment in (0.0, 29.0, 31.0):
        now[0] = moment
        kinds.append(type(absences.missing("a", "HTTP 404")))
    absences.seen("a")
    kinds.append(type(absences.missing("a", "HTTP 404")))
    assert kinds == [PollFailed, PollFailed, TaskVanished, PollFailed]


@pytest.mark.parametrize("key", ["", " ", "a\nb", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_the_operators_to_mend(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        checked_key(key, provider="segmind")
    assert caught.value.values == {"provider": "segmind"}
    assert checked_key(" abc\n", provider="segmind") == "abc"
