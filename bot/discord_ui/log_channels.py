"""Servers' log channels on Discord: what each kind of entry looks like, and posting it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from bot.discord_ui.calls import called
from bot.discord_ui.cards import DONE, ENDED, QUEUED, ButtonSpec, Card
from bot.discord_ui.client import AtelierClient
from bot.discord_ui.codes import AUTOMOD, code_of
from bot.discord_ui.posting import find_own
from bot.discord_ui.render import layout
from bot.discord_ui.wording import Wording, code_block, inline, shortened
from bot.domain.audit import AuditEntry, Change
from bot.domain.errors import DeliveryFailed
from bot.domain.report import Verdict, is_open
from bot.domain.server_log import LogEntry, LogKind
from bot.texts import Texts

DEEDS = frozenset(
    {
        Change.BLOCK,
        Change.UNBLOCK,
        Change.CHANNEL_ALLOW,
        Change.CHANNEL_DENY,
        Change.WORD_ADD,
        Change.WORD_REMOVE,
        Change.RESULT_DELETE,
        Change.REPORT_DISMISS,
    }
)
"""Changes that are told as what was done; of the others it is told what they changed."""

SAID = frozenset({"listed", "allowed", "denied"})
"""Values that repeat what the line about a deed says."""

PROMPTS_ROOM = 3700
LINE_ROOM = 240
"""Characters for all prompts of a message, of the 4000 that it may have, less those of the line above each."""

FIRST_NUMBER = 1_000
NUMBERS = 2**31 - FIRST_NUMBER
"""Discord numbers components from 1 that have no number of their own, and takes 32 bits with a sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCards:
    """The screens of the log channel, one for each kind of entry."""

    texts: Texts
    wording: Wording

    def entries(self, entries: Sequence[LogEntry], *, quiet: bool = False) -> Card:
        """What the log channel shows of entries that are told together; `quiet` without the words of prompts."""
        first = entries[0]
        if first.kind is LogKind.RESULT:
            card = self.results([entry.values for entry in entries], quiet=quiet)
        else:
            card = self._entry(first)
        return replace(card, number=FIRST_NUMBER + first.id % NUMBERS)

    def results(self, results: Sequence[Mapping[str, Any]], *, quiet: bool = False) -> Card:
        """Results with as much of each prompt as there is room for."""
        room = PROMPTS_ROOM // len(results) - LINE_ROOM
        paragraphs: list[str] = []
        for values in results:
            paragraphs.append(self._result(values))
            if values["prompt"] is not None and not quiet:
                paragraphs.append(code_block(shortened(values["prompt"], room)))
        return Card(paragraphs=tuple(paragraphs), accent=DONE)

    def _result(self, values: Mapping[str, Any]) -> str:
        say, placed = self.texts.say, values["message"] is not None
        facts = {
            "user_id": values["user"],
            "pictures": say("usage.pictures", count=values["pictures"]),
            "price": values["price"],
            "providers": ", ".join(values["providers"]),
        }
        if not placed:
            return say("log.result_direct", **facts)
        return say("log.result", channel_id=values["channel"], link=self.wording.link(**_place(values)), **facts)

    def _entry(self, entry: LogEntry) -> Card:
        values: dict[str, Any] = dict(entry.values)
        match entry.kind:
            case LogKind.CHANGE:
                return self._change(values)
            case LogKind.REPORT:
                return self.report(values)
            case LogKind.BUDGET:
                window = self.texts.say(f"window.{values['per']}")
                over = values["percent"] >= 100
                sentence = self.texts.say("log.budget_over" if over else "log.budget", **values | {"window": window})
                return Card(paragraphs=(sentence,), accent=QUEUED)
            case LogKind.GALLERY_CLOSED:
                sentence = self.texts.say("log.gallery_closed", channel_id=values["channel"])
                return Card(paragraphs=(sentence,), accent=ENDED)
            case LogKind.RESULT | LogKind.GALLERY | LogKind.GALLERY_GONE:
                raise ValueError(f"{entry.kind} has no card of its own in the log channel")

    def report(self, values: Mapping[str, Any]) -> Card:
        """A report with its verdicts so far; those that can still be given are its buttons."""
        say, deeds = self.texts.say, dict(values["deeds"])
        link = self.wording.link(**_place(values))
        title = say("report.title", by=values["by"], requester=values["requester"], link=link)
        done = self.verdicts(values)
        row = tuple(
            ButtonSpec(
                custom_id=f"v1:judge:{values['report']}:{verdict}",
                label=say(f"report.button.{verdict}"),
                danger=verdict is not Verdict.DISMISS,
                disabled=not is_open(verdict, list(deeds)),
            )
            for verdict in Verdict
        )
        return Card(
            paragraphs=(title, code_block(values["reason"]), *done), rows=(row,), accent=QUEUED if deeds else ENDED
        )

    def verdicts(self, values: Mapping[str, Any]) -> list[str]:
        """What was decided on a report, and by whom, a sentence each."""
        given = dict(values["deeds"])
        return [self.texts.say(f"report.did.{verdict}", user_id=user_id) for verdict, user_id in given.items()]

    def _change(self, values: Mapping[str, Any]) -> Card:
        title = self._title(str(values["action"]), int(values["actor_id"]), str(values["subject"]))
        lines = list(self._differences(values["before"] or {}, values["after"] or {}))
        return Card(paragraphs=(title, *(["\n".join(lines)] if lines else [])))

    def change(self, entry: AuditEntry) -> str:
        """An entry of the audit trail in a line, with what was different before."""
        title = self._title(entry.action, entry.actor_id, entry.subject)
        different = ", ".join(self._differences(entry.before or {}, entry.after or {}))
        return f"{title} · {different[:200]}" if different else title

    def _title(self, action: str, actor_id: int, subject: str) -> str:
        actor, named = f"<@{actor_id}>", self.wording.subject_named(subject)
        if action in DEEDS:
            return self.texts.say("change.did", actor=actor, what=self.texts.say(f"did.{action}"), subject=named)
        return self.texts.say(
            "change.title" if subject.startswith("guild:") else "change.of",
            actor=actor,
            what=self.texts.say(f"changed.{action}"),
            subject=named,
        )

    def _differences(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
        for name in dict.fromkeys([*before, *after]):
            old, new = before.get(name), after.get(name)
            if old != new and name not in SAID:
                shown = [self._value(value, channel=name.endswith("channel")) for value in (old, new)]
                yield self.texts.say("change.was", name=name, before=shown[0], after=shown[1])

    def _value(self, value: Any, *, channel: bool) -> str:
        if value in (None, "", []):
            return self.texts.say("change.nothing")
        if channel:
            return f"<#{value}>"
        return inline(", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value))


def _place(values: Mapping[str, Any]) -> dict[str, int]:
    return {f"{name}_id": values[name] for name in ("guild", "channel", "message")}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogChannels:
    """The port of the services on a logged-in discord.py client."""

    client: AtelierClient
    cards: LogCards

    async def post_entries(self, channel_id: int, entries: Sequence[LogEntry]) -> None:
        """Sent with a nonce: Discord gives the first message back for a few minutes. Later it is looked for."""
        card = self.cards.entries(entries)
        if entries[0].attempts > 1 and await find_own(self.client, channel_id, f'"id":{card.number},') is not None:
            return
        try:
            await self._send(channel_id, card, entries[0])
        except DeliveryFailed as error:
            if code_of(error) not in AUTOMOD:
                raise
            await self._send(channel_id, self.cards.entries(entries, quiet=True), entries[0])

    async def _send(self, channel_id: int, card: Card, first: LogEntry) -> None:
        channel = self.client.get_partial_messageable(channel_id)
        await called(self.client, channel.send(view=layout(card), nonce=f"atelier-log-{first.id}"))

    async def say(self, channel_id: int, card: Card) -> None:
        """Post a card of no entry.

        Raises:
            DeliveryFailed: Discord does not take it there, or cannot be reached now.
        """
        await called(self.client, self.client.get_partial_messageable(channel_id).send(view=layout(card)))
