"""`/imagine` as people see it: the card at once, the picture below it, and every option."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.domain.guild import GuildSettings, ThreadMode
from bot.playground.actors import Upload
from tests.support.bench import Bench, buttons, galleries, text_of
from tests.support.png import small_png
from tests.support.studio import choose_for_server, closed, open_studio, pixels, quota_left, records, seed_of

MODEL = Upload("model.png", small_png(64, 64))


async def test_the_card_says_everything_about_the_request_at_once(bench: Bench) -> None:
    answer = await bench.imagine("@model in a red coat", image1=MODEL, ratio="4:3", seed=7)
    card = bench.card(answer)
    says = text_of(card)
    assert not card["ephemeral"]
    assert answer.latency_ms is not None
    assert answer.latency_ms < 1000
    assert "**Queued** · next in line · about" in says
    assert "9 of your 10 left today" in says
    assert "```\n@model in a red coat\n```" in says
    assert "4:3 720p (960×720) · gen4_image · seed 7 · with @model · $0.00" in says
    assert list(buttons(card)) == ["Cancel"]
    await bench.result_in_thread_of(answer)


async def test_the_picture_comes_in_a_thread_below_the_card_with_all_that_is_needed_to_make_it_again(
    bench: Bench,
) -> None:
    answer = await bench.imagine("a lighthouse at dusk", seed=11)
    result = await bench.result_in_thread_of(answer)
    says = text_of(result)
    assert [item["description"] for item in galleries(result)] == ["AI image: a lighthouse at dusk"]
    assert result["attachments"][0]["description"] == "AI image: a lighthouse at dusk"
    assert pixels(result) == [(1280, 720)]
    assert says.startswith("```\na lighthouse at dusk\n```")
    assert "16:9 720p (1280×720) · gen4_image · seed 11 · $0.00 · sketch · " in says
    assert f"for <@{answer.user_id}>" in says
    assert list(buttons(result)) == [
        "Reroll",
        "Edit",
        "1080p",
        "Reference",
        "More",
        "16:9",
        "9:16",
        "1:1",
        "4:3",
        "3:4",
    ]
    thread = next(place for place in bench.places() if place["id"] == answer.message_id)
    assert thread["name"] == "a lighthouse at dusk"


async def test_the_card_closes_with_a_link_to_the_result(bench: Bench) -> None:
    answer = await bench.imagine("a cat")
    says = await closed(bench, answer)
    assert says.startswith("**Done** · ")
    assert f"<#{answer.message_id}>" in says
    assert buttons(bench.card(answer)) == {}
    assert await quota_left(bench) == (9, 10)


async def test_a_file_answers_to_its_name_and_to_its_place(bench: Bench) -> None:
    sofa = Upload("a sofa.png", small_png(64, 48))
    answer = await bench.imagine("@MODEL on @image2", image1=Upload("Model.png", small_png(64, 64)), image2=sofa)
    assert "with @MODEL, @image2" in bench.says(answer)
    result = await bench.result_in_thread_of(answer)
    assert "with @MODEL, @image2" in text_of(result)
    (record,) = await records(bench.settings)
    assert [(each.tag, each.ready) for each in record.request.references] == [("MODEL", True), ("image2", True)]


async def test_a_word_that_names_no_reference_stays_text_and_the_answer_says_so(bench: Bench) -> None:
    answer = await bench.imagine("@model beside @nobody", image1=MODEL)
    assert "@nobody names no reference, so it stayed text." in bench.says(answer)
    result = await bench.result_in_thread_of(answer)
    assert "@nobody names no reference, so it stayed text." in text_of(result)


async def test_flags_in_the_prompt_are_taken_and_left_out_of_it(bench: Bench) -> None:
    answer = await bench.imagine("@model waves --ar 9:16 --seed 7 --count 2 --turbo", image1=MODEL)
    says = bench.says(answer)
    assert "```\n@model waves\n```" in says
    assert "9:16 720p (720×1280) · gen4_image_turbo · seeds 7–8 · with @model" in says
    result = await bench.result_in_thread_of(answer)
    assert pixels(result) == [(720, 1280), (720, 1280)]


async def test_an_exact_size_can_be_found_by_typing_and_is_kept(bench: Bench) -> None:
    choices = await bench.person().autocomplete("studio", "imagine", "size", "1808")
    assert [choice["value"] for choice in choices] == ["1808:768"]
    assert "21:9" in choices[0]["name"]
    answer = await bench.imagine("a coast", size="1808x768")
    assert "1808:768 (1808×768)" in bench.says(answer)
    assert pixels(await bench.result_in_thread_of(answer)) == [(1808, 768)]


async def test_every_size_is_offered_before_anything_is_typed(bench: Bench) -> None:
    choices = await bench.person().autocomplete("studio", "imagine", "size", "")
    assert len(choices) == 16
    assert {choice["value"] for choice in choices} >= {"1280:720", "1920:1080", "1024:1024"}


async def test_a_picture_at_1080p_has_no_button_for_1080p(bench: Bench) -> None:
    answer = await bench.imagine("a cat", ratio="1:1", resolution="1080p")
    result = await bench.result_in_thread_of(answer)
    assert pixels(result) == [(1080, 1080)]
    assert "1080p" not in buttons(result)


async def test_a_spoiler_is_covered(bench: Bench) -> None:
    result = await bench.result_in_thread_of(await bench.imagine("a surprise", ratio="1:1", spoiler=True))
    assert [item["spoiler"] for item in galleries(result)] == [True]


async def test_four_pictures_come_in_one_message_with_seeds_in_a_row(bench: Bench) -> None:
    answer = await bench.imagine("a cat", ratio="1:1", count=4, seed=40)
    assert "6 of your 10 left today" in bench.says(answer)
    assert "seeds 40–43" in bench.says(answer)
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    assert [each["filename"].rsplit("-", 1)[1] for each in result["attachments"]] == [
        "40.png",
        "41.png",
        "42.png",
        "43.png",
    ]
    assert len(galleries(result)) == 4
    assert len({each["size"] for each in result["attachments"]}) == 4
    assert len(bench.results()) == 1


async def test_the_last_seed_is_followed_by_the_first(bench: Bench) -> None:
    answer = await bench.imagine("a cat", ratio="1:1", count=2, seed=2**32 - 1)
    await bench.result_in_thread_of(answer)
    (record,) = await records(bench.settings)
    assert [job.seed for job in record.jobs] == [2**32 - 1, 0]


async def test_without_a_seed_each_request_draws_another(bench: Bench) -> None:
    first, second = await asyncio.gather(bench.imagine("a cat", ratio="1:1"), bench.imagine("a cat", ratio="1:1"))
    one, other = [await bench.result_in_thread_of(each) for each in (first, second)]
    assert seed_of(one) != seed_of(other)


async def test_inside_a_thread_the_result_goes_right_there(bench: Bench) -> None:
    first = await bench.imagine("a cat", ratio="1:1")
    await bench.result_in_thread_of(first)
    thread = first.message_id or ""
    places = len(bench.places())
    answer = await bench.imagine("a dog", channel=thread, ratio="1:1")
    await closed(bench, answer)
    assert [text_of(each).split("\n")[1] for each in bench.results(thread)] == ["a cat", "a dog"]
    assert len(bench.places()) == places


async def test_in_a_direct_message_the_result_comes_right_there(bench: Bench) -> None:
    answer = await bench.imagine("a cat", channel="dm", ratio="1:1")
    assert "9 of your 10 left today" in bench.says(answer)
    await closed(bench, answer)
    assert len(bench.results(bench.person().dm)) == 1
    assert bench.results() == []


async def test_a_server_can_have_its_results_in_the_channel_itself(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as bench:
        await bench.stop()
        await choose_for_server(bench, GuildSettings(thread_mode=ThreadMode.CHANNEL))
        await bench.start()
        places = len(bench.places())
        answer = await bench.imagine("a cat", ratio="1:1")
        says = await closed(bench, answer)
        assert says.startswith("**Done** · ")
        studio = bench.discord.world.find_channel("studio").id
        assert len(bench.results(studio)) == 1
        assert len(bench.places()) == places


async def test_nothing_in_a_prompt_can_mention_people_or_leave_its_block(bench: Bench) -> None:
    answer = await bench.imagine("``` @everyone <@1> ``` **big**", ratio="1:1")
    result = await bench.result_in_thread_of(answer)
    for message in (bench.card(answer), result):
        assert text_of(message).count("```") == 2
        assert message["mention_everyone"] is False
        assert message["mentions"] == []
