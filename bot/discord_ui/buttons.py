"""Buttons that work for as long as their message stands: all they need is in their custom id."""
# pyright: basic
# DynamicItem and its from_custom_id are generic over views in a way that strict checking cannot follow.

from __future__ import annotations

import re
from typing import Any, Protocol

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
"""The templates exclude each other: discord.py dispatches every one that matches."""


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


class HasPresses(Protocol):
    """The client that buttons find their handler at (discord.py builds them from a custom id alone)."""

    presses: Presses


def _plain_button(spec: ButtonSpec) -> ui.Button[Any]:
    style = discord.ButtonStyle.primary if spec.primary else discord.ButtonStyle.secondary
    if spec.danger:
        style = discord.ButtonStyle.danger
    return ui.Button(custom_id=spec.custom_id, label=spec.label, style=style, disabled=spec.disabled)


class CardButton(ui.DynamicItem[ui.Button], template=CARD_ID):
    """Reroll, 1080p, a ratio, Cancel, and what More offers."""

    def __init__(self, spec: ButtonSpec, *, row: int | None = None) -> None:
        super().__init__(_plain_button(spec), row=row)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> CardButton:
        return cls(ButtonSpec(custom_id=match.string, label=getattr(item, "label", None) or "·"))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        match = self.template.fullmatch(self.custom_id)
        assert match is not None
        await interaction.client.presses.card(interaction, match)


class ConfirmButton(ui.DynamicItem[ui.Button], template=CONFIRM_ID):
    """Confirm, below a question that touches many people."""

    def __init__(self, spec: ButtonSpec) -> None:
        super().__init__(_plain_button(spec))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> ConfirmButton:
        return cls(ButtonSpec(custom_id=match.string, label=getattr(item, "label", None) or "·"))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        match = self.template.fullmatch(self.custom_id)
        assert match is not None
        await interaction.client.presses.confirm(interaction, match)


class DraftButton(ui.DynamicItem[ui.Button], template=DRAFT_ID):
    """Use it or Use mine, below two prompts."""

    def __init__(self, spec: ButtonSpec) -> None:
        super().__init__(_plain_button(spec))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> DraftButton:
        return cls(ButtonSpec(custom_id=match.string, label=getattr(item, "label", None) or "·"))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        match = self.template.fullmatch(self.custom_id)
        assert match is not None
        await interaction.client.presses.draft(interaction, match)


class LibraryButton(ui.DynamicItem[ui.Button], template=LIBRARY_ID):
    """Previous or Next, below a page of saved references."""

    def __init__(self, spec: ButtonSpec) -> None:
        super().__init__(_plain_button(spec))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> LibraryButton:
        return cls(ButtonSpec(custom_id=match.string, label=getattr(item, "label", None) or "·"))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        match = self.template.fullmatch(self.custom_id)
        assert match is not None
        await interaction.client.presses.library(interaction, match)


AnyButton = CardButton | ConfirmButton | DraftButton | LibraryButton


def button_for(spec: ButtonSpec, *, row: int | None = None) -> AnyButton:
    """The dynamic item for a button, by its id."""
    if re.fullmatch(CONFIRM_ID, spec.custom_id):
        return ConfirmButton(spec)
    if re.fullmatch(DRAFT_ID, spec.custom_id):
        return DraftButton(spec)
    if re.fullmatch(LIBRARY_ID, spec.custom_id):
        return LibraryButton(spec)
    return CardButton(spec, row=row)
