"""The button Reference: a result is kept under a name and is the reference of the next request."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.actors import Answer, Interaction
from tests.support.bench import Bench, Json, buttons, galleries, text_of
from tests.support.references import BLUE, blobs, demote, listed, made, plain, reference, said, save, sha256s
from tests.support.studio import closed, custom_ids, forge, only_seen_by_them, press, quota_left, refused


async def result_of(bench: Bench, prompt: str = "a lighthouse at dusk", **options: Any) -> Json:
    answer = await bench.imagine(prompt, **{"ratio": "1:1", **options})
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    return result


def fields(form: Interaction) -> dict[str, Json]:
    """The fields of a form by their ids."""
    assert form.response is Answer.MODAL
    assert form.modal is not None
    return {each["component"]["custom_id"]: each["component"] for each in form.modal["components"]}


async def test_a_result_is_kept_under_the_suggested_name_and_used_by_it(bench: Bench) -> None:
    result = await result_of(bench)
    assert list(buttons(result))[:4] == ["Reroll", "Edit", "1080p", "Reference"]
    form = await press(bench, result, "Reference", by="Noor")
    assert {name: each.get("value") for name, each in fields(form).items()} == {"name": "lighthouse"}
    kept = await bench.person("Noor").submit(form, {})
    assert "Saved as `@lighthouse`" in await said(bench, kept)
    only_seen_by_them(bench, kept)
    assert len(galleries(bench.card(kept))) == 1
    answer = await bench.imagine("@lighthouse in the snow", ratio="1:1", by="Noor")
    assert "with @lighthouse" in bench.says(answer)
    assert len(sha256s(await made(bench, answer))) == 1
    assert await quota_left(bench, "Noor") == (9, 10)
    again = await press(bench, result, "Reference", by="Noor")
    assert fields(again)["name"]["value"] == "dusk"
    assert "Nothing is saved here yet" in await listed(bench, by="Mia")


async def test_of_several_pictures_one_is_chosen(bench: Bench) -> None:
    result = await result_of(bench, count=3, seed=7)
    form = await press(bench, result, "Reference")
    assert [each["label"] for each in fields(form)["picture"]["options"]] == [
        "Picture 1 · seed 7",
        "Picture 2 · seed 8",
        "Picture 3 · seed 9",
    ]
    before = len(blobs(bench.settings))
    await said(bench, await bench.person().submit(form, {"name": "second", "picture": ["1"]}))
    assert len(blobs(bench.settings)) > before
    first = await bench.person().submit(await press(bench, result, "Reference"), {"name": "first"})
    await said(bench, first)
    both = await made(bench, await bench.imagine("@first and @second", ratio="1:1"))
    assert len(set(sha256s(both))) == 2


async def test_moderators_may_keep_it_for_the_server_as_long_as_they_are_moderators(bench: Bench) -> None:
    result = await result_of(bench)
    form = await press(bench, result, "Reference", by="Sam")
    assert [each["value"] for each in fields(form)["scope"]["options"]] == ["me", "server"]
    kept = await bench.person("Sam").submit(form, {"name": "tower", "scope": ["server"]})
    assert "for this server" in await said(bench, kept)
    assert "`@tower` · this server's" in await listed(bench, by="Mia")
    late = await press(bench, result, "Reference", by="Sam")
    demote(bench, "Sam")
    sent = await bench.person("Sam").submit(late, {"name": "other", "scope": ["server"]})
    await refused(bench, sent, "Manage Server")
    assert "@other" not in await listed(bench, by="Sam")


async def test_a_form_that_was_open_during_a_restart_still_counts(bench: Bench) -> None:
    result = await result_of(bench)
    form = await press(bench, result, "Reference")
    assert await bench.stop() == 0
    await bench.start()
    assert "Saved as `@tower`" in await said(bench, await bench.person().submit(form, {"name": "tower"}))


async def test_a_name_that_is_taken_or_none_is_refused_and_costs_nothing(bench: Bench) -> None:
    await save(bench, "tower", plain(BLUE))
    result = await result_of(bench)
    for name, words in (("Tower", "You already have a reference"), ("a b", "cannot be a name"), ("here", "already")):
        form = await press(bench, result, "Reference")
        await refused(bench, await bench.person().submit(form, {"name": name}), words)
    assert await quota_left(bench) == (9, 10)


async def test_a_button_copied_elsewhere_opens_no_form(bench: Bench) -> None:
    first, other = await result_of(bench), await result_of(bench)
    await refused(bench, await forge(bench, other, custom_ids(first)["Reference"]), "not here any more")
    await refused(bench, await forge(bench, other, "v1:reference:424242"), "not here any more")
    await reference(bench, "list")


@pytest.mark.parametrize("prompt", ["@image1 of @image2", "\u732b"])
async def test_a_prompt_without_a_telling_word_suggests_a_plain_name(bench: Bench, prompt: str) -> None:
    form = await press(bench, await result_of(bench, prompt), "Reference")
    assert fields(form)["name"]["value"] == "picture"
    assert text_of(await result_of(bench))
