"""What moderators read of their server: usage as a chart, a table and a file, and who changed what."""

from __future__ import annotations

import csv
import io
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.playground.actors import Interaction
from tests.support.bench import Bench, Json, components, galleries
from tests.support.studio import closed, only_seen_by_them


async def manage(bench: Bench, what: str, by: str = "Sam", **options: Any) -> Interaction:
    """A `/manage` command."""
    return await bench.person(by).slash("studio", f"manage {what}", options)


async def file_of(message: Json, name: str) -> bytes:
    """The bytes of a message's attachment."""
    (url,) = [each["url"] for each in message["attachments"] if each["filename"] == name]
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.read()


async def test_usage_is_a_chart_a_table_and_a_file(bench: Bench) -> None:
    for by in ("Mia", "Mia", "Noor"):
        await closed(bench, await bench.imagine("a cat", ratio="1:1", by=by))
    answer = await manage(bench, "usage", days=7)
    says = only_seen_by_them(bench, answer)
    mia, noor = (bench.person(name).id for name in ("Mia", "Noor"))
    assert "3 pictures · $0.00 · 2 people" in says
    assert f"1. <@{mia}> · 2 pictures" in says
    assert f"2. <@{noor}> · 1 picture · " in says

    card = bench.card(answer)
    (item,) = galleries(card)
    assert "3 pictures" in item["description"]
    picture = Image.open(io.BytesIO(await file_of(card, "usage.png")))
    assert (picture.format, picture.width) == ("PNG", 800)
    table = list(csv.reader(io.StringIO((await file_of(card, "usage.csv")).decode())))
    assert table[0] == ["day", "user_id", "provider", "pictures", "dollars"]
    assert sorted((row[1], row[2], row[3]) for row in table[1:]) == sorted(
        [(mia, "sketch", "2"), (noor, "sketch", "1")]
    )


async def test_usage_of_nothing_says_so(bench: Bench) -> None:
    assert "Nothing was made in this time" in only_seen_by_them(bench, await manage(bench, "usage"))
    assert "between 1 and 90 days" in only_seen_by_them(bench, await manage(bench, "usage", days=91))


async def test_the_audit_trail_says_who_changed_what_and_can_be_taken_away(bench: Bench) -> None:
    assert "Nothing was changed here yet" in only_seen_by_them(bench, await manage(bench, "audit"))
    await manage(bench, "block", user="Mia", reason="=SUM(A1)")
    await manage(bench, "words add", word="zombie")
    answer = await manage(bench, "audit", export=True)
    says = only_seen_by_them(bench, answer)
    sam, mia = (bench.person(name).id for name in ("Sam", "Mia"))
    assert says.index("zombie") < says.index(f"<@{mia}>")
    assert f"<@{sam}>" in says
    rows = list(csv.DictReader(io.StringIO((await file_of(bench.card(answer), "audit.csv")).decode())))
    assert [(row["action"], row["subject"], row["actor_id"]) for row in rows] == [
        ("word.add", "word:zombie", sam),
        ("user.block", f"user:{mia}", sam),
    ]
    assert rows[1]["after"] == '{"reason": "=SUM(A1)"}'
    nobody = await manage(bench, "audit", user="Mia")
    assert "Nothing was changed here yet" in only_seen_by_them(bench, nobody)


@pytest.mark.parametrize("what", ["usage", "audit"])
async def test_only_moderators_read_reports(bench: Bench, what: str) -> None:
    for command in bench.person()._core.commands.usable():
        command["default_member_permissions"] = None
    assert "Manage Server" in only_seen_by_them(bench, await manage(bench, what, by="Mia"))
    assert components(bench.card(await manage(bench, what, by="Mia")))
