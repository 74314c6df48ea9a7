"""Verdicts on a report: the first decides, whoever comes later reads what was decided, and all of it is noted once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.guild import GuildSettings
from bot.domain.job import Requester
from bot.domain.report import Verdict
from bot.services.reporting import Judged
from bot.store.audit import AuditStore
from bot.store.guilds import GuildStore
from bot.store.reports import ReportStore
from tests.services.test_opinions import VOTERS, caller, result_of, seen
from tests.support.house import GUILD, SHA256, Process

SAM, KIM = (Requester(user_id=number, guild_id=GUILD, moderator=True) for number in (8, 9))


async def reported(process: Process) -> int:
    """A report of a result; its id."""
    settings = GuildSettings(log_channel=700)
    await process.database.write(lambda tx: GuildStore().put(tx, GUILD, settings, by=1, at=0.0))
    record = await result_of(process)
    await process.reporting.report(record.id, caller(VOTERS[0]), "not nice")
    made = await process.database.read(lambda tx: ReportStore().of_person(tx, record.id, VOTERS[0]))
    assert made is not None
    return made.id


async def both(process: Process, report_id: int, first: Verdict, second: Verdict) -> list[Judged]:
    """Two moderators press at the same moment."""
    return list(
        await asyncio.gather(
            process.reporting.judge(report_id, SAM, first), process.reporting.judge(report_id, KIM, second)
        )
    )


async def trail(process: Process) -> list[str]:
    """What the audit trail tells."""
    entries = await process.database.read(lambda tx: AuditStore().latest(tx, guild_id=GUILD))
    return [entry.action for entry in entries]


@pytest.mark.parametrize(
    ("verdict", "action"),
    [(Verdict.BLOCK, "user.block"), (Verdict.DELETE, "result.delete"), (Verdict.DISMISS, "report.dismiss")],
)
async def test_two_moderators_who_decide_the_same_at_once_decide_it_once(
    process: Process, verdict: Verdict, action: str
) -> None:
    report_id = await reported(process)
    judged = await both(process, report_id, verdict, verdict)
    assert sorted(each.decided for each in judged) == [False, True]
    assert judged[0].values == judged[1].values
    (decided,) = [moderator for each, moderator in zip(judged, (SAM, KIM), strict=True) if each.decided]
    assert judged[0].values["deeds"] == [[str(verdict), decided.user_id]]
    assert await trail(process) == [action]


async def test_two_who_decide_otherwise_at_once_do_not_contradict_each_other(process: Process) -> None:
    report_id = await reported(process)
    judged = await both(process, report_id, Verdict.DISMISS, Verdict.DELETE)
    assert sorted(each.decided for each in judged) == [False, True]
    assert len(await trail(process)) == 1
    again = await process.reporting.judge(report_id, KIM, Verdict.BLOCK)
    assert again.decided is (await trail(process) == ["user.block", "result.delete"])


async def test_a_block_is_noted_once_also_when_the_person_was_blocked_for_another_reason(process: Process) -> None:
    report_id = await reported(process)
    await process.moderation.block(SAM, 5, "spam")
    await both(process, report_id, Verdict.BLOCK, Verdict.BLOCK)
    assert await trail(process) == ["user.block", "user.block"]


async def test_deleting_keeps_a_picture_that_another_result_shares(process: Process) -> None:
    record = await result_of(process)
    other = await result_of(process, interaction_id=8)
    await process.deleting.delete(record.id, replace(SAM))
    assert await process.blobs.get(SHA256)
    assert len(await seen(process, other)) == 1
    await process.deleting.delete(other.id, SAM)
    assert not await process.blobs.exists(SHA256)
