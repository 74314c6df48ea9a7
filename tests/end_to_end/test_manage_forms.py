"""The forms below what moderators read of their server: filled in with what is in force, checked when they return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.playground.actors import Interaction
from tests.support.bench import Bench, Json, buttons
from tests.support.references import demote
from tests.support.studio import audit, only_seen_by_them, press, quota_left, refused

PICTURES = {"ratio": "1:1", "resolution": "720p", "model": "gen4_image", "spoilers": "always", "moderation": "low"}


async def manage(bench: Bench, what: str, by: str = "Sam", **options: Any) -> Interaction:
    """A `/manage` command that shows a card."""
    return await bench.person(by).slash("studio", f"manage {what}", options)


async def form(bench: Bench, shown: Interaction, label: str, by: str = "Sam") -> Interaction:
    """The form behind a button of a card."""
    return await press(bench, bench.card(shown), label, by=by)


def present(opened: Interaction) -> dict[str, Any]:
    """What a form is filled in with, by field; of lists what is chosen."""
    assert opened.modal is not None
    parts: list[Json] = [each["component"] for each in opened.modal["components"]]
    return {
        part["custom_id"]: part.get("value", "")
        if "options" not in part
        else next((option["value"] for option in part["options"] if option.get("default")), None)
        for part in parts
    }


def filled(opened: Interaction, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The form as it was shown, but for the changes; lists want lists."""
    assert opened.modal is not None
    lists = {each["component"]["custom_id"] for each in opened.modal["components"] if "options" in each["component"]}
    values = {**present(opened), **changes}
    return {name: [value] if name in lists and isinstance(value, str) else value for name, value in values.items()}


async def send(bench: Bench, opened: Interaction, by: str = "Sam", **changes: Any) -> Interaction:
    """Send a form with some fields changed."""
    return await bench.person(by).submit(opened, filled(opened, changes))


async def test_the_defaults_of_pictures_are_chosen_from_lists(bench: Bench) -> None:
    shown = await manage(bench, "defaults")
    assert list(buttons(bench.card(shown))) == ["Pictures", "Habits"]
    opened = await form(bench, shown, "Pictures")
    assert present(opened) == PICTURES | {"ratio": "16:9", "spoilers": "as_asked", "moderation": "operator"}
    await send(bench, opened, **PICTURES)
    says = only_seen_by_them(bench, shown)
    assert "### Changed" in says
    assert "Pictures: **1:1** at **720p**" in says
    assert "**always** covered" in says
    assert "less strict (**low**)" in says
    assert "1:1 720p" in bench.says(await bench.imagine("a cat"))
    again = await form(bench, shown, "Pictures")
    assert present(again) == PICTURES
    await send(bench, again, moderation="operator")
    assert "as the operator set it" in only_seen_by_them(bench, shown)
    assert [(entry.action, entry.after and entry.after["moderation"]) for entry in await audit(bench)] == [
        ("guild.defaults", None),
        ("guild.defaults", "low"),
    ]


async def test_the_habits_hold_from_then_on_also_when_the_form_was_open_during_a_restart(bench: Bench) -> None:
    shown = await manage(bench, "defaults")
    opened = await form(bench, shown, "Habits")
    assert await bench.stop() == 0
    await bench.start()
    await send(bench, opened, threads="channel", returns="yes", timezone="kathmandu")
    says = only_seen_by_them(bench, shown)
    assert "into the **channel** itself" in says
    assert "costs the person **nothing**" in says
    assert "Time zone: **Asia/Kathmandu**" in says
    wrong = await send(bench, await form(bench, shown, "Habits"), timezone="Atlantis")
    assert "Atlantis" in only_seen_by_them(bench, wrong)
    assert len(await audit(bench)) == 1


async def test_words_come_and_go_several_at_once_all_of_them_or_none(bench: Bench) -> None:
    shown = await manage(bench, "words list")
    assert list(buttons(bench.card(shown))) == ["Add words"]
    bad = await send(bench, await form(bench, shown, "Add words"), words="zombie\n!")
    assert "rule" in only_seen_by_them(bench, bad)
    assert await audit(bench) == []
    await send(bench, await form(bench, shown, "Add words"), words="zombie\n\n  gore \nblood moon\nzombie\n")
    assert "blood moon, gore, zombie" in only_seen_by_them(bench, shown)
    await refused(bench, await bench.imagine("a z0mbie"), "rules")
    opened = await form(bench, shown, "Remove words")
    await send(bench, opened, words=["zombie", "gore"])
    assert "1 blocked word" in only_seen_by_them(bench, shown)
    assert "blood moon" in only_seen_by_them(bench, shown)
    gone = await send(bench, opened, words=["blood moon", "gore"])
    assert "not on the list" in only_seen_by_them(bench, gone)
    assert "Queued" in bench.says(await bench.imagine("a zombie"))
    changes = [(entry.action, entry.subject) for entry in await audit(bench)]
    assert sorted(changes) == [
        ("word.add", "word:blood moon"),
        ("word.add", "word:gore"),
        ("word.add", "word:zombie"),
        ("word.remove", "word:gore"),
        ("word.remove", "word:zombie"),
    ]


async def test_a_persons_quota_is_changed_at_once_and_everyones_after_confirm(bench: Bench) -> None:
    shown = await manage(bench, "quota show", user="Mia")
    opened = await form(bench, shown, "Change")
    assert present(opened) == {"amount": "10", "unit": "images", "per": "day", "at_once": "2", "cooldown": "0"}
    await send(bench, opened, amount="3", per="week", at_once="1")
    assert "is now 3 images a week, 1 at once" in only_seen_by_them(bench, shown)
    assert await quota_left(bench, "Noor") == (10, 10)
    everyone = await form(bench, await manage(bench, "quota show"), "Change")
    question = await send(bench, everyone, amount="4")
    assert list(buttons(bench.card(question))) == ["Confirm"]
    assert await quota_left(bench, "Noor") == (10, 10)
    await press(bench, bench.card(question), "Confirm", by="Sam")
    assert await quota_left(bench, "Noor") == (4, 4)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount", "many", "0 or more"),
        ("amount", "-1", "0 or more"),
        ("at_once", "0", "between 1 and 100"),
        ("cooldown", "1.5", "between 0 and 86400"),
    ],
)
async def test_a_quota_that_makes_no_sense_is_refused(bench: Bench, field: str, value: str, words: str) -> None:
    opened = await form(bench, await manage(bench, "quota show", user="Mia"), "Change")
    sent = await send(bench, opened, **{field: value})
    assert words in only_seen_by_them(bench, sent)
    assert await audit(bench) == []


async def test_budgets_are_set_and_taken_away_in_one_form(bench: Bench) -> None:
    shown = await manage(bench, "budget show")
    opened = await form(bench, shown, "Change")
    assert present(opened) == {"day": "", "month": ""}
    for typed in ("1,000", "a lot", "-5", "2000000"):
        wrong = await send(bench, opened, day=typed)
        assert "from 0 to 1000000" in only_seen_by_them(bench, wrong)
    await send(bench, opened, day="$2.50", month="40")
    says = only_seen_by_them(bench, shown)
    assert "of $2.50" in says
    assert "of $40.00" in says
    opened = await form(bench, shown, "Change")
    assert present(opened) == {"day": "2.50", "month": "40.00"}
    await send(bench, opened, day="")
    assert "$2.50" not in only_seen_by_them(bench, shown)
    assert [(entry.before, entry.after) for entry in await audit(bench)] == [
        ({"day": "$2.50", "month": "$40.00"}, {"month": "$40.00"}),
        ({}, {"day": "$2.50", "month": "$40.00"}),
    ]


@pytest.mark.parametrize(
    ("card", "label", "changes"),
    [
        ("defaults", "Pictures", {"ratio": "1:1"}),
        ("words list", "Add words", {"words": "zombie"}),
        ("quota show", "Change", {"amount": "99"}),
        ("budget show", "Change", {"day": "99"}),
    ],
)
async def test_who_is_no_moderator_any_more_opens_and_sends_nothing(
    bench: Bench, card: str, label: str, changes: dict[str, str]
) -> None:
    shown = await manage(bench, card)
    opened = await form(bench, shown, label)
    demote(bench, "Sam")
    await refused(bench, await send(bench, opened, **changes), "Manage Server")
    await refused(bench, await form(bench, shown, label), "Manage Server")
    assert await audit(bench) == []
