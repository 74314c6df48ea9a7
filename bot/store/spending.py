"""Money spent by servers and in all, kept beside the ledger by quarters of an hour and checked against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, case, func, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bot.domain.ledger import EntryKind
from bot.domain.money import Money
from bot.store.database import Transaction
from bot.store.tables import EVERYWHERE, ledger, spending

QUARTER = 900
"""Seconds. The offsets of all time zones in use are multiples of it (IANA database, 2026)."""


async def spend(tx: Transaction, *, guild_id: int, held_at: float, server: int, lost: int = 0) -> None:
    """Count micro-dollars for the moment of their hold: what the server spends more (or less), and what is lost.

    Losses are the operator's: they count in all, not for the server.
    """
    rows = [(guild_id, server), (EVERYWHERE, server + lost)]
    values = [
        {"guild_id": each, "quarter": quarter_at(held_at), "amount": amount} for each, amount in rows if amount != 0
    ]
    if not values:
        return
    insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    statement = insert(spending).values(values)
    more = {"amount": spending.c.amount + statement.excluded.amount}
    await tx.execute(statement.on_conflict_do_update(index_elements=["guild_id", "quarter"], set_=more))


async def spent_since(tx: Transaction, wanted: Sequence[tuple[int, float]]) -> list[Money]:
    """What each of these servers (or `EVERYWHERE`) has spent or held since a moment that begins a quarter."""
    sums = [
        select(func.coalesce(func.sum(spending.c.amount), 0))
        .where(spending.c.guild_id == guild_id, spending.c.quarter >= quarter_at(start))
        .scalar_subquery()
        .label(f"sum_{number}")
        for number, (guild_id, start) in enumerate(wanted)
    ]
    if not sums:
        return []
    row = await tx.first(select(*sums))
    return [Money(int(amount)) for amount in row or ()]


def quarter_at(at: float) -> int:
    """The number of the quarter of an hour that a moment lies in."""
    return int(at // QUARTER)


def wrong_sums() -> Select[Any, Any, Any]:
    """Servers and quarters whose sum is not the ledger's, with how much too much it says."""
    quarter = _quarter(ledger.c.held_at)
    used = case((ledger.c.kind == EntryKind.HOLD, ledger.c.amount), else_=0)
    back = case((ledger.c.kind == EntryKind.RELEASE, ledger.c.amount), else_=0)
    lost = case((ledger.c.kind == EntryKind.LOSS, ledger.c.amount), else_=0)
    of_jobs = ledger.c.job_id.is_not(None)
    both = union_all(
        select(spending.c.guild_id, spending.c.quarter, spending.c.amount),
        select(ledger.c.guild_id, quarter, back - used).where(of_jobs),
        select(literal(EVERYWHERE, BigInteger), quarter, back - used - lost).where(of_jobs),
    ).subquery()
    over = func.sum(both.c.amount)
    return select(both.c.guild_id, both.c.quarter, over).group_by(both.c.guild_id, both.c.quarter).having(over != 0)


class _quarter(FunctionElement[int]):
    """`quarter_at` in SQL; SQLite has no floor() where it was built without mathematics."""

    type = Integer()
    inherit_cache = True
    name = "quarter"


@compiles(_quarter, "sqlite")
def _in_sqlite(element: _quarter, compiler: Any, **options: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    return f"CAST({compiler.process(element.clauses, **options)} / {QUARTER} AS INTEGER)"


@compiles(_quarter, "postgresql")
def _in_postgresql(element: _quarter, compiler: Any, **options: Any) -> str:  # pyright: ignore[reportUnusedFunction]
    return f"CAST(floor({compiler.process(element.clauses, **options)} / {QUARTER}) AS BIGINT)"
