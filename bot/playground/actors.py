"""What a person can do in the local Discord: type commands, press buttons, fill in forms, talk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .command_input import ActionRefused, InputReader, Upload, leaf
from .command_rules import OptionType
from .components import SELECTS, Kind
from .core import Core
from .drafts import MAX_CONTENT, Draft, NewFile
from .interactions import Answer, Interaction, InteractionType, may_use
from .loose import Json, objects
from .messages import Message, MessageType, walk
from .modal_input import submission
from .multipart import FormFile
from .permissions import Permission, in_channel
from .views import Views
from .world import Channel, ChannelType, User

SYSTEM = frozenset({MessageType.THREAD_CREATED, MessageType.THREAD_STARTER})
"""Messages that Discord itself made."""

__all__ = ["ActionRefused", "Answer", "Interaction", "Person", "Upload"]


class Person:
    """One person. Every action waits until the bot has answered or its 3 seconds are over."""

    def __init__(self, *, user: User, core: Core, views: Views) -> None:
        self._user = user
        self._core = core
        self._views = views

    @property
    def id(self) -> str:
        """The person's user id."""
        return self._user.id

    @property
    def name(self) -> str:
        """The person's name as others see it."""
        return self._user.display_name

    @property
    def dm(self) -> str:
        """The id of the direct message channel with the bot."""
        return self._core.world.dm_with(self.id).id

    async def slash(self, channel: str, command: str, options: Mapping[str, Any] | None = None) -> Interaction:
        """Run a slash command ("imagine", "manage quota set"); values by option name; attachments are Upload."""
        place = self._place(channel)
        interaction = self._send(place, command, options or {})
        return await self._finished(interaction)

    async def autocomplete(
        self, channel: str, command: str, option: str, text: str, others: Mapping[str, Any] | None = None
    ) -> list[Json]:
        """Type text into an option; the choices ({"name", "value"}) the bot offers."""
        place = self._place(channel)
        interaction = self._send(place, command, {**(others or {}), option: text}, focused=option)
        return (await self._finished(interaction)).choices

    def _send(
        self, place: Channel, command: str, values: Mapping[str, Any], *, focused: str | None = None
    ) -> Interaction:
        name, *path = command.removeprefix("/").split()
        spec = self._command(place, name, kind=1)
        node, nesting = leaf(spec, path)
        reader = self._reader(place)
        options = reader.options(node, values, focused=focused)
        for step in reversed(nesting):
            options = [{"name": step["name"], "type": step["type"], "options": options}]
        data: Json = {"id": spec["id"], "name": spec["name"], "type": 1, "options": options}
        data |= self._scope(spec) | ({"resolved": reader.resolved} if reader.resolved else {})
        kind = InteractionType.COMMAND if focused is None else InteractionType.AUTOCOMPLETE
        interaction = self._begin(kind, place, data, name=" ".join([name, *path]))
        if focused is not None:
            types = {option["name"]: option["type"] for option in objects(node.get("options"))}
            interaction.option_type = types.get(focused, OptionType.STRING)
        return interaction

    async def menu(self, name: str, target_id: str, *, channel: str | None = None) -> Interaction:
        """Use a message menu (target: message id) or a user menu (target: user id or name).

        A user menu is opened in `channel`, or in the first text channel.
        """
        target = self._core.messages.get(target_id)
        if target is not None:
            place = self._place(target.channel_id)
            spec = self._command(place, name, kind=3)
            resolved: Json = {"messages": {target.id: self._core.renderer.message(target)}}
            facts: Json = {"target_message_id": target.id}
        else:
            seen = self._views.visible_channels(self.id)
            place = self._place(channel or next(each.id for each in seen if each.type is ChannelType.TEXT))
            spec = self._command(place, name, kind=2)
            reader = self._reader(place)
            target_id = reader.user(target_id)
            resolved = reader.resolved
            facts = {"target_user": resolved["users"][target_id]}
        data: Json = {"id": spec["id"], "name": name, "type": spec["type"], "target_id": target_id}
        data |= {"resolved": resolved} | self._scope(spec)
        interaction = self._begin(InteractionType.COMMAND, place, data, name=name, facts=facts)
        return await self._finished(interaction)

    async def press(self, message_id: str, custom_id: str | None = None, *, label: str | None = None) -> Interaction:
        """Press a button, by custom_id or by its label."""
        message = self._message(message_id)
        button = self._component(message, custom_id, label, frozenset({Kind.BUTTON}))
        data: Json = {"component_type": 2, "custom_id": button["custom_id"], "id": button["id"]}
        return await self._finished(self._use(message, data))

    async def choose(self, message_id: str, custom_id: str, values: Sequence[str]) -> Interaction:
        """Choose values in a select menu; ids (or names, for users) in the selects of users, roles and channels."""
        message = self._message(message_id)
        select = self._component(message, custom_id, None, frozenset(SELECTS))
        if not select.get("min_values", 1) <= len(values) <= select.get("max_values", 1):
            raise ActionRefused("That is not the number of choices this menu takes.")
        reader = self._reader(self._place(message.channel_id))
        chosen = reader.chosen(select, values)
        data: Json = {"component_type": select["type"], "custom_id": custom_id, "id": select["id"], "values": chosen}
        data |= {"resolved": reader.resolved} if reader.resolved else {}
        return await self._finished(self._use(message, data))

    async def submit(self, modal: Interaction | str, fields: Mapping[str, Any]) -> Interaction:
        """Submit the modal that an interaction (or its id) was answered with.

        Fields by custom_id: str (text, radio), bool (checkbox), list[str] (select, checkboxes), list[Upload] (files).
        """
        opened = self._core.interactions.find(modal) if isinstance(modal, str) else modal
        if opened is None or opened.modal is None or opened.user_id != self.id:
            raise ActionRefused("There is no such form to submit.")
        place = self._place(opened.channel_id)
        reader = self._reader(place)
        data: Json = {
            "custom_id": opened.modal["custom_id"],
            "components": submission(opened.modal, fields, reader),
        }
        data |= {"resolved": reader.resolved} if reader.resolved else {}
        source = self._core.messages.get(opened.source_message_id or "")
        interaction = self._core.interactions.begin(
            InteractionType.MODAL_SUBMIT, user_id=self.id, channel=place, data=data, message=source, parent=opened
        )
        return await self._finished(interaction)

    async def say(
        self, channel: str, text: str, uploads: Sequence[Upload] = (), *, reply_to: str | None = None
    ) -> Json:
        """Send an own message; returns it as the page shows it."""
        place = self._place(channel)
        self._check_may_send(place)
        if not text.strip() and not uploads:
            raise ActionRefused("A message needs words or a file.")
        if len(text) > MAX_CONTENT:
            raise ActionRefused(f"Your message is too long: {MAX_CONTENT} characters at most.")
        reader = self._reader(place)
        for upload in uploads:
            reader.check_upload(upload)
        files = [_as_file(index, upload) for index, upload in enumerate(uploads)]
        draft = Draft(given=frozenset({"content"}), content=text, new_files=tuple(files))
        self._core.threads.wake(place)
        refers_to = (self._message(reply_to).channel_id, reply_to) if reply_to is not None else None
        kind = MessageType.REPLY if refers_to is not None else MessageType.DEFAULT
        message = self._core.posting.post(draft, channel=place, author_id=self.id, type=kind, refers_to=refers_to)
        self._core.posting.unfurl(message)
        return self._views.message(message, self.id)

    async def forward(self, message_id: str, channel: str) -> Json:
        """Forward a message to a channel; returns the new message as the page shows it."""
        source, place = self._message(message_id), self._place(channel)
        if source.is_ephemeral or source.type in SYSTEM:
            raise ActionRefused("This message cannot be forwarded.")
        self._check_may_send(place)
        self._core.threads.wake(place)
        message = self._core.posting.post(
            Draft(given=frozenset()),
            channel=place,
            author_id=self.id,
            refers_to=(source.channel_id, source.id),
            snapshots=source.snapshots or (replace(source, attachments=list(source.attachments)),),
        )
        return self._views.message(message, self.id)

    def _check_may_send(self, place: Channel) -> None:
        needed = Permission.SEND_MESSAGES_IN_THREADS if place.is_thread else Permission.SEND_MESSAGES
        rights = in_channel(self._core.world, self.id, place)
        is_locked = place.thread is not None and place.thread.locked
        if (
            not rights & needed
            or place.type is ChannelType.FORUM
            or (is_locked and not rights & Permission.MANAGE_THREADS)
        ):
            raise ActionRefused("You do not have permission to send messages in this channel.")

    def dismiss(self, message_id: str) -> None:
        """Dismiss an ephemeral message."""
        self._views.dismiss(self.id, message_id)

    def messages(self, channel: str) -> list[Json]:
        """What this person sees in a channel, oldest first."""
        return self._views.messages(self._place(channel), self.id)

    def _place(self, channel: str) -> Channel:
        if channel == "dm":
            return self._core.world.dm_with(self.id)
        return self._core.world.find_channel(channel)

    def _reader(self, place: Channel) -> InputReader:
        core = self._core
        return InputReader(world=core.world, files=core.files, renderer=core.renderer, channel=place)

    def _command(self, place: Channel, name: str, *, kind: int) -> Json:
        for command in self._core.commands.usable():
            if command["name"] == name and command["type"] == kind:
                if not may_use(self._core.world, self.id, place, command):
                    raise ActionRefused("You do not have permission to use this command here.")
                return command
        raise ActionRefused(f"There is no command {name!r}.")

    def _scope(self, spec: Json) -> Json:
        return {"guild_id": spec["guild_id"]} if "guild_id" in spec else {}

    def _begin(
        self, kind: InteractionType, place: Channel, data: Json, *, name: str, facts: Json | None = None
    ) -> Interaction:
        return self._core.interactions.begin(kind, user_id=self.id, channel=place, data=data, name=name, facts=facts)

    def _use(self, message: Message, data: Json) -> Interaction:
        return self._core.interactions.begin(
            InteractionType.COMPONENT,
            user_id=self.id,
            channel=self._place(message.channel_id),
            data=data,
            message=message,
            facts={"interacted_message_id": message.id},
        )

    def _message(self, message_id: str) -> Message:
        message = self._core.messages.get(message_id)
        if message is None or message.visible_to not in (None, self.id):
            raise ActionRefused("That message is gone.")
        return message

    def _component(self, message: Message, custom_id: str | None, label: str | None, kinds: frozenset[int]) -> Json:
        for component in walk(message.components):
            by_id = custom_id is not None and component.get("custom_id") == custom_id
            by_label = label is not None and str(component.get("label", "")) == label
            if component["type"] in kinds and (by_id or by_label):
                if component.get("disabled"):
                    raise ActionRefused("That is switched off.")
                return component
        raise ActionRefused(f"There is nothing called {custom_id or label!r} on that message.")

    async def _finished(self, interaction: Interaction) -> Interaction:
        await interaction.done.wait()
        return interaction


def _as_file(index: int, upload: Upload) -> NewFile:
    file = FormFile(index=index, filename=upload.filename, data=upload.data, content_type=upload.content_type)
    return NewFile(file=file, filename=upload.filename, description=upload.description)
