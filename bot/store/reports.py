"""Reports as rows: one of a person for a result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from bot.domain.errors import NotFound
from bot.domain.job import RequestId
from bot.domain.report import Report, Verdict
from bot.store.database import Transaction
from bot.store.rows import from_json, to_json
from bot.store.tables import reports


class ReportStore:
    """The table of reports."""

    async def insert(
        self, tx: Transaction, *, guild_id: int, request_id: RequestId, user_id: int, reason: str, at: float
    ) -> Report:
        """Keep a report."""
        values = {
            "guild_id": guild_id,
            "request_id": request_id,
            "user_id": user_id,
            "reason": reason,
            "deeds": "[]",
            "created_at": at,
        }
        return _report((await tx.execute(insert(reports).values(values).returning(reports))).one())

    async def get(self, tx: Transaction, report_id: int, *, hold: bool = False) -> Report:
        """The report; with `hold` nobody else changes it before the transaction ends, which must be one that writes.

        Raises:
            NotFound: there is none with this id.
        """
        statement = select(reports).where(reports.c.id == report_id)
        row = await tx.first(statement.with_for_update() if hold else statement)
        if row is None:
            raise NotFound(detail=f"report {report_id}")
        return _report(row)

    async def of_person(self, tx: Transaction, request_id: RequestId, user_id: int) -> Report | None:
        """What a person reported of a result."""
        theirs = (reports.c.request_id == request_id, reports.c.user_id.in_(await tx.ids_of(user_id)))
        row = await tx.first(select(reports).where(*theirs))
        return None if row is None else _report(row)

    async def count(self, tx: Transaction, *, user_id: int, guild_id: int, since: float) -> int:
        """How many results a person reported in a server since then."""
        ids = await tx.ids_of(user_id)
        mine = (reports.c.user_id.in_(ids), reports.c.guild_id == guild_id, reports.c.created_at > since)
        return int(await tx.scalar(select(func.count()).select_from(reports).where(*mine)))

    async def set_deeds(self, tx: Transaction, report_id: int, deeds: Sequence[tuple[Verdict, int]]) -> None:
        """Remember what was made of it."""
        await tx.execute(update(reports).where(reports.c.id == report_id).values(deeds=to_json(deeds)))


def _report(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        guild_id=row.guild_id,
        request_id=RequestId(row.request_id),
        user_id=row.user_id,
        reason=row.reason,
        created_at=row.created_at,
        deeds=tuple((Verdict(verdict), moderator_id) for verdict, moderator_id in from_json(row.deeds)),
    )
