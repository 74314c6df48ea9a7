"""The button More: a card for whoever pressed it, with what is needed less often."""

from __future__ import annotations

from bot.playground.actors import Interaction
from tests.support.bench import Bench, Json, buttons, galleries, text_of
from tests.support.references import blobs, said
from tests.support.studio import POST, audit, closed, custom_ids, forge, only_seen_by_them, press, quota_left, refused


async def result_of(bench: Bench, prompt: str = "a lighthouse at dusk") -> tuple[Interaction, Json]:
    answer = await bench.imagine(prompt, ratio="1:1", seed=7)
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    return answer, result


async def more(bench: Bench, result: Json, by: str = "Mia") -> Json:
    """The card that More shows."""
    answer = await press(bench, result, "More", by=by)
    only_seen_by_them(bench, answer)
    return bench.card(answer)


async def test_everyone_sees_what_they_may_do(bench: Bench) -> None:
    _, result = await result_of(bench)
    all_of_it = ["Details", "Favourite", "Vote", "Variations", "Send to me", "Report", "Delete"]
    assert list(buttons(await more(bench, result))) == all_of_it
    assert list(buttons(await more(bench, result, by="Sam"))) == all_of_it
    assert list(buttons(await more(bench, result, by="Noor"))) == all_of_it[:-1]
    assert "4 more pictures" in text_of(await more(bench, result))


async def test_details_tell_what_made_it(bench: Bench) -> None:
    _, result = await result_of(bench)
    answer = await press(bench, await more(bench, result, by="Noor"), "Details", by="Noor")
    says = only_seen_by_them(bench, answer)
    assert "a lighthouse at dusk" in says
    assert "seed 7" in says


async def test_variations_are_four_more_with_new_seeds_and_whoever_presses_pays(bench: Bench) -> None:
    _, result = await result_of(bench)
    card = await more(bench, result, by="Noor")
    answer = await press(bench, card, "Variations", by="Noor")
    again = await press(bench, card, "Variations", by="Noor")
    assert again.response is not answer.response
    await closed(bench, answer)
    made = await bench.until(lambda: next((each for each in bench.results() if each["id"] != result["id"]), None))
    assert len(made["attachments"]) == 4
    assert "seed 7 " not in text_of(made)
    assert await quota_left(bench, "Noor") == (6, 10)
    assert await quota_left(bench, "Mia") == (9, 10)


async def test_the_pictures_come_as_a_direct_message(bench: Bench) -> None:
    _, result = await result_of(bench)
    answer = await press(bench, await more(bench, result, by="Noor"), "Send to me", by="Noor")
    assert await said(bench, answer) == "Sent to you as a direct message."
    (sent,) = bench.discord.messages(bench.person("Noor").dm)
    assert len(galleries(sent)) == 1
    assert f"/{result['id']}" in text_of(sent)
    assert buttons(sent) == {}


async def test_closed_direct_messages_are_said(bench: Bench) -> None:
    _, result = await result_of(bench)
    card = await more(bench, result, by="Noor")
    bench.discord.faults.next("POST", POST, status=403, code=50007)
    answer = await press(bench, card, "Send to me", by="Noor")
    assert "You take no direct messages from me" in await said(bench, answer)


async def test_the_requester_deletes_their_own_and_buttons_say_that_it_is_gone(bench: Bench) -> None:
    answer, result = await result_of(bench)
    card = await more(bench, result)
    other = await more(bench, result, by="Noor")
    assert "the message and its pictures are gone" in await said(bench, await press(bench, card, "Delete"))
    assert bench.results() == []
    assert blobs(bench.settings) == []
    assert bench.says(answer).startswith("**Deleted**")
    assert await audit(bench) == []
    for label in ("Details", "Variations", "Send to me"):
        await refused(bench, await press(bench, other, label, by="Noor"), "This result was deleted")
    assert await quota_left(bench, "Noor") == (10, 10)


async def test_a_forged_delete_button_is_held_against_the_rights_of_the_person(bench: Bench) -> None:
    _, result = await result_of(bench)
    delete = custom_ids(await more(bench, result))["Delete"]
    answer = await forge(bench, result, delete, by="Noor")
    assert "Only the person who asked for it, or a moderator, can delete it" in await said(bench, answer)
    await refused(bench, await forge(bench, result, "v1:delete:1:5", by="Mia"), "not here any more")
    await refused(bench, await forge(bench, result, "v1:delete:1", by="Mia"), "another version")
    assert len(bench.results()) == 1
