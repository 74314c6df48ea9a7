"""Reads what a studio leaves behind: every text of its database, what people saw, and what its pages answered."""

from __future__ import annotations

import json

import aiohttp
from sqlalchemy import column, literal_column, select, table, text

from bot.playground.server import LocalDiscord
from bot.store.database import Database, Transaction
from tests.support.secrecy import Net

PAGES = ("/livez", "/readyz", "/metrics")

LINKS_KEPT = {
    ("request_references", "source"),  # a person's file, until it is fetched; Discord's link is good for a day
    ("drafts", "payload"),  # the same while somebody chooses a prompt
    ("forms", "pictures"),  # the same while somebody fills in a form
}
TOKENS_KEPT = {
    ("requests", "interaction_token"),  # answers the person; good for fifteen minutes
    ("drafts", "payload"),
}


async def search_database(url: str, net: Net, *, discord: LocalDiscord) -> None:
    """Look for secrets in every text of every table. What Discord signs may stand in the columns above."""
    tokens = [each.token for each in discord.interactions()]
    async with Database.open(url) as database:
        rows = await database.read(_texts)
    for name, field, value in rows:
        where = f"the database ({name}.{field})"
        hit = net.holds(value, links=(name, field) not in LINKS_KEPT)
        kept = (name, field) in TOKENS_KEPT or not any(token in value for token in tokens)
        if hit or not kept:
            net.catch(where, hit or "an interaction's token")


async def _texts(tx: Transaction) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    if tx.dialect == "sqlite":
        names = select(column("name")).select_from(table("sqlite_master")).where(text("type = 'table'"))
    else:
        names = select(column("tablename")).select_from(table("pg_tables")).where(text("schemaname = 'public'"))
    for (name,) in await tx.rows(names):
        result = await tx.execute(select(literal_column("*")).select_from(table(name)))
        fields = list(result.keys())
        found += [
            (name, field, value if isinstance(value, str) else bytes(value).decode(errors="replace"))
            for row in result
            for field, value in zip(fields, row, strict=True)
            if isinstance(value, str | bytes)
        ]
    return found


def search_messages(net: Net, *, discord: LocalDiscord) -> None:
    """Look for secrets in what the bot said on Discord, to everybody or to one person.

    Links of the local Discord itself are its own affair.
    """
    for call in discord.calls():
        body = json.dumps(call.request, default=str)
        if (hit := net.holds(body, links=False)) is not None:
            net.catch(f"a message ({call.method} {call.template})", hit)


async def search_pages(net: Net, address: str) -> None:
    """Look for secrets in what the pages for operators answer."""
    async with aiohttp.ClientSession() as session:
        for page in PAGES:
            async with session.get(f"{address}{page}") as answer:
                net.tell(f"the page {page}", await answer.text())
