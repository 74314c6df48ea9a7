"""Several moderators at once: no change is lost, and the audit trail tells them in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.domain.audit import Change
from bot.domain.job import Requester
from bot.domain.money import Money
from bot.domain.quota import Per, QuotaRule
from bot.store.audit import AuditStore
from tests.support.house import GUILD, Process

SAM, KIM = (Requester(user_id=number, guild_id=GUILD, moderator=True) for number in (8, 9))


async def told(process: Process, subject: str) -> list[tuple[Mapping[str, object] | None, Mapping[str, object] | None]]:
    """What the trail says of a subject, oldest first."""
    entries = await process.database.read(lambda tx: AuditStore().latest(tx, guild_id=GUILD, limit=200))
    return [(entry.before, entry.after) for entry in reversed(entries) if entry.subject == subject]


async def test_what_moderators_choose_at_the_same_moment_is_all_kept(process: Process) -> None:
    words = [f"word{number}" for number in range(8)]
    channels = range(101, 109)
    await asyncio.gather(
        *(process.moderation.add_words(SAM, [word]) for word in words),
        *(process.moderation.deny_channel(KIM, channel) for channel in channels),
        process.budgets.set(SAM, Money.dollars(5), Per.DAY),
        process.budgets.set(KIM, Money.dollars(50), Per.MONTH),
        process.choices.change(KIM, Change.DEFAULTS, timezone="Asia/Kathmandu"),
        process.budgets.pause(SAM, "lunch"),
    )
    kept = await process.choices.get(SAM)
    assert set(kept.words) == set(words)
    assert set(kept.channels_denied) == set(channels)
    assert (kept.timezone, kept.paused) == ("Asia/Kathmandu", True)
    assert {budget.per for budget in kept.budgets} == {Per.DAY, Per.MONTH}


async def test_each_entry_of_the_trail_begins_where_the_one_before_ended(process: Process) -> None:
    await asyncio.gather(
        *(process.quotas.set(each, QuotaRule(amount=amount)) for amount in range(1, 9) for each in (SAM, KIM))
    )
    trail = await told(process, "everyone:0")
    assert len(trail) == 16
    assert [before for before, _ in trail] == [None, *(after for _, after in trail[:-1])]


async def test_two_moderators_who_block_at_once_are_told_as_one_change(process: Process) -> None:
    await asyncio.gather(*(process.moderation.block(each, 5, "spam") for each in (SAM, KIM)))
    assert await told(process, "user:5") == [(None, {"reason": "spam"})]
    assert [block.user_id for block in await process.moderation.blocked(SAM)] == [5]
