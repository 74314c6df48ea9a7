"""Budgets and the pause: requests stop where the money ends, the server is told on the way, members in words."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.ledger import EntryKind
from tests.support.bench import Bench, text_of
from tests.support.studio import audit, closed, entries, only_seen_by_them, open_runway_studio, refused


async def manage(bench: Bench, what: str, by: str = "Sam", **options: Any) -> str:
    """A `/manage` command; what it answers."""
    return only_seen_by_them(bench, await bench.person(by).slash("studio", f"manage {what}", options))


async def status(bench: Bench, by: str) -> str:
    return only_seen_by_them(bench, await bench.person(by).slash("studio", "status"))


def told(bench: Bench) -> list[str]:
    """What the log channel reads about money."""
    return [text for message in bench.discord.messages("showcase") if "budget" in (text := text_of(message))]


@pytest.fixture
async def paid(tmp_path: Path) -> AsyncGenerator[Bench]:
    """A studio whose pictures cost $0.05 at Runway."""
    async with open_runway_studio(tmp_path) as (bench, _):
        yield bench


async def test_requests_stop_where_the_budget_ends_and_the_server_is_told_on_the_way(paid: Bench) -> None:
    await manage(paid, "log", channel="showcase")
    assert "**$0.00 of $0.12** spent or held today (0 %), $0.12 left" in await manage(
        paid, "budget set", amount=0.12, per="day"
    )
    first = await paid.imagine("a cat")
    await closed(paid, first)
    assert "There is plenty left of this server's budget today" in await status(paid, "Mia")
    second = await paid.imagine("another cat")
    await closed(paid, second)
    assert "This server's budget today is nearly used up" in await status(paid, "Mia")
    assert "**$0.10 of $0.12** spent or held today (83 %), $0.02 left" in await status(paid, "Sam")
    for by in ("Mia", "Noor"):
        answer = await paid.imagine("a third cat", by=by)
        await refused(paid, answer, "This server's budget today does not reach for this", "a moderator can change it")
    await paid.until(lambda: len(told(paid)) == 3)
    assert "**80 %** of this server's budget today is used: $0.10 of $0.12" in told(paid)[1]
    assert "**This server's budget today is used up**: $0.10 of $0.12" in told(paid)[2]
    assert "$0.02 left" in await manage(paid, "budget show")
    await manage(paid, "budget remove", per="day")
    await closed(paid, await paid.imagine("a third cat"))
    assert await entries(paid.settings) == {EntryKind.HOLD: 3, EntryKind.CHARGE: 3}
    await paid.until(lambda: len(told(paid)) == 4)


async def test_what_is_held_counts_before_it_is_charged(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path, runway={"poll_interval": 60.0}) as (bench, _):
        await manage(bench, "budget set", amount=0.05, per="month")
        await bench.imagine("a cat")
        assert "**$0.05 of $0.05** spent or held this month (100 %)" in await manage(bench, "budget show")
        await refused(bench, await bench.imagine("a cat", by="Noor"), "budget this month")


async def test_the_operators_cap_holds_over_everything(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path, budget={"per_day": 0.05}) as (bench, _):
        await closed(bench, await bench.imagine("a cat"))
        await refused(
            bench, await bench.imagine("a cat", by="Noor"), "The budget that the bot's operator has set today"
        )


async def test_a_paused_server_takes_no_requests_and_finishes_what_is_under_way(paid: Bench) -> None:
    running = await paid.imagine("a cat")
    assert "**Paused**: too much *noise*. No new requests" in await manage(
        paid, "pause", reason="too much *noise*"
    ) or ("too much" in await manage(paid, "budget show"))
    await refused(paid, await paid.imagine("a dog"), "its moderators have paused it", "too much")
    assert "**Paused**" in await status(paid, "Mia")
    assert (await closed(paid, running)).startswith("**Done")
    assert await manage(paid, "resume") == "Requests are accepted again."
    assert "Paused" not in await status(paid, "Mia")
    await closed(paid, await paid.imagine("a dog"))
    assert [entry.action for entry in await audit(paid)] == ["guild.resume", "guild.pause"]


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("budget set", {"amount": 5.0, "per": "day"}),
        ("budget show", {}),
        ("budget remove", {"per": "day"}),
        ("pause", {}),
        ("resume", {}),
        ("log", {"channel": "showcase"}),
        ("defaults", {"timezone": "Asia/Kathmandu"}),
        ("quota list", {}),
        ("quota export", {}),
    ],
)
async def test_members_whom_discord_lets_through_are_refused(bench: Bench, what: str, options: dict[str, Any]) -> None:
    for command in bench.person()._core.commands.usable():
        command["default_member_permissions"] = None
    await refused(bench, await bench.person("Mia").slash("studio", f"manage {what}", options), "Manage Server")
    assert await audit(bench) == []


async def test_an_amount_that_is_no_budget_is_refused(bench: Bench) -> None:
    answer = await bench.person("Sam").slash("studio", "manage budget set", {"amount": -1.0, "per": "day"})
    await refused(bench, answer, "Choose an amount of dollars from 0")
