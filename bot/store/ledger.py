"""The ledger: append-only entries whose sums are the quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, ScalarSelect, and_, case, func, insert, or_, select

from bot.domain.job import Delivery, Job, RequestRecord
from bot.domain.ledger import EntryKind
from bot.domain.money import FREE, MICROS_PER_CREDIT, Money
from bot.domain.quota import Source, Subject, SubjectKind, Usage, Window
from bot.store.books import broken_rules
from bot.store.database import Transaction
from bot.store.spending import spend
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
        held = sum(job.price.micros for job in record.jobs)
        await spend(tx, guild_id=record.requester.guild_id, held_at=at, server=held)

    async def settle(self, tx: Transaction, job: Job, *, charged: Money | None, at: float) -> None:
        """Keep what the picture cost and give the rest back; `None` gives everything back.

        What the provider took beyond the hold is the operator's loss. Repeating it changes nothing.
        """
        hold = await self._open_hold(tx, job)
        if hold is None:
            return
        if charged is None:
            await self._back(tx, hold, [_entry(EntryKind.RELEASE, hold, at)])
            return
        amount = min(hold.amount, charged.micros)
        units = min(hold.units, max(1, -(-amount // MICROS_PER_CREDIT)))
        entries = [_entry(EntryKind.CHARGE, hold, at, amount=amount, units=units)]
        if hold.amount > amount or hold.units > units:
            rest = _entry(EntryKind.RELEASE, hold, at, images=0, amount=hold.amount - amount, units=hold.units - units)
            entries.append(rest)
        if charged.micros > amount:
            entries.append(_entry(EntryKind.LOSS, hold, at, images=0, amount=charged.micros - amount, units=0))
        await self._back(tx, hold, entries)

    async def lose(self, tx: Transaction, job: Job, *, cost: Money, at: float) -> None:
        """Give everything back to the person and book the cost to the operator. Repeating it changes nothing."""
        hold = await self._open_hold(tx, job)
        if hold is None:
            return
        loss = _entry(EntryKind.LOSS, hold, at, images=1, amount=cost.micros, units=0)
        await self._back(tx, hold, [_entry(EntryKind.RELEASE, hold, at), loss])

    async def grant(
        self, tx: Transaction, *, guild_id: int, subject: Subject, units: int, actor_id: int, at: float
    ) -> None:
        """Give extra units, kept until used. A role's or everyone's grant is for each of its people."""
        await self._give(tx, EntryKind.GRANT, guild_id=guild_id, subject=subject, units=units, actor_id=actor_id, at=at)

    async def reset(self, tx: Transaction, *, guild_id: int, subject: Subject, actor_id: int, at: float) -> None:
        """Let the subject's windows count what is held after this entry only."""
        await self._give(tx, EntryKind.RESET, guild_id=guild_id, subject=subject, units=0, actor_id=actor_id, at=at)

    async def usage(
        self, tx: Transaction, *, guild_id: int, user_id: int, role_ids: Sequence[int], window: Window, now: float
    ) -> Usage:
        """What the person used in the window, has left of grants and has unfinished in this server.

        What they had deleted counts as before.
        """
        ids = await tx.ids_of(user_id)
        gifts = (GIVEN, ledger.c.guild_id == guild_id, _is_for(ids, role_ids))
        given = select(_sum(ledger.c.units)).where(*gifts)
        mine = (ledger.c.user_id.in_(ids), ledger.c.guild_id == guild_id)
        # A clock that went back does not open the window again: later holds count too.
        in_window = (ledger.c.held_at >= window.start, ledger.c.source == Source.WINDOW, ledger.c.job_id.is_not(None))
        reset = select(func.coalesce(func.max(ledger.c.id), 0)).where(*gifts, ledger.c.kind == EntryKind.RESET)
        used = (
            select(_net(ledger.c.images).label("images"), _net(ledger.c.amount).label("amount"))
            .where(*mine, *in_window, _after(reset.scalar_subquery()))
            .subquery()
        )
        taken = select(_net(ledger.c.units)).where(*mine, FROM_GRANT)
        row = (
            await tx.execute(
                select(
                    used.c.images,
                    used.c.amount,
                    given.scalar_subquery().label("given"),
                    taken.scalar_subquery().label("taken"),
                    _unfinished(user_id, guild_id).label("unfinished"),
                    *(_last_request(each, guild_id, now).label(f"last_at_{number}") for number, each in enumerate(ids)),
                )
            )
        ).one()
        last = [at for number in range(len(ids)) if (at := getattr(row, f"last_at_{number}")) is not None]
        return Usage(
            images=int(row.images),
            spent=Money(int(row.amount)),
            granted=max(0, int(row.given) - int(row.taken)),
            unfinished=row.unfinished,
            last_at=max(last, default=None),
        )

    async def granted(self, tx: Transaction, guild_id: int) -> Mapping[Subject, int]:
        """What each subject of a server was given in all, used or not."""
        by = (ledger.c.subject_kind, ledger.c.subject_id)
        given = select(*by, _sum(ledger.c.units).label("units")).where(GIVEN, ledger.c.guild_id == guild_id)
        rows = await tx.rows(given.group_by(*by).having(_sum(ledger.c.units) > 0))
        return {Subject(kind=SubjectKind(row.subject_kind), id=row.subject_id): int(row.units) for row in rows}

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

    async def _back(self, tx: Transaction, hold: Row[Any], entries: Sequence[dict[str, Any]]) -> None:
        """Add the entries that end a hold, and count what they change of the money spent."""
        await tx.execute(insert(ledger), list(entries))
        released = sum(entry["amount"] for entry in entries if entry["kind"] is EntryKind.RELEASE)
        lost = sum(entry["amount"] for entry in entries if entry["kind"] is EntryKind.LOSS)
        await spend(tx, guild_id=hold.guild_id, held_at=hold.held_at, server=-released, lost=lost)

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


def _is_for(ids: Sequence[int], role_ids: Sequence[int]) -> Any:
    kind, subject = ledger.c.subject_kind, ledger.c.subject_id
    return (
        (kind == SubjectKind.EVERYONE)
        | ((kind == SubjectKind.ROLE) & subject.in_(role_ids))
        | ((kind == SubjectKind.USER) & subject.in_(ids))
    )


def _after(reset: ScalarSelect[int]) -> Any:
    """Entries of jobs held after the entry that reset the window. By order and not by time: clocks go back."""
    hold = ledger.alias("hold")
    same = (hold.c.job_id == ledger.c.job_id, hold.c.kind == EntryKind.HOLD, hold.c.id > reset)
    held_after = select(hold.c.id).where(*same).exists()
    return and_(ledger.c.id > reset, or_(ledger.c.kind == EntryKind.HOLD, held_after))


def _unfinished(user_id: int, guild_id: int) -> ScalarSelect[int]:
    mine = (jobs.c.user_id == user_id, jobs.c.guild_id == guild_id)
    return select(func.count()).select_from(jobs).where(ACTIVE, *mine).scalar_subquery()


def _last_request(user_id: int, guild_id: int, now: float) -> ScalarSelect[float]:
    """The latest request that is not of a time to come: a clock that was ahead for a while holds nobody up."""
    mine = (requests.c.user_id == user_id, requests.c.guild_id == guild_id, requests.c.created_at <= now)
    return (
        select(requests.c.created_at)
        .where(*mine, requests.c.delivery != Delivery.WITHDRAWN)
        .order_by(requests.c.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
