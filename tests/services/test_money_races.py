"""Many clicks at once, clocks that jump, people of elsewhere: one job a press, no window twice, no foreign rights."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.audit import Change
from bot.domain.errors import NotAllowed, QuotaExceeded
from bot.domain.job import Place, PlaceKind, Requester
from bot.domain.money import Money
from bot.domain.quota import Per, QuotaRule, Subject
from bot.services.callers import Caller
from tests.support.house import GUILD, Process

MIA = Requester(user_id=1, guild_id=GUILD)
SAM = Requester(user_id=9, guild_id=GUILD, moderator=True)
PRICE = Money.dollars("0.05")
YEARS = 10 * 365 * 86_400.0


async def left(process: Process, requester: Requester = MIA) -> int:
    return (await process.quotas.show(requester)).allowance.left


async def test_fifty_presses_of_one_button_at_once_make_one_job(process: Process) -> None:
    parent = (await process.ask(MIA, 1)).record
    callers = [
        Caller(requester=MIA, place=Place(kind=PlaceKind.CHANNEL, channel_id=100), interaction_id=100 + number)
        for number in range(50)
    ]
    made = await asyncio.gather(*(process.submissions.reroll(parent.id, caller) for caller in callers))
    assert len({accepted.record.id for accepted in made}) == 1
    assert [accepted.repeated for accepted in made].count(False) == 1
    assert await left(process) == 3


async def test_fifty_people_at_once_do_not_pass_the_cap(process: Process) -> None:
    people = [Requester(user_id=number, guild_id=GUILD + number % 3) for number in range(1, 51)]
    outcomes = await asyncio.gather(
        *(process.ask(each, 1000 + each.user_id) for each in people), return_exceptions=True
    )
    refused = [each for each in outcomes if isinstance(each, BaseException)]
    assert len(outcomes) - len(refused) == 12
    assert all(isinstance(each, QuotaExceeded) and each.key == "refused.cap" for each in refused)


@pytest.mark.parametrize("jump", [-3600.0, -90_000.0, -YEARS])
async def test_a_clock_that_goes_back_opens_no_window_again(process: Process, jump: float) -> None:
    await process.ask(MIA, 1, count=4)
    process.now.at += jump
    assert await left(process) == 1
    await process.quotas.reset(SAM, Subject())
    assert await left(process) == 5
    process.now.at += jump
    await process.ask(MIA, 2, count=4)
    # What was asked for after the reset counts, however late the clock says that the reset was.
    assert await left(process) == 1


async def test_a_clock_that_was_ahead_for_a_while_holds_nobody_up(process: Process) -> None:
    rule = QuotaRule(amount=5, cooldown=60)
    await process.quotas.set(SAM, rule)
    process.now.at += YEARS
    await process.ask(MIA, 1)
    process.now.at -= YEARS
    await process.ask(MIA, 2)
    with pytest.raises(QuotaExceeded, match=r"refused\.cooldown"):
        await process.ask(MIA, 3)
    process.now.at += 61
    assert (await process.ask(MIA, 4)).repeated is False


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("America/New_York", (2026, 3, 8, 23, 30), (2026, 3, 9, 0, 1)),
        ("America/New_York", (2026, 11, 1, 23, 30), (2026, 11, 2, 0, 1)),
        ("Asia/Kathmandu", (2026, 5, 1, 23, 59), (2026, 5, 2, 0, 0)),
        ("Australia/Lord_Howe", (2026, 4, 5, 23, 59), (2026, 4, 6, 0, 1)),
        ("Pacific/Apia", (2011, 12, 29, 23, 59), (2011, 12, 31, 0, 1)),
        ("UTC", (2028, 2, 29, 23, 59), (2028, 3, 1, 0, 1)),
    ],
)
async def test_a_days_allowance_ends_at_the_servers_midnight(
    process: Process, zone: str, before: tuple[int, ...], after: tuple[int, ...]
) -> None:
    def at(parts: tuple[int, ...]) -> float:
        year, month, day, hour, minute = parts
        return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).timestamp()

    await process.choices.change(SAM, Change.DEFAULTS, timezone=zone)
    process.now.at = at((*before[:3], 1, 30))
    await process.ask(MIA, 1, count=3)
    process.now.at = at(before)
    assert await left(process) == 2
    process.now.at = at(after)
    assert await left(process) == 5


@pytest.mark.parametrize("who", [Requester(user_id=9, moderator=True), MIA])
async def test_nobody_from_elsewhere_and_no_member_changes_a_servers_money(process: Process, who: Requester) -> None:
    for work in (
        process.quotas.set(who, QuotaRule(amount=100)),
        process.quotas.grant(who, Subject(), 5),
        process.quotas.reset(who, Subject()),
        process.budgets.set(who, PRICE, Per.DAY),
        process.budgets.remove(who, Per.DAY),
        process.budgets.pause(who, ""),
        process.budgets.resume(who),
    ):
        with pytest.raises(NotAllowed):
            await work
    assert await left(process) == 5
