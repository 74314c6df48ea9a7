"""The error tree: every failure has a sentence for people and a text for the log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain import errors
from bot.domain.errors import (
    AtelierError,
    DeliveryFailed,
    ProviderError,
    QuotaExceeded,
    Refused,
    TaskFailed,
)
from bot.domain.money import Money
from bot.texts import load_texts


def tree(kind: type[AtelierError] = AtelierError) -> Iterator[type[AtelierError]]:
    yield kind
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from tree(below)


KINDS = sorted(set(tree()), key=lambda kind: kind.__name__)


def made(kind: type[AtelierError]) -> AtelierError:
    if issubclass(kind, ProviderError):
        return kind(provider="sketch", detail="because")
    return kind(retry=True, detail="because") if issubclass(kind, DeliveryFailed) else kind(detail="because")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_error_has_a_sentence_of_its_own_accord(kind: type[AtelierError]) -> None:
    error = made(kind)
    assert error.key == kind.default_key
    assert load_texts().has(error.key)
    assert "because" in error.detail
    assert "because" in str(error)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_picture_of_the_tree_shows_every_kind_below_its_parent(kind: type[AtelierError]) -> None:
    lines = (errors.__doc__ or "").splitlines()
    depth = {name: line.index(name) for line in lines for name in [line.strip("│├└─ ").split(" ")[0]] if name}
    parent = kind.__mro__[1].__name__
    assert kind.__name__ in depth
    assert kind is AtelierError or depth[parent] < depth[kind.__name__]


def test_values_are_for_the_sentence_and_detail_for_the_log() -> None:
    error = QuotaExceeded("refused.queue_full", unfinished=2, limit=3)
    assert isinstance(error, Refused)
    assert (error.key, error.values, error.detail) == ("refused.queue_full", {"unfinished": 2, "limit": 3}, "")
    assert "queue_full" in str(error)


def test_a_provider_error_says_who_and_what_it_kept() -> None:
    error = TaskFailed(provider="runway", billed=Money.dollars("0.05"), retry_in=3.0, retryable=True, detail="oops")
    assert (error.provider, error.billed, error.retry_in, error.retryable) == (
        "runway",
        Money.dollars("0.05"),
        3.0,
        True,
    )
    assert error.detail == "runway: oops"
    assert error.values == {}, "what a service says never reaches a sentence"
