"""Taking one's data away and having it deleted, as people do; what limits them goes on, and the books stay right."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

from aiohttp import ClientSession

from bot.domain.guild import GuildSettings
from bot.playground.actors import Interaction
from bot.store.database import Database
from bot.store.erasures import ErasureStore
from bot.store.forgetting import ForgettingStore
from bot.store.library import LibraryStore
from tests.support.bench import Bench, Json, buttons, text_of
from tests.support.people import dump, texts
from tests.support.references import RED, blobs, plain, said, save
from tests.support.studio import (
    choose_for_server,
    closed,
    entries,
    forge,
    only_seen_by_them,
    press,
    quota_left,
    read_store,
    refused,
)

WORDS = "a lighthouse of quartz"


async def mydata(bench: Bench, what: str, by: str = "Mia") -> Interaction:
    return await bench.person(by).slash("studio", f"mydata {what}")


async def archive(bench: Bench, by: str = "Mia") -> tuple[dict[str, bytes], str]:
    """What the file that a person gets holds, and what the answer says."""
    answer = await mydata(bench, "export", by)
    says = await said(bench, answer)
    only_seen_by_them(bench, answer)
    files = bench.card(answer)["attachments"]
    if not files:
        return {}, says
    async with ClientSession() as session:
        content = await (await session.get(files[0]["url"])).read()
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return {name: found.read(name) for name in found.namelist()}, says


async def delete(bench: Bench, by: str = "Mia") -> Interaction:
    """The question, with Delete pressed below it."""
    question = await mydata(bench, "delete", by)
    return await press_below(bench, question, "Delete", by)


async def press_below(bench: Bench, question: Interaction, label: str, by: str = "Mia") -> Interaction:
    assert question.message_id is not None
    return await bench.person(by).press(question.message_id, label=label)


async def says_after(bench: Bench, question: Interaction, words: str) -> str:
    return await bench.until(lambda: words in bench.says(question) and bench.says(question))


async def make(bench: Bench, prompt: str = WORDS, **options: Any) -> Json:
    answer = await bench.imagine(prompt, ratio="1:1", **options)
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    return result


async def traces(bench: Bench, *marks: str) -> list[str]:
    """Where in the database one of these stands."""
    rows = await read_store(bench.settings, dump)
    return [
        f"{name}: {text}"
        for name, some in rows.items()
        for row in some
        for text in texts(row)
        if any(mark in text for mark in marks)
    ]


async def test_the_archive_holds_ones_own_and_nothing_of_others(bench: Bench) -> None:
    await make(bench, image1=plain(RED, "secret_plan.png"))
    await make(bench, "a harbour of Noor's", by="Noor")
    await save(bench, "mascot", plain(RED))
    files, says = await archive(bench)
    assert "Entries: " in says
    assert json.loads(files["data/requests.json"])[0]["prompt"] == WORDS
    assert json.loads(files["data/request_references.json"])[0]["filename"] == "secret_plan.png"
    assert json.loads(files["data/saved_references.json"])[0]["name"] == "mascot"
    assert [row["user_id"] for row in json.loads(files["data/ledger.json"])] == [int(bench.person("Mia").id)] * 2
    assert len([name for name in files if name.startswith("pictures/")]) == 3
    text = b"\n".join(content for name, content in files.items() if name.startswith("data/")).decode()
    assert "harbour" not in text
    assert bench.person("Noor").id not in text
    assert bench.person("Mia").id in files["README.txt"].decode()
    assert await archive(bench, "Sam") == ({}, "Nothing is kept of you.")


async def test_nothing_of_a_person_is_left_but_what_limits_them_and_the_sums(bench: Bench) -> None:
    result = await make(bench, image1=plain(RED, "secret_plan.png"))
    theirs = await make(bench, "a harbour of Noor's", by="Noor")
    await save(bench, "mascot", plain(RED))
    before, booked = await quota_left(bench), await entries(bench.settings)
    kept = len(blobs(bench.settings))

    question = await mydata(bench, "delete")
    asks = only_seen_by_them(bench, question)
    assert "your requests (1) and my copies of their pictures (1)" in asks
    assert "your saved references (1)" in asks
    assert "Messages in Discord stay" in asks
    assert buttons(bench.card(question))["Delete"]["style"] == 4
    await press_below(bench, question, "Delete")
    assert "Deleted: nothing of what you said" in await says_after(bench, question, "Deleted")

    marks = (bench.person("Mia").id, "quartz", "secret_plan", "mascot")
    assert await traces(bench, *marks) == []
    assert len(blobs(bench.settings)) == 1 < kept
    assert await entries(bench.settings) == booked
    assert await quota_left(bench) == before, "deleting gives nothing back"
    for label in ("Reroll", "Edit", "More", "Reference"):
        await refused(bench, await press(bench, result, label), "had their data deleted")
    assert "Noor" in text_of(theirs)
    await press(bench, theirs, "Reroll", by="Noor")
    await bench.until(lambda: len(bench.results()) == 3)

    # What somebody asks for afterwards is kept again, and counts on top of what they had.
    await make(bench, "a second beginning")
    assert await quota_left(bench) == (before[0] - 1, before[1])
    files, _ = await archive(bench)
    assert [row["prompt"] for row in json.loads(files["data/requests.json"])] == ["", "a second beginning"]


async def test_a_way_out_another_hand_and_a_second_press(bench: Bench) -> None:
    await make(bench)
    question = await mydata(bench, "delete")
    await press_below(bench, question, "Keep my data")
    assert bench.says(question) == "Nothing was deleted."
    result = bench.results()[0]
    mine = f"v1:confirm:mydata:{bench.person('Mia').id}"
    await refused(bench, await forge(bench, result, mine, by="Noor"), "Only the person whose data it is")
    await refused(bench, await forge(bench, result, "v1:confirm:mydata:abc", by="Noor"), "Nothing was charged")
    assert await traces(bench, "quartz")

    question = await mydata(bench, "delete")
    assert question.message_id is not None
    await press_below(bench, question, "Delete")
    await says_after(bench, question, "Deleted")
    assert await traces(bench, "quartz") == []
    # A second time, also by the button of before, finds nothing left to do.
    await forge(bench, result, mine)
    await says_after(bench, await _deleted(bench, "Mia"), "Deleted")


async def test_who_waits_for_a_picture_is_asked_to_wait_and_loses_nothing(bench: Bench) -> None:
    await bench.stop()
    slow = bench.settings.providers.sketch.model_copy(update={"seconds": 3.0})
    providers = bench.settings.providers.model_copy(update={"sketch": slow})
    bench.settings = bench.settings.model_copy(update={"providers": providers})
    await bench.start()
    answer = await bench.imagine(WORDS, ratio="1:1")
    pressed = await delete(bench)
    sentence = await bench.until(lambda: bench.says(pressed))
    assert "still being made" in sentence
    assert (await closed(bench, answer)).startswith("**Done")
    assert await traces(bench, "quartz")
    await says_after(bench, await _deleted(bench, "Mia"), "Deleted")
    assert await traces(bench, "quartz") == []


async def test_neither_a_block_nor_a_rule_nor_the_audit_trail_ends_with_it(bench: Bench) -> None:
    async def manage(what: str, **options: Any) -> str:
        answer = await bench.person("Sam").slash("studio", f"manage {what}", options)
        return only_seen_by_them(bench, answer)

    await manage("quota set", amount=3, unit="images", per="day", user="Mia")
    await manage("block", user="Mia", reason="spam")
    await says_after(bench, await _deleted(bench, "Mia"), "Deleted")
    await refused(bench, await bench.imagine("a dog"), "A moderator has blocked you")
    assert await quota_left(bench) == (3, 3)
    assert "*somebody who deleted their data*" in await manage("blocked")
    listed = await manage("quota list")
    assert "*somebody who deleted their data*" in listed
    assert "<@-" not in listed
    assert "somebody who deleted their data" in await manage("audit")
    await manage("unblock", user="Mia")
    assert await manage("blocked") == "Nobody is blocked."
    await manage("quota set", amount=5, unit="images", per="day", user="Mia")
    assert await quota_left(bench) == (5, 5)

    # Moderators who have their own data deleted are found by who asks for them by name.
    await says_after(bench, await _deleted(bench, "Sam"), "Deleted")
    assert await traces(bench, bench.person("Sam").id) == []
    assert "somebody who deleted their data" in await manage("audit", user="Sam")


async def _deleted(bench: Bench, by: str) -> Interaction:
    question = await mydata(bench, "delete", by)
    await press_below(bench, question, "Delete", by)
    return question


async def test_a_deletion_that_was_begun_goes_on_after_a_restart(bench: Bench) -> None:
    await make(bench)
    await bench.stop()
    store = ErasureStore(ForgettingStore(LibraryStore()))
    async with Database.open(bench.settings.database.url) as database:
        await database.write(lambda tx: store.begin(tx, int(bench.person("Mia").id), at=1e9))
    assert await traces(bench, "quartz")
    await bench.start()

    async def over() -> bool:
        return not await traces(bench, bench.person("Mia").id, "quartz")

    async with asyncio.timeout(20):
        while not await over() or blobs(bench.settings):  # noqa: ASYNC110 - the database tells nobody of a change
            await asyncio.sleep(0.05)


async def test_privacy_says_what_the_settings_in_force_say(bench: Bench) -> None:
    card = only_seen_by_them(bench, await bench.person("Mia").slash("studio", "privacy"))
    for words in ("90 days", "7 days", "a painter inside this bot", "`/mydata export`"):
        assert words in card
    await bench.stop()
    settings = bench.settings
    retention = settings.retention.model_copy(update={"prompts_days": 30, "outputs_days": 0, "left_days": 1})
    privacy = settings.privacy.model_copy(update={"policy_url": "https://example.com/privacy", "contact": "Ada"})
    bench.settings = settings.model_copy(update={"retention": retention, "privacy": privacy})
    await choose_for_server(bench, GuildSettings())
    await bench.start()
    card = only_seen_by_them(bench, await bench.person("Mia").slash("studio", "privacy"))
    for words in ("30 days", "as long as this bot is run", "(https://example.com/privacy)", "Run by Ada"):
        assert words in card
