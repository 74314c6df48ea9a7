"""Custom ids: each belongs to one kind of button, and nothing but what was sent is taken."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_ui.buttons import (
    BUTTONS,
    CARD_ID,
    CONFIRM_ID,
    AnyButton,
    CardButton,
    ConfirmButton,
    DraftButton,
    button_for,
)
from bot.discord_ui.cards import RATIO_BUTTONS, ButtonSpec
from bot.domain.quota import Per, Unit

LARGEST = 2**63 - 1
SENT = [
    *[f"v1:{action}:{number}" for action in ("reroll", "finer", "cancel") for number in (1, LARGEST)],
    *[f"v1:ratio:{LARGEST}:{ratio.value.replace(':', 'x')}" for ratio in RATIO_BUTTONS],
]
CONFIRMS = [
    "v1:confirm:reset:e0",
    f"v1:confirm:grant:r{LARGEST}:1000000",
    *[f"v1:confirm:set:r{LARGEST}:1000000:{unit}:{per}:86400:100" for unit in Unit for per in Per],
]
DRAFTS = [f"v1:{choice}:{draft}" for choice in ("use", "mine") for draft in ("0" * 20, "0123456789abcdef0123")]
FORMS = ["v1:form:pictures", "v1:form:add_words", "v1:form:quota:e0", f"v1:form:quota:u{LARGEST}"]
KINDS: dict[str, type[AnyButton]] = dict(
    zip(("card", "confirm", "draft", "library", "form"), BUTTONS.values(), strict=True)
)
FORGED = [
    "",
    "v1",
    "v1:",
    "v1:reroll",
    "v1:reroll:",
    "v1:reroll:x",
    "v1:reroll:-1",
    "v1:reroll: 1",
    "v1:reroll:1 ",
    "v1:reroll:1\n",
    "\nv1:reroll:1",
    "v1:reroll:٣",
    "v1:reroll:１",
    "v1:reroll:1:",
    "v1:reroll:1:16:9",
    "v1:reroll:1:16×9",
    "v1:ratio:1:" + "9" * 21,
    "v1:REROLL:1",
    "v1:re roll:1",
    "v1::1",
    "v1:" + "a" * 17 + ":1",
    "v1:reroll:" + "1" * 20,
    "v:reroll:1",
    "v1000:reroll:1",
    "V1:reroll:1",
    "v٣:reroll:1",
    "1:reroll:1",
    "v1:reroll:1;v1:reroll:2",
    "v1:confirm",
    "v1:confirm:",
    "v1:confirm:1",
    "v1:confirm:set",
    "v1:confirm:set:",
    "v1:confirm:SET:e0",
    "v1:confirm:set:e0:10:images:day:0:2\n",
    "v1:confirm:set:e٣",
    "v1:confirm:set:" + "1" * 81,
    "v2:confirm:set:e0",
    "v1:use",
    "v1:use:",
    "v1:use:1",
    "v1:mine:" + "0" * 19,
    "v1:mine:" + "0" * 21,
    "v1:use:" + "A" * 20,
    "v1:use:" + "٣" * 20,
    "v1:USE:" + "0" * 20,
    "v2:use:" + "0" * 20,
    "v1:use:" + "0" * 20 + "\n",
    "v1:use:" + "0" * 20 + ":1",
    "v1:form",
    "v1:form:",
    "v1:form:quota:",
    "v1:form:quota:x0",
    "v1:form:quota:e",
    "v1:form:quota:e0:1",
    "v1:form:Quota",
    "v1:form:pictures\n",
    "v2:form:pictures",
]


def kinds(custom_id: str) -> list[str]:
    """Every template that discord.py would dispatch the id to (ViewStore.dispatch_dynamic_items)."""
    return [name for name, template in zip(KINDS, BUTTONS, strict=True) if re.fullmatch(template, custom_id)]


@pytest.mark.parametrize("custom_id", SENT)
def test_a_cards_button_is_a_cards_button_only(custom_id: str) -> None:
    assert kinds(custom_id) == ["card"]
    assert len(custom_id) <= 100


@pytest.mark.parametrize("custom_id", CONFIRMS)
def test_a_confirm_button_is_a_confirm_button_only(custom_id: str) -> None:
    assert kinds(custom_id) == ["confirm"]
    assert len(custom_id) <= 100


@pytest.mark.parametrize("custom_id", DRAFTS)
def test_a_drafts_button_is_a_drafts_button_only(custom_id: str) -> None:
    assert kinds(custom_id) == ["draft"]
    assert len(custom_id) <= 100


@pytest.mark.parametrize("custom_id", FORMS)
def test_a_button_that_opens_a_form_is_nothing_else(custom_id: str) -> None:
    assert kinds(custom_id) == ["form"]
    assert len(custom_id) <= 100


@pytest.mark.parametrize("custom_id", FORGED, ids=ascii)
def test_an_id_that_was_never_sent_belongs_to_no_button(custom_id: str) -> None:
    assert kinds(custom_id) == []


@given(st.one_of(*(st.from_regex(each, fullmatch=True) for each in BUTTONS), st.text()))
def test_no_id_belongs_to_two_kinds(custom_id: str) -> None:
    found = kinds(custom_id)
    assert len(found) <= 1
    if found:
        assert len(custom_id) <= 100
        assert custom_id.isascii()


@given(st.sampled_from([*SENT, *CONFIRMS, *DRAFTS, *FORMS]), st.data())
def test_another_letter_anywhere_never_turns_one_kind_into_the_other(custom_id: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(custom_id) - 1))
    changed = custom_id[:at] + data.draw(st.characters()) + custom_id[at + 1 :]
    was, now = kinds(custom_id), kinds(changed)
    assert now in ([], was) or (was == ["confirm"] and not changed.startswith("v1:confirm:"))


def test_an_id_says_what_was_pressed_and_where() -> None:
    match = re.fullmatch(CARD_ID, "v1:ratio:77:16x9")
    assert match is not None
    assert match.groupdict() == {"version": "v1", "action": "ratio", "request": "77", "argument": "16x9"}
    confirm = re.fullmatch(CONFIRM_ID, "v1:confirm:set:r7:10:images:day:0:2")
    assert confirm is not None
    assert confirm.groupdict() == {"what": "set", "rest": "r7:10:images:day:0:2"}


def test_ids_of_later_versions_reach_somebody_who_can_say_so() -> None:
    assert kinds("v2:reroll:1") == kinds("v1:favourite:1") == ["card"]


@pytest.mark.parametrize("custom_id", [*SENT, *CONFIRMS, *DRAFTS])
def test_every_id_makes_its_button(custom_id: str) -> None:
    made = button_for(ButtonSpec(custom_id=custom_id, label="Press"))
    assert isinstance(made, KINDS[kinds(custom_id)[0]])
    assert (made.item.custom_id, made.item.label) == (custom_id, "Press")


@pytest.mark.parametrize(
    ("spec", "style"),
    [
        ({}, discord.ButtonStyle.secondary),
        ({"primary": True}, discord.ButtonStyle.primary),
        ({"danger": True}, discord.ButtonStyle.danger),
    ],
)
def test_a_button_looks_like_what_it_does(spec: dict[str, bool], style: discord.ButtonStyle) -> None:
    made = button_for(ButtonSpec(custom_id="v1:reroll:1", label="Reroll", disabled=True, **spec))
    assert (made.item.style, made.item.disabled) == (style, True)


class Handler:
    """Notes what it was handed, in place of the presses."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def card(self, interaction: Any, match: re.Match[str]) -> None:
        self.heard.append(("card", match["action"]))

    async def confirm(self, interaction: Any, match: re.Match[str]) -> None:
        self.heard.append(("confirm", match["what"]))

    async def draft(self, interaction: Any, match: re.Match[str]) -> None:
        self.heard.append((match["choice"], match["draft"]))


def pressed(handler: Handler) -> discord.Interaction[Any]:
    return cast("discord.Interaction[Any]", SimpleNamespace(client=SimpleNamespace(presses=handler)))


@pytest.mark.parametrize(
    ("kind", "custom_id", "heard"),
    [
        (CardButton, "v1:reroll:77", ("card", "reroll")),
        (ConfirmButton, "v1:confirm:reset:e0", ("confirm", "reset")),
        (DraftButton, f"v1:mine:{'a' * 20}", ("mine", "a" * 20)),
    ],
)
async def test_a_press_after_a_restart_reaches_its_handler_by_the_id_alone(
    kind: type[CardButton | ConfirmButton | DraftButton], custom_id: str, heard: tuple[str, str]
) -> None:
    handler = Handler()
    match = kind.__discord_ui_compiled_template__.fullmatch(custom_id)
    assert match is not None
    made = await kind.from_custom_id(pressed(handler), ui.Button(custom_id=custom_id), match)
    await made.callback(pressed(handler))
    assert handler.heard == [heard]
