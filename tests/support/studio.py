"""What end-to-end tests look at besides the screen: the books behind a bench, and shorthands for what people see."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select, update

from bot.domain.audit import AuditEntry
from bot.domain.guild import GuildSettings
from bot.domain.job import RequestId, RequestRecord
from bot.domain.ledger import EntryKind
from bot.playground.actors import Interaction
from bot.playground.messages import walk
from bot.settings import Settings
from bot.store.audit import AuditStore
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore
from bot.store.tables import ledger, requests
from tests.support.bench import Bench, Json, components, open_bench, text_of
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario

T = TypeVar("T")

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
CARD = "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"
ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
THREAD = "/channels/{channel_id}/messages/{message_id}/threads"
POST = "/channels/{channel_id}/messages"


@asynccontextmanager
async def open_studio(folder: Path, *, refused: int = 0, **sections: Any) -> AsyncGenerator[Bench]:
    """A bench whose books must be right at the end."""
    async with open_bench(folder, refused=refused, **sections) as bench:
        yield bench
    assert await wrong_sums(bench.settings) == []


@asynccontextmanager
async def open_runway_studio(
    folder: Path,
    *,
    refused: int = 0,
    runway: dict[str, Any] | None = None,
    providers: dict[str, Any] | None = None,
    **sections: Any,
) -> AsyncGenerator[tuple[Bench, LocalRunway]]:
    """A studio whose pictures come from a local Runway; `runway` and `providers` are settings besides the usual."""
    async with LocalRunway.open() as service:
        service.default = Scenario(queue=0)
        settings = {"api_key": service.api_key, "base_url": service.base_url, "poll_interval": 0.05, "concurrency": 4}
        services = {"runway": {**settings, **(runway or {})}, **(providers or {})}
        async with open_studio(folder, refused=refused, providers=services, **sections) as bench:
            yield bench, service


async def read_store(settings: Settings, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Read the database behind a bot, running or not."""
    async with Database.open(settings.database.url) as database:
        return await database.read(work)


async def wrong_sums(settings: Settings) -> list[str]:
    """What `db verify` would complain about."""
    return await read_store(settings, Ledger().verify)


async def entries(settings: Settings) -> dict[EntryKind, int]:
    """How many ledger entries of each kind there are."""

    async def count(tx: Transaction) -> dict[EntryKind, int]:
        kinds = [EntryKind(row.kind) for row in await tx.rows(select(ledger.c.kind))]
        return {kind: kinds.count(kind) for kind in EntryKind if kind in kinds}

    return await read_store(settings, count)


async def amounts(settings: Settings, kind: EntryKind) -> int:
    """What all ledger entries of a kind come to, in micro-dollars."""

    async def add(tx: Transaction) -> int:
        return sum([row.amount for row in await tx.rows(select(ledger.c.amount).where(ledger.c.kind == kind))])

    return await read_store(settings, add)


async def records(settings: Settings) -> list[RequestRecord]:
    """Every request in the store, in the order in which they were made."""

    async def load(tx: Transaction) -> list[RequestRecord]:
        rows = await tx.rows(select(requests.c.id).order_by(requests.c.id))
        return [await RequestStore().get(tx, RequestId(row.id)) for row in rows]

    return await read_store(settings, load)


async def audit(bench: Bench) -> list[AuditEntry]:
    """The audit trail of the server, newest first."""
    guild_id = int(bench.discord.world.guild.id)
    return await read_store(bench.settings, lambda tx: AuditStore().latest(tx, guild_id=guild_id))


async def choose_for_server(bench: Bench, settings: GuildSettings) -> None:
    """Set what the server decides for itself, while no bot runs."""
    guild_id = int(bench.discord.world.guild.id)
    async with Database.open(bench.settings.database.url) as database:
        await database.write(lambda tx: GuildStore().put(tx, guild_id, settings, by=1, at=0.0))


async def make_older(bench: Bench, *, seconds: float) -> None:
    """Let all requests have been made earlier, while no bot runs."""

    async def shift(tx: Transaction) -> None:
        await tx.execute(update(requests).values(created_at=requests.c.created_at - seconds))

    async with Database.open(bench.settings.database.url) as database:
        await database.write(shift)


async def quota_left(bench: Bench, by: str = "Mia", channel: str = "studio") -> tuple[int, int]:
    """What `/quota` says: how much is left, of how much."""
    answer = await bench.person(by).slash(channel, "quota")
    found = re.search(r"(\d+) of your (\d+) left today", bench.says(answer))
    assert found is not None, bench.says(answer)
    return int(found[1]), int(found[2])


def only_seen_by_them(bench: Bench, answer: Interaction) -> str:
    """The sentence of an answer that nobody else sees."""
    card = bench.card(answer)
    assert card["ephemeral"], text_of(card)
    assert all(message["id"] != card["id"] for message in bench.discord.messages(answer.channel_id))
    return text_of(card)


async def refused(bench: Bench, answer: Interaction, *words: str) -> str:
    """Check that an answer is a private sentence with these words and that nothing was charged."""
    sentence = only_seen_by_them(bench, answer)
    for word in words:
        assert word in sentence
    assert "Nothing was charged" in sentence
    return sentence


async def closed(bench: Bench, answer: Interaction, *, seconds: float = 20.0) -> str:
    """What a card says once its request is over."""

    def over() -> str | None:
        says = bench.says(answer)
        return says if says.startswith(("**Done", "**No picture")) else None

    return await bench.until(over, seconds=seconds)


async def press(bench: Bench, message: Json, label: str, *, by: str = "Mia") -> Interaction:
    """Press a button of a message."""
    return await bench.person(by).press(message["id"], label=label)


async def forge(bench: Bench, message: Json, custom_id: str, *, by: str = "Mia") -> Interaction:
    """Press a message's Reroll button after its id was changed: by another version of the bot, or by somebody."""
    person = bench.person(by)
    kept = person._message(message["id"])
    for node in walk(kept.components):
        if node.get("label") == "Reroll":
            node["custom_id"] = custom_id
    return await person.press(message["id"], custom_id)


def custom_ids(message: Json) -> dict[str, str]:
    """The ids of a message's buttons by label."""
    return {node["label"]: node["custom_id"] for node in components(message) if node["type"] == 2}


def pixels(message: Json) -> list[tuple[int, int]]:
    """Width and height of each picture of a message."""
    return [(each["width"], each["height"]) for each in message["attachments"]]


def seed_of(message: Json) -> int:
    """The seed that a result names."""
    found = re.search(r"seeds? (\d+)", text_of(message))
    assert found is not None, text_of(message)
    return int(found[1])
