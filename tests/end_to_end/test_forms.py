"""Menus and their forms, and the form of Edit: chosen pictures, tags, restarts, and who may and pays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import FilePayload, expect

from bot.domain.job import Action
from bot.playground.actors import Interaction, Upload
from tests.support.bench import Bench, Json, open_bench
from tests.support.browser import open_page
from tests.support.png import small_png
from tests.support.studio import (
    closed,
    only_seen_by_them,
    pixels,
    press,
    quota_left,
    records,
    refused,
)

CAT = Upload("cat.png", small_png(960, 640))
MANY = [Upload(f"p{number}.png", small_png(720, 720, shade=40 * number)) for number in range(1, 6)]


def field(form: Interaction, name: str) -> Json:
    """One field of an open form."""
    assert form.modal is not None, form.error
    return next(row["component"] for row in form.modal["components"] if row["component"]["custom_id"] == name)


async def use_as_reference(bench: Bench, *uploads: Upload, by: str = "Mia") -> Interaction:
    """Open the menu of somebody's message and choose Use as reference."""
    message = await bench.person("Sam").say("studio", "look", uploads)
    return await bench.person(by).menu("Use as reference", message["id"])


async def picture(bench: Bench, **options: Any) -> Json:
    """A finished picture of Mia's."""
    return await bench.result_in_thread_of(await bench.imagine("a cat", **{"ratio": "1:1", **options}))


async def test_of_many_pictures_the_person_chooses_and_names_them(bench: Bench) -> None:
    form = await use_as_reference(bench, *MANY)
    options = field(form, "pictures")["options"]
    assert [option["label"] for option in options][:2] == ["1 · p1.png", "2 · p2.png"]
    assert [bool(option.get("default")) for option in options] == [True, True, True, False, False]
    assert options[0]["description"].startswith("720×720 · PNG · ")
    answer = await bench.person().submit(
        form, {"prompt": "@hat on @head", "ratio": "1:1", "pictures": ["4", "1"], "tags": "@head, hat"}
    )
    assert "9 of your 10 left today" in bench.says(answer)
    (record,) = await records(bench.settings)
    assert [(each.tag, each.filename) for each in record.request.references] == [("head", "p2.png"), ("hat", "p5.png")]
    assert await closed(bench, answer)


async def test_a_message_without_pictures_gets_a_sentence(bench: Bench) -> None:
    await refused(bench, await use_as_reference(bench), "There is no picture in this message")
    await refused(bench, await use_as_reference(bench, Upload("a.txt", b"words")), "no picture in this message")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"tags": "1st"}, "“1st” cannot be a tag"),
        ({"tags": "one two"}, "2 tags are too many for 1 picture"),
        ({"prompt": "a cat --seed x"}, "is not a seed"),
    ],
)
async def test_a_refused_form_gives_the_words_back(bench: Bench, fields: dict[str, str], sentence: str) -> None:
    form = await use_as_reference(bench, CAT)
    typed = {"prompt": "a cat in the sun", **fields}
    says = await refused(bench, await bench.person().submit(form, typed), sentence)
    assert f"```\n{typed['prompt']}\n```" in says
    assert await records(bench.settings) == []


async def test_a_form_can_be_sent_after_a_restart_and_makes_one_request(bench: Bench) -> None:
    form = await use_as_reference(bench, CAT)
    assert await bench.stop() == 0
    await bench.start()
    answer = await bench.person().submit(form, {"prompt": "@image1 at night --ar 1:1"})
    await bench.person().submit(form, {"prompt": "@image1 at night --ar 1:1"})
    await bench.result_in_thread_of(answer)
    assert len(await records(bench.settings)) == 1
    assert await quota_left(bench) == (9, 10)


async def test_somebody_without_a_profile_picture_has_none_to_use(bench: Bench) -> None:
    bench.discord.world.find_user("Noor").avatar = None
    await refused(
        bench, await bench.person().menu("Use avatar as reference", "Noor"), "has not chosen a profile picture"
    )


async def test_quota_is_shown_to_its_person_and_to_moderators(bench: Bench) -> None:
    own = await bench.person().menu("Show quota", "Mia")
    assert "10 of your 10 left today" in only_seen_by_them(bench, own)
    await refused(bench, await bench.person().menu("Show quota", "Noor"), "Manage Server")
    other = await bench.person("Sam").menu("Show quota", "Mia")
    assert f"Quota of <@{bench.person().id}>" in only_seen_by_them(bench, other)


async def test_details_of_a_result_are_its_requests_and_of_others_what_discord_tells(bench: Bench) -> None:
    first = await picture(bench, seed=7, image1=CAT)
    says = only_seen_by_them(bench, await bench.person("Noor").menu("Image details", first["id"]))
    for words in (
        "```\na cat\n```",
        "seed 7",
        "Made by sketch: 720×720",
        "1:1 720p",
        "Reference @image1: cat.png · 960×640",
    ):
        assert words in says
    assert "Picture: 720×720 · PNG" in says
    others = await bench.person("Sam").say("studio", "", [CAT])
    says = only_seen_by_them(bench, await bench.person().menu("Image details", others["id"]))
    assert "**cat.png** · 960×640 · PNG · " in says


async def test_edit_shows_the_request_and_keeps_what_is_left_alone(bench: Bench) -> None:
    first = await picture(bench, seed=7, image1=CAT)
    form = await press(bench, first, "Edit", by="Noor")
    assert (field(form, "prompt")["value"], field(form, "seed")["value"]) == ("a cat", "7")
    chosen = [option["label"] for option in field(form, "shape")["options"] if option.get("default")]
    assert chosen == ["1:1 720p"]
    assert await bench.stop() == 0
    await bench.start()
    answer = await bench.person("Noor").submit(form, {"prompt": "a dog", "shape": "3:4/720p"})
    assert "9 of your 10 left today" in bench.says(answer)
    result = await bench.until(lambda: next(iter(bench.results(first["channel_id"])[1:]), None))
    assert pixels(result) == [(720, 960)]
    before, made = await records(bench.settings)
    assert (made.action, made.parent_id, made.request.prompt) == (Action.EDIT, before.id, "a dog")
    assert (made.request.seed, made.request.seed_chosen) == (7, True)
    assert [each.sha256 for each in made.request.references] == [each.sha256 for each in before.request.references]
    assert await quota_left(bench, "Mia") == (9, 10)


async def test_a_file_dropped_into_the_form_of_edit_is_the_new_reference(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        first = await picture(bench)
        async with open_page(bench.discord) as page:
            await page.goto(f"{bench.discord.page_url}?as={bench.person().id}#{first['channel_id']}")
            result = page.locator(f'[data-message-id="{first["id"]}"]')
            await result.get_by_role("button", name="Edit").click()
            form = page.get_by_role("dialog", name="Edit and make again")
            await form.get_by_label("Prompt").fill("@image1 in the rain")
            await form.get_by_label("Reference pictures").set_input_files(
                FilePayload(name="cat.png", mimeType="image/png", buffer=CAT.data)
            )
            await expect(form.get_by_text("cat.png")).to_be_visible()
            await form.get_by_role("button", name="Submit").click()
            await expect(form).to_have_count(0)
            await bench.until(lambda: len(bench.results(first["channel_id"])) == 2)
            await result.click(button="right")
            await page.get_by_role("menuitem", name="Use as reference").click()
            menu = page.get_by_role("dialog", name="Use as reference")
            await menu.get_by_label("Prompt").fill("@image1 as a stamp --ar 1:1")
            await menu.get_by_role("button", name="Submit").click()
            await bench.until(lambda: len(bench.results(first["channel_id"])) == 3)
        made = (await records(bench.settings))[1:]
        assert [each.filename for each in made[0].request.references] == ["cat.png"]
        assert len(made[1].request.references) == 1
