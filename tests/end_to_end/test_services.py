"""`/status`, the option `provider` and `/manage provider`: what people learn and choose of the image services."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.domain.guild import GuildSettings
from bot.playground.actors import Interaction
from tests.support.bench import Bench, text_of
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario
from tests.support.studio import (
    audit,
    choose_for_server,
    closed,
    only_seen_by_them,
    open_runway_studio,
    press,
    quota_left,
    records,
    refused,
)

Studio = tuple[Bench, LocalRunway]
BOTH = {"order": ["runway", "sketch"], "sketch": {"enabled": True, "seconds": 0.2, "poll_interval": 0.05}}


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncGenerator[Studio]:
    """A studio with a local Runway and the sketch painter, Runway first."""
    async with open_runway_studio(tmp_path, providers=BOTH) as studio:
        yield studio


async def status(bench: Bench, by: str = "Mia") -> str:
    """What `/status` says."""
    return only_seen_by_them(bench, await bench.person(by).slash("studio", "status"))


async def manage(bench: Bench, by: str = "Sam", **options: str) -> Interaction:
    """`/manage provider`."""
    return await bench.person(by).slash("studio", "manage provider", options)


async def choice(bench: Bench, **options: str) -> str:
    """What `/manage provider` answers to a moderator."""
    return only_seen_by_them(bench, await manage(bench, **options))


async def test_status_says_in_words_how_each_service_is_and_what_it_costs(studio: Studio) -> None:
    bench, _ = studio
    title, runway, line, prices, sketch, *rest = (await status(bench)).splitlines()
    assert title == "### Image services"
    assert runway == "**Runway** · up"
    assert line == "0 running, 0 waiting · usually 30 s for a picture"
    assert prices == "$0.05 at 720p · $0.08 at 1080p · $0.02 turbo"
    assert sketch == "**Sketch (no AI)** · up"
    assert rest[-1] == "free"


async def test_status_counts_who_runs_and_waits_there(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path, runway={"concurrency": 1}) as (bench, runway):
        runway.default = Scenario.hangs()
        first = await bench.imagine("a cat", ratio="1:1")
        await bench.until(lambda: bench.says(first).startswith("**Working**"))
        await bench.imagine("a dog", by="Noor")
        assert "1 running, 1 waiting" in await status(bench)


async def test_the_balance_is_for_moderators(studio: Studio) -> None:
    bench, runway = studio
    await bench.until(lambda: any(path == "/v1/organization" for _, path, _ in runway.requests))
    assert "Balance: $1000.00" in await status(bench, by="Sam")
    assert "Balance" not in await status(bench)


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (Scenario.out_of_credits(), "out of credits: the operator has been told"),
        (Scenario.answers(401), "key not accepted: the operator has been told"),
        (Scenario.answers(429, retry_after="600"), "busy: it asked us to wait a little"),
    ],
)
async def test_status_says_what_is_wrong_with_a_service(studio: Studio, scenario: Scenario, words: str) -> None:
    bench, runway = studio
    runway.script(scenario)
    await closed(bench, await bench.imagine("a cat", ratio="1:1"))
    assert f"**Runway** · {words}" in await status(bench)


async def test_a_service_that_was_chosen_makes_the_picture_and_its_buttons_keep_to_it(studio: Studio) -> None:
    bench, runway = studio
    answer = await bench.imagine("a cat", ratio="1:1", provider="sketch", seed=3)
    assert "$0.00" in bench.says(answer)
    result = await bench.result_in_thread_of(answer)
    assert "· sketch ·" in text_of(result)
    for label in ("Reroll", "1080p", "4:3"):
        await press(bench, result, label)
    made = await records(bench.settings)
    assert [record.provider for record in made] == ["sketch"] * 4
    assert all(record.provider_chosen for record in made)
    assert runway.tasks == []
    await bench.until(lambda: len(bench.results()) == 4)


async def test_a_service_is_known_in_any_case(studio: Studio) -> None:
    bench, runway = studio
    answer = await bench.imagine("a cat", ratio="1:1", provider=" RUNWAY ")
    await bench.result_in_thread_of(answer)
    assert len(runway.tasks) == 1


async def test_the_services_of_this_server_are_offered_with_their_prices(studio: Studio) -> None:
    bench, _ = studio
    mia = bench.person()
    offered = await mia.autocomplete("studio", "imagine", "provider", "")
    assert [(one["name"], one["value"]) for one in offered] == [
        ("Runway · $0.05 at 720p · $0.08 at 1080p · $0.02 turbo", "runway"),
        ("Sketch (no AI) · free", "sketch"),
    ]
    assert [one["value"] for one in await mia.autocomplete("studio", "imagine", "provider", "no ai")] == ["sketch"]
    await choice(bench, disable="runway")
    assert [one["value"] for one in await mia.autocomplete("studio", "imagine", "provider", "")] == ["sketch"]


@pytest.mark.parametrize("typed", ["nobody", "`@everyone` **x**", "segmind"])
async def test_what_was_typed_as_a_service_is_not_trusted(studio: Studio, typed: str) -> None:
    bench, _ = studio
    says = await refused(bench, await bench.imagine("a cat", ratio="1:1", provider=typed), "not available here")
    assert "**x**" not in says.replace("`ˋ@everyoneˋ **x**`", "")
    assert await quota_left(bench) == (10, 10)


async def test_a_service_that_is_switched_off_is_not_used_and_its_buttons_say_so(studio: Studio) -> None:
    bench, runway = studio
    result = await bench.result_in_thread_of(await bench.imagine("a cat", ratio="1:1", provider="runway"))
    says = await choice(bench, disable="runway")
    assert "Asked in this order: sketch" in says
    assert "Switched off: runway" in says
    assert "**Runway** · switched off in this server" in await status(bench)
    await refused(bench, await press(bench, result, "Reroll"), "“runway” is not available here")
    await refused(bench, await bench.imagine("a cat", provider="runway"), "“runway” is not available here")
    other = await bench.imagine("a dog", ratio="1:1")
    assert "· sketch ·" in text_of(await bench.result_in_thread_of(other))
    assert len(runway.tasks) == 1
    await choice(bench, enable="Runway")
    await bench.result_in_thread_of(await bench.imagine("a bird", ratio="1:1"))
    assert len(runway.tasks) == 2


async def test_an_order_of_the_server_comes_before_the_operators(studio: Studio) -> None:
    bench, runway = studio
    assert "The order is the operator's" in await choice(bench)
    says = await choice(bench, order=" SKETCH (no AI) , runway")
    assert "Asked in this order: sketch → runway" in says
    assert "this server's own" in says
    await bench.result_in_thread_of(await bench.imagine("a cat", ratio="1:1"))
    assert runway.tasks == []
    assert "Asked in this order: runway → sketch" in await choice(bench, order="default")
    await bench.result_in_thread_of(await bench.imagine("a dog", ratio="1:1"))
    assert len(runway.tasks) == 1


async def test_each_change_is_in_the_audit_trail_and_looking_is_not(studio: Studio) -> None:
    bench, _ = studio
    await choice(bench)
    await choice(bench, order="sketch, runway")
    await choice(bench, order="sketch, runway")
    await choice(bench, disable="sketch")
    last, first = await audit(bench)
    assert (first.action, first.actor_id) == ("guild.providers", int(bench.person("Sam").id))
    assert first.before == {"order": [], "off": []}
    assert first.after == last.before == {"order": ["sketch", "runway"], "off": []}
    assert last.after == {"order": ["sketch", "runway"], "off": ["sketch"]}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"order": "runway, dalle"}, "no image service called “dalle” here. Known are: runway, sketch."),
        ({"disable": "segmind"}, "no image service called “segmind” here"),
        ({"order": "runway,runway"}, "runway stands there twice"),
        ({"disable": "runway", "enable": "runway"}, "Choose whether runway is switched off or on"),
        ({"disable": "runway, sketch"}, "No image service would be left"),
    ],
)
async def test_what_cannot_be_put_in_force_is_refused_and_changes_nothing(
    studio: Studio, options: dict[str, str], words: str
) -> None:
    bench, _ = studio
    assert words in only_seen_by_them(bench, await manage(bench, **options))
    assert await audit(bench) == []


@pytest.mark.parametrize("options", [{}, {"disable": "runway"}])
async def test_only_moderators_choose_whatever_discord_let_them_send(studio: Studio, options: dict[str, str]) -> None:
    bench, _ = studio
    for command in bench.person()._core.commands.usable():
        command["default_member_permissions"] = None
    await refused(bench, await manage(bench, by="Mia", **options), "Manage Server")
    assert await audit(bench) == []


async def test_a_choice_of_the_server_outlives_the_bot(studio: Studio) -> None:
    bench, _ = studio
    assert await bench.stop() == 0
    await choose_for_server(bench, GuildSettings(provider_order=("sketch",)))
    await bench.start()
    assert "Asked in this order: sketch → runway" in await choice(bench)


@pytest.mark.parametrize(("allowed", "least", "most"), [(4, 30, 30), (1, 90, 120)])
async def test_the_wait_that_is_told_counts_with_what_the_account_allows(
    tmp_path: Path, allowed: int, least: int, most: int
) -> None:
    async with open_runway_studio(tmp_path, runway={"concurrency": None}) as (bench, runway):
        runway.at_once, runway.default = allowed, Scenario.hangs()
        assert await bench.stop() == 0
        runway.requests.clear()
        await bench.start()
        await bench.until(lambda: any(path == "/v1/organization" and status for _, path, status in runway.requests))
        for name in ("Mia", "Noor", "Sam"):
            await bench.imagine("a cat", by=name, ratio="1:1")
        await bench.until(lambda: len(runway.tasks) == min(3, allowed))
        last = await bench.imagine("a dog", by="Mia", ratio="1:1")
        told = re.search(r"about (\d+) (s|min)", bench.says(last))
        assert told is not None
        assert least <= int(told[1]) * {"s": 1, "min": 60}[told[2]] <= most
