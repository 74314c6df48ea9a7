"""How many calls of Discord a picture takes: they are limited, and everybody's share of them is small."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from bot.playground.actors import Interaction
from bot.playground.exchanges import Exchange
from tests.support.bench import Bench
from tests.support.runway_script import Scenario
from tests.support.studio import CALLBACK, CARD, POST, THREAD, closed, open_runway_studio, press


def calls_for(bench: Bench, answer: Interaction) -> list[Exchange]:
    """Every call that a request's interaction, card or thread was part of."""
    ids = {answer.id, answer.token, answer.message_id}
    return [call for call in bench.discord.calls() if ids & set(call.path.split("/"))]


def is_progress(call: Exchange) -> bool:
    """Whether a call only edits a card that is still open."""
    return call.template == CARD and "v1:cancel:" in str(call.request)


async def test_a_picture_in_a_thread_takes_a_callback_a_thread_a_post_and_an_edit(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, runway):
        runway.script(Scenario(queue=0, running=(0.2, 0.4, 0.6, 0.8)))
        before = len(bench.discord.calls())
        answer = await bench.imagine("a cat", ratio="1:1")
        await closed(bench, answer)
        calls = calls_for(bench, answer)
        assert calls == bench.discord.calls()[before:]
        counted = [(call.method, call.template) for call in calls if not is_progress(call)]
        assert counted == [("POST", CALLBACK), ("POST", THREAD), ("POST", POST), ("PATCH", CARD)]
        assert len(counted) <= 5


async def test_a_reroll_in_the_thread_takes_even_less(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, _):
        answer = await bench.imagine("a cat", ratio="1:1")
        result = await bench.result_in_thread_of(answer)
        await closed(bench, answer)
        before = len(bench.discord.calls())
        again = await press(bench, result, "Reroll")
        await closed(bench, again)
        counted = [call.template for call in bench.discord.calls()[before:] if not is_progress(call)]
        assert counted == [CALLBACK, POST, CARD]


async def test_a_card_is_edited_at_most_every_three_seconds(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, runway):
        runway.script(Scenario(queue=0, running=tuple(n / 100 for n in range(1, 100))))
        answer = await bench.imagine("a cat", ratio="1:1")
        await closed(bench, answer, seconds=30)
        times = [call.at for call in calls_for(bench, answer) if is_progress(call)]
        assert len(times) >= 2
        assert min(later - earlier for earlier, later in pairwise(times)) > 2.9


async def test_nobody_is_mentioned_and_no_call_is_refused(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, _):
        answer = await bench.imagine("a cat for @everyone", ratio="1:1")
        await closed(bench, answer)
        assert {call.status for call in bench.discord.calls()} <= {200, 201, 204}
        posts = [call.request for call in bench.discord.calls() if call.template == POST]
        assert [post["allowed_mentions"] for post in posts] == [{"parse": []}]
        assert [post["enforce_nonce"] for post in posts] == [True]
