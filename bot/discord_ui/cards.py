"""What cards and results say, as plain values: pure functions from the state of a request to its screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.discord_ui.makings import Making, of_jobs, of_pictures
from bot.discord_ui.wording import Wording, code_block, ordinal
from bot.domain.job import Action, RequestId, RequestRecord
from bot.domain.looks import TIPS
from bot.domain.references import unknown_tags
from bot.domain.shapes import Ratio, Resolution, Size
from bot.services.accepted import Accepted
from bot.services.ports import CardView, Detour, Picture, Result, Standing
from bot.texts import Texts

RATIO_BUTTONS = (Ratio.WIDE, Ratio.TALL, Ratio.SQUARE, Ratio.CLASSIC, Ratio.PORTRAIT)
"""The ratios that have a button below each result, in order (product.md, section 3.4)."""

ALT_LIMIT = 1024
"""Characters of alt text that Discord takes (attachment description and gallery item)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonSpec:
    """One button: what it does is in its id, so that it works for as long as the message stands."""

    custom_id: str
    label: str
    primary: bool = False
    danger: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPicture:
    """A picture shown on a card, with its file."""

    filename: str
    content: bytes
    alt: str
    spoiler: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFile:
    """A file to take away, such as a table."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A screen: pictures, then paragraphs, files and rows of buttons. `accent` is 0xRRGGBB.

    By its `number`, below 2³¹, a message is found again that has no button of its own.
    """

    paragraphs: tuple[str, ...]
    pictures: tuple[CardPicture, ...] = ()
    files: tuple[CardFile, ...] = ()
    rows: tuple[tuple[ButtonSpec, ...], ...] = ()
    accent: int | None = None
    number: int | None = None


QUEUED, WORKING, DONE, ENDED = 0x7A6FF0, 0x3F8EFC, 0x2FA36B, 0xB4543A


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """Makes the cards of requests."""

    texts: Texts
    wording: Wording

    def accepted(self, accepted: Accepted) -> Card:
        """The answer to a request: prompt, shape, references, price, place in line, and Cancel."""
        left = self.wording.left(accepted.allowance)
        return self._open(accepted.record, accepted.standing, left)

    def underway(self, view: CardView) -> Card:
        """The same card while it waits or is worked on."""
        left = self.wording.left(view.allowance) if view.allowance else ""
        notes: list[str] = []
        if view.cancelling:
            notes.append(self.texts.say("card.cancelling_note"))
        if view.late:
            notes.append(self.texts.say("card.late"))
        return self._open(view.record, view.standing, left, cancelling=view.cancelling, extra=notes)

    def _open(
        self,
        record: RequestRecord,
        standing: Standing,
        left: str,
        *,
        cancelling: bool = False,
        extra: list[str] | None = None,
    ) -> Card:
        working, makings = standing.position == 0, of_jobs(record.jobs)
        status = _joined(
            f"**{self._state(working, cancelling)}**",
            "" if not working else self._percent(standing),
            "" if working else self._place(standing.position),
            self.texts.say("card.about", time=self.wording.time(standing.wait)),
            left,
        )
        cancel = ButtonSpec(
            custom_id=f"v1:cancel:{record.id}", label=self.texts.say("button.cancel"), disabled=cancelling
        )
        return Card(
            paragraphs=(
                status,
                code_block(record.request.prompt),
                self._facts(record, makings),
                *_small([*self.notes(record, makings, tips=False), *(extra or [])]),
            ),
            rows=((cancel,),),
            accent=WORKING if working else QUEUED,
        )

    def result(self, result: Result) -> Card:
        """The pictures with all that is needed to make them again, and their buttons."""
        record, makings = result.record, of_pictures(result.pictures)
        notes = self.notes(record, makings)
        if any(picture.reencoded for picture in result.pictures):
            notes.append(self.texts.say("note.reencoded"))
        if result.endings:
            notes.append(self.texts.say("card.missing", count=len(result.endings)))
            notes.extend(dict.fromkeys(self.wording.ending(ending) for ending in result.endings))
        return Card(
            paragraphs=(
                *([self.wording.detour(result.detour)] if result.detour else []),
                code_block(record.request.prompt),
                _joined(
                    self._facts(record, makings, charged=True),
                    makings[0].provider if len(makings) == 1 else "",
                    self.wording.time(record.seconds or 0),
                    self.texts.say("card.by", user_id=record.requester.user_id),
                ),
                *_small(notes),
            ),
            pictures=tuple(self.picture(record, picture) for picture in result.pictures),
            rows=self.buttons(record),
            accent=DONE,
        )

    def closed(self, result: Result) -> Card:
        """The card once everything is over: where the result is, or why there is none."""
        record = result.record
        if not result.pictures:
            sentences = dict.fromkeys(self.wording.ending(ending) for ending in result.endings)
            return Card(
                paragraphs=(
                    _joined(f"**{self.texts.say('card.ended')}**", *sentences),
                    code_block(record.request.prompt),
                ),
                accent=ENDED,
            )
        if record.result_message_id is None and result.detour is not None:
            return self._kept(result, result.detour)
        where = self._where(record)
        title = self.texts.say("card.partly" if result.endings else "card.done")
        return Card(
            paragraphs=(
                _joined(f"**{title}**", self.wording.time(record.seconds or 0), str(record.total_charged), where),
                # In place the result with the prompt stands right below.
                *([code_block(record.request.prompt)] if where else []),
            ),
            accent=DONE,
        )

    def _where(self, record: RequestRecord) -> str:
        """Where the result stands, when that is not right below."""
        channel_id = record.result_channel_id or record.thread_id
        if channel_id in {None, record.place.channel_id}:
            return ""
        if channel_id in {record.thread_id, record.place.parent_id}:
            return self.texts.say("card.result_in", thread_id=channel_id)
        return self.texts.say("card.result_direct")

    def _kept(self, result: Result, detour: Detour) -> Card:
        """Pictures that could not be posted anywhere."""
        prompt = code_block(result.record.request.prompt)
        return Card(paragraphs=(self.wording.detour(detour, arrived=False), prompt), accent=ENDED)

    def without_prompt(self, card: Card, record: RequestRecord) -> Card:
        """The same card where the words of the prompt are not let through."""
        shown = (each for each in card.paragraphs if each != code_block(record.request.prompt))
        pictures = tuple(replace(picture, alt=self.texts.say("card.alt_plain")) for picture in card.pictures)
        note = f"-# {self.texts.say('card.prompt_hidden')}"
        return replace(card, paragraphs=(*shown, note), pictures=pictures)

    def deleted(self) -> Card:
        """The card once its result was deleted."""
        return Card(paragraphs=(self.texts.say("card.deleted"),), accent=ENDED)

    def buttons(self, record: RequestRecord) -> tuple[tuple[ButtonSpec, ...], ...]:
        """Row one: Reroll, Edit, 1080p, Reference and More. Row two: the ratios, the present one disabled."""
        shape = record.request.shape
        first = [_button("reroll", record.id, self.texts.say("button.reroll"), primary=True)]
        first.append(_button("edit", record.id, self.texts.say("button.edit")))
        if shape.resolution is not Resolution.P1080:
            first.append(_button("finer", record.id, self.texts.say("button.finer")))
        first.append(_button("reference", record.id, self.texts.say("button.reference")))
        first.append(_button("more", record.id, self.texts.say("button.more")))
        ratios = tuple(
            ButtonSpec(
                custom_id=f"v1:ratio:{record.id}:{ratio.value.replace(':', 'x')}",
                label=ratio.value,
                disabled=shape.size is None and ratio is shape.ratio,
            )
            for ratio in RATIO_BUTTONS
        )
        return tuple(first), ratios

    def picture(self, record: RequestRecord, picture: Picture) -> CardPicture:
        """A picture of a result with its file, covered as its requester wanted."""
        extension = {"image/jpeg": "jpg", "image/webp": "webp"}.get(picture.media_type, "png")
        return CardPicture(
            filename=f"atelier-{picture.job.id}-{picture.job.seed}.{extension}",
            content=picture.content,
            alt=self.texts.say("card.alt", prompt=record.request.prompt)[:ALT_LIMIT],
            spoiler=record.request.spoiler,
        )

    def _state(self, working: bool, cancelling: bool) -> str:
        if cancelling:
            return self.texts.say("card.cancelling")
        return self.texts.say("card.working" if working else "card.queued")

    def _percent(self, standing: Standing) -> str:
        if standing.progress is None:
            return ""
        return self.texts.say("card.percent", percent=round(100 * standing.progress))

    def _place(self, position: int) -> str:
        if position == 1:
            return self.texts.say("card.next")
        return self.texts.say("card.place", place=ordinal(position))

    def _facts(self, record: RequestRecord, makings: Sequence[Making], *, charged: bool = False) -> str:
        price = str(record.total_charged if charged else record.total_price)
        count = len(record.jobs)
        each = f" ({self.texts.say('card.price_each', price=record.price)})" if count > 1 and not charged else ""
        alike = makings[0] if len(makings) == 1 else None
        return _joined(
            f"{record.request.shape} ({_pixels(alike.size)})" if alike else str(record.request.shape),
            record.request.model.value,
            self.wording.seeds(alike.seeds) if alike else "",
            self.wording.references(record),
            f"{price}{each}",
        )

    def notes(self, record: RequestRecord, makings: Sequence[Making], *, tips: bool = True) -> list[str]:
        """What was changed. Tips come with the result, where people think of the next picture."""
        unknown = unknown_tags(record.request.prompt, record.request.references)
        places = self.wording.places(record)
        kept = [key for key in record.notes if tips or key not in TIPS]
        notes = [self.texts.say(key, size=_pixels(record.size), places=places) for key in kept]
        if record.action is Action.ENHANCED:
            notes.insert(0, self.texts.say("note.enhanced"))
        for making in makings:
            said = [self.texts.say(key, size=_pixels(making.size), places=places) for key in making.notes]
            notes += said if len(makings) == 1 else self._apart(making, said)
        if unknown:
            notes.append(self.texts.say("note.unknown_tags", count=len(unknown), names=self.wording.tags(unknown)))
        return notes

    def _apart(self, making: Making, notes: list[str]) -> list[str]:
        """How these pictures were made, where not all were made alike."""
        facts = _joined(making.provider, _pixels(making.size), self.wording.seeds(making.seeds))
        places = ", ".join(map(str, making.places))
        text = " · ".join([facts, *notes])
        return [self.texts.say("card.pictures", count=len(making.places), places=places, text=text)]


def _button(action: str, request_id: RequestId, label: str, *, primary: bool = False) -> ButtonSpec:
    return ButtonSpec(custom_id=f"v1:{action}:{request_id}", label=label, primary=primary)


def _pixels(size: Size) -> str:
    return f"{size.width}×{size.height}"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _small(notes: list[str]) -> tuple[str, ...]:
    return tuple(f"-# {note}" for note in notes)
