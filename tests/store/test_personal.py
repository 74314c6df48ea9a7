"""Every column is known for what it holds of people, so that export and deletion can forget none."""

from __future__ import annotations

from sqlalchemy import Text

from bot.store.columns import Words
from bot.store.personal import HOLDINGS, PICTURES, Kind, emptied, held, own
from bot.store.tables import metadata

KNOWN_AS_PEOPLE = ("user_id", "_by", "actor_id")
"""Names under which the tables keep people."""


def test_every_column_of_every_table_says_what_it_holds() -> None:
    columns = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    known = [f"{table}.{name}" for table, holding in HOLDINGS.items() for name in holding.kinds]
    assert sorted(known) == sorted(columns), "say in bot/store/personal.py what the new columns hold of people"


def test_what_is_named_like_a_person_is_held_as_one() -> None:
    for table, holding in held():
        for name, kind in holding.kinds.items():
            if name.endswith(KNOWN_AS_PEOPLE):
                assert kind is Kind.PERSON, f"{table.name}.{name}"


def test_whoever_has_something_in_a_table_can_be_found_there() -> None:
    for table, holding in held():
        personal = holding.names(Kind.CONTENT, Kind.SECRET, Kind.PLACE)
        found = own(table, [1]) is not None or holding.pictured
        assert found or not personal or table.name == "secrets", f"whose are the rows of {table.name}?"


def test_what_is_emptied_fits_its_column() -> None:
    for table, holding in held():
        for name, value in emptied(table, *Kind).items():
            column = table.c[name]
            assert value is not None or column.nullable
            assert isinstance(value, str) == isinstance(column.type, Text | Words) or value is None, (
                f"{table.name}.{name}"
            )
        assert set(holding.only) <= set(holding.kinds)


def test_what_a_server_chose_goes_with_it() -> None:
    kept = {"requests", "jobs", "ledger", "spending", "departures"}
    of_servers = {table.name for table in metadata.sorted_tables if "guild_id" in table.c}
    leave = {name for name, holding in HOLDINGS.items() if holding.leaves}
    assert of_servers - leave == kept, "say whether the table's rows go when the bot left a server"
    assert {"sha256", "preview"} == PICTURES
