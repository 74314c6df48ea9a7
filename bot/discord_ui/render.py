"""Cards as Discord messages: components v2, and plain content with files where Discord refuses those."""
# pyright: basic
# discord.py's item generics are invariant in the view, which strict checking cannot satisfy for mixed rows.

from __future__ import annotations

import io
from typing import Any

import discord
from discord import ui

from bot.discord_ui.buttons import button_for
from bot.discord_ui.cards import ButtonSpec, Card, CardPicture


def layout(card: Card) -> ui.LayoutView:
    """A fresh view with only dynamic items in it; it never times out and is never reused.

    discord.py forgets a DynamicItem class for the whole bot when a view that mixes it with ordinary items ends
    (ViewStore.remove_view, 2.7.1).
    """
    view = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=card.accent, id=card.number)
    if card.pictures:
        container.add_item(_gallery(card.pictures))
    for paragraph in card.paragraphs:
        container.add_item(ui.TextDisplay(paragraph))
    for file in card.files:
        container.add_item(ui.File(f"attachment://{file.filename}"))
    for row in card.rows:
        container.add_item(_row(row))
    view.add_item(container)
    return view


def _row(buttons: tuple[ButtonSpec, ...]) -> ui.ActionRow[Any]:
    row: ui.ActionRow[Any] = ui.ActionRow()
    for spec in buttons:
        row.add_item(button_for(spec))
    return row


def _gallery(pictures: tuple[CardPicture, ...]) -> ui.MediaGallery[ui.LayoutView]:
    return ui.MediaGallery(
        *(
            discord.MediaGalleryItem(
                f"attachment://{picture.filename}", description=picture.alt, spoiler=picture.spoiler
            )
            for picture in pictures
        )
    )


def plain_view(card: Card) -> ui.View:
    """The buttons of a card for a message without components v2."""
    view = ui.View(timeout=None)
    for number, row in enumerate(card.rows):
        for spec in row:
            view.add_item(button_for(spec, row=number))
    return view


def plain_content(card: Card) -> str:
    """The words of a card, cut to what `content` takes (2000 characters)."""
    return "\n".join(card.paragraphs)[:2000]


def files(card: Card, *, plain: bool = False) -> list[discord.File]:
    """The pictures and files of a card as new file objects: each try to send needs its own.

    In a gallery the item covers a spoiler; without one the file itself must.
    """
    pictures = [
        discord.File(
            io.BytesIO(picture.content),
            filename=picture.filename,
            description=picture.alt,
            spoiler=plain and picture.spoiler,
        )
        for picture in card.pictures
    ]
    return [*pictures, *(discord.File(io.BytesIO(file.content), filename=file.filename) for file in card.files)]
