"""Who asks and where, read from real interactions of discord.py as Discord sends them."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.discord_ui.callers import caller_of, check_bot_permissions, place_of, requester_of
from bot.domain.errors import NotAllowed
from bot.domain.job import NO_GUILD, Place, PlaceKind, Requester

APP, GUILD, OTHER_GUILD, CHANNEL, USER = 1, 10, 11, 100, 42
ROLES = (21, 22)
TEXT, DM, VOICE, NEWS, FORUM_POST, PRIVATE_THREAD = 0, 1, 2, 5, 11, 12
"""Channel types (docs/resources/channel); a post in a forum is a public thread."""

PERSON = {"id": str(USER), "username": "ada", "discriminator": "0", "global_name": "Ada", "avatar": None}
NOTHING = discord.Permissions.none()
ALL_NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    attach_files=True,
)


def channel(kind: int) -> dict[str, Any]:
    body: dict[str, Any] = {"id": str(CHANNEL), "type": kind, "name": "studio", "permissions": "0", "flags": 0}
    if kind == DM:
        return body | {"recipients": [PERSON]}
    body |= {"guild_id": str(GUILD), "position": 0, "parent_id": None, "permission_overwrites": [], "nsfw": False}
    if kind in {FORUM_POST, PRIVATE_THREAD}:
        state = {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": "2026-01-01T00:00:00+00:00",
            "locked": False,
        }
        body |= {
            "parent_id": "99",
            "owner_id": str(USER),
            "message_count": 0,
            "member_count": 1,
            "thread_metadata": state,
        }
    if kind == VOICE:
        body |= {"bitrate": 64_000, "user_limit": 0}
    return body


def member(permissions: discord.Permissions, role_ids: tuple[int, ...] = ROLES) -> dict[str, Any]:
    return {
        "user": PERSON,
        "roles": [str(role_id) for role_id in role_ids],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": str(permissions.value),
    }


def interaction(
    kind: int = TEXT,
    *,
    permissions: discord.Permissions = NOTHING,
    bots: discord.Permissions = ALL_NEEDED,
    installed_in: int | None = GUILD,
    **more: Any,
) -> discord.Interaction[Any]:
    """A command as it comes: in a server with the member, in a direct message with the user."""
    owners = {"1": str(USER)} if installed_in is None else {"0": str(installed_in)}
    data: dict[str, Any] = {
        "id": "9000",
        "application_id": str(APP),
        "type": 2,
        "token": "a-token",
        "version": 1,
        "app_permissions": str(bots.value),
        "locale": "en-US",
        "entitlements": [],
        "attachment_size_limit": 10_485_760,
        "authorizing_integration_owners": owners,
        "context": 1 if kind == DM else 0,
        "channel_id": str(CHANNEL),
        "channel": channel(kind),
        "data": {"id": "8000", "name": "imagine", "type": 1},
        **more,
    }
    if kind == DM:
        data["user"] = PERSON
    else:
        guild = {"id": str(GUILD), "features": [], "locale": "en-US"}
        data |= {"guild_id": str(GUILD), "guild": guild, "guild_locale": "en-US"}
        data.setdefault("member", member(permissions))
    client = discord.Client(intents=discord.Intents(guilds=True))
    state = client._connection
    bot: Any = {**PERSON, "id": str(APP), "bot": True}
    state.user = discord.ClientUser(state=state, data=bot)  # as after the login
    return discord.Interaction(data=data, state=state)  # pyright: ignore[reportArgumentType]  # plain JSON, as from the wire


def refused(of: discord.Interaction[Any], place: Place) -> list[str]:
    with pytest.raises(NotAllowed) as caught:
        check_bot_permissions(of.app_permissions, place)
    missing = str(caught.value.values["missing"]).split()
    assert caught.value.key == "refused.bot_permission"
    assert caught.value.values["count"] == len(missing)
    return missing


def test_a_member_asks_with_their_roles() -> None:
    assert requester_of(interaction()) == Requester(user_id=USER, guild_id=GUILD, role_ids=ROLES, moderator=False)


def test_everyones_own_role_is_no_role() -> None:
    asked = interaction(member=member(NOTHING, (GUILD, 21)))
    assert requester_of(asked).role_ids == (21,)


@pytest.mark.parametrize(
    ("permissions", "moderator"),
    [
        (discord.Permissions(manage_guild=True), True),
        (discord.Permissions(administrator=True), True),
        (discord.Permissions.all(), True),
        (discord.Permissions(manage_messages=True, manage_roles=True, kick_members=True), False),
        (NOTHING, False),
    ],
)
def test_who_may_manage_the_server_is_a_moderator(permissions: discord.Permissions, moderator: bool) -> None:
    assert requester_of(interaction(permissions=permissions)).moderator is moderator


@pytest.mark.parametrize("installed_in", [None, OTHER_GUILD])
@pytest.mark.parametrize("kind", [TEXT, FORUM_POST])
def test_an_administrator_of_a_server_without_the_bot_is_nobody_special(kind: int, installed_in: int | None) -> None:
    asked = interaction(kind, permissions=discord.Permissions.all(), installed_in=installed_in)
    assert requester_of(asked) == Requester(user_id=USER, guild_id=NO_GUILD, role_ids=(), moderator=False)
    assert place_of(asked) == Place(kind=PlaceKind.DIRECT, channel_id=CHANNEL)


def test_a_direct_message_has_no_server() -> None:
    asked = interaction(DM, installed_in=None)
    assert requester_of(asked) == Requester(user_id=USER)
    assert place_of(asked) == Place(kind=PlaceKind.DIRECT, channel_id=CHANNEL, in_place=True)


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (TEXT, Place(kind=PlaceKind.CHANNEL, channel_id=CHANNEL, in_place=False)),
        (NEWS, Place(kind=PlaceKind.CHANNEL, channel_id=CHANNEL, in_place=False)),
        (VOICE, Place(kind=PlaceKind.CHANNEL, channel_id=CHANNEL, in_place=True)),
        (FORUM_POST, Place(kind=PlaceKind.THREAD, channel_id=CHANNEL, in_place=True)),
        (PRIVATE_THREAD, Place(kind=PlaceKind.THREAD, channel_id=CHANNEL, in_place=True)),
    ],
)
def test_the_place_decides_where_the_pictures_go(kind: int, place: Place) -> None:
    assert place_of(interaction(kind)) == place


def test_a_command_tells_its_interaction_and_no_message() -> None:
    caller = caller_of(interaction())
    assert (caller.interaction_id, caller.interaction_token, caller.message_id) == (9000, "a-token", None)
    assert caller.requester.user_id == USER
    assert caller.place.channel_id == CHANNEL


def test_a_button_tells_its_message() -> None:
    message = {
        "id": "500",
        "channel_id": str(CHANNEL),
        "author": {**PERSON, "id": str(APP), "bot": True},
        "content": "",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "components": [],
        "flags": 32_768,
    }
    pressed = interaction(type=3, data={"custom_id": "v1:reroll:77", "component_type": 2}, message=message)
    assert caller_of(pressed).message_id == 500


@pytest.mark.parametrize("kind", [TEXT, NEWS, VOICE, FORUM_POST, PRIVATE_THREAD])
def test_with_all_permissions_the_bot_may_post(kind: int) -> None:
    asked = interaction(kind)
    check_bot_permissions(asked.app_permissions, place_of(asked))
    assert refused(interaction(kind, bots=NOTHING), place_of(asked))


@pytest.mark.parametrize(
    ("kind", "lacking", "missing"),
    [
        (TEXT, "view_channel", True),
        (TEXT, "attach_files", True),
        (TEXT, "send_messages", True),
        (TEXT, "create_public_threads", True),
        (TEXT, "send_messages_in_threads", True),
        (VOICE, "send_messages", True),
        (VOICE, "attach_files", True),
        (VOICE, "create_public_threads", False),
        (FORUM_POST, "send_messages_in_threads", True),
        (FORUM_POST, "attach_files", True),
        (FORUM_POST, "view_channel", True),
        (FORUM_POST, "send_messages", False),
        (FORUM_POST, "create_public_threads", False),
    ],
)
def test_each_permission_that_the_place_needs_is_missed_by_name(kind: int, lacking: str, missing: bool) -> None:
    bots = discord.Permissions(ALL_NEEDED.value)
    bots.update(**{lacking: False})
    asked = interaction(kind, bots=bots)
    if missing:
        assert refused(asked, place_of(asked)) == [lacking]
    else:
        check_bot_permissions(asked.app_permissions, place_of(asked))


def test_in_a_server_without_threads_none_need_be_opened() -> None:
    bots = discord.Permissions(view_channel=True, attach_files=True, send_messages=True)
    asked = interaction(bots=bots)
    assert refused(asked, place_of(asked)) == ["create_public_threads", "send_messages_in_threads"]
    check_bot_permissions(asked.app_permissions, Place(kind=PlaceKind.CHANNEL, channel_id=CHANNEL, in_place=True))


def test_an_administrator_bot_lacks_nothing() -> None:
    asked = interaction(bots=discord.Permissions(administrator=True))
    check_bot_permissions(asked.app_permissions, place_of(asked))
    assert asked.app_permissions.administrator


def test_in_a_direct_message_there_is_nothing_to_be_allowed() -> None:
    asked = interaction(DM, bots=NOTHING, installed_in=None)
    check_bot_permissions(asked.app_permissions, place_of(asked))
    assert place_of(asked).kind is PlaceKind.DIRECT
