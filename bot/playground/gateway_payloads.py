"""What the gateway says at the start of a session: READY, GUILD_CREATE, members."""

from __future__ import annotations

from .core import Core
from .loose import Json, a_list
from .payloads import application_json, guild_json, iso, member_json, user_json
from .sessions import Intent, Session


def ready(core: Core, session: Session, *, has_guild: bool) -> Json:
    """The data of READY."""
    application = application_json(core.world)
    return {
        "v": 10,
        "user": user_json(core.world.bot) | {"verified": True, "mfa_enabled": True, "email": None},
        "guilds": [{"id": core.world.guild.id, "unavailable": True}] if has_guild else [],
        "session_id": session.id,
        "resume_gateway_url": core.base.replace("http://", "ws://", 1) + "/gateway",
        "session_type": "normal",
        "shard": [session.shard_id, session.shard_count],
        "application": {"id": application["id"], "flags": application["flags"]},
        "private_channels": [],
        "relationships": [],
        "user_settings": {},
        "presences": [],
        "_trace": ["[]"],
    }


def guild_create(core: Core, session: Session) -> Json:
    """The data of GUILD_CREATE; without the presence intent it lists no member but the bot."""
    world = core.world
    everyone = bool(session.intents & Intent.GUILD_PRESENCES)
    members = [member for member in world.members.values() if everyone or member.user.bot]
    channels = [channel for channel in world.channels.values() if not channel.is_thread and channel.name]
    threads = [thread for thread in world.threads() if thread.thread is not None and not thread.thread.archived]
    return guild_json(world) | {
        "joined_at": iso(world.members[world.bot.id].joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(world.members),
        "voice_states": [],
        "members": [member_json(member) for member in members],
        "channels": [core.renderer.channel(channel) for channel in channels],
        "threads": [core.renderer.channel(thread) for thread in threads],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def members_chunk(core: Core, request: Json) -> Json:
    """The data of GUILD_MEMBERS_CHUNK for a request by name or by ids."""
    ids = request.get("user_ids")
    wanted = {str(each) for each in (a_list(ids) or ([ids] if ids else []))}
    start = str(request.get("query") or "").lower()
    limit = int(request.get("limit") or 0) or len(core.world.members)
    found = [
        member
        for member in core.world.members.values()
        if (member.user.id in wanted if wanted else member.user.display_name.lower().startswith(start))
    ]
    body: Json = {
        "guild_id": core.world.guild.id,
        "members": [member_json(member) for member in found[:limit]],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": sorted(wanted - core.world.members.keys()),
    }
    return body | ({"nonce": request["nonce"]} if request.get("nonce") else {})
