"""A paid picture finds its way: once, somewhere, with the reason why it is not where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from bot.discord_ui import presenter
from bot.domain.job import Delivery, JobState
from bot.playground.permissions import Permission
from bot.playground.threads import ThreadWish
from bot.playground.world import Overwrite
from bot.store.database import Database
from bot.store.tables import jobs
from tests.support.bench import Bench, Json, galleries, text_of
from tests.support.doomed import DoomedStudio, open_doomed
from tests.support.runway_script import Scenario
from tests.support.studio import POST, closed, open_runway_studio, open_studio, quota_left, records


def forbid(bench: Bench, *rights: Permission) -> None:
    """Take rights away from the bot in #studio, and let the gateway tell it."""
    core = bench.person()._core
    channel = core.world.find_channel("studio")
    denied = 0
    for right in rights:
        denied |= int(right)
    channel.overwrites[core.world.bot.id] = Overwrite(id=core.world.bot.id, for_member=True, deny=denied)
    core.sessions.dispatch("CHANNEL_UPDATE", core.renderer.channel(channel))


def direct_messages(bench: Bench | DoomedStudio) -> list[Json]:
    """What Mia got directly."""
    mia = bench.person().id
    return bench.discord.messages(bench.discord.world.dm_with(mia).id, mia)


async def test_a_missing_permission_is_named_and_the_channel_left_alone_for_a_while(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, runway):
        runway.default = Scenario.hangs()
        answers = [await bench.imagine(f"a cat, number {number}", ratio="1:1", count=1) for number in (1, 2)]
        await bench.until(lambda: len(runway.tasks) == 2)
        forbid(bench, Permission.ATTACH_FILES)
        for task in runway.tasks:
            task.proceed(Scenario(queue=0, running=()))
        await bench.until(lambda: len(direct_messages(bench)) == 2)
        for message in direct_messages(bench):
            assert galleries(message)
            first = text_of(message).splitlines()[0]
            assert first.startswith("I couldn't post in <#")
            assert first.endswith("(missing: *Attach Files*). Your picture is here:")
        for answer in answers:
            assert "sent directly to you" in await closed(bench, answer)
        refused = [call.path for call in bench.discord.calls() if call.status == 403]
        assert len(refused) == len(set(refused)), "a channel that had refused was asked again"
        assert await quota_left(bench) == (8, 10)


async def test_a_thread_that_may_not_be_opened_is_explained(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, runway):
        runway.default = Scenario.hangs()
        answer = await bench.imagine("a cat", ratio="1:1")
        await bench.until(lambda: runway.tasks)
        forbid(bench, Permission.CREATE_PUBLIC_THREADS)
        runway.tasks[0].proceed(Scenario(queue=0, running=()))
        await closed(bench, answer)
        (result,) = bench.results(bench.discord.world.find_channel("studio").id)
        assert text_of(result).startswith(
            "I couldn't open a thread here (missing: *Create Public Threads*). Your picture is here:"
        )


async def test_a_place_that_takes_nothing_for_a_day_is_given_up_for_the_next(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as bench:
        busy = bench.discord.faults.next("POST", POST, status=503)
        answer = await bench.imagine("a cat", ratio="1:1")
        await bench.until(busy.is_set)
        assert await bench.stop() == 0
        async with Database.open(bench.settings.database.url) as database:
            await database.write(lambda tx: tx.execute(update(jobs).values(ended_at=jobs.c.ended_at - 90_000)))
        bench.discord.faults.next("POST", POST, status=503, times=2)
        await bench.start()
        await bench.until(lambda: direct_messages(bench))
        (message,) = direct_messages(bench)
        assert "took no message for a whole day. Your picture is here:" in text_of(message)
        assert "sent directly to you" in await closed(bench, answer)


async def test_a_bot_killed_after_a_detour_does_not_post_again_where_it_would_work_now(tmp_path: Path) -> None:
    async with open_doomed(tmp_path) as studio:
        studio.discord.faults.next("POST", POST, status=403, code=50013, times=2)
        studio.doom("posted")
        asked = await studio.imagine("a cat", reference=False)
        await studio.killed()
        await studio.restart()
        assert "sent directly to you" in await studio.closed(asked)
        assert len(direct_messages(studio)) == 1
        assert studio.results() == []
        assert await studio.stop() == 0
        (record,) = (await studio.books()).requests
        assert (record.delivery, record.jobs[0].state) == (Delivery.DELIVERED, JobState.SUCCEEDED)


async def test_pictures_fit_what_the_server_takes_before_they_are_sent(tmp_path: Path) -> None:
    limit = 60_000
    async with open_studio(tmp_path) as bench:
        bench.discord.world.guild.attachment_size_limit = limit
        answer = await bench.imagine("a busy town at night", ratio="1:1", count=4)
        await closed(bench, answer)
        (result,) = bench.results()
        assert len(galleries(result)) == 4
        assert "Made smaller to fit this server's upload limit." in text_of(result)
        assert all(file["size"] <= limit for file in result["attachments"])
        assert all(call.status < 400 for call in bench.discord.calls())
        (record,) = await records(bench.settings)
        assert record.place.file_limit == limit


async def test_several_pictures_fit_into_one_request_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As 25 MiB are for four of the largest pictures, so is this for four of the painter's."""
    together = 240_000
    monkeypatch.setattr(presenter, "REQUEST_LIMIT", together)
    async with open_studio(tmp_path) as bench:
        await closed(bench, await bench.imagine("a busy town at night", ratio="1:1", count=4))
        (result,) = bench.results()
        assert len(galleries(result)) == 4
        assert sum(file["size"] for file in result["attachments"]) <= together
        assert "Made smaller to fit this server's upload limit." in text_of(result)


async def test_a_request_that_is_hung_on_holds_up_nobody_else(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as bench:
        stuck = bench.discord.faults.next("POST", POST, hang=600)
        await bench.imagine("a cat", ratio="1:1")
        await bench.until(stuck.is_set)
        other = await bench.imagine("a dog", ratio="1:1", by="Noor")
        assert (await closed(bench, other)).startswith("**Done")
        assert len(bench.results()) == 1


@pytest.mark.parametrize("left", [0, 1])
async def test_a_picture_that_is_gone_from_the_store_is_told_and_the_others_come(tmp_path: Path, left: int) -> None:
    async with open_doomed(tmp_path) as studio:
        studio.doom("settled", 2)
        asked = await studio.imagine("a cat", reference=False, count=2)
        await studio.killed()
        pictures = sorted(file for file in (tmp_path / "blobs").rglob("*") if file.is_file())
        assert len(pictures) == 2
        for file in pictures[left:]:
            file.unlink()
        await studio.restart()

        told = await studio.closed(asked)
        seen = told + "".join(text_of(each) for each in studio.results())
        assert "its file is missing from the bot's storage. The operator has been told." in seen
        assert told.startswith("**No picture" if left == 0 else "**Done")
        assert [len(galleries(each)) for each in studio.results()] == [1] * left
        await studio.settled()
        (record,) = (await studio.books()).requests
        assert record.delivery is Delivery.DELIVERED


def open_post(studio: DoomedStudio, name: str) -> str:
    """A post of the bot's in the forum."""
    core = studio.person()._core
    wish = ThreadWish(name=name, auto_archive_minutes=1440, slowmode=0, private=False, invitable=True, tags=())
    post = core.threads.open_post(wish, forum=core.world.find_channel("ideas"))
    core.threads.announce_post(post)
    return post.id


@pytest.mark.parametrize("gateway_refusals", [0, 1], ids=["at once", "before the gateway tells of any channel"])
async def test_a_forum_gets_one_post_although_the_bot_is_killed_right_after_it(
    tmp_path: Path, gateway_refusals: int
) -> None:
    async with open_doomed(tmp_path) as studio:
        closed_post = open_post(studio, "cats")
        studio.discord.faults.next("POST", POST, status=400, code=50083)
        studio.doom("posted")
        asked = await studio.person().slash(closed_post, "imagine", {"prompt": "a cat"})
        await studio.killed()
        (made,) = studio.results()
        for number in range(8):
            open_post(studio, f"another one, {number}")
        studio.discord.faults.refuse_gateway(times=gateway_refusals)
        await studio.restart()

        assert f"in <#{made['channel_id']}>" in await studio.closed(asked)
        assert [each["id"] for each in studio.results()] == [made["id"]]
        await studio.settled()
        (record,) = (await studio.books()).requests
        assert (record.delivery, record.result_message_id) == (Delivery.DELIVERED, int(made["id"]))
