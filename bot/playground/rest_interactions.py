"""REST: answers to interactions, and what their tokens allow afterwards."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from .api import Auth, Call, Reply, Route
from .command_rules import check_choice
from .core import Core
from .drafts import ON_EDIT, ON_RESPONSE, Draft, read_draft
from .errors import ApiError, FormErrors, known
from .interactions import Answer, Interaction, InteractionType
from .loose import Json, a_list, an_object, objects
from .messages import Message, MessageFlag, MessageType
from .modals import check_modal
from .shapes import shaped
from .world import Channel

# Callback types (Discord reference, "Interaction Callback Type") that each kind of interaction may be answered with.
PONG, MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
ALLOWED: dict[InteractionType, list[int]] = {
    InteractionType.COMMAND: [MESSAGE, DEFER, MODAL],
    InteractionType.COMPONENT: [MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL],
    InteractionType.AUTOCOMPLETE: [CHOICES],
    InteractionType.MODAL_SUBMIT: [MESSAGE, DEFER, DEFER_UPDATE, UPDATE],
}


class InteractionRoutes:
    """Callbacks, @original and follow-ups."""

    def __init__(self, *, core: Core) -> None:
        self._core = core

    def routes(self) -> list[Route]:
        """The operations served here; @original stands before the route it would otherwise match."""
        hook = "/webhooks/{webhook_id}/{webhook_token}"
        original, one = f"{hook}/messages/@original", f"{hook}/messages/{{message_id}}"
        callback = "/interactions/{interaction_id}/{interaction_token}/callback"
        return [
            Route("POST", callback, self.callback, Auth.PATH),
            Route("POST", hook, self.follow_up, Auth.PATH),
            Route("GET", original, self.get, Auth.PATH),
            Route("PATCH", original, self.edit, Auth.PATH),
            Route("DELETE", original, self.delete, Auth.PATH),
            Route("GET", one, self.get, Auth.PATH),
            Route("PATCH", one, self.edit, Auth.PATH),
            Route("DELETE", one, self.delete, Auth.PATH),
        ]

    def callback(self, call: Call) -> Reply:
        interaction = self._core.interactions.answerable(
            call.params["interaction_id"], call.params["interaction_token"]
        )
        body = shaped(call.form.payload)
        kind = body.get("type")
        allowed = ALLOWED[interaction.type]
        if interaction.type is InteractionType.MODAL_SUBMIT and interaction.source_message_id is None:
            allowed = [MESSAGE, DEFER]
        if kind not in allowed:
            errors = FormErrors()
            errors.choices(("type",), allowed)
            errors.raise_if_any()
        message = self._act(interaction, int(body["type"]), call, an_object(body.get("data")) or {})
        if call.query.get("with_response", "").lower() not in ("1", "true"):
            return Reply(204)
        return Reply(200, self._callback_body(interaction, int(body["type"]), message))

    def _act(self, interaction: Interaction, kind: int, call: Call, data: Json) -> Message | None:
        """Do what a callback asks; the message it made or changed."""
        book = self._core.interactions
        if kind == CHOICES:
            interaction.choices = self._choices(interaction, data)
            book.answered(interaction, Answer.CHOICES)
            return None
        if kind == MODAL:
            check_modal(data)
            interaction.modal = data
            book.answered(interaction, Answer.MODAL)
            return None
        if kind == DEFER_UPDATE:
            book.answered(interaction, Answer.DEFERRED)
            return self._core.messages.get(interaction.source_message_id or "")
        with _under("data"):
            draft = self._read(call, ON_EDIT if kind == UPDATE else ON_RESPONSE, data)
            if kind == UPDATE:
                message = self._source(interaction)
                self._core.posting.edit(message, draft)
            else:
                message = self._respond(interaction, draft, loading=kind == DEFER)
        answers = {UPDATE: Answer.UPDATE, DEFER: Answer.DEFERRED}
        book.answered(interaction, answers.get(kind, Answer.MESSAGE))
        return message

    def _respond(self, interaction: Interaction, draft: Draft, *, loading: bool) -> Message:
        message = self._post(interaction, draft, loading=loading)
        interaction.message_id = message.id
        interaction.metadata["original_response_message_id"] = message.id
        return message

    def _post(self, interaction: Interaction, draft: Draft, *, loading: bool = False) -> Message:
        if loading:
            # A deferred answer carries nothing but EPHEMERAL; everything else comes with the later edit.
            draft = Draft(given=frozenset(), flags=draft.flags & MessageFlag.EPHEMERAL)
        channel = self._channel(interaction)
        self._core.threads.wake(channel)
        is_private = bool(draft.flags & MessageFlag.EPHEMERAL)
        kind, refers_to = self._shape(interaction)
        return self._core.posting.post(
            draft,
            channel=channel,
            author_id=self._core.world.bot.id,
            type=kind,
            visible_to=interaction.user_id if is_private else None,
            origin=interaction.origin(),
            refers_to=refers_to,
            extra_flags=MessageFlag.LOADING if loading else 0,
        )

    def _shape(self, interaction: Interaction) -> tuple[MessageType, tuple[str, str] | None]:
        """The type of a response, and the message it refers to when a component led to it."""
        source = interaction.source_message_id
        if source is not None:
            return MessageType.REPLY, (interaction.channel_id, source)
        command = interaction.parent or interaction
        is_menu = bool({"target_user", "target_message_id"} & set(command.metadata))
        return MessageType.CONTEXT_MENU_COMMAND if is_menu else MessageType.CHAT_INPUT_COMMAND, None

    def _source(self, interaction: Interaction) -> Message:
        message = self._core.messages.get(interaction.source_message_id or "")
        if message is None:
            raise known(10008)
        return message

    def _choices(self, interaction: Interaction, data: Json) -> list[Json]:
        shaped(data, ("data",))
        choices = a_list(data.get("choices")) or []
        errors = FormErrors()
        errors.length(("data", "choices"), choices, 0, 25)
        for index, choice in enumerate(objects(choices)):
            check_choice(errors, ("data", "choices", index), choice, kind=interaction.option_type)
        errors.raise_if_any()
        return objects(choices)

    def _callback_body(self, interaction: Interaction, kind: int, message: Message | None) -> Json:
        facts: Json = {"id": interaction.id, "type": int(interaction.type)}
        body: Json = {"interaction": facts}
        if message is not None:
            facts["response_message_id"] = message.id
            facts["response_message_loading"] = bool(message.flags & MessageFlag.LOADING)
            facts["response_message_ephemeral"] = message.is_ephemeral
        if message is not None and kind in (MESSAGE, UPDATE):
            body["resource"] = {"type": kind, "message": self._core.renderer.message(message)}
        return body

    def follow_up(self, call: Call) -> Reply:
        interaction = self._interaction(call)
        draft = self._read(call, ON_RESPONSE)
        original = self._core.messages.get(interaction.message_id or "")
        if original is not None and original.flags & MessageFlag.LOADING:
            # The first follow-up takes the place of the "is thinking" message, as private as that one is.
            self._core.posting.edit(original, _without_ephemeral(draft))
            return Reply(200, self._core.renderer.message(original))
        return Reply(200, self._core.renderer.message(self._post(interaction, draft)))

    def get(self, call: Call) -> Reply:
        return Reply(200, self._core.renderer.message(self._find(call)))

    def edit(self, call: Call) -> Reply:
        message = self._find(call)
        draft = self._read(call, ON_EDIT)
        self._core.posting.edit(message, draft)
        return Reply(200, self._core.renderer.message(message))

    def delete(self, call: Call) -> Reply:
        self._core.posting.delete(self._find(call))
        return Reply(204)

    def _read(self, call: Call, allowed: MessageFlag, data: Json | None = None) -> Draft:
        limit = self._core.world.guild.attachment_size_limit
        return read_draft(call.form, allowed_flags=allowed, file_limit=limit, body=data)

    def _interaction(self, call: Call) -> Interaction:
        if call.params["webhook_id"] != self._core.world.application.id:
            raise known(10015)
        return self._core.interactions.with_token(call.params["webhook_token"])

    def _find(self, call: Call) -> Message:
        """The message a webhook path names: @original, or one this interaction made."""
        interaction = self._interaction(call)
        wanted = call.params.get("message_id") or interaction.original_id or ""
        message = self._core.messages.get(wanted)
        if message is None:
            raise known(10008)
        is_own = message.origin is not None and message.origin.interaction_id == interaction.id
        if not is_own and message.id != interaction.original_id:
            raise known(10008)
        return message

    def _channel(self, interaction: Interaction) -> Channel:
        channel = self._core.world.channels.get(interaction.channel_id)
        if channel is None:
            raise known(10003)
        return channel


def _without_ephemeral(draft: Draft) -> Draft:
    return replace(draft, flags=draft.flags & ~MessageFlag.EPHEMERAL)


@contextmanager
def _under(key: str) -> Generator[None]:
    """Move the errors of a form one level down, where the callback has its message."""
    try:
        yield
    except ApiError as error:
        if error.errors is not None:
            error.errors = {key: error.errors}
        raise
