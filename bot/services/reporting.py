"""Reports of results: told in the log channel, judged there by moderators."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.audit import Change
from bot.domain.errors import InvalidRequest, NotFound
from bot.domain.job import NO_GUILD, Requester, RequestId, RequestRecord
from bot.domain.report import Report, Verdict
from bot.domain.server_log import LogKind
from bot.domain.text import clean_text
from bot.services.callers import Caller
from bot.services.changes import Changes, check_moderator
from bot.services.deleting import Deleting
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

    async def judge(self, report_id: int, moderator: Requester, verdict: Verdict) -> dict[str, object]:
        """Carry out a verdict, once however often it is given; what the report's card shows then.

        Raises:
            NotAllowed: no moderator asks.
            NotFound: there is no such report in this server.
            InvalidRequest: moderators do not block themselves.
        """
        check_moderator(moderator)

        async def load(tx: Transaction) -> tuple[Report, RequestRecord]:
            report = await self.reports.get(tx, report_id)
            if report.guild_id != moderator.guild_id:
                raise NotFound
            return report, await self.requests.get(tx, report.request_id)

        report, record = await self.database.read(load)
        if all(verdict is not given for given, _ in report.deeds):
            if verdict is Verdict.DELETE:
                await self.deleting.delete(record.id, moderator)
            elif verdict is Verdict.BLOCK:
                await self.moderation.block(moderator, record.requester.user_id, report.reason)
            report = await self._remember(report_id, moderator, verdict)
        return values_of(report, record)

    async def _remember(self, report_id: int, moderator: Requester, verdict: Verdict) -> Report:
        async def keep(tx: Transaction) -> Report:
            report = await self.reports.get(tx, report_id, hold=True)
            if any(verdict is given for given, _ in report.deeds):
                return report
            deeds = (*report.deeds, (verdict, moderator.user_id))
            await self.reports.set_deeds(tx, report_id, deeds)
            if verdict is Verdict.DISMISS:
                subject = f"request:{report.request_id}"
                await self.changes.note(tx, moderator, Change.REPORT_DISMISS, subject=subject, before=None, after=None)
            return replace(report, deeds=deeds)

        return await self.database.write(keep)


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
