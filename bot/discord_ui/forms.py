"""Forms as Discord's modals. What is sent is read from the interaction alone, so it works after a restart."""
# pyright: basic
# discord.py's item generics are invariant in the view, which strict checking cannot satisfy for labels.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import ui

from bot.discord_ui.pictures import upload_of
from bot.domain.references import Upload

LABEL_LIMIT, NOTE_LIMIT, OPTION_LIMIT = 45, 100, 100
"""Characters of a label, of the note below it, and of an option's label (Discord reference, "Label")."""

MOST_OPTIONS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField:
    """A text to type; `limit` in characters."""

    id: str
    label: str
    note: str = ""
    value: str = ""
    placeholder: str = ""
    required: bool = False
    long: bool = False
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a list."""

    value: str
    label: str
    note: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField:
    """A list to choose from: between `least` and `most` of its options."""

    id: str
    label: str
    note: str = ""
    placeholder: str = ""
    options: Sequence[Option]
    least: int = 1
    most: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FileField:
    """Files to add, none or up to `most`."""

    id: str
    label: str
    note: str = ""
    most: int


FormField = TextField | ChoiceField | FileField


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form that was sent: what was typed and chosen, and the files that were added, by field."""

    custom_id: str
    texts: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[Upload]] = field(default_factory=dict)


async def show_form(
    interaction: discord.Interaction[Any], *, custom_id: str, title: str, fields: Sequence[FormField]
) -> None:
    """Answer an interaction with a form."""
    modal = ui.Modal(title=title[:LABEL_LIMIT], custom_id=custom_id)
    for each in fields:
        note = each.note[:NOTE_LIMIT] or None
        modal.add_item(ui.Label(text=each.label[:LABEL_LIMIT], description=note, component=_component(each)))
    # Else discord.py keeps every form that nobody sends for ever, and answers those that it knows itself.
    modal.stop()
    await interaction.response.send_modal(modal)


def _component(spec: FormField) -> ui.Item[Any]:
    match spec:
        case TextField():
            return ui.TextInput(
                custom_id=spec.id,
                style=discord.TextStyle.paragraph if spec.long else discord.TextStyle.short,
                default=spec.value or None,
                placeholder=spec.placeholder or None,
                required=spec.required,
                max_length=spec.limit,
            )
        case ChoiceField():
            return ui.Select(
                custom_id=spec.id,
                placeholder=spec.placeholder or None,
                min_values=spec.least,
                max_values=min(spec.most, len(spec.options)),
                required=spec.least > 0,
                options=[_option(option) for option in spec.options[:MOST_OPTIONS]],
            )
        case FileField():
            return ui.FileUpload(custom_id=spec.id, required=False, min_values=0, max_values=spec.most)


def _option(option: Option) -> discord.SelectOption:
    return discord.SelectOption(
        value=option.value,
        label=option.label[:OPTION_LIMIT],
        description=option.note[:OPTION_LIMIT] or None,
        default=option.chosen,
    )


def read_form(interaction: discord.Interaction[Any]) -> Filled:
    """What somebody filled in."""
    data: Any = interaction.data or {}
    attachments: dict[str, Any] = data.get("resolved", {}).get("attachments", {})
    texts: dict[str, str] = {}
    choices: dict[str, Sequence[str]] = {}
    files: dict[str, Sequence[Upload]] = {}
    for row in data.get("components", []):
        given = row.get("component") or {}
        name, kind = given.get("custom_id", ""), given.get("type")
        if kind == discord.ComponentType.text_input.value:
            texts[name] = given.get("value") or ""
        elif kind == discord.ComponentType.file_upload.value:
            found = [attachments[each] for each in given.get("values", []) if each in attachments]
            files[name] = [upload_of(discord.Attachment(data=each, state=interaction._state)) for each in found]
        else:
            choices[name] = [str(each) for each in given.get("values") or []]
    return Filled(custom_id=str(data.get("custom_id", "")), texts=texts, choices=choices, files=files)
