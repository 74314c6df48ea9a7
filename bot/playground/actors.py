"""What a person can do in the local Discord: type commands, press buttons, fill in forms, talk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as a person drops it in."""

    filename: str
    data: bytes
    content_type: str | None = None
    description: str | None = None


class ActionRefused(Exception):
    """Discord's own client would not have let the person do this; str() is the sentence to show."""


class Answer(StrEnum):
    """How the application answered an interaction."""

    MESSAGE = "message"
    MODAL = "modal"
    DEFERRED = "deferred"
    UPDATE = "update"
    CHOICES = "choices"
    NONE = "none"


@dataclass(slots=True, kw_only=True)
class Interaction:
    """One interaction and what became of it."""

    id: str
    token: str
    answered_at: float | None
    latency_ms: float | None
    response: Answer | None
    modal: Json | None  # the modal's data as Discord's client receives it, when response is MODAL
    choices: list[Json]  # autocomplete answers
    message_id: str | None  # id of the response message, once there is one
    error: str | None  # "The application did not respond" / "This interaction failed"


class Person:
    """One member of the guild. Every action waits until the bot has answered or 3 s have passed."""

    id: str
    name: str

    async def slash(self, channel: str, command: str, options: Mapping[str, Any] | None = None) -> Interaction:
        """Run a slash command ("imagine", "manage quota set"); values by option name; attachments are Upload."""
        raise NotImplementedError

    async def autocomplete(
        self, channel: str, command: str, option: str, text: str, others: Mapping[str, Any] | None = None
    ) -> list[Json]:
        """Type text into an option; the choices ({"name", "value"}) the bot offers."""
        raise NotImplementedError

    async def press(self, message_id: str, custom_id: str | None = None, *, label: str | None = None) -> Interaction:
        """Press a button, by custom_id or by its label."""
        raise NotImplementedError

    async def choose(self, message_id: str, custom_id: str, values: Sequence[str]) -> Interaction:
        """Choose values in a select menu."""
        raise NotImplementedError

    async def submit(self, modal: Interaction | str, fields: Mapping[str, Any]) -> Interaction:
        """Submit the modal that an interaction (or its id) was answered with.

        Fields by custom_id: str (text, radio), bool (checkbox), list[str] (select, checkboxes), list[Upload] (files).
        """
        raise NotImplementedError

    async def menu(self, name: str, target_id: str) -> Interaction:
        """Use a message menu (target: message id) or a user menu (target: user id) command."""
        raise NotImplementedError

    async def say(
        self, channel: str, text: str, uploads: Sequence[Upload] = (), *, reply_to: str | None = None
    ) -> Json:
        """Send an own message; returns it as Discord's message object."""
        raise NotImplementedError

    def dismiss(self, message_id: str) -> None:
        """Dismiss an ephemeral message."""
        raise NotImplementedError
