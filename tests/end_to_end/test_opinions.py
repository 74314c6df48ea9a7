"""Favourite and Vote: one press sets it, the next takes it back, and everybody reads the count."""

from __future__ import annotations

from tests.support.bench import Bench, Json, buttons, text_of
from tests.support.references import said
from tests.support.studio import closed, custom_ids, forge, only_seen_by_them, press, refused


async def result_of(bench: Bench, count: int = 1) -> Json:
    answer = await bench.imagine("a lighthouse at dusk", ratio="1:1", count=count)
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    return result


async def more(bench: Bench, result: Json, by: str = "Mia") -> Json:
    """The card that More shows."""
    answer = await press(bench, result, "More", by=by)
    only_seen_by_them(bench, answer)
    return bench.card(answer)


async def pressed(bench: Bench, card: Json, label: str, by: str) -> Json:
    """The same card after a press of one of its buttons."""
    answer = await press(bench, card, label, by=by)
    assert answer.message_id in {None, card["id"]}
    shown = bench.person(by).messages(card["channel_id"])
    return next(each for each in shown if each["id"] == card["id"])


async def test_a_vote_counts_for_everyone_and_is_taken_back_by_the_next_press(bench: Bench) -> None:
    result = await result_of(bench)
    card = await more(bench, result, "Noor")
    assert "no votes yet" in text_of(card)
    card = await pressed(bench, card, "Vote", "Noor")
    assert "**1 vote** · you voted for it" in text_of(card)
    assert "**1 vote**" in text_of(await more(bench, result))
    assert "you voted" not in text_of(await more(bench, result))
    details = await press(bench, await more(bench, result), "Details")
    assert "**1 vote**" in only_seen_by_them(bench, details)
    await bench.stop()
    await bench.start()
    card = await pressed(bench, card, "Vote", "Noor")
    assert "no votes yet" in text_of(card)
    assert "no votes yet" in text_of(await more(bench, result))


async def test_the_same_button_pressed_twice_does_no_more_than_once(bench: Bench) -> None:
    result = await result_of(bench)
    card = await more(bench, result, "Noor")
    vote = custom_ids(card)["Vote"]
    for _ in range(2):
        await forge(bench, result, vote, by="Noor")
    assert "**1 vote** · you voted for it" in text_of(await more(bench, result, "Noor"))


async def test_a_favourite_is_for_oneself(bench: Bench) -> None:
    result = await result_of(bench)
    card = await pressed(bench, await more(bench, result), "Favourite", "Mia")
    assert "one of your favourites" in text_of(card)
    assert buttons(card)["Favourite"]["style"] == 1
    assert "one of your favourites" not in text_of(await more(bench, result, "Noor"))
    card = await pressed(bench, card, "Favourite", "Mia")
    assert "one of your favourites" not in text_of(card)


async def test_of_several_pictures_one_is_chosen(bench: Bench) -> None:
    result = await result_of(bench, count=2)
    answer = await press(bench, await more(bench, result, "Noor"), "Vote", by="Noor")
    assert "Which picture do you vote for?" in only_seen_by_them(bench, answer)
    picker = bench.card(answer)
    assert list(buttons(picker)) == ["Picture 1", "Picture 2"]
    picker = await pressed(bench, picker, "Picture 2", "Noor")
    assert "Picture 1: no votes yet\nPicture 2: **1 vote** · you voted for it" in text_of(picker)
    answer = await press(bench, await more(bench, result, "Noor"), "Favourite", by="Noor")
    picker = await pressed(bench, bench.card(answer), "Picture 1", "Noor")
    assert "Picture 1: no votes yet · one of your favourites" in text_of(picker)


async def test_one_s_own_picture_and_who_is_blocked_are_refused(bench: Bench) -> None:
    result = await result_of(bench)
    await refused(bench, await press(bench, await more(bench, result), "Vote"), "your vote does not count")
    card = await more(bench, result, "Noor")
    await bench.person("Sam").slash("studio", "manage block", {"user": "Noor"})
    await refused(bench, await press(bench, card, "Vote", by="Noor"), "A moderator has blocked you")
    assert "no votes yet" in text_of(await more(bench, result))


async def test_in_direct_messages_there_are_favourites_and_no_votes(bench: Bench) -> None:
    mia = bench.person()
    answer = await bench.imagine("a lighthouse", channel=mia.dm, ratio="1:1")
    await closed(bench, answer)
    (result,) = [each for each in bench.discord.messages(mia.dm, mia.id) if "More" in buttons(each)]
    answer = await press(bench, result, "More")
    card = bench.card(answer)
    assert list(buttons(card)) == ["Details", "Favourite", "Variations", "Delete"]
    assert "none of your favourites yet" in text_of(card)
    assert "one of your favourites" in text_of(await pressed(bench, card, "Favourite", "Mia"))


async def test_a_deleted_result_takes_no_votes(bench: Bench) -> None:
    result = await result_of(bench)
    card = await more(bench, result, "Noor")
    assert "are gone" in await said(bench, await press(bench, await more(bench, result), "Delete"))
    await refused(bench, await press(bench, card, "Vote", by="Noor"), "This result was deleted")
