"""Buttons that work for as long as their message stands: all they need is in their custom id."""
# pyright: basic
# DynamicItem and its from_custom_id are generic over views in a way that strict checking cannot follow.

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, Self

import discord
from discord import ui

from bot.discord_ui.cards import ButtonSpec

CARD_ID = (
    r"(?P<version>v[0-9]{1,3}):(?P<action>(?!(?:confirm|use|mine):)[a-z_]{1,16}):(?P<request>[0-9]{1,19})"
    r"(?::(?P<argument>[0-9A-Za-z]{1,20}))?"
)
CONFIRM_ID = r"v1:confirm:(?P<what>[a-z]{1,8}):(?P<rest>[0-9a-z:]{1,80})"
DRAFT_ID = r"v1:(?P<choice>use|mine):(?P<draft>[0-9a-f]{20})"
LIBRARY_ID = r"v1:library:(?P<scope>all|me|server):(?P<page>[0-9]{1,4})"
FORM_ID = r"v1:form:(?P<form>[a-z_]{1,16})(?::(?P<rest>[eru][0-9]{1,19}))?"
"""The templates exclude each other: discord.py dispatches every one that matches."""


Press = Callable[[discord.Interaction[Any], re.Match[str]], Awaitable[None]]


class Presses(Protocol):
    """Who carries out what a button says; never raises."""

    async def card(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """A button of a card or result."""
        ...

    async def confirm(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """A Confirm button."""
        ...

    async def draft(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """Use it or Use mine."""
        ...

    async def library(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """Previous or Next."""
        ...

    async def form(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """A button that opens a form."""
        ...


class HasPresses(Protocol):
    """The client that buttons find their handler at (discord.py builds them from a custom id alone)."""

    presses: Presses


def _plain_button(spec: ButtonSpec) -> ui.Button[Any]:
    style = discord.ButtonStyle.primary if spec.primary else discord.ButtonStyle.secondary
    if spec.danger:
        style = discord.ButtonStyle.danger
    return ui.Button(custom_id=spec.custom_id, label=spec.label, style=style, disabled=spec.disabled)


class _Pressed:
    """What all kinds of buttons share: built from their custom id alone, handed to the client's `presses`."""

    template: re.Pattern[str]
    custom_id: str

    def __init__(self, spec: ButtonSpec, *, row: int | None = None) -> None:
        super().__init__(_plain_button(spec), row=row)  # type: ignore[call-arg]

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(ButtonSpec(custom_id=match.string, label=getattr(item, "label", None) or "·"))

    def press_of(self, presses: Presses) -> Press:
        """Who carries it out."""
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        match = self.template.fullmatch(self.custom_id)
        assert match is not None
        await self.press_of(interaction.client.presses)(interaction, match)


class CardButton(_Pressed, ui.DynamicItem[ui.Button], template=CARD_ID):
    """Reroll, 1080p, a ratio, Cancel, and what More offers."""

    def press_of(self, presses: Presses) -> Press:
        return presses.card


class ConfirmButton(_Pressed, ui.DynamicItem[ui.Button], template=CONFIRM_ID):
    """Confirm, below a question that touches many people."""

    def press_of(self, presses: Presses) -> Press:
        return presses.confirm


class DraftButton(_Pressed, ui.DynamicItem[ui.Button], template=DRAFT_ID):
    """Use it or Use mine, below two prompts."""

    def press_of(self, presses: Presses) -> Press:
        return presses.draft


class LibraryButton(_Pressed, ui.DynamicItem[ui.Button], template=LIBRARY_ID):
    """Previous or Next, below a page of saved references."""

    def press_of(self, presses: Presses) -> Press:
        return presses.library


class FormButton(_Pressed, ui.DynamicItem[ui.Button], template=FORM_ID):
    """Opens a form below what moderators read of their server."""

    def press_of(self, presses: Presses) -> Press:
        return presses.form


AnyButton = CardButton | ConfirmButton | DraftButton | LibraryButton | FormButton

BUTTONS: Mapping[str, type[AnyButton]] = {
    CARD_ID: CardButton,
    CONFIRM_ID: ConfirmButton,
    DRAFT_ID: DraftButton,
    LIBRARY_ID: LibraryButton,
    FORM_ID: FormButton,
}
"""Every kind of button, by the ids that it takes."""


def button_for(spec: ButtonSpec, *, row: int | None = None) -> AnyButton:
    """The dynamic item for a button, by its id."""
    kind = next((kind for ids, kind in BUTTONS.items() if re.fullmatch(ids, spec.custom_id)), CardButton)
    return kind(spec, row=row)
