"""Interactions: their records, the 3 seconds to answer and the 15 minutes a token lives."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from .changes import Change, Changes, ChangeType
from .errors import known
from .loose import Json
from .messages import Message, Origin
from .payloads import member_json, user_json
from .permissions import ALL, DIRECT_MESSAGE, Permission, in_channel
from .rendering import Renderer
from .sessions import Sessions
from .world import Channel, ChannelType, World

# Discord reference, "Receiving and Responding": 3 seconds to answer, tokens valid for 15 minutes.
ANSWER_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60.0


class InteractionType(IntEnum):
    """Kinds of interaction."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class Answer(StrEnum):
    """How the application answered an interaction."""

    MESSAGE = "message"
    MODAL = "modal"
    DEFERRED = "deferred"
    UPDATE = "update"
    CHOICES = "choices"
    NONE = "none"


FAILURES = {
    InteractionType.COMMAND: "The application did not respond",
    InteractionType.COMPONENT: "This interaction failed",
    InteractionType.AUTOCOMPLETE: "Loading options failed",
    InteractionType.MODAL_SUBMIT: "Something went wrong. Try again.",
}


@dataclass(slots=True, kw_only=True)
class Interaction:
    """One interaction and what became of it."""

    id: str
    token: str
    type: InteractionType
    user_id: str
    channel_id: str
    created_at: float
    name: str | None = None  # the whole name of the command, for commands
    source_message_id: str | None = None  # the message whose component was used
    metadata: Json = field(default_factory=dict[str, object])
    parent: Interaction | None = None  # what opened the modal
    response: Answer | None = None
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list[Json])
    message_id: str | None = None  # the response message, once there is one
    answered_at: float | None = None
    latency_ms: float | None = None
    error: str | None = None
    option_type: int = 3  # of the option being completed
    started: float = field(default_factory=time.perf_counter)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def original_id(self) -> str | None:
        """The message @original stands for: the response, or the message whose component was used."""
        if self.message_id is not None:
            return self.message_id
        return self.source_message_id if self.response in (Answer.UPDATE, Answer.DEFERRED) else None

    def origin(self) -> Origin:
        """What messages made by this interaction say about it."""
        name = self.name if self.type is InteractionType.COMMAND else None
        return Origin(
            interaction_id=self.id, type=int(self.type), user_id=self.user_id, name=name, metadata=self.metadata
        )


class InteractionBook:
    """All interactions: sends them to the application and watches the clock."""

    def __init__(
        self, *, world: World, sessions: Sessions, changes: Changes, renderer: Renderer, clock: Callable[[], float]
    ) -> None:
        self._world = world
        self._sessions = sessions
        self._changes = changes
        self._renderer = renderer
        self._clock = clock
        self._by_id: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._last_use: dict[tuple[str, str], Interaction] = {}
        self.failed: list[Interaction] = []

    def find(self, interaction_id: str) -> Interaction | None:
        """An interaction by id."""
        return self._by_id.get(interaction_id)

    def last_use(self, user_id: str, message_id: str) -> Interaction | None:
        """The last thing a person did with a message's components."""
        return self._last_use.get((user_id, message_id))

    def all(self) -> list[Interaction]:
        """All interactions, oldest first."""
        return list(self._by_id.values())

    def begin(
        self,
        type: InteractionType,
        *,
        user_id: str,
        channel: Channel,
        data: Json,
        name: str | None = None,
        message: Message | None = None,
        parent: Interaction | None = None,
        facts: Json | None = None,
    ) -> Interaction:
        """Make an interaction and send it to the application."""
        interaction = Interaction(
            id=self._world.snowflakes.next(),
            token=secrets.token_urlsafe(96),
            type=type,
            user_id=user_id,
            channel_id=channel.id,
            created_at=self._clock(),
            name=name,
            source_message_id=message.id if message is not None else None,
            parent=parent,
        )
        interaction.metadata = self._metadata(interaction, channel, facts or {})
        self._by_id[interaction.id] = self._by_token[interaction.token] = interaction
        if message is not None:
            self._last_use[user_id, message.id] = interaction
        in_guild = channel.type is not ChannelType.DM
        self._sessions.dispatch(
            "INTERACTION_CREATE", self._payload(interaction, channel, data, message), in_guild=in_guild
        )
        if self._sessions.reachable:
            loop = asyncio.get_running_loop()
            self._timers[interaction.id] = loop.call_later(ANSWER_SECONDS, self._expire, interaction)
        else:
            self._expire(interaction)
        return interaction

    def _metadata(self, interaction: Interaction, channel: Channel, facts: Json) -> Json:
        """What messages say about the interaction they come from, but for the user."""
        owners = {"0": self._world.guild.id if channel.type is not ChannelType.DM else "0"}
        made: Json = {"id": interaction.id, "type": int(interaction.type), "authorizing_integration_owners": owners}
        if interaction.parent is not None:
            user = user_json(self._world.users[interaction.parent.user_id])
            made["triggering_interaction_metadata"] = {**interaction.parent.metadata, "user": user}
        return made | facts

    def answerable(self, interaction_id: str, token: str) -> Interaction:
        """The interaction a callback is for; 10062 when it is unknown or too late, 40060 when it is answered."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or not secrets.compare_digest(interaction.token, token):
            raise known(10062)
        if interaction.answered_at is not None:
            raise known(40060)
        if self._is_late(interaction):
            self._expire(interaction)
        if interaction.error is not None:
            raise known(10062)
        return interaction

    def answered(self, interaction: Interaction, response: Answer) -> None:
        """Note that the application answered in time."""
        interaction.response = response
        interaction.answered_at = self._clock()
        interaction.latency_ms = (time.perf_counter() - interaction.started) * 1000
        self._finish(interaction)

    def with_token(self, token: str) -> Interaction:
        """The interaction a webhook token belongs to; 50027 when it is unknown or too old, 10015 before the answer."""
        interaction = self._by_token.get(token)
        if interaction is None or self._clock() - interaction.created_at > TOKEN_SECONDS:
            raise known(50027)
        if interaction.answered_at is None:
            raise known(10015)
        return interaction

    def expire_due(self) -> None:
        """Let every interaction fail whose 3 seconds are over by the clock; for clocks moved by hand."""
        for interaction in self._by_id.values():
            if interaction.answered_at is None and self._is_late(interaction):
                self._expire(interaction)

    def close(self) -> None:
        """Stop all timers."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _is_late(self, interaction: Interaction) -> bool:
        return self._clock() - interaction.created_at > ANSWER_SECONDS

    def _expire(self, interaction: Interaction) -> None:
        if interaction.answered_at is None and interaction.error is None:
            interaction.error = FAILURES[interaction.type]
            self.failed.append(interaction)
            self._finish(interaction)

    def _finish(self, interaction: Interaction) -> None:
        timer = self._timers.pop(interaction.id, None)
        if timer is not None:
            timer.cancel()
        interaction.done.set()
        self._changes.announce(
            Change(
                type=ChangeType.INTERACTION,
                channel_id=interaction.channel_id,
                message_id=interaction.source_message_id,
                visible_to=interaction.user_id,
            )
        )

    def _payload(self, interaction: Interaction, channel: Channel, data: Json, message: Message | None) -> Json:
        world = self._world
        body: Json = {
            "id": interaction.id,
            "application_id": world.application.id,
            "type": int(interaction.type),
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel_id": channel.id,
            "channel": self._renderer.channel(channel, for_user=interaction.user_id),
            "locale": "en-US",
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": interaction.metadata["authorizing_integration_owners"],
            "attachment_size_limit": world.guild.attachment_size_limit,
        }
        if message is not None and interaction.type is not InteractionType.COMMAND:
            body["message"] = self._renderer.message(message)
        user = world.users[interaction.user_id]
        if channel.type is ChannelType.DM:
            return body | {"user": user_json(user), "context": 1, "app_permissions": str(int(DIRECT_MESSAGE))}
        rights = in_channel(world, user.id, channel)
        member = member_json(world.members[user.id]) | {"permissions": str(int(rights))}
        return body | {
            "guild_id": world.guild.id,
            "guild": {"id": world.guild.id, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": member,
            "app_permissions": str(int(in_channel(world, world.bot.id, channel))),
            "context": 0,
        }


def may_use(world: World, user_id: str, channel: Channel, command: Json) -> bool:
    """Whether Discord shows a command to a person: default_member_permissions and contexts."""
    in_dm = channel.type is ChannelType.DM
    contexts = command.get("contexts")
    if contexts is not None and (1 if in_dm else 0) not in contexts:
        return False
    if in_dm:
        return command.get("dm_permission") is not False and "guild_id" not in command
    rights = in_channel(world, user_id, channel)
    if not rights & Permission.USE_APPLICATION_COMMANDS:
        return False
    needed = command.get("default_member_permissions")
    if needed is None or rights == ALL:
        return True
    return int(needed) != 0 and int(needed) & int(rights) == int(needed)
