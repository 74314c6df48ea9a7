"""Quota rules as rows, at most one for each subject of a server."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, select

from bot.domain.quota import Per, QuotaRule, Subject, SubjectKind, Unit
from bot.store.database import Transaction
from bot.store.tables import quota_rules
from bot.store.upsert import upsert


class QuotaStore:
    """The table of quota rules."""

    async def rules(self, tx: Transaction, guild_id: int) -> list[QuotaRule]:
        """The rules of a server, everyone's first, then roles', then people's."""
        rows = await tx.rows(select(quota_rules).where(quota_rules.c.guild_id == guild_id))
        order = list(SubjectKind)
        return sorted(map(_rule, rows), key=lambda rule: (order.index(rule.subject.kind), rule.subject.id))

    async def set_rule(self, tx: Transaction, guild_id: int, rule: QuotaRule) -> None:
        """Keep the rule in place of its subject's earlier one."""
        values = {
            "guild_id": guild_id,
            "subject_kind": rule.subject.kind,
            "subject_id": rule.subject.id,
            "amount": rule.amount,
            "unit": rule.unit,
            "per": rule.per,
            "at_once": rule.at_once,
            "queue": rule.queue,
            "cooldown": rule.cooldown,
        }
        await upsert(tx, quota_rules, values)

    async def remove_rule(self, tx: Transaction, guild_id: int, subject: Subject) -> bool:
        """Drop the subject's rule; whether there was one."""
        dropped = await tx.execute(
            delete(quota_rules).where(
                quota_rules.c.guild_id == guild_id,
                quota_rules.c.subject_kind == subject.kind,
                quota_rules.c.subject_id == subject.id,
            )
        )
        return dropped.rowcount > 0


def _rule(row: Row[Any]) -> QuotaRule:
    return QuotaRule(
        subject=Subject(kind=SubjectKind(row.subject_kind), id=row.subject_id),
        amount=row.amount,
        unit=Unit(row.unit),
        per=Per(row.per),
        at_once=row.at_once,
        queue=row.queue,
        cooldown=row.cooldown,
    )
