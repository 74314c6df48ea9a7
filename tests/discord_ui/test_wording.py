"""Values in words: times, places, tags, names of threads, and sentences that nothing typed can break."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_ui.wording import Wording, code_block, inline, ordinal, thread_title
from bot.domain.errors import InvalidRequest, QuotaExceeded, UnusableImage
from bot.domain.job import JobState
from bot.domain.money import FREE, Money
from bot.domain.quota import Allowance, Per, QuotaRule, Subject, SubjectKind, Unit, Usage, Window
from bot.domain.references import Reference
from bot.domain.request import SEED_MAX
from bot.domain.text import utf16_length
from bot.services.ports import Ending
from bot.texts import load_texts
from tests.support.records import job, record

WORDING = Wording(texts=load_texts())
ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)))
HOSTILE = [
    "```",
    "a`b``c```d````",
    "@everyone @here <@1> <@&2> <#3> @\u200beveryone",
    "[Free Nitro](https://evil.example)",
    "https://evil.example discord.gg/x",
    "<t:0:R> </quota set:1> <:smile:1>",
    "-# small\n# big\n> quote\n||spoiler||",
    "\u202egnp.exe",
    "\\```",
    "```\n@everyone\n```",
]


def allowance(*, left: int = 3, per: Per = Per.DAY, amount: int = 10, unit: Unit = Unit.IMAGES) -> Allowance:
    used = amount - left
    return Allowance(
        rule=QuotaRule(amount=amount, per=per, unit=unit),
        usage=Usage(images=used, spent=Money.credits(used)),
        window=Window(start=0, end=86_400),
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *[(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (10, "10th"), (11, "11th"), (12, "12th"), (13, "13th")],
        *[(21, "21st"), (22, "22nd"), (23, "23rd"), (101, "101st"), (111, "111th"), (112, "112th"), (1013, "1013th")],
    ],
)
def test_places_read_as_ordinals(number: int, text: str) -> None:
    assert ordinal(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 s"), (0.4, "1 s"), (40.2, "40 s"), (99, "99 s"), (100, "2 min"), (200, "3 min"), (3600, "60 min")],
)
def test_times_are_rounded_to_what_matters(seconds: float, text: str) -> None:
    assert WORDING.time(seconds) == text


@pytest.mark.parametrize(
    ("per", "window"),
    [(Per.HOUR, "this hour"), (Per.DAY, "today"), (Per.WEEK, "this week"), (Per.MONTH, "this month")],
)
def test_what_is_left_reads_as_others_rely_on(per: Per, window: str) -> None:
    assert WORDING.left(allowance(per=per)) == f"3 of your 10 left {window}"


def test_units_have_a_singular() -> None:
    words = [WORDING.unit(unit, count) for unit in Unit for count in (1, 2)]
    assert words == ["image", "images", "credit", "credits"]


def test_subjects_are_named() -> None:
    named = [WORDING.subject(Subject(kind=kind, id=7)) for kind in SubjectKind]
    assert named == ["everyone", "<@&7>", "<@7>"]


def test_tags_are_no_mentions() -> None:
    assert WORDING.tags(["model", "cloth"]) == "@model, @cloth"
    assert not re.search("@(everyone|here)", WORDING.tags(["everyone", "here", "Everyone"]), re.IGNORECASE)


def test_references_of_a_request() -> None:
    pair = (Reference(tag="model"), Reference(tag="cloth"))
    assert WORDING.references(record(references=pair)) == "with @model, @cloth"
    assert WORDING.references(record()) == ""


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        ([], ""),
        ([7], "seed 7"),
        ([7, 8, 9, 10], "seeds 7–10"),
        ([7, 9], "seeds 7, 9"),
        ([8, 7], "seeds 8, 7"),
        ([SEED_MAX, 0], f"seeds {SEED_MAX}–0"),
    ],
)
def test_seeds_are_told_as_a_range_where_they_are_one(seeds: list[int], words: str) -> None:
    assert WORDING.seeds(seeds) == words


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_leaves_a_code_block(text: str) -> None:
    block = code_block(text)
    assert block.startswith("```\n")
    assert block.endswith("\n```")
    assert "`" not in block[3:-3]


@given(ANY_TEXT)
def test_a_code_block_holds_any_text_at_full_length(text: str) -> None:
    inside = code_block(text)[4:-4]
    assert "`" not in inside
    assert len(inside) == len(text)
    assert inside.replace("ˋ", "`") == text.replace("ˋ", "`")


@pytest.mark.parametrize("text", ["cat.png", "my_cat (1).png", "1808:768", "5:4", "größe.jpg", "猫.webp", ""])
def test_plain_words_stand_in_a_sentence_as_they_are(text: str) -> None:
    assert inline(text) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_words_that_discord_would_act_on_stand_as_code(text: str) -> None:
    shown = inline(text)
    assert shown.startswith("`")
    assert shown.endswith("`")
    assert not {"`", "\n"} & set(shown[1:-1])


@given(ANY_TEXT)
def test_whatever_was_typed_is_short_and_on_one_line(text: str) -> None:
    shown = inline(text)
    assert len(shown) <= 102
    assert "\n" not in shown
    assert shown == text or shown[0] == shown[-1] == "`"


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("a cat", "a cat"),
        (" a\n cat\t in  Rome ", "a cat in Rome"),
        ("a" * 90, "a" * 90),
        ("a" * 91, "a" * 89 + "…"),
        ("😀" * 45, "😀" * 45),
        ("😀" * 46, "😀" * 44 + "…"),
        ("a" * 80 + " " + "b" * 30, "a" * 80 + " " + "b" * 8 + "…"),
    ],
)
def test_a_thread_is_named_after_its_prompt(prompt: str, title: str) -> None:
    assert thread_title(prompt) == title


@given(ANY_TEXT.filter(lambda text: bool(text.split())))
def test_a_threads_name_is_one_that_discord_takes(prompt: str) -> None:
    title = thread_title(prompt)
    assert 1 <= utf16_length(title) <= 100
    assert "\n" not in title


def test_a_refusal_says_that_nothing_was_charged() -> None:
    assert WORDING.refusal(InvalidRequest("refused.count", limit=4)) == (
        "Choose between 1 and 4 pictures. Nothing was charged."
    )


@pytest.mark.parametrize(("images", "what"), [(1, "1 image"), (2, "2 images")])
def test_a_used_up_quota_says_how_much_and_until_when(images: int, what: str) -> None:
    with pytest.raises(QuotaExceeded) as caught:
        allowance(left=0, per=Per.WEEK).sources(images=images, price=FREE)
    assert WORDING.refusal(caught.value) == (
        f"Your allowance does not reach: this takes {what}, and you have 0 of 10 left this week. "
        "It starts anew <t:86400:R>. Nothing was charged."
    )


def test_a_refusal_kept_with_a_job_reads_the_same() -> None:
    kept: dict[str, object] = {
        "left": 0,
        "amount": 10,
        "unit": "credits",
        "per": "day",
        "needed": 5,
        "resets_at": 86_400,
    }
    assert "this takes 5 credits, and you have 0 of 10 left today" in WORDING.sentence("refused.quota", kept)


@pytest.mark.parametrize("filename", HOSTILE)
def test_a_file_name_does_nothing_in_a_sentence(filename: str) -> None:
    text = WORDING.refusal(UnusableImage("image.empty", filename=filename))
    assert text == f"“{inline(filename)}” is empty. Please attach it again. Nothing was charged."


def test_a_plain_file_name_is_named_plainly() -> None:
    assert WORDING.sentence("image.gone", {"filename": "cat 1.png"}).startswith("“cat 1.png” cannot be fetched")


def ending(key: str = "provider.moderated", **changes: Any) -> str:
    ended = job(state=JobState.FAILED, **changes)
    return WORDING.ending(Ending(job=ended, key=key, values={}))


def test_an_ending_says_what_became_of_the_quota() -> None:
    assert ending().endswith("Change it before you try again. Your quota was returned; nothing was charged.")
    assert ending(charged=Money.dollars("0.05")).endswith(
        "The image service billed it all the same ($0.05), so it counts towards your quota."
    )


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("provider.of_a_later_version", "The image service could not make this picture."),
        ("refused.of_a_later_version", "That request cannot be used."),
        ("image.gone", "The image service could not make this picture."),
    ],
)
def test_a_sentence_that_cannot_be_said_becomes_a_general_one(key: str, sentence: str) -> None:
    assert WORDING.sentence(key, {}).startswith(sentence)
