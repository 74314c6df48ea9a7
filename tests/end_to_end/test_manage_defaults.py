"""`/manage defaults`: what holds where a request says nothing, and what holds whatever it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.bench import Bench, galleries
from tests.support.studio import (
    closed,
    only_seen_by_them,
    open_runway_studio,
    pixels,
    press,
    quota_left,
    refused,
)


async def defaults(bench: Bench, by: str = "Sam", **options: Any) -> str:
    """What `/manage defaults` answers to its moderator alone."""
    return only_seen_by_them(bench, await bench.person(by).slash("studio", "manage defaults", options))


async def test_shape_resolution_and_model_hold_where_a_request_says_nothing(bench: Bench) -> None:
    says = await defaults(bench, ratio="1:1", resolution="1080p")
    assert "### Changed" in says
    assert "Pictures: **1:1** at **1080p** by **gen4_image**" in says
    assert "1:1 1080p" in bench.says(await bench.imagine("a cat"))
    assert "9:16 720p" in bench.says(await bench.imagine("a cat --ar 9:16", resolution="720p"))
    assert "21:9 1080p" in bench.says(await bench.imagine("a cat", ratio="21:9"))
    assert says.replace("Changed: defaults", "Defaults") == await defaults(bench)


async def test_results_go_into_the_channel_where_the_server_wants_no_threads(bench: Bench) -> None:
    assert "into the **channel**" in await defaults(bench, threads="channel")
    answer = await bench.imagine("a cat", ratio="1:1")
    await closed(bench, answer)
    (result,) = bench.results(answer.channel_id)
    assert pixels(result)


async def test_buttons_can_be_kept_to_the_requester(bench: Bench) -> None:
    answer = await bench.imagine("a cat", ratio="1:1")
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    await defaults(bench, pressers="requester")
    await refused(bench, await press(bench, result, "Reroll", by="Noor"), "only the person who asked")
    assert "Queued" in bench.says(await press(bench, result, "Reroll", by="Mia"))


async def test_a_server_can_cover_every_picture_or_those_outside_age_restricted_channels(bench: Bench) -> None:
    async def covered() -> bool:
        answer = await bench.imagine("a cat", ratio="1:1")
        result = await bench.result_in_thread_of(answer)
        await closed(bench, answer)
        return all(item["spoiler"] for item in galleries(result))

    assert not await covered()
    await defaults(bench, spoilers="always")
    assert await covered()
    await defaults(bench, spoilers="outside_age_restricted")
    assert await covered()
    await bench.stop()
    bench.discord.world.find_channel("studio").age_restricted = True
    await bench.start()
    assert not await covered()


async def test_a_server_can_want_pictures_in_age_restricted_channels_only_or_never(bench: Bench) -> None:
    await defaults(bench, age_restricted="only")
    await refused(bench, await bench.imagine("a cat"), "in age-restricted channels only")
    await bench.stop()
    bench.discord.world.find_channel("studio").age_restricted = True
    await bench.start()
    answer = await bench.imagine("a cat", ratio="1:1")
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    await defaults(bench, age_restricted="never")
    await refused(bench, await bench.imagine("a cat"), "no pictures are made in age-restricted channels")
    await refused(bench, await press(bench, result, "Reroll"), "no pictures are made in age-restricted channels")
    assert await quota_left(bench) == (9, 10)


@pytest.mark.parametrize(("chosen", "sent"), [(None, "auto"), ("low", "low")])
async def test_the_threshold_for_public_figures_reaches_the_service(
    tmp_path: Path, chosen: str | None, sent: str
) -> None:
    async with open_runway_studio(tmp_path) as (bench, runway):
        if chosen:
            assert "less strict (**low**)" in await defaults(bench, moderation=chosen)
        await closed(bench, await bench.imagine("a lighthouse", ratio="1:1"))
        (task,) = runway.tasks
        assert task.body["contentModeration"] == {"publicFigureThreshold": sent}


async def test_only_moderators_see_and_change_the_defaults(bench: Bench) -> None:
    for command in bench.person()._core.commands.usable():
        command["default_member_permissions"] = None
    assert "Manage Server" in await defaults(bench, by="Mia")
    assert "Manage Server" in await defaults(bench, by="Mia", ratio="1:1")
