"""Quota rules as rows, at most one for each subject of a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, and_, delete, func, literal, or_, select

from bot.domain.guild import GuildSettings
from bot.domain.quota import Per, QuotaRule, Subject, SubjectKind, Unit
from bot.store.database import Transaction
from bot.store.guilds import settings_of
from bot.store.rows import from_json
from bot.store.tables import guild_settings, quota_rules, requests
from bot.store.upsert import upsert


class QuotaStore:
    """The table of quota rules."""

    async def terms(
        self, tx: Transaction, guild_id: int, *, user_id: int, role_ids: Sequence[int]
    ) -> tuple[GuildSettings, list[QuotaRule]]:
        """The server's settings, and those of its rules that can concern the person; in one look, for every request.

        A rule that was made before the person had their data deleted is theirs still.
        """
        ids = await tx.ids_of(user_id)
        kind, subject = quota_rules.c.subject_kind, quota_rules.c.subject_id
        # The lists say again what the alternatives say, in the form that finds single entries of the key.
        concerned = and_(
            kind.in_(list(SubjectKind)),
            subject.in_([0, *ids, *role_ids]),
            or_(
                kind == SubjectKind.EVERYONE,
                and_(kind == SubjectKind.ROLE, subject.in_(role_ids)),
                and_(kind == SubjectKind.USER, subject.in_(ids)),
            ),
        )
        here = select(literal(guild_id).label("guild_id")).subquery("here")
        rows = await tx.rows(
            select(guild_settings.c.settings, quota_rules).select_from(
                here.outerjoin(guild_settings, guild_settings.c.guild_id == here.c.guild_id).outerjoin(
                    quota_rules, and_(quota_rules.c.guild_id == here.c.guild_id, concerned)
                )
            )
        )
        rules = [_rule(row) for row in rows if row.subject_kind is not None]
        return settings_of(rows[0].settings), [_as_own(rule, user_id) for rule in rules]

    async def rules(self, tx: Transaction, guild_id: int) -> list[QuotaRule]:
        """The rules of a server, everyone's first, then roles', then people's."""
        rows = await tx.rows(select(quota_rules).where(quota_rules.c.guild_id == guild_id))
        order = list(SubjectKind)
        return sorted(map(_rule, rows), key=lambda rule: (order.index(rule.subject.kind), rule.subject.id))

    async def people(self, tx: Transaction, guild_id: int, *, role_id: int | None = None) -> int:
        """How many people have asked for pictures in a server; with `role_id` those who had it at their last request.

        This reads one entry for each request of the server: for questions that moderators ask now and then.
        """
        last = select(func.max(requests.c.id)).where(requests.c.guild_id == guild_id).group_by(requests.c.user_id)
        if role_id is None:
            return await tx.scalar(select(func.count()).select_from(last.subquery()))
        rows = await tx.rows(select(requests.c.role_ids).where(requests.c.id.in_(last)))
        return sum(role_id in from_json(row.role_ids) for row in rows)

    async def set_rule(self, tx: Transaction, guild_id: int, rule: QuotaRule) -> None:
        """Keep the rule in place of its subject's earlier one."""
        if rule.subject.kind is SubjectKind.USER:
            earlier = Subject(kind=SubjectKind.USER, id=await tx.pseudonym(rule.subject.id))
            await self._drop(tx, guild_id, earlier)
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
        return await self._drop(tx, guild_id, subject)

    async def _drop(self, tx: Transaction, guild_id: int, subject: Subject) -> bool:
        dropped = await tx.execute(
            delete(quota_rules).where(
                quota_rules.c.guild_id == guild_id,
                quota_rules.c.subject_kind == subject.kind,
                quota_rules.c.subject_id == subject.id,
            )
        )
        return dropped.rowcount > 0


def _as_own(rule: QuotaRule, user_id: int) -> QuotaRule:
    if rule.subject.kind is not SubjectKind.USER:
        return rule
    return replace(rule, subject=Subject(kind=SubjectKind.USER, id=user_id))


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
