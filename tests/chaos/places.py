"""Where a result belongs, where it may stand instead, and what Discord refused on the way there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.job import Delivery, PlaceKind, RequestRecord
from bot.playground.exchanges import Exchange
from bot.playground.server import LocalDiscord
from tests.chaos.faults import REFUSALS
from tests.support.bench import Json
from tests.support.doomed import PEOPLE
from tests.support.studio import POST, THREAD

NONCE = "atelier-"
SCRIPTED = {(script["status"], script["code"]) for script in REFUSALS.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Everybody's direct messages by user, the channels of threads, and what the script had Discord refuse for good.

    `threads` are the cards below which no thread could be opened, `posts` pairs of request and channel, and `forbidden`
    channels in which a post met a 403: the bot tries none of them again for ten minutes, for whomever it is.
    """

    direct: Mapping[int, int]
    parents: Mapping[int, int]
    threads: frozenset[int]
    posts: frozenset[tuple[int, int]]
    forbidden: frozenset[int]

    @classmethod
    def seen(cls, discord: LocalDiscord) -> Places:
        """As Discord's own record tells."""
        people = [discord.person(name).id for name in PEOPLE]
        refused = [call for call in discord.calls() if _for_good(call)]
        posts = [(_request_of(call), _channel_of(call)) for call in refused if call.template == POST]
        return cls(
            direct={int(person): int(discord.world.dm_with(person).id) for person in people},
            parents={int(each.id): int(each.parent_id or 0) for each in discord.world.threads()},
            threads=frozenset(int(call.path.split("/")[4]) for call in refused if call.template == THREAD),
            posts=frozenset(posts),
            forbidden=frozenset(_channel_of(each) for each in refused if each.template == POST and each.status == 403),
        )

    def way(self, record: RequestRecord) -> list[int]:
        """The channels for a result: where it belongs, the channel around it, the requester's direct messages."""
        place, direct = record.place, self.direct[record.requester.user_id]
        if not place.in_place:
            return [record.card_message_id or 0, place.channel_id, direct]
        around = self.parents.get(place.channel_id) if place.kind is PlaceKind.THREAD else None
        return [each for each in (place.channel_id, around, direct) if each is not None]

    def finding(self, record: RequestRecord, posts: Iterable[Json]) -> str | None:
        """What is wrong with where a result stands or that it is kept: nothing that a refusal on the way explains."""
        way = self.way(record)
        refused = [self._refused(record, channel) for channel in way]
        stands = [int(each["channel_id"]) for each in posts]
        if record.delivery is Delivery.UNDELIVERABLE:
            if stands:
                return f"request {record.id} counts as undeliverable, but stands in {stands}"
            return None if all(refused) else f"LOST: request {record.id} was not delivered; {way} refused it: {refused}"
        for channel in stands:
            if channel not in way or not all(refused[: way.index(channel)]):
                return f"request {record.id} was posted in {channel}; {way} refused it: {refused}"
        return None

    def _refused(self, record: RequestRecord, channel: int) -> bool:
        thread = channel == record.card_message_id and channel in self.threads
        return thread or channel in self.forbidden or (int(record.id), channel) in self.posts


def _for_good(call: Exchange) -> bool:
    answer = call.response if isinstance(call.response, dict) else {}
    return (call.status, answer.get("code")) in SCRIPTED and "scripted fault" in answer.get("message", "")


def _request_of(call: Exchange) -> int:
    """The request whose result a post was; 0 for other messages."""
    words = str(call.request.get("nonce", "")).removeprefix(NONCE)
    return int(words) if words.isdecimal() else 0


def _channel_of(call: Exchange) -> int:
    return int(call.path.split("/")[2])
