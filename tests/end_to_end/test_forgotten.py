"""What was asked for long ago, and servers that removed the bot: forgotten in time, and buttons that say so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.playground.sessions import Sessions
from bot.settings import RetentionSettings
from bot.store.database import Database, Transaction
from bot.store.tables import departures, guild_settings, jobs, outputs, requests
from tests.support.bench import Bench, Json, buttons
from tests.support.references import blobs, said
from tests.support.studio import closed, entries, make_older, only_seen_by_them, press, read_store, refused

DAY = 86_400.0


async def make(bench: Bench, prompt: str, **options: Any) -> Json:
    answer = await bench.imagine(prompt, ratio="1:1", **options)
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    return result


async def change(bench: Bench, statement: Any) -> None:
    """Change the database while no bot runs."""
    async with Database.open(bench.settings.database.url) as database:
        await database.write(lambda tx: tx.execute(statement))


async def until_read(bench: Bench, column: Any, wanted: Callable[[list[Any]], bool]) -> list[Any]:
    """Wait until what stands in a column is as wanted."""

    async def look(tx: Transaction) -> list[Any]:
        return [row[0] for row in await tx.rows(select(column))]

    async with asyncio.timeout(20):
        while not wanted(found := await read_store(bench.settings, look)):  # noqa: ASYNC110 - the database tells nobody of a change
            await asyncio.sleep(0.05)
    return found


async def test_below_old_results_buttons_say_that_the_words_are_gone_and_the_rest_works(bench: Bench) -> None:
    old = await make(bench, "an old harbour")
    await bench.stop()
    await make_older(bench, seconds=91 * DAY)
    await change(bench, update(jobs).values(ended_at=jobs.c.ended_at - 91 * DAY))
    limited = RetentionSettings(prompts_days=90)
    bench.settings = bench.settings.model_copy(update={"retention": limited})
    await bench.start()
    await until_read(bench, requests.c.prompt, lambda found: found == [""])
    await until_read(bench, outputs.c.sha256, lambda found: not found)
    await bench.until(lambda: not blobs(bench.settings))

    for label in ("Reroll", "Edit", "16:9", "Reference"):
        await refused(bench, await press(bench, old, label), "not kept any more")
    more = await press(bench, old, "More")
    assert "not kept any more" in only_seen_by_them(bench, more)
    assert list(buttons(bench.card(more))) == ["Report", "Delete"]
    new = await make(bench, "a new harbour")
    assert more.message_id is not None
    deleted = await bench.person("Mia").press(more.message_id, label="Delete")
    assert "the message and its pictures are gone" in await said(bench, deleted)
    assert [message["id"] for message in bench.results()] == [new["id"]]
    assert set((await entries(bench.settings)).values()) == {2}


def tell(bench: Bench, event: str, **data: Any) -> None:
    """Let Discord tell the bot something of its server."""
    core = bench.person()._core
    core.sessions.dispatch(event, {"id": core.world.guild.id, **data})


async def test_a_kick_is_noted_an_outage_is_not_and_coming_back_takes_it_back(bench: Bench) -> None:
    guild_id = int(bench.discord.world.guild.id)
    tell(bench, "GUILD_DELETE", unavailable=True)
    await make(bench, "a harbour in an outage")
    assert await until_read(bench, departures.c.guild_id, lambda _: True) == []
    tell(bench, "GUILD_DELETE")
    await until_read(bench, departures.c.guild_id, lambda found: found == [guild_id])
    await bench.stop()
    await bench.start()
    # At a start Discord names it among the bot's servers.
    await until_read(bench, departures.c.guild_id, lambda found: found == [])
    await make(bench, "a harbour afterwards")


async def test_what_left_while_the_bot_was_down_is_found_and_forgotten_after_its_grace(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(bench, "a harbour")
    only_seen_by_them(bench, await bench.person("Sam").slash("studio", "manage words add", {"word": "zombie"}))
    booked, guild_id = await entries(bench.settings), int(bench.discord.world.guild.id)
    await bench.stop()
    monkeypatch.setattr(Sessions, "shard_of_guild", lambda _self, _count: -1)  # pyright: ignore[reportUnknownLambdaType]
    await bench.start()
    await until_read(bench, departures.c.guild_id, lambda found: found == [guild_id])
    assert await until_read(bench, requests.c.prompt, lambda _: True) == ["a harbour"]
    await bench.stop()
    await change(bench, update(departures).values(left_at=departures.c.left_at - 8 * DAY))
    await bench.start()
    await until_read(bench, departures.c.guild_id, lambda found: found == [])
    assert await until_read(bench, requests.c.prompt, lambda _: True) == [""]
    assert await until_read(bench, guild_settings.c.guild_id, lambda _: True) == []
    await bench.until(lambda: not blobs(bench.settings))
    assert await entries(bench.settings) == booked
