"""Reports of results: told in the log channel, judged there by moderators."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.audit import Change
from bot.domain.errors import InvalidRequest, NotFound
from bot.domain.job import NO_GUILD, Requester, RequestId, RequestRecord
from bot.domain.report import Report, Verdict, is_open
from bot.domain.server_log import LogKind
from bot.domain.text import clean_text
from bot.services.callers import Caller
from bot.services.changes import Changes, check_moderator
from bot.services.deleting import Deleted, Deleting
from bot.services.moderation import MAX_REASON, Moderation
from bot.services.ports import Clock
from bot.services.submissions import Submissions
from bot.store.database import Database, Transaction
from bot.store.reports import ReportStore
from bot.store.requests import RequestStore

HOUR = 3600.0
AN_HOUR = 5
"""Reports that a person may make in a server within an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a report's card shows after a verdict; `decided` tells that it was this one that was carried out now."""

    values: dict[str, object]
    decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """Takes reports from everyone, and verdicts from moderators, whose right is asked for each time."""

    database: Database
    requests: RequestStore
    reports: ReportStore
    submissions: Submissions
    deleting: Deleting
    moderation: Moderation
    changes: Changes
    clock: Clock

    async def check(self, request_id: RequestId, caller: Caller) -> None:
        """Whether the person may report this result now; raises as `report`."""
        record = await self.submissions.pressed(request_id, caller, words=False)
        await self.database.read(lambda tx: self._check(tx, record, caller.requester))

    async def report(self, request_id: RequestId, caller: Caller, reason: str) -> None:
        """Tell the moderators.

        Raises:
            NotFound, NotAllowed: the person may not use this result.
            InvalidRequest: nobody can be told, they reported it before, or too much within the hour.
        """
        record, requester = await self.submissions.pressed(request_id, caller, words=False), caller.requester

        async def keep(tx: Transaction) -> None:
            await self._check(tx, record, requester)
            report = await self.reports.insert(
                tx,
                guild_id=requester.guild_id,
                request_id=request_id,
                user_id=requester.user_id,
                reason=clean_text(reason)[:MAX_REASON],
                at=self.clock(),
            )
            await self.changes.server_log.note(
                tx, guild_id=report.guild_id, kind=LogKind.REPORT, values=values_of(report, record)
            )

        await self.database.write(keep, lock=requester.user_id)

    async def _check(self, tx: Transaction, record: RequestRecord, requester: Requester) -> None:
        settings = await self.changes.guilds.get(tx, requester.guild_id)
        if requester.guild_id == NO_GUILD or settings.log_channel is None:
            raise InvalidRequest("refused.nobody_told")
        if await self.reports.of_person(tx, record.id, requester.user_id) is not None:
            raise InvalidRequest("refused.reported_already")
        since = self.clock() - HOUR
        made = await self.reports.count(tx, user_id=requester.user_id, guild_id=requester.guild_id, since=since)
        if made >= AN_HOUR:
            raise InvalidRequest("refused.reports_many", limit=AN_HOUR)

    async def judge(self, report_id: int, moderator: Requester, verdict: Verdict) -> Judged:
        """Carry out a verdict, once however often it is given, and by the first alone who gives one.

        Raises:
            NotAllowed: no moderator asks.
            NotFound: there is no such report in this server.
            InvalidRequest: moderators do not block themselves.
        """
        check_moderator(moderator)
        deleted: list[Deleted] = []

        async def decide(tx: Transaction) -> Judged:
            deleted.clear()
            report = await self.reports.get(tx, report_id, hold=True)
            if report.guild_id != moderator.guild_id:
                raise NotFound
            record = await self.requests.get(tx, report.request_id)
            if not is_open(verdict, [given for given, _ in report.deeds]):
                return Judged(values=values_of(report, record), decided=False)
            match verdict:
                case Verdict.DELETE:
                    deleted.append(await self.deleting.begin(tx, record.id, moderator))
                case Verdict.BLOCK:
                    await self.moderation.block_in(tx, moderator, record.requester.user_id, report.reason)
                case Verdict.DISMISS:
                    subject = f"request:{record.id}"
                    action = Change.REPORT_DISMISS
                    await self.changes.note(tx, moderator, action, subject=subject, before=None, after=None)
            report = replace(report, deeds=(*report.deeds, (verdict, moderator.user_id)))
            await self.reports.set_deeds(tx, report_id, report.deeds)
            return Judged(values=values_of(report, record), decided=True)

        judged = await self.database.write(decide, lock=moderator.guild_id)
        for each in deleted:
            await self.deleting.finish(each)
        return judged


def values_of(report: Report, record: RequestRecord) -> dict[str, object]:
    """What the report's card is made of, as JSON knows it."""
    return {
        "report": report.id,
        "by": report.user_id,
        "requester": record.requester.user_id,
        "reason": report.reason,
        "guild": report.guild_id,
        "channel": record.result_channel_id or record.place.channel_id,
        "message": record.result_message_id or 0,
        "deeds": [[str(verdict), moderator_id] for verdict, moderator_id in report.deeds],
    }
