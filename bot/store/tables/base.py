"""What all tables are made of: one schema for both databases.

Times are UTC epoch seconds in double precision, money is integer micro-dollars, flags are 0 and 1, structured
values are JSON text. SQLite tables are STRICT; CHECKs are the last line behind the code.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, MetaData, text

from bot.store.columns import WHOLE

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def check(name: str, condition: str) -> CheckConstraint:
    """A condition that every row meets; `name` is its own part of the constraint's name."""
    return CheckConstraint(text(condition), name=name)


def one_of(column: str, values: type[StrEnum]) -> str:
    """The condition that a column holds one of an enumeration's values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def key() -> Column[Any]:
    """A number given by the database."""
    return Column("id", WHOLE, primary_key=True, autoincrement=True)


def partial(condition: Any) -> dict[str, Any]:
    """The arguments of an index over the rows that meet a condition.

    Such an index serves only queries that repeat its condition word for word, so queries take it from the table's
    module.
    """
    return {"sqlite_where": condition, "postgresql_where": condition}


STRICT: dict[str, Any] = {"sqlite_strict": True}
NUMBERED: dict[str, Any] = {"sqlite_strict": True, "sqlite_autoincrement": True}
"""Ids are never given twice: custom ids and nonces at Discord are made of them."""
