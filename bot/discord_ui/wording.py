"""Turning values into the words and Discord mark-up that texts are filled with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain.errors import AtelierError
from bot.domain.job import RequestRecord
from bot.domain.money import FREE
from bot.domain.privacy import is_pseudonym
from bot.domain.quota import Allowance, Subject, SubjectKind, Unit
from bot.domain.references import Upload
from bot.domain.request import next_seed
from bot.domain.text import utf16_length
from bot.services.ports import Detour, Ending
from bot.texts import Texts

_ORDINALS = {1: "st", 2: "nd", 3: "rd"}

_TITLE_UNITS = 90
"""UTF-16 units of a thread's name, of which Discord takes 100 characters, however it may count emoji."""

_FROM_PEOPLE = frozenset({"filename", "value", "size", "provider"})
"""Values of sentences that repeat what somebody typed or sent."""

_HARMLESS = re.compile(r"[\w .,:×+()'&!-]{0,100}")


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, … 11th, … 21st."""
    suffix = "th" if number % 100 in {11, 12, 13} else _ORDINALS.get(number % 10, "th")
    return f"{number}{suffix}"


def code_block(text: str) -> str:
    """The text as a code block that nothing in it can end; mentions and links inside stay plain text."""
    return f"```\n{text.replace('`', 'ˋ')}\n```"


def inline(text: str) -> str:
    """What somebody typed, for the middle of a sentence: as code when Discord would make more of it than text."""
    if _HARMLESS.fullmatch(text):
        return text
    line = " ".join(text.replace("`", "ˋ").split())
    return f"`{line if len(line) <= 100 else f'{line[:99]}…'}`"


def shortened(text: str, units: int) -> str:
    """The text, cut to so many UTF-16 units."""
    if utf16_length(text) <= units:
        return text
    while utf16_length(text) >= units:
        text = text[: len(text) - max(1, (utf16_length(text) - units) // 2)]
    return f"{text.rstrip()}…"


def thread_title(prompt: str) -> str:
    """A thread's name from a prompt: one line, cut where it is too long."""
    return shortened(" ".join(prompt.split()), _TITLE_UNITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Sentences and phrases that several screens share."""

    texts: Texts

    def link(self, *, guild_id: int, channel_id: int, message_id: int) -> str:
        """A link to a message of a server."""
        return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"

    def time(self, seconds: float) -> str:
        """`40 s`, `2 min`."""
        if seconds < 100:
            return self.texts.say("time.seconds", seconds=max(1, round(seconds)))
        return self.texts.say("time.minutes", minutes=round(seconds / 60))

    def left(self, allowance: Allowance) -> str:
        """`3 of your 10 left today`."""
        return self.texts.say(
            "card.left",
            left=allowance.left,
            amount=allowance.rule.amount,
            window=self.texts.say(f"window.{allowance.rule.per}"),
        )

    def unit(self, unit: Unit, count: int) -> str:
        """`image` or `images`, `credit` or `credits`."""
        return self.texts.say(f"unit.{unit}", count=count)

    def tags(self, names: Iterable[str]) -> str:
        """`@model, @cloth`; people's and roles' mentions carry ids, and the two that do not are broken up."""
        mentions = {"everyone", "here"}
        return ", ".join(f"@\u200b{name}" if name.casefold() in mentions else f"@{name}" for name in names)

    def references(self, record: RequestRecord) -> str:
        """`with @model, @cloth`, or nothing."""
        names = [reference.tag for reference in record.request.references]
        return self.texts.say("card.references", count=len(names), names=self.tags(names)) if names else ""

    def places(self, record: RequestRecord) -> str:
        """`@model is the 1st, @cloth is the 2nd`: which reference an `@tag` becomes where no tags are known."""
        names = [self.tags([reference.tag]) for reference in record.request.references]
        said = [self.texts.say("note.by_place", tag=tag, place=ordinal(place)) for place, tag in enumerate(names, 1)]
        return ", ".join(said)

    def seeds(self, seeds: Sequence[int]) -> str:
        """`seed 7`, `seeds 7–10` for neighbours, `seeds 7, 9` for others; nothing when there is none."""
        if not seeds:
            return ""
        if len(seeds) == 1:
            return self.texts.say("card.seed", seed=seeds[0])
        if any(later != next_seed(seed) for seed, later in pairwise(seeds)):
            return self.texts.say("card.seeds_apart", seeds=", ".join(map(str, seeds)))
        return self.texts.say("card.seeds", first=seeds[0], last=seeds[-1])

    def kind(self, media_type: str | None) -> str:
        """`PNG`, `JPEG`; nothing where the type is not known."""
        return (media_type or "").split(";")[0].rpartition("/")[2].upper()

    def file_size(self, size: int) -> str:
        """`1.2 MB`, `340 KB`."""
        if size >= 1_000_000:
            return self.texts.say("file.mb", size=size / 1_000_000)
        return self.texts.say("file.kb", size=max(1, round(size / 1000)))

    def file_facts(self, upload: Upload) -> str:
        """`1280×720 · PNG · 1.2 MB`, as far as Discord tells."""
        pixels = f"{upload.width}×{upload.height}" if upload.width and upload.height else ""
        size = self.file_size(upload.size) if upload.size is not None else ""
        return " · ".join(part for part in (pixels, self.kind(upload.media_type), size) if part)

    def subject(self, subject: Subject) -> str:
        """A person's or role's mention (shown, not pinged), or everyone."""
        match subject.kind:
            case SubjectKind.USER:
                return self.texts.say("person.forgotten") if is_pseudonym(subject.id) else f"<@{subject.id}>"
            case SubjectKind.ROLE:
                return f"<@&{subject.id}>"
            case SubjectKind.EVERYONE:
                return self.texts.say("quota.everyone")

    def subject_named(self, text: str) -> str:
        """The subject of an audit entry, such as `user:5`, `word:zombie` or `guild:10`; other text as it is."""
        kind, _, number = text.partition(":")
        if kind == "word":
            return inline(number)
        if kind == "channel" and number.isdecimal():
            return f"<#{number}>"
        if kind == "request":
            return self.texts.say("change.request", number=number)
        if kind == "guild":
            return self.texts.say("change.server")
        if kind in set(SubjectKind) and number.removeprefix("-").isdecimal():
            return self.subject(Subject(kind=SubjectKind(kind), id=int(number)))
        return inline(text)

    def ending(self, ending: Ending) -> str:
        """How a job ended without a picture: what happened, what to do, and what became of the quota."""
        sentence = self.sentence(ending.key, ending.values)
        if ending.job.charged > FREE:
            charge = self.texts.say("charge.kept", price=ending.job.charged)
        else:
            charge = self.texts.say("charge.returned")
        return f"{sentence} {charge}"

    def detour(self, detour: Detour, *, arrived: bool = True) -> str:
        """Why a result is not where it belongs, or is nowhere to be seen."""
        names = [self.texts.say(f"permission.{name}") for name in str(detour.values.get("missing", "")).split()]
        where, missing = f"<#{detour.channel_id}>", ", ".join(f"*{name}*" for name in names)
        reason = self.texts.say(detour.key, where=where, names=missing, count=len(names))
        return f"{reason} {self.texts.say('place.here' if arrived else 'place.kept')}"

    def refusal(self, error: AtelierError) -> str:
        """A refusal that nothing was charged for."""
        return f"{self.sentence(error.key, error.values)} {self.texts.say('refused.nothing_charged')}"

    def sentence(self, key: str, values: dict[str, object]) -> str:
        """A sentence by key; a key unknown to the catalogue gives a general one rather than nothing."""
        filled = {name: inline(str(value)) if name in _FROM_PEOPLE else value for name, value in values.items()}
        if "per" in filled:
            filled.setdefault("window", self.texts.say(f"window.{filled['per']}"))
        if "unit" in filled:
            filled["unit"] = self.unit(Unit(str(filled["unit"])), 1 if filled.get("needed") == 1 else 2)
        try:
            return self.texts.say(key, **filled)
        except KeyError:
            return self.texts.say("refused.request" if key.startswith("refused.") else "provider.failed")
