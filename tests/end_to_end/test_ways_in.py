"""Every way to ask for a picture ends in the same job as `/imagine` with the same words and pictures."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.domain.job import Delivery, RequestRecord
from bot.playground.actors import Upload
from bot.playground.permissions import Permission
from bot.playground.world import Overwrite
from tests.support.bench import Bench, Json, buttons, text_of
from tests.support.png import small_png
from tests.support.studio import POST, press, quota_left, records

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
NAME = "noor.png"
CAT, DOG = Upload(NAME, small_png(960, 640)), Upload("dog.png", small_png(720, 720, shade=30))
WORDS = "@noor beside a lamp, soft as @cloud --ar 4:3 --seed 7"


async def by_command(bench: Bench) -> None:
    """`/imagine`, which all others are held against."""
    await bench.imagine(WORDS, image1=CAT)


async def by_mention(bench: Bench) -> None:
    await bench.person().say("studio", f"<@{bench.discord.world.bot.id}> {WORDS}", [CAT])


async def by_reply(bench: Bench) -> None:
    picture = await bench.person("Sam").say("studio", "look at this", [CAT])
    mention = f"<@{bench.discord.world.bot.id}>"
    await bench.person().say("studio", f"{WORDS} {mention}", reply_to=picture["id"])


async def by_direct_message(bench: Bench) -> None:
    await bench.person().say("dm", WORDS, [CAT])


async def by_forward(bench: Bench) -> None:
    source = await bench.person().say("general", WORDS, [CAT])
    await bench.person().forward(source["id"], "dm")


async def by_answering_a_forward(bench: Bench) -> None:
    source = await bench.person("Sam").say("general", "", [CAT])
    forward = await bench.person().forward(source["id"], "studio")
    await bench.person().say("studio", f"<@!{bench.discord.world.bot.id}>, {WORDS}", reply_to=forward["id"])


async def by_message_menu(bench: Bench) -> None:
    message = await bench.person("Sam").say("studio", "look at this", [CAT])
    form = await bench.person().menu("Use as reference", message["id"])
    await bench.person().submit(form, {"prompt": WORDS})


async def by_link_in_a_message(bench: Bench) -> None:
    bench.discord.add_picture_elsewhere(f"https://pictures.example/{NAME}", CAT.data)
    message = await bench.person("Sam").say("studio", f"see https://pictures.example/{NAME}")
    form = await bench.person().menu("Use as reference", message["id"])
    await bench.person().submit(form, {"prompt": WORDS.replace(" --ar 4:3", ""), "ratio": "4:3"})


async def by_user_menu(bench: Bench) -> None:
    bench.discord.give_avatar("Noor", CAT.data)
    form = await bench.person().menu("Use avatar as reference", "Noor")
    await bench.person().submit(form, {"prompt": WORDS})


async def by_edit(bench: Bench) -> None:
    first = await bench.result_in_thread_of(await bench.imagine("something else", ratio="1:1", image1=DOG))
    form = await press(bench, first, "Edit")
    await bench.person().submit(form, {"prompt": WORDS, "references": [CAT], "seed": ""})


async def by_command_line(bench: Bench) -> None:
    """On the bot's own database, whose file it gets next to it."""
    folder = Path(bench.settings.playground.folder)
    (folder / NAME).write_bytes(CAT.data)
    own = bench.settings.database.url.removesuffix(".db") + "-command-line.db"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "imagine", WORDS, "--reference", NAME, "--out", "cat.png"),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "BOT_DATABASE__URL": own.replace("-command-line.db", ".db"),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    database = bench.settings.database.model_copy(update={"url": own})
    bench.settings = bench.settings.model_copy(update={"database": database})


def asked_for(record: RequestRecord) -> Json:
    """Everything of a request that decides what is made and paid."""
    request = record.request
    (job,) = record.jobs
    return {
        "prompt": request.prompt,
        "references": [
            (each.tag, each.sha256, each.media_type, each.width, each.height) for each in request.references
        ],
        "files": [each.filename for each in request.references],
        "what": (request.shape, request.model, request.seed, request.seed_chosen, request.count, request.spoiler),
        "where": (record.provider, record.provider_chosen, record.size, record.price, record.seed_sent, record.notes),
        "job": (job.provider, job.size, job.seed, job.price, job.position, job.state, job.charged),
        "picture": [(each.sha256, each.width, each.height) for each in record.outputs],
    }


@pytest.mark.parametrize(
    "way",
    [
        *(by_mention, by_reply, by_direct_message, by_forward, by_answering_a_forward, by_message_menu),
        *(by_link_in_a_message, by_user_menu, by_edit, by_command_line),
    ],
    ids=lambda way: way.__name__,
)
async def test_each_way_in_ends_in_the_same_job(bench: Bench, way: Callable[[Bench], Awaitable[None]]) -> None:
    await by_command(bench)
    bot = bench.settings
    expected = await finished(bench)
    await way(bench)
    made = await finished(bench, but=expected)
    assert asked_for(made) == asked_for(expected)
    if way is not by_command_line:
        assert made.requester.user_id == expected.requester.user_id == int(bench.person().id)
    bench.settings = bot


async def finished(bench: Bench, *, but: RequestRecord | None = None) -> RequestRecord:
    """The request that asks for these words, once its picture is there."""

    async def over() -> RequestRecord | None:
        found = [each for each in await records(bench.settings) if each.request.prompt.startswith("@noor")]
        new = [each for each in found if but is None or each.created_at != but.created_at]
        return new[0] if new and new[0].outputs else None

    record = await eventually(over)
    assert record is not None
    return record


async def eventually(look: Callable[[], Awaitable[T]], *, seconds: float = 30.0) -> T:
    """Wait until the database has what is looked for; what it is."""
    async with asyncio.timeout(seconds):
        while not (found := await look()):  # noqa: ASYNC110 - the database tells nobody of a change
            await asyncio.sleep(0.05)
    return found


def replies(bench: Bench, channel: str = "studio") -> list[Json]:
    """What the bot said in a channel by itself."""
    bot = bench.discord.world.bot.id
    place = bench.person().dm if channel == "dm" else channel
    return [
        each
        for each in bench.discord.messages(place, "Mia")
        if each["author"]["id"] == bot and each["interaction"] is None
    ]


async def reply(bench: Bench, channel: str = "studio", *, number: int = 1) -> Json:
    """The bot's n-th answer there."""
    return await bench.until(lambda: (replies(bench, channel)[number - 1 :] or [None])[0])


async def below(bench: Bench, card: Json) -> Json:
    """The result in the thread of a card."""
    return await bench.until(lambda: next((each for each in bench.results() if each["channel_id"] == card["id"]), None))


async def mention(bench: Bench, words: str, *uploads: Upload, by: str = "Mia", **options: Any) -> Json:
    """Mention the bot in #studio."""
    return await bench.person(by).say("studio", f"<@{bench.discord.world.bot.id}> {words}", uploads, **options)


async def test_a_mention_is_answered_by_a_card_that_pings_nobody_and_its_thread(bench: Bench) -> None:
    said = await mention(bench, "a cat --ar 1:1")
    card = await reply(bench)
    assert card["message_reference"]["message_id"] == said["id"]
    assert (card["mentions"], card["mention_everyone"]) == ([], False)
    assert "9 of your 10 left today" in text_of(card)
    assert "```\na cat\n```" in text_of(card)
    result = await below(bench, card)
    assert [(each["width"], each["height"]) for each in result["attachments"]] == [(720, 720)]
    await bench.until(lambda: text_of(replies(bench)[0]).startswith("**Done"))
    assert replies(bench)[0]["mentions"] == []
    assert list(buttons(result))[:4] == ["Reroll", "Edit", "1080p", "Reference"]


async def test_one_message_makes_one_request_however_often_it_is_told_of(bench: Bench) -> None:
    said = await mention(bench, "a cat --ar 1:1")
    for _ in range(3):
        bench.discord.deliver_again(said["id"])
    card = await reply(bench)
    await below(bench, card)
    await bench.stop()
    await bench.start()
    bench.discord.deliver_again(said["id"])
    await mention(bench, "")
    await reply(bench, number=2)
    assert len(await records(bench.settings)) == 1
    assert "Mention me" in text_of(replies(bench)[1])


async def test_an_empty_mention_is_answered_with_a_short_help(bench: Bench) -> None:
    await mention(bench, "")
    assert "Mention me with what the picture should show" in text_of(await reply(bench))
    await mention(bench, "", CAT)
    assert "I have the picture" in text_of(await reply(bench, number=2))
    await bench.person().say("dm", "help")
    assert "In a direct message the words alone are enough" in text_of(await reply(bench, "dm"))
    assert await records(bench.settings) == []


async def test_a_reply_that_only_pings_and_the_words_of_others_ask_for_nothing(bench: Bench) -> None:
    result = await bench.result_in_thread_of(await bench.imagine("a cat", ratio="1:1"))
    await bench.person("Noor").say(result["channel_id"], "how nice!", reply_to=result["id"])
    await bench.person("Noor").say("studio", f"hello <@{bench.person().id}>, nice cat")
    await mention(bench, "")
    await reply(bench)
    assert len(await records(bench.settings)) == 1


async def test_a_result_is_edited_by_answering_it_with_a_mention(bench: Bench) -> None:
    first = await bench.result_in_thread_of(await bench.imagine("a cat", ratio="1:1"))
    bot = bench.discord.world.bot.id
    await bench.person("Noor").say(first["channel_id"], f"<@{bot}> @image1 in snow", reply_to=first["id"])
    await bench.until(lambda: len(bench.results(first["channel_id"])) == 2)
    made = (await records(bench.settings))[1]
    assert [(each.tag, each.width, each.height) for each in made.request.references] == [("image1", 720, 720)]
    assert made.requester.user_id == int(bench.person("Noor").id)


async def test_more_than_three_pictures_the_first_three_are_used_and_the_answer_says_so(bench: Bench) -> None:
    uploads = [Upload(f"p{number}.png", small_png(64, 64, shade=40 * number)) for number in range(1, 5)]
    await mention(bench, "@image1 and @image3", *uploads)
    assert "Only the first three pictures of the message are used." in text_of(await reply(bench))
    (record,) = await records(bench.settings)
    assert [each.filename for each in record.request.references] == ["p1.png", "p2.png", "p3.png"]


async def test_other_mentions_are_no_tags(bench: Bench) -> None:
    await mention(bench, f"a hat for <@{bench.person('Noor').id}> and @nobody")
    card = text_of(await reply(bench))
    assert "@nobody names no reference" in card
    assert "@noor" not in card.casefold()


@pytest.mark.parametrize(
    ("words", "uploads", "sentence"),
    [
        ("a cat --seed x", (), "is not a seed"),
        ("a cat", (Upload("notes.txt", b"words"),), "“notes.txt” is not a picture"),
        ("a cat --turbo", (), "needs at least one reference"),
        ("x" * 1900, (), "too long"),
    ],
)
async def test_a_refusal_is_a_reply_that_pings_nobody(
    bench: Bench, words: str, uploads: tuple[Upload, ...], sentence: str
) -> None:
    said = await mention(bench, words, *uploads)
    answer = await reply(bench)
    assert sentence in text_of(answer)
    assert "Nothing was charged" in text_of(answer)
    assert answer["message_reference"]["message_id"] == said["id"]
    assert answer["mentions"] == []
    assert await records(bench.settings) == []


async def denied(bench: Bench, right: Permission) -> None:
    """Take a right in #studio away from the bot, as the gateway tells it."""
    world = bench.discord.world
    world.find_channel("studio").overwrites[world.bot.id] = Overwrite(id=world.bot.id, for_member=True, deny=int(right))
    await bench.stop()
    await bench.start()


async def test_a_right_that_the_bot_lacks_is_named_before_anything_is_held(bench: Bench) -> None:
    await denied(bench, Permission.CREATE_PUBLIC_THREADS)
    await mention(bench, "a cat")
    assert "*Create Public Threads*" in text_of(await reply(bench))
    assert await records(bench.settings) == []


async def test_where_the_bot_may_not_write_nothing_is_spent_and_nothing_said(bench: Bench) -> None:
    await denied(bench, Permission.SEND_MESSAGES)
    await mention(bench, "a cat")
    await bench.person().say("dm", "help")
    await reply(bench, "dm")
    assert replies(bench) == []
    assert await records(bench.settings) == []
    assert [call.path for call in bench.discord.calls() if call.status == 403] == []


async def test_without_the_right_to_read_the_past_the_card_is_no_reply(bench: Bench) -> None:
    await denied(bench, Permission.READ_MESSAGE_HISTORY)
    await mention(bench, "a cat --ar 1:1")
    card = await reply(bench)
    assert card.get("message_reference") is None
    assert "9 of your 10 left today" in text_of(card)


async def test_a_message_that_discord_does_not_show_is_said_to_be_hidden(bench: Bench) -> None:
    sticker = await bench.person("Sam").say("studio", "\u200b")
    message = bench.person()._message(sticker["id"])
    message.content = ""
    await mention(bench, "a cat", reply_to=sticker["id"])
    assert "Discord does not show me the message that you answer" in text_of(await reply(bench))


async def test_in_a_direct_message_quota_is_the_persons_own(bench: Bench) -> None:
    await bench.person().say("dm", "a cat --ar 1:1")
    assert "9 of your 10 left today" in text_of(await reply(bench, "dm"))
    result = await bench.until(lambda: next(iter(bench.results(bench.person().dm)), None))
    await bench.person().say("dm", "@image1 at night", reply_to=result["id"])
    await bench.until(lambda: len(bench.results(bench.person().dm)) == 2)
    first, second = await records(bench.settings)
    assert first.requester.guild_id == second.requester.guild_id == 0
    assert len(second.request.references) == 1


async def test_a_card_whose_answer_got_lost_is_found_and_the_picture_comes(bench: Bench) -> None:
    bench.discord.faults.next("POST", POST, drop=True, after_commit=True)
    await mention(bench, "a cat --ar 1:1")
    card = await reply(bench)
    await below(bench, card)
    assert len(replies(bench)) == 1
    assert await quota_left(bench) == (9, 10)


async def test_a_card_that_could_not_be_sent_costs_nothing(bench: Bench) -> None:
    refused = bench.discord.faults.next("POST", POST, status=403, code=50013)
    await mention(bench, "a cat --ar 1:1")
    await refused.wait()
    await eventually(lambda: given_back(bench))
    assert replies(bench) == []
    assert await quota_left(bench) == (10, 10)


async def given_back(bench: Bench) -> bool:
    """Whether the only request was withdrawn."""
    return [record.delivery for record in await records(bench.settings)] == [Delivery.WITHDRAWN]
