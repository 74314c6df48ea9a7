"""Each of Discord's error codes that can meet a picture or its card, and what people see of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.domain.errors import ConfigError
from bot.domain.job import Delivery
from bot.playground.actors import Interaction
from bot.playground.threads import REQUIRE_TAG, ThreadWish
from tests.support.bench import Bench, Json, buttons, galleries, text_of
from tests.support.studio import CALLBACK, CARD, POST, THREAD, closed, open_studio, pixels, quota_left, records

DIRECT = "/users/@me/channels"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"

Scenario = Callable[[Bench, int, int], Awaitable[None]]


def channel_id(bench: Bench, name: str = "studio") -> str:
    """A channel's id."""
    return bench.discord.world.find_channel(name).id


def results(bench: Bench) -> list[Json]:
    """Every result that Mia can see, in her direct messages too."""
    mia = bench.person().id
    places = {place["id"] for place in bench.places()} | {bench.discord.world.dm_with(mia).id}
    return [each for place in places for each in bench.discord.messages(place, mia) if galleries(each)]


async def only_result(bench: Bench, answer: Interaction) -> Json:
    """The one picture that there is once all is over; it counts once."""
    await closed(bench, answer, seconds=30)
    (result,) = results(bench)
    (record,) = await records(bench.settings)
    assert (str(record.result_channel_id), str(record.result_message_id)) == (result["channel_id"], result["id"])
    assert await quota_left(bench) == (9, 10)
    return result


async def imagine(bench: Bench, channel: str = "studio") -> Interaction:
    """A request for one picture."""
    return await bench.imagine("a cat", ratio="1:1", channel=channel)


async def in_thread(bench: Bench, answer: Interaction) -> Json:
    """The result stands where it belongs."""
    result = await only_result(bench, answer)
    assert result["channel_id"] == answer.message_id
    return result


# -- a post that is refused where the result belongs ---------------------------------------------------------------


def in_the_channel(sentence: str) -> Scenario:
    """The thread takes nothing: the picture comes in the channel, with the reason."""

    async def scenario(bench: Bench, status: int, code: int) -> None:
        bench.discord.faults.next("POST", POST, status=status, code=code)
        answer = await imagine(bench)
        result = await only_result(bench, answer)
        assert result["channel_id"] == channel_id(bench)
        where = sentence.format(where=f"<#{answer.message_id}>")
        assert text_of(result).startswith(f"{where} Your picture is here:\n```\na cat\n```")
        assert next(iter(buttons(result))) == "Reroll"

    return scenario


def without_thread(sentence: str) -> Scenario:
    """No thread can be opened: the picture comes in the channel, with the reason."""

    async def scenario(bench: Bench, status: int, code: int) -> None:
        bench.discord.faults.next("POST", THREAD, status=status, code=code)
        result = await only_result(bench, await imagine(bench))
        assert result["channel_id"] == channel_id(bench)
        assert text_of(result).startswith(f"{sentence} Your picture is here:\n")
        assert bench.discord.world.threads() == []

    return scenario


async def kept(bench: Bench, status: int, code: int) -> None:
    """Nothing takes it, not even direct messages: the card says that it is kept."""
    bench.discord.faults.next("POST", POST, status=404, code=10003, times=2)
    bench.discord.faults.next("POST", POST, status=status, code=code)
    answer = await imagine(bench)
    await bench.until(lambda: "It is kept" in bench.says(answer))
    assert bench.says(answer).startswith("The place where you asked is gone. Your picture is ready, and could not be")
    assert results(bench) == []
    assert await quota_left(bench) == (9, 10)
    assert await bench.stop() == 0
    (record,) = await records(bench.settings)
    assert record.delivery is Delivery.UNDELIVERABLE
    assert record.outputs
    await bench.start()
    assert results(bench) == []


async def directly_a_little_later(bench: Bench, status: int, code: int) -> None:
    """Direct messages are opened too fast: the picture waits and comes there."""
    bench.discord.faults.next("POST", POST, status=403, code=50001, times=2)
    used = bench.discord.faults.next("POST", DIRECT, status=status, code=code)
    answer = await imagine(bench)
    result = await only_result(bench, answer)
    assert used.is_set()
    assert result["channel_id"] == bench.discord.world.dm_with(bench.person().id).id
    assert text_of(result).startswith("I couldn't post in <#")
    assert "sent directly to you" in bench.says(answer)


async def a_little_later(bench: Bench, status: int, code: int) -> None:
    """Discord is busy: the picture waits and comes where it belongs."""
    used = bench.discord.faults.next("POST", POST, status=status, code=code)
    answer = await imagine(bench)
    result = await in_thread(bench, answer)
    assert used.is_set()
    assert text_of(result).startswith("```\na cat\n```")


async def smaller(bench: Bench, status: int, code: int) -> None:
    """It is too large: it comes smaller, and says so."""
    bench.discord.faults.next("POST", POST, status=status, code=code)
    result = await in_thread(bench, await imagine(bench))
    assert "Made smaller to fit this server's upload limit." in text_of(result)
    assert result["attachments"][0]["filename"].endswith(".jpg")
    assert pixels(result) == [(720, 720)]


async def without_the_prompt(bench: Bench, status: int, code: int) -> None:
    """AutoMod minds words of the prompt: they are left out."""
    bench.discord.faults.next("POST", POST, status=status, code=code)
    result = await in_thread(bench, await imagine(bench))
    assert "a cat" not in text_of(result)
    assert "The prompt is not shown: the rules of this server block some of its words." in text_of(result)
    assert result["attachments"][0]["description"] == "AI image"


async def under_another_title(bench: Bench, status: int, code: int) -> None:
    """AutoMod minds the title of the thread: it gets another one."""
    bench.discord.faults.next("POST", THREAD, status=status, code=code)
    await in_thread(bench, await imagine(bench))
    (thread,) = bench.discord.world.threads()
    assert thread.name == "A picture"


async def plainly(bench: Bench, status: int, code: int) -> None:
    """Our components are refused: words and file come without them."""
    bench.discord.faults.next("POST", POST, status=status, code=code)
    answer = await imagine(bench)
    await closed(bench, answer)
    result = bench.discord.messages(answer.message_id or "")[-1]
    assert result["content"].startswith("```\na cat\n```")
    assert pixels(result) == [(720, 720)]


async def in_a_new_post(bench: Bench, status: int, code: int) -> None:
    """A forum's post is closed: the picture gets a post of its own, with a tag where one is needed."""
    forum = bench.discord.world.find_channel("ideas")
    forum.flags |= REQUIRE_TAG
    wish = ThreadWish(
        name="cats",
        auto_archive_minutes=1440,
        slowmode=0,
        private=False,
        invitable=True,
        tags=(forum.available_tags[1].id,),
    )
    core = bench.person()._core
    post = core.threads.open_post(wish, forum=forum)
    core.threads.announce_post(post)
    bench.discord.faults.next("POST", POST, status=400, code=50083)
    if code != 40067:
        bench.discord.faults.next("POST", POST, status=status, code=code)
    answer = await imagine(bench, post.id)
    result = await only_result(bench, answer)
    (made,) = (thread for thread in bench.discord.world.threads() if thread.id != post.id)
    assert (result["channel_id"], made.parent_id, made.name) == (made.id, forum.id, "a cat")
    assert made.thread is not None
    assert made.thread.applied_tags == [forum.available_tags[0].id]
    assert f"in <#{made.id}>" in bench.says(answer)


# -- cards ------------------------------------------------------------------------------------------------------------


async def edited_by_the_bot(bench: Bench, status: int, code: int) -> None:
    """The interaction's token is used up: the card is edited with the bot's own."""
    bench.discord.faults.next("PATCH", CARD, status=status, code=code, times=50)
    await in_thread(bench, await imagine(bench))
    assert [call for call in bench.discord.calls() if (call.method, call.template) == ("PATCH", MESSAGE)]


async def shown_no_more(bench: Bench, status: int, code: int) -> None:
    """Progress is not shown any more; the picture and the card's end come all the same."""
    edits = bench.discord.faults.next("PATCH", CARD, status=status, code=code)
    answer = await imagine(bench)
    await in_thread(bench, answer)
    assert edits.is_set()
    patches = [call.status for call in bench.discord.calls() if (call.method, call.template) == ("PATCH", CARD)]
    assert patches == [status, 200]


async def told_anew(bench: Bench, status: int, code: int) -> None:
    """The card cannot be edited: how it ended is told in a new message."""
    bench.discord.faults.next("PATCH", CARD, status=status, code=code, times=50)
    answer = await imagine(bench)
    sam = bench.person("Sam")
    await sam.press(answer.message_id or "", label="Cancel")
    told = await bench.until(lambda: [text_of(each) for each in bench.discord.messages(channel_id(bench))][1:])
    assert told[0].startswith("**No picture** · Cancelled.")
    assert await quota_left(bench) == (10, 10)


async def told_directly(bench: Bench, status: int, code: int) -> None:
    """Neither the card nor the channel takes a word any more: how it ended is told to the person who asked."""
    bench.discord.faults.next("PATCH", CARD, status=status, code=code, times=50)
    bench.discord.faults.next("POST", POST, status=status, code=code)
    answer = await imagine(bench)
    await bench.person("Sam").press(answer.message_id or "", label="Cancel")
    direct = bench.discord.world.dm_with(bench.person().id).id
    (told,) = await bench.until(lambda: [text_of(each) for each in bench.discord.messages(direct)])
    assert told.startswith("**No picture** · Cancelled.")
    assert await quota_left(bench) == (10, 10)


async def nothing_happened(bench: Bench, status: int, code: int) -> None:
    """The answer came too late: nothing was asked for."""
    bench.discord.faults.next("POST", CALLBACK, status=status, code=code)
    answer = await imagine(bench)
    assert answer.error == "The application did not respond"
    (record,) = await records(bench.settings)
    assert record.delivery is Delivery.WITHDRAWN
    assert await quota_left(bench) == (10, 10)


async def answered_elsewhere(bench: Bench, status: int, code: int) -> None:
    """Another process with the same token answered first: this one makes nothing."""
    bench.discord.faults.next("POST", CALLBACK, status=status, code=code, after_commit=True)
    await imagine(bench)
    assert await bench.stop() == 0
    (record,) = await records(bench.settings)
    assert record.delivery is Delivery.WITHDRAWN
    await bench.start()
    assert await quota_left(bench) == (10, 10)
    assert results(bench) == []


async def ends_for_good(bench: Bench, status: int, code: int) -> None:
    """The token is worthless: the bot stops, and no supervisor starts it again."""
    bench.discord.faults.next("POST", POST, status=status, code=code)
    await imagine(bench)
    with pytest.raises(ConfigError, match=r"config\.bad_token"):
        await bench.ended()
    await bench.start()


CASES: list[tuple[int, int, Scenario]] = [
    (404, 10062, nothing_happened),
    (400, 40060, answered_elsewhere),
    (401, 50027, edited_by_the_bot),
    (400, 40094, edited_by_the_bot),
    (404, 10003, in_the_channel("The place where you asked is gone.")),
    (404, 10008, without_thread("I couldn't open a thread here.")),
    (403, 50001, in_the_channel("I couldn't post in {where}: I may not write there.")),
    (403, 50013, in_the_channel("I couldn't post in {where}: I may not write there.")),
    (403, 50007, kept),
    (403, 50278, kept),
    (400, 40003, directly_a_little_later),
    (400, 50083, in_the_channel("{where} is closed for new messages.")),
    (400, 160005, in_the_channel("{where} is closed for new messages.")),
    (400, 160006, without_thread("I couldn't open a thread here.")),
    (413, 40005, smaller),
    (400, 50045, smaller),
    (400, 30015, smaller),
    (403, 400001, in_the_channel("Discord limits uploads in that server, so I couldn't post in {where}.")),
    (400, 20016, shown_no_more),
    (429, 20028, a_little_later),
    (400, 20029, a_little_later),
    (400, 30046, told_anew),
    (403, 50001, told_anew),
    (403, 50013, told_directly),
    (404, 10003, told_directly),
    (400, 200000, without_the_prompt),
    (400, 240000, without_the_prompt),
    (400, 200001, under_another_title),
    (400, 40058, in_a_new_post),
    (400, 40067, in_a_new_post),
    (400, 220001, in_a_new_post),
    (400, 50035, plainly),
    (401, 50014, ends_for_good),
    (500, 130000, a_little_later),
]
SLOW: tuple[Scenario, ...] = (told_anew, told_directly, shown_no_more)
"""Here people do something while the picture is made."""


@pytest.mark.parametrize(("status", "code", "scenario"), CASES, ids=[str(code) for _, code, _ in CASES])
async def test_what_people_see_of_a_code(tmp_path: Path, status: int, code: int, scenario: Scenario) -> None:
    painter = {"sketch": {"seconds": 4.0 if scenario in SLOW else 0.2, "poll_interval": 0.05}}
    async with open_studio(tmp_path, refused=int(code == 50035), providers=painter) as bench:
        await scenario(bench, status, code)
