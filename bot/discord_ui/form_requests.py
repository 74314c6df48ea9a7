"""Forms that people send: of pictures that they pointed at, of a result that they edit, or keep."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.forms import MOST_OPTIONS, ChoiceField, FileField, Filled, Option, TextField, read_form, show_form
from bot.discord_ui.library_form import KEEP_ID, LibraryForm
from bot.discord_ui.manage_forms import SET_ID, ManageForms
from bot.discord_ui.reports import REPORT_ID, ReportForm
from bot.discord_ui.wording import code_block
from bot.domain.editing import Edits, edited, shape_word
from bot.domain.errors import InvalidRequest, NotFound, Refused
from bot.domain.handed import chosen, with_tags
from bot.domain.job import RequestId, RequestRecord
from bot.domain.options import Fallback, Options, image_request
from bot.domain.references import MAX_REFERENCES, Upload, check_upload
from bot.domain.request import ImageRequest
from bot.domain.shapes import Ratio, Resolution, Shape
from bot.domain.text import PROMPT_LIMIT
from bot.services.forms import Forms
from bot.services.submissions import Submissions

log = logging.getLogger(__name__)

MAKE_ID = re.compile(r"v1:make:([0-9a-f]{20})")
EDIT_ID = re.compile(r"v1:edit:([0-9]{1,18})")
TAGS_LIMIT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRequests:
    """Shows the forms and carries out what comes back."""

    desk: Desk
    forms: Forms
    submissions: Submissions
    library_form: LibraryForm
    report_form: ReportForm
    manage_forms: ManageForms

    async def ask(self, interaction: discord.Interaction[Any], pictures: Sequence[Upload], *, title: str) -> None:
        """Show the form for pictures that somebody pointed at.

        Raises:
            AtelierError: the bot may not post there, or a picture's type or size rules it out.
        """
        await self.desk.caller(interaction)
        pictures = pictures[:MOST_OPTIONS]
        if len(pictures) == 1:
            check_upload(pictures[0])
        form = await self.forms.open(pictures, requester_of(interaction))
        fields = [self._prompt(), self._ratio(), *self._which(pictures), self._tags()]
        await show_form(interaction, custom_id=f"v1:make:{form.id}", title=title, fields=fields)

    async def edit(self, interaction: discord.Interaction[Any], request_id: RequestId) -> None:
        """Show the form for a result, filled in with its request.

        Raises:
            AtelierError: the person or the bot may not.
        """
        parent = await self.submissions.pressed(request_id, await self.desk.caller(interaction))
        fields = [self._prompt(parent.request.prompt), self._shape(parent.request.shape), self._seed(parent)]
        await show_form(
            interaction,
            custom_id=f"v1:edit:{request_id}",
            title=self.desk.texts.say("form.edit"),
            fields=[*fields, self._files(parent)],
        )

    async def sent(self, interaction: discord.Interaction[Any]) -> None:
        """A form came back; whatever goes wrong becomes a sentence, and what was typed is given back with it."""
        filled = read_form(interaction)
        try:
            await self._sent(interaction, filled)
        except Refused as error:
            typed = filled.texts.get("prompt", "").strip()
            yours = (self.desk.texts.say("form.typed"), code_block(typed[: 2 * PROMPT_LIMIT])) if typed else ()
            card = Card(paragraphs=(self.desk.explain(error), *yours))
            await self.desk.guarded(interaction, self.desk.show(interaction, card))
        except Exception as error:  # noqa: BLE001 - the edge: the person gets a sentence, the log the rest
            await self.desk.failed(interaction, error)

    async def _sent(self, interaction: discord.Interaction[Any], filled: Filled) -> None:
        if match := MAKE_ID.fullmatch(filled.custom_id):
            await self._make(interaction, match[1], filled)
        elif match := EDIT_ID.fullmatch(filled.custom_id):
            await self._edit(interaction, RequestId(int(match[1])), filled)
        elif match := KEEP_ID.fullmatch(filled.custom_id):
            await self.library_form.sent(interaction, RequestId(int(match[1])), filled)
        elif match := REPORT_ID.fullmatch(filled.custom_id):
            await self.report_form.sent(interaction, match, filled)
        elif match := SET_ID.fullmatch(filled.custom_id):
            await self.manage_forms.sent(interaction, match, filled)
        else:
            raise NotFound("refused.form_gone")

    async def _make(self, interaction: discord.Interaction[Any], form_id: str, filled: Filled) -> None:
        form = await self.forms.find(form_id, requester_of(interaction))
        pictures = form.pictures
        if len(pictures) > 1:
            pictures = chosen(pictures, filled.choices.get("pictures", ()))
        fallback = await self.submissions.fallback(requester_of(interaction).guild_id)
        request = _request(filled, pictures, fallback=fallback)
        await self.desk.ask(interaction, lambda caller: self.forms.submit(form, request, caller))

    async def _edit(self, interaction: discord.Interaction[Any], request_id: RequestId, filled: Filled) -> None:
        edits = Edits(
            prompt=filled.texts.get("prompt", ""),
            shape=next(iter(filled.choices.get("shape", ())), ""),
            seed=filled.texts.get("seed", ""),
            uploads=filled.files.get("references", ()),
        )
        drawn = self.submissions.draw_seed()

        def change(parent: ImageRequest) -> ImageRequest:
            return edited(parent, edits, drawn_seed=drawn)

        await self.desk.ask(interaction, lambda caller: self.submissions.edit(request_id, change, caller))

    def _prompt(self, value: str = "") -> TextField:
        say = self.desk.texts.say
        return TextField(
            id="prompt",
            label=say("form.prompt"),
            note=say("form.prompt_note"),
            value=value,
            required=True,
            long=True,
            limit=PROMPT_LIMIT,
        )

    def _ratio(self) -> ChoiceField:
        say = self.desk.texts.say
        options = [Option(value=ratio.value, label=say(f"ratio.{ratio}")) for ratio in Ratio]
        return ChoiceField(
            id="ratio", label=say("form.ratio"), placeholder=say("form.ratio_none"), options=options, least=0
        )

    def _which(self, pictures: Sequence[Upload]) -> tuple[ChoiceField, ...]:
        if len(pictures) < 2:
            return ()
        options = [
            Option(
                value=str(place),
                label=f"{place + 1} · {picture.filename}",
                note=self.desk.wording.file_facts(picture),
                chosen=place < MAX_REFERENCES,
            )
            for place, picture in enumerate(pictures)
        ]
        say = self.desk.texts.say
        note = say("form.pictures_note", limit=MAX_REFERENCES) if len(pictures) > MAX_REFERENCES else ""
        return (
            ChoiceField(id="pictures", label=say("form.pictures"), note=note, options=options, most=MAX_REFERENCES),
        )

    def _tags(self) -> TextField:
        say = self.desk.texts.say
        return TextField(
            id="tags",
            label=say("form.tags"),
            note=say("form.tags_note"),
            placeholder=say("form.tags_none"),
            limit=TAGS_LIMIT,
        )

    def _shape(self, present: Shape) -> ChoiceField:
        shapes = [Shape(ratio=ratio, resolution=resolution) for resolution in Resolution for ratio in Ratio]
        if present.size is not None:
            shapes.insert(0, present)
        options = [Option(value=shape_word(each), label=str(each), chosen=each == present) for each in shapes]
        return ChoiceField(id="shape", label=self.desk.texts.say("form.shape"), options=options)

    def _seed(self, parent: RequestRecord) -> TextField:
        say = self.desk.texts.say
        return TextField(
            id="seed",
            label=say("form.seed"),
            note=say("form.seed_note"),
            # A seed that the service never got means nothing for the next picture.
            value=str(parent.request.seed) if parent.seed_sent else "",
            limit=10,
        )

    def _files(self, parent: RequestRecord) -> FileField:
        say = self.desk.texts.say
        tags = [reference.tag for reference in parent.request.references]
        note = say("form.files_keep", names=self.desk.wording.tags(tags)) if tags else say("form.files_none")
        return FileField(id="references", label=say("form.files"), note=note, most=MAX_REFERENCES)


def _request(filled: Filled, pictures: Sequence[Upload], *, fallback: Fallback) -> ImageRequest:
    ratio = next(iter(filled.choices.get("ratio", ())), None)
    if ratio is not None and ratio not in set(Ratio):
        raise InvalidRequest("refused.form_gone")
    options = Options(ratio=Ratio(ratio) if ratio else None)
    request = image_request(filled.texts.get("prompt", ""), pictures, options, fallback=fallback)
    return replace(request, references=with_tags(request.references, filled.texts.get("tags", "")))
