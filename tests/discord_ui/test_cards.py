"""Cards: the texts that others read, and limits that hold for the longest request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_ui.cards import ALT_LIMIT, ButtonSpec, Card, Cards
from bot.discord_ui.wording import Wording
from bot.domain import plan as plans
from bot.domain.job import Job, JobState, RequestId, RequestRecord
from bot.domain.money import Money
from bot.domain.quota import Allowance, QuotaRule, Usage, Window
from bot.domain.references import Reference
from bot.domain.shapes import Ratio, Resolution, Shape, Size
from bot.services.accepted import Accepted
from bot.services.ports import CardView, Ending, Result, Standing
from bot.texts import load_texts
from tests.support.records import job, picture, record

TEXTS = load_texts()
CARDS = Cards(texts=TEXTS, wording=Wording(texts=TEXTS))
ALLOWANCE = Allowance(rule=QuotaRule(), usage=Usage(images=7), window=Window(start=0, end=86_400))
REFERENCES = tuple(Reference(tag=tag) for tag in ("model", "cloth", "image3"))
LONGEST_TAGS = tuple(Reference(tag=f"{letter * 15}_") for letter in "abc")
LARGEST = RequestId(2**63 - 1)

OF_PICTURES = ("note.first_frame", "note.padded", "note.resized", "note.reencoded")

PROMPTS = [
    "a" * 1000,
    "😀" * 500,
    "`" * 1000,
    "@abc " * 200,
    "\n" * 499 + "x" * 501,
    "@everyone `" + "\u202e" * 10 + "[x](https://evil.example) ```",
]


def accepted(of: RequestRecord, *, position: int = 2, wait: float = 40) -> Card:
    return CARDS.accepted(Accepted(record=of, allowance=ALLOWANCE, standing=Standing(position=position, wait=wait)))


def underway(of: RequestRecord, *, progress: float | None = None, **changes: Any) -> Card:
    standing = Standing(position=0, wait=12, progress=progress)
    return CARDS.underway(CardView(record=of, standing=standing, allowance=ALLOWANCE, **changes))


def done(**changes: Any) -> Job:
    return job(state=JobState.SUCCEEDED, ended_at=1012.0, charged=Money.dollars("0.05"), **changes)


def failed(**changes: Any) -> Job:
    return job(state=JobState.FAILED, ended_at=1015.0, **changes)


def result(of: RequestRecord, key: str = "provider.moderated", **changes: Any) -> Result:
    good = [each for each in of.jobs if each.state is JobState.SUCCEEDED]
    bad = [each for each in of.jobs if each.state is not JobState.SUCCEEDED]
    return Result(
        record=of,
        pictures=tuple(picture(each, **changes) for each in good),
        endings=tuple(Ending(job=each, key=key, values={}) for each in bad),
    )


def buttons(card: Card) -> list[ButtonSpec]:
    return [button for row in card.rows for button in row]


def text(card: Card) -> str:
    return "\n".join(card.paragraphs)


def every_card(of: RequestRecord) -> list[Card]:
    """All screens a request of two pictures goes through."""
    over = replace(of, jobs=(done(), failed(position=1)), thread_id=LARGEST)
    lost = replace(of, jobs=(failed(), failed(position=1)))
    return [
        accepted(of, position=123, wait=6000),
        underway(of, progress=0.5, late=True, cancelling=True),
        CARDS.result(result(over, reencoded=True)),
        CARDS.closed(result(over)),
        CARDS.closed(result(lost)),
    ]


def test_the_answer_says_place_time_and_what_is_left() -> None:
    card = accepted(record())
    assert card.paragraphs == (
        "**Queued** · 2nd in line · about 40 s · 3 of your 10 left today",
        "```\na lighthouse at dusk\n```",
        "16:9 720p (1280×720) · gen4_image · seed 7 · $0.05",
    )
    assert card.rows == ((ButtonSpec(custom_id="v1:cancel:77", label="Cancel"),),)
    assert card.pictures == ()


def test_the_first_in_line_is_next() -> None:
    assert accepted(record(), position=1).paragraphs[0].startswith("**Queued** · next in line · about 40 s")


def test_a_request_that_starts_at_once_is_working() -> None:
    assert accepted(record(), position=0).paragraphs[0] == "**Working** · about 40 s · 3 of your 10 left today"


def test_references_seeds_and_prices_of_several_pictures_are_told() -> None:
    size = Size(1808, 768)
    jobs = [job(position=n, size=size) for n in range(3)]
    card = accepted(record(jobs=jobs, references=REFERENCES, shape=Shape.of_size(size)))
    assert card.paragraphs[2] == (
        "1808:768 (1808×768) · gen4_image · seeds 7–9 · with @model, @cloth, @image3 · $0.15 ($0.05 each)"
    )


def test_words_that_name_nothing_and_a_dropped_seed_are_told() -> None:
    unseeded = job(notes=(plans.NOTE_SEED_DROPPED,), seed_sent=False)
    card = accepted(record(prompt="@hat on @cat", jobs=[unseeded]))
    assert "seed 7" not in text(card)
    assert card.paragraphs[3:] == (
        "-# The image service cannot take the seed you chose, so it was not used.",
        "-# @hat, @cat name no references, so they stayed text.",
    )


def test_references_that_are_known_by_their_place_are_told_with_it() -> None:
    card = accepted(record(references=REFERENCES, jobs=[job(notes=(plans.NOTE_TAGS_BY_PLACE,))]))
    assert card.paragraphs[3] == (
        "-# The image service knows no tags, so your references were named by their place: "
        "@model is the 1st, @cloth is the 2nd, @image3 is the 3rd."
    )


def test_pictures_that_were_not_made_alike_are_told_apart() -> None:
    here = [done(position=n, provider="runway") for n in (0, 3)]
    there = done(
        position=1,
        provider="segmind",
        size=Size(960, 960),
        seed_sent=False,
        notes=(
            plans.NOTE_SIZE_CHANGED,
            plans.NOTE_SEED_DROPPED,
        ),
    )
    of = record(jobs=[here[0], there, failed(position=2), here[1]], seed_chosen=True)
    made = Result(record=of, pictures=tuple(map(picture, (here[0], there, here[1]))), endings=())
    card = CARDS.result(made)
    assert card.paragraphs[1] == "16:9 720p · gen4_image · $0.15 · 15 s · for <@42>"
    assert card.paragraphs[2:] == (
        "-# Pictures 1, 3: runway · 1280×720 · seeds 7, 10",
        "-# Picture 2: segmind · 960×960 · The image service makes this shape in 960×960 pixels. · "
        "The image service cannot take the seed you chose, so it was not used.",
    )


@pytest.mark.parametrize("note", [value for name, value in vars(plans).items() if name.startswith("NOTE_")])
def test_everything_that_a_plan_changes_can_be_told(note: str) -> None:
    assert len(accepted(record(jobs=[job(notes=(note,))])).paragraphs) == 4


@pytest.mark.parametrize(
    ("progress", "status"),
    [
        (None, "**Working** · about 12 s"),
        (0.0, "**Working** · 0 % · about 12 s"),
        (0.424, "**Working** · 42 % · about 12 s"),
    ],
)
def test_progress_is_a_percentage_when_there_is_one(progress: float | None, status: str) -> None:
    assert underway(record(), progress=progress).paragraphs[0] == f"{status} · 3 of your 10 left today"


def test_a_request_that_is_being_cancelled_cannot_be_cancelled_again() -> None:
    card = underway(record(), cancelling=True)
    assert card.paragraphs[0].startswith("**Cancelling** · ")
    assert card.paragraphs[-1] == "-# Asking the image service to stop."
    assert [button.disabled for button in buttons(card)] == [True]


def test_a_late_request_says_that_it_goes_on() -> None:
    assert underway(record(), late=True).paragraphs[-1] == (
        "-# Still not finished. I keep checking and post it when it arrives."
    )


def test_without_an_allowance_nothing_is_said_of_one() -> None:
    view = CardView(record=record(), standing=Standing(position=3, wait=60), allowance=None)
    assert CARDS.underway(view).paragraphs[0] == "**Queued** · 3rd in line · about 60 s"


def test_a_result_has_all_that_is_needed_to_make_it_again() -> None:
    card = CARDS.result(result(record(jobs=[done()], references=REFERENCES[:1])))
    assert card.paragraphs == (
        "```\na lighthouse at dusk\n```",
        "16:9 720p (1280×720) · gen4_image · seed 7 · with @model · $0.05 · sketch · 12 s · for <@42>",
    )
    shown = card.pictures[0]
    assert (shown.filename, shown.alt, shown.spoiler) == ("atelier-1-7.png", "AI image: a lighthouse at dusk", False)


def test_a_result_charges_what_it_cost_and_not_what_it_might_have() -> None:
    card = CARDS.result(result(record(jobs=[replace(done(), charged=Money.dollars("0.02"))])))
    assert " · $0.02 · " in card.paragraphs[1]


def test_the_buttons_of_a_result() -> None:
    rows = CARDS.result(result(record(jobs=[done()]))).rows
    assert [[button.label for button in row] for row in rows] == [
        ["Reroll", "Edit", "1080p", "Reference", "More"],
        ["16:9", "9:16", "1:1", "4:3", "3:4"],
    ]
    assert [[button.custom_id for button in row] for row in rows] == [
        ["v1:reroll:77", "v1:edit:77", "v1:finer:77", "v1:reference:77", "v1:more:77"],
        ["v1:ratio:77:16x9", "v1:ratio:77:9x16", "v1:ratio:77:1x1", "v1:ratio:77:4x3", "v1:ratio:77:3x4"],
    ]


@pytest.mark.parametrize(
    ("shape", "disabled", "finer"),
    [
        (Shape(), ["16:9"], True),
        (Shape(ratio=Ratio.PORTRAIT, resolution=Resolution.P1080), ["3:4"], False),
        (Shape(ratio=Ratio.CINEMA), [], True),
        (Shape.of_size(Size(1360, 768)), [], False),
    ],
)
def test_the_present_ratio_is_disabled_and_1080p_offered_once(shape: Shape, disabled: list[str], finer: bool) -> None:
    offered = [each for row in CARDS.buttons(record(shape=shape)) for each in row]
    assert [each.label for each in offered if each.disabled] == disabled
    assert ("1080p" in [each.label for each in offered]) is finer


def test_what_is_missing_and_what_was_changed_is_said_below_the_pictures() -> None:
    of = record(jobs=[done(), failed(position=1), failed(position=2)])
    card = CARDS.result(result(of, reencoded=True))
    assert card.paragraphs[2:] == (
        "-# Made smaller to fit this server's upload limit.",
        "-# 2 pictures are missing.",
        "-# The image service declined this prompt or one of its pictures for safety reasons. Change it before you try "
        "again. Your quota was returned; nothing was charged.",
    )


@pytest.mark.parametrize(
    ("media_type", "extension"), [("image/png", "png"), ("image/jpeg", "jpg"), ("image/webp", "webp")]
)
def test_a_picture_is_named_by_its_kind(media_type: str, extension: str) -> None:
    card = CARDS.result(result(record(jobs=[done()], spoiler=True), media_type=media_type))
    assert card.pictures[0].filename == f"atelier-1-7.{extension}"
    assert card.pictures[0].spoiler


def test_a_closed_card_points_to_the_thread() -> None:
    card = CARDS.closed(result(record(jobs=[done()], thread_id=900)))
    assert card.paragraphs[0] == "**Done** · 12 s · $0.05 · The result is in <#900>."
    assert card.rows == ()


def test_a_closed_card_tells_when_pictures_are_missing() -> None:
    of = record(jobs=[done(), failed(position=1)], thread_id=900)
    assert CARDS.closed(result(of)).paragraphs[0].startswith("**Done in part** · 15 s · $0.05")


def test_a_card_without_a_picture_says_why_and_what_became_of_the_quota() -> None:
    card = CARDS.closed(result(record(jobs=[failed(), failed(position=1)]), "provider.unreachable"))
    assert card.paragraphs[0] == (
        "**No picture** · The image service cannot be reached. Please try again later. "
        "Your quota was returned; nothing was charged."
    )
    assert card.pictures == card.rows == ()


def longest(prompt: str) -> RequestRecord:
    notes = (plans.NOTE_SEED_DROPPED, plans.NOTE_PIXELS_DROPPED, plans.NOTE_TAGS_AS_TEXT)
    jobs: Sequence[Job] = [job(position=n, provider=f"service-{n}", notes=notes) for n in range(4)]
    return record(id=LARGEST, prompt=prompt, references=LONGEST_TAGS, notes=tuple(OF_PICTURES), jobs=jobs)


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: ascii(prompt[:12]))
def test_every_card_of_the_longest_request_is_one_that_discord_takes(prompt: str) -> None:
    for card in every_card(longest(prompt)):
        assert len(text(card)) <= 4000
        assert all(len(paragraph) > 0 for paragraph in card.paragraphs)
        assert all(0 < len(each.alt) <= ALT_LIMIT for each in card.pictures)
        assert all(0 < len(button.label) <= 34 for button in buttons(card))
        assert all(0 < len(button.custom_id) <= 100 for button in buttons(card))
        assert all(len(row) <= 5 for row in card.rows)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=500))
def test_no_prompt_gets_out_of_its_code_block(prompt: str) -> None:
    for card in every_card(record(prompt=prompt, jobs=[job(), job(position=1)])):
        blocks = [paragraph for paragraph in card.paragraphs if paragraph.startswith("```")]
        assert len(blocks) == 1
        assert blocks[0] == f"```\n{prompt.replace('`', 'ˋ')}\n```"
        assert text(card).count("```") == 2


def test_alt_text_is_cut_where_discord_ends_it() -> None:
    card = CARDS.result(result(record(prompt="x" * 3000, jobs=[done()])))
    assert len(card.pictures[0].alt) == ALT_LIMIT == 1024
