"""The ledger: append-only entries whose sums are the quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, ScalarSelect, case, func, insert, select

from bot.domain.job import Delivery, Job, RequestRecord
from bot.domain.ledger import EntryKind
from bot.domain.money import FREE, MICROS_PER_CREDIT, Money
from bot.domain.quota import Source, Subject, SubjectKind, Usage, Window
from bot.store.books import broken_rules
from bot.store.database import Transaction
from bot.store.tables import ACTIVE, FROM_GRANT, GIVEN, jobs, ledger, requests


class Ledger:
    """Holds, charges, releases, losses, grants and resets."""

    async def hold(
        self, tx: Transaction, record: RequestRecord, sources: Sequence[Source], *, units_per_job: int, at: float
    ) -> None:
        """Reserve one picture for each job of the request, the n-th from the n-th source.

        `units_per_job` is what one picture takes from a grant, in units of the rule.
        """
        entries = [
            {
                "kind": EntryKind.HOLD,
                "job_id": job.id,
                "guild_id": record.requester.guild_id,
                "user_id": record.requester.user_id,
                "source": source,
                "images": 1,
                "amount": job.price.micros,
                "units": units_per_job if source is Source.GRANT else 0,
                "held_at": at,
                "at": at,
                "subject_kind": SubjectKind.USER,
                "subject_id": record.requester.user_id,
            }
            for job, source in zip(record.jobs, sources, strict=True)
        ]
        await tx.execute(insert(ledger), entries)

    async def settle(self, tx: Transaction, job: Job, *, charged: Money | None, at: float) -> None:
        """Keep what the picture cost and give the rest back; `None` gives everything back.

        What the provider took beyond the hold is the operator's loss. Repeating it changes nothing.
        """
        hold = await self._open_hold(tx, job)
        if hold is None:
            return
        if charged is None:
            await tx.execute(insert(ledger), [_entry(EntryKind.RELEASE, hold, at)])
            return
        amount = min(hold.amount, charged.micros)
        units = min(hold.units, max(1, -(-amount // MICROS_PER_CREDIT)))
        entries = [_entry(EntryKind.CHARGE, hold, at, amount=amount, units=units)]
        if hold.amount > amount or hold.units > units:
            rest = _entry(EntryKind.RELEASE, hold, at, images=0, amount=hold.amount - amount, units=hold.units - units)
            entries.append(rest)
        if charged.micros > amount:
            entries.append(_entry(EntryKind.LOSS, hold, at, images=0, amount=charged.micros - amount, units=0))
        await tx.execute(insert(ledger), entries)

    async def lose(self, tx: Transaction, job: Job, *, cost: Money, at: float) -> None:
        """Give everything back to the person and book the cost to the operator. Repeating it changes nothing."""
        hold = await self._open_hold(tx, job)
        if hold is None:
            return
        loss = _entry(EntryKind.LOSS, hold, at, images=1, amount=cost.micros, units=0)
        await tx.execute(insert(ledger), [_entry(EntryKind.RELEASE, hold, at), loss])

    async def grant(
        self, tx: Transaction, *, guild_id: int, subject: Subject, units: int, actor_id: int, at: float
    ) -> None:
        """Give extra units, kept until used. A role's or everyone's grant is for each of its people."""
        await self._give(tx, EntryKind.GRANT, guild_id=guild_id, subject=subject, units=units, actor_id=actor_id, at=at)

    async def reset(self, tx: Transaction, *, guild_id: int, subject: Subject, actor_id: int, at: float) -> None:
        """Let the subject's windows count from now on."""
        await self._give(tx, EntryKind.RESET, guild_id=guild_id, subject=subject, units=0, actor_id=actor_id, at=at)

    async def usage(
        self, tx: Transaction, *, guild_id: int, user_id: int, role_ids: Sequence[int], window: Window
    ) -> Usage:
        """What the person used in the window, has left of grants and has unfinished in this server."""
        given = select(
            func.max(case((ledger.c.kind == EntryKind.RESET, ledger.c.at))).label("reset_at"),
            _sum(case((ledger.c.kind == EntryKind.GRANT, ledger.c.units), else_=0)).label("units"),
        ).where(GIVEN, ledger.c.guild_id == guild_id, _is_for(user_id, role_ids))
        gifts = (await tx.execute(given)).one()
        # A clock that went back does not open the window again: later holds count too.
        start = max(window.start, gifts.reset_at or window.start)
        mine = (ledger.c.user_id == user_id, ledger.c.guild_id == guild_id)
        used = select(_net(ledger.c.images).label("images"), _net(ledger.c.amount).label("amount")).where(
            *mine, ledger.c.held_at >= start, ledger.c.source == Source.WINDOW, ledger.c.job_id.is_not(None)
        )
        taken = select(_net(ledger.c.units)).where(*mine, FROM_GRANT)
        in_window = used.subquery()
        row = (
            await tx.execute(
                select(
                    in_window.c.images,
                    in_window.c.amount,
                    taken.scalar_subquery().label("taken"),
                    _unfinished(user_id, guild_id).label("unfinished"),
                    _last_request(user_id, guild_id).label("last_at"),
                )
            )
        ).one()
        return Usage(
            images=int(row.images),
            spent=Money(int(row.amount)),
            granted=max(0, int(gifts.units) - int(row.taken)),
            unfinished=row.unfinished,
            last_at=row.last_at,
        )

    async def verify(self, tx: Transaction) -> list[str]:
        """One line for each broken rule of the books; empty when all is right."""
        lines: list[str] = []
        for broken in broken_rules():
            lines += [broken.sentence.format(*row) for row in await tx.rows(broken.rows)]
        return lines

    async def totals(self, tx: Transaction) -> Mapping[EntryKind, tuple[int, Money]]:
        """Pictures and money by kind of entry, over everything; kinds without entries are zero."""
        sums = select(
            ledger.c.kind, _sum(ledger.c.images).label("images"), _sum(ledger.c.amount).label("amount")
        ).group_by(ledger.c.kind)
        found = {row.kind: (int(row.images), Money(int(row.amount))) for row in await tx.rows(sums)}
        return {kind: found.get(kind, (0, FREE)) for kind in EntryKind}

    async def _open_hold(self, tx: Transaction, job: Job) -> Row[Any] | None:
        """The job's hold, locked, unless it is settled already."""
        hold = await tx.first(
            select(ledger).where(ledger.c.job_id == job.id, ledger.c.kind == EntryKind.HOLD).with_for_update()
        )
        ends = select(ledger.c.id).where(
            ledger.c.job_id == job.id, ledger.c.kind.in_([EntryKind.CHARGE, EntryKind.RELEASE])
        )
        if hold is None:
            raise LookupError(f"job {job.id} has no hold")
        return hold if await tx.first(ends) is None else None

    async def _give(
        self,
        tx: Transaction,
        kind: EntryKind,
        *,
        guild_id: int,
        subject: Subject,
        units: int,
        actor_id: int,
        at: float,
    ) -> None:
        entry = {
            "kind": kind,
            "guild_id": guild_id,
            "user_id": subject.id if subject.kind is SubjectKind.USER else 0,
            "source": Source.GRANT if kind is EntryKind.GRANT else Source.WINDOW,
            "images": 0,
            "amount": 0,
            "units": units,
            "held_at": at,
            "at": at,
            "subject_kind": subject.kind,
            "subject_id": subject.id,
            "actor_id": actor_id,
        }
        await tx.execute(insert(ledger), [entry])


def _entry(kind: EntryKind, hold: Row[Any], at: float, **amounts: int) -> dict[str, Any]:
    """An entry against a hold, for all of it or for the amounts given."""
    kept = ("job_id", "guild_id", "user_id", "source", "held_at", "subject_kind", "subject_id")
    values = {name: getattr(hold, name) for name in ("images", "amount", "units", *kept)}
    return {**values, "kind": kind, "at": at, **amounts}


def _sum(what: Any) -> Any:
    return func.coalesce(func.sum(what), 0)


def _net(column: Any) -> Any:
    """What was held of it and not given back."""
    return _sum(case((ledger.c.kind == EntryKind.HOLD, column), (ledger.c.kind == EntryKind.RELEASE, -column), else_=0))


def _is_for(user_id: int, role_ids: Sequence[int]) -> Any:
    kind, subject = ledger.c.subject_kind, ledger.c.subject_id
    return (
        (kind == SubjectKind.EVERYONE)
        | ((kind == SubjectKind.ROLE) & subject.in_(role_ids))
        | ((kind == SubjectKind.USER) & (subject == user_id))
    )


def _unfinished(user_id: int, guild_id: int) -> ScalarSelect[int]:
    mine = (jobs.c.user_id == user_id, jobs.c.guild_id == guild_id)
    return select(func.count()).select_from(jobs).where(ACTIVE, *mine).scalar_subquery()


def _last_request(user_id: int, guild_id: int) -> ScalarSelect[float]:
    mine = (requests.c.user_id == user_id, requests.c.guild_id == guild_id)
    return (
        select(requests.c.created_at)
        .where(*mine, requests.c.delivery != Delivery.WITHDRAWN)
        .order_by(requests.c.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
