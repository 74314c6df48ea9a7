"""`/quota`, `/queue` and `/help`: what people learn about themselves and the line; only they see the answer."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from tests.support.bench import Bench, text_of
from tests.support.studio import closed, only_seen_by_them, open_studio, press, quota_left


async def ask(bench: Bench, command: str, by: str = "Mia", **options: object) -> str:
    """What a command answers, to this person alone."""
    return only_seen_by_them(bench, await bench.person(by).slash("studio", command, options))


async def test_quota_says_what_is_left_when_it_starts_anew_and_whose_rule_it_is(bench: Bench) -> None:
    says = await ask(bench, "quota")
    assert "**10 of your 10 left today** (images)" in says
    assert re.search(r"Starts anew <t:\d+:R>, at <t:\d+:f>\.", says)
    assert "Rule: 10 images a day, 2 at once, 10 more may wait. This is the bot's default rule." in says
    assert "Nothing is running for you now." in says


async def test_quota_falls_with_the_request_and_stays_so_when_the_picture_came(bench: Bench) -> None:
    answer = await bench.imagine("a cat", ratio="1:1", count=2)
    says = await ask(bench, "quota")
    assert "8 of your 10 left today" in says
    assert "Now: 2 pictures running or waiting. See `/queue`." in says
    await closed(bench, answer)
    says = await ask(bench, "quota")
    assert "8 of your 10 left today" in says
    assert "Nothing is running for you now." in says


async def test_the_quota_of_a_direct_message_is_another_than_that_of_the_server(bench: Bench) -> None:
    await closed(bench, await bench.imagine("a cat", ratio="1:1", channel="dm"))
    assert await quota_left(bench, channel="dm") == (9, 10)
    assert await quota_left(bench) == (10, 10)


async def test_an_empty_line_says_so(bench: Bench) -> None:
    assert "`/imagine` starts at once" in await ask(bench, "queue")


async def test_the_line_shows_who_is_running_and_waiting_in_which_place(tmp_path: Path) -> None:
    sketch = {"concurrency": 1, "seconds": 600.0, "poll_interval": 0.05}
    async with open_studio(tmp_path, providers={"sketch": sketch}) as bench:
        first = await bench.imagine("a cat", ratio="1:1")
        await bench.until(lambda: bench.says(first).startswith("**Working**"))
        second = await bench.imagine("a dog", by="Noor")
        third = await bench.imagine("a bird", by="Sam")
        assert "next in line" in bench.says(second)
        assert "2nd in line" in bench.says(third)
        title, *lines = (await ask(bench, "queue")).splitlines()
        mia, noor, sam = (bench.person(name).id for name in ("Mia", "Noor", "Sam"))
        assert title == "### The line"
        assert re.fullmatch(rf"\*\*Running\*\* · <@{mia}> · \d+ % · about \d+ (s|min) left", lines[0])
        assert re.fullmatch(rf"\*\*1st\*\* · <@{noor}> · about \d+ (s|min)", lines[1])
        assert re.fullmatch(rf"\*\*2nd\*\* · <@{sam}> · about \d+ (s|min)", lines[2])
        assert len(lines) == 3


async def test_a_card_moves_up_when_somebody_before_it_leaves(tmp_path: Path) -> None:
    sketch = {"concurrency": 1, "seconds": 600.0, "poll_interval": 0.05}
    async with open_studio(tmp_path, providers={"sketch": sketch}) as bench:
        first = await bench.imagine("a cat", ratio="1:1")
        await bench.until(lambda: bench.says(first).startswith("**Working**"))
        second = await bench.imagine("a dog", by="Noor")
        third = await bench.imagine("a bird", by="Sam")
        assert "2nd in line" in bench.says(third)
        await press(bench, bench.card(second), "Cancel", by="Noor")
        await bench.until(lambda: "next in line" in bench.says(third))


async def test_a_request_of_a_direct_message_stands_in_the_line_without_a_name(tmp_path: Path) -> None:
    sketch = {"concurrency": 1, "seconds": 600.0, "poll_interval": 0.05}
    async with open_studio(tmp_path, providers={"sketch": sketch}) as bench:
        first = await bench.imagine("a secret", channel="dm", ratio="1:1")
        await bench.until(lambda: bench.says(first).startswith("**Working**"))
        says = await ask(bench, "queue", by="Noor")
        assert "somebody elsewhere" in says
        assert bench.person("Mia").id not in says
        assert "a secret" not in says
        own = await bench.person().slash("dm", "queue")
        assert f"<@{bench.person().id}>" in bench.says(own)


async def test_help_starts_with_the_first_steps(bench: Bench) -> None:
    says = await ask(bench, "help")
    assert "## Making a picture" in says
    assert "`/imagine`" in says


async def test_help_offers_its_topics_while_somebody_types(bench: Bench) -> None:
    everything = await bench.person().autocomplete("studio", "help", "topic", "")
    assert len(everything) == 7
    found = await bench.person().autocomplete("studio", "help", "topic", "ref")
    assert [choice["name"] for choice in found] == ["Reference pictures"]
    assert "Up to three pictures" in await ask(bench, "help", topic=found[0]["value"])


async def test_help_on_each_topic_says_something_else(bench: Bench) -> None:
    topics = await bench.person().autocomplete("studio", "help", "topic", "")
    answers = await asyncio.gather(*(ask(bench, "help", topic=topic["value"]) for topic in topics))
    assert len(set(answers)) == len(topics)
    shapes = await ask(bench, "help", topic="Ratios and sizes")
    for ratio in ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9"):
        assert f"**{ratio}**" in shapes


async def test_a_private_answer_is_seen_by_nobody_else(bench: Bench) -> None:
    await ask(bench, "quota")
    assert [text_of(message) for message in bench.person("Noor").messages("studio")] == []
