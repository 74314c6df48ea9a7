"""Cards as Discord messages: what discord.py makes of them is what Discord takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import ui

from bot.discord_ui.buttons import BUTTONS, CardButton, ConfirmButton
from bot.discord_ui.cards import RATIO_BUTTONS, ButtonSpec, Card, CardFile, CardPicture
from bot.discord_ui.client import AtelierClient
from bot.discord_ui.render import files, layout, plain_content, plain_view

LARGEST = 2**63 - 1
ROWS = (
    (
        ButtonSpec(custom_id=f"v1:reroll:{LARGEST}", label="Reroll", primary=True),
        ButtonSpec(custom_id=f"v1:finer:{LARGEST}", label="1080p"),
    ),
    tuple(
        ButtonSpec(custom_id=f"v1:ratio:{LARGEST}:{ratio.value.replace(':', 'x')}", label=ratio.value)
        for ratio in RATIO_BUTTONS
    ),
)
PICTURES = tuple(
    CardPicture(filename=f"atelier-{n}-7.png", content=b"%d" % n, alt="x" * 1024, spoiler=True) for n in range(1, 5)
)
RESULT = Card(
    paragraphs=("```\n" + "x" * 1000 + "\n```", *("-# " + "y" * 200 for _ in range(5))),
    pictures=PICTURES,
    rows=ROWS,
    accent=0x2FA36B,
)
QUESTION = Card(
    paragraphs=("Sure?",), rows=((ButtonSpec(custom_id="v1:confirm:reset:e0", label="Confirm", primary=True),),)
)
TABLE = Card(paragraphs=("As a table:",), files=(CardFile(filename="audit.csv", content=b"a,b"),))
PLAIN = Card(paragraphs=("That is all.",))
CARDS = pytest.mark.parametrize("card", [RESULT, QUESTION, TABLE, PLAIN], ids=["result", "question", "table", "plain"])

CONTAINER, ROW, BUTTON, TEXT, GALLERY = 17, 1, 2, 10, 12
"""Component types (docs/components/reference)."""


def walk(components: list[Any]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from walk(component.get("components", []))


@CARDS
def test_a_view_never_ends(card: Card) -> None:
    assert layout(card).timeout is None
    assert plain_view(card).timeout is None


@CARDS
def test_all_that_can_be_pressed_is_found_by_its_id(card: Card) -> None:
    """One ordinary item in a view that ends makes discord.py forget the dynamic ones for good (2.7.1)."""
    pressable = [
        item for item in layout(card).walk_children() if isinstance(item, ui.Button | ui.Select | ui.DynamicItem)
    ]
    assert len(pressable) == sum(len(row) for row in card.rows)
    assert all(isinstance(item, CardButton | ConfirmButton) for item in pressable)
    assert all(isinstance(item, CardButton | ConfirmButton) for item in plain_view(card).children)


@CARDS
def test_a_message_is_one_that_discord_takes(card: Card) -> None:
    sent = layout(card).to_components()
    parts = list(walk(sent))
    assert [part["type"] for part in sent] == [CONTAINER]
    assert len(parts) <= 40, "components in all, nested ones included"
    assert sum(len(part["content"]) for part in parts if part["type"] == TEXT) <= 4000
    ids = [part["custom_id"] for part in parts if part["type"] == BUTTON]
    assert len(set(ids)) == len(ids)
    assert all(1 <= len(custom_id) <= 100 for custom_id in ids)
    assert all(len(part["components"]) <= 5 for part in parts if part["type"] == ROW)


def test_pictures_come_first_then_the_words_then_the_buttons() -> None:
    inside = layout(RESULT).to_components()[0]["components"]  # pyright: ignore[reportGeneralTypeIssues, reportTypedDictNotRequiredAccess]  # a container
    assert [part["type"] for part in inside] == [GALLERY, *[TEXT] * 6, ROW, ROW]
    assert [part["content"] for part in inside[1:7]] == list(RESULT.paragraphs)


def test_the_accent_is_the_cards() -> None:
    assert layout(RESULT).to_components()[0]["accent_color"] == 0x2FA36B  # pyright: ignore[reportGeneralTypeIssues, reportTypedDictNotRequiredAccess]  # a container


def test_every_picture_of_the_gallery_is_a_file_of_the_message() -> None:
    gallery = next(part for part in walk(layout(RESULT).to_components()) if part["type"] == GALLERY)
    sent = files(RESULT)
    assert [item["media"]["url"] for item in gallery["items"]] == [f"attachment://{file.filename}" for file in sent]
    assert all(item["spoiler"] is True for item in gallery["items"])
    assert [item["description"] for item in gallery["items"]] == [file.description for file in sent]
    assert all(0 < len(file.description or "") <= 1024 for file in sent)
    assert [file.fp.read() for file in sent] == [picture.content for picture in PICTURES]


def test_in_a_gallery_the_item_covers_a_spoiler_and_without_one_the_file() -> None:
    assert [file.filename for file in files(RESULT)] == [picture.filename for picture in PICTURES]
    assert [file.filename for file in files(RESULT, plain=True)] == [f"SPOILER_{each.filename}" for each in PICTURES]


def test_every_try_to_send_gets_fresh_files_and_views() -> None:
    assert layout(RESULT) is not layout(RESULT)
    first, second = files(RESULT), files(RESULT)
    assert first[0].fp is not second[0].fp
    first[0].close()
    assert second[0].fp.read() == PICTURES[0].content


def test_disabled_and_styled_buttons_stay_so() -> None:
    card = Card(paragraphs=("x",), rows=((ButtonSpec(custom_id="v1:cancel:1", label="Cancel", disabled=True),),))
    button = next(part for part in walk(layout(card).to_components()) if part["type"] == BUTTON)
    assert (button["label"], button["disabled"], button["style"]) == (
        "Cancel",
        True,
        discord.ButtonStyle.secondary.value,
    )


def test_a_message_without_components_has_the_same_words_and_buttons() -> None:
    assert plain_content(QUESTION) == "Sure?"
    rows = plain_view(RESULT).to_components()
    assert [[button["custom_id"] for button in row["components"]] for row in rows] == [  # pyright: ignore[reportGeneralTypeIssues, reportTypedDictNotRequiredAccess]  # rows of buttons
        [spec.custom_id for spec in row] for row in ROWS
    ]


def test_words_are_cut_to_what_a_plain_message_takes_with_the_prompt_whole() -> None:
    content = plain_content(RESULT)
    assert len(content) == 2000
    assert content.startswith(RESULT.paragraphs[0])


def test_a_file_is_shown_by_the_name_that_it_is_sent_under() -> None:
    (file,) = files(TABLE)
    shown = [node["file"]["url"] for node in walk(layout(TABLE).to_components()) if node["type"] == 13]
    assert shown == [f"attachment://{file.filename}"]
    assert file.fp.read() == b"a,b"


async def test_no_message_that_ends_or_is_edited_makes_discord_py_forget_a_button() -> None:
    """The guard over discord.py's own registry: ViewStore.add_view and remove_view (2.7.1)."""
    client = AtelierClient()
    client.add_dynamic_items(*BUTTONS.values())
    store = client._connection._view_store
    known = dict(store._dynamic_items)
    assert set(known.values()) == set(BUTTONS.values())
    for number in range(60):
        for card in (RESULT, QUESTION, TABLE, PLAIN):
            for view in (layout(card), plain_view(card)):
                store.add_view(view, number % 7)
                view.stop()
                store.remove_view(view)
                assert dict(store._dynamic_items) == known
