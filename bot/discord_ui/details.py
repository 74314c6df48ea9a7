"""What is known about pictures, as cards: a request of ours with all that made it, or what Discord tells of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord_ui.cards import DONE, Card, Cards
from bot.discord_ui.makings import Making, of_jobs
from bot.discord_ui.wording import Wording, code_block, inline
from bot.domain.job import JobId, Output, RequestId, RequestRecord
from bot.domain.references import Reference, Upload
from bot.texts import Texts

OURS = re.compile(r"v1:(?:reroll|cancel):([0-9]{1,18})")
"""The buttons that every result and every open card has."""

ROWS = 10


def request_in(message: discord.Message) -> RequestId | None:
    """The request that a message of ours is about, by its buttons."""
    for custom_id in _custom_ids(message.components):
        match = OURS.fullmatch(custom_id)
        if match is not None:
            return RequestId(int(match[1]))
    return None


def _custom_ids(components: Sequence[Any]) -> Iterator[str]:
    for component in components:
        custom_id = getattr(component, "custom_id", None)
        if isinstance(custom_id, str):
            yield custom_id
        yield from _custom_ids(getattr(component, "children", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailCards:
    """The screens of *Image details*."""

    texts: Texts
    wording: Wording
    cards: Cards

    def of_request(self, record: RequestRecord, votes: Mapping[JobId, int]) -> Card:
        """Everything that made the pictures of one of our requests, and the votes for each."""
        say = self.texts.say
        request, makings = record.request, of_jobs(record.jobs)
        lines = [
            say("details.asked", user_id=record.requester.user_id, at=record.created_at),
            say("details.shape", shape=str(request.shape), model=request.model.value),
            *(self._making(making) for making in makings),
            say("details.price", price=record.total_charged if record.ended else record.total_price),
            *([say("details.time", time=self.wording.time(record.seconds))] if record.seconds is not None else []),
            *(self._reference(reference) for reference in request.references),
        ]
        seeds = {job.id: job.seed for job in record.jobs}
        outputs = [self._output(output, seeds, votes.get(output.job_id, 0)) for output in record.outputs]
        notes = [f"-# {note}" for note in self.cards.notes(record, makings)]
        paragraphs = (f"### {say('details.title')}", code_block(request.prompt), "\n".join(lines), *outputs, *notes)
        return Card(paragraphs=paragraphs, accent=DONE)

    def of_pictures(self, pictures: Sequence[Upload]) -> Card:
        """What Discord tells about pictures that are not ours."""
        lines = [f"**{inline(each.filename)}** · {self.wording.file_facts(each)}" for each in pictures[:ROWS]]
        more = len(pictures) - ROWS
        left_out = [self.texts.say("details.more", count=more)] if more > 0 else []
        return Card(paragraphs=(f"### {self.texts.say('details.title')}", "\n".join([*lines, *left_out])))

    def _making(self, making: Making) -> str:
        return self.texts.say(
            "details.made",
            provider=making.provider,
            width=making.size.width,
            height=making.size.height,
            seed=self.wording.seeds(making.seeds) or self.texts.say("details.no_seed"),
        )

    def _reference(self, reference: Reference) -> str:
        size = "" if reference.width is None else f"{reference.width}×{reference.height}"
        return self.texts.say(
            "details.reference",
            tag=self.wording.tags([reference.tag]),
            facts=" · ".join(part for part in (inline(reference.filename), size) if part),
        )

    def _output(self, output: Output, seeds: dict[JobId, int], votes: int) -> str:
        line = self.texts.say(
            "details.output",
            width=output.width,
            height=output.height,
            kind=self.wording.kind(output.media_type),
            size=self.wording.file_size(output.size_bytes),
            seed=seeds[output.job_id],
        )
        return f"{line} · {self.texts.say('opinion.votes', count=votes)}" if votes else line
