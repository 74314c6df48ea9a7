"""Whom a text pings, after the sender's allowed_mentions."""

from __future__ import annotations

import re

from .loose import Json, a_list
from .messages import Mentions, walk
from .world import World

USER = re.compile(r"<@!?([0-9]{15,20})>")
ROLE = re.compile(r"<@&([0-9]{15,20})>")
EVERYONE = re.compile(r"@(everyone|here)\b")


def text_of(content: str, components: list[Json]) -> str:
    """Everything in a message that can ping: its content and its text displays."""
    shown = [str(component["content"]) for component in walk(components) if component.get("type") == 10]
    return "\n".join([content, *shown])


def find_mentions(
    text: str, *, world: World, allowed: Json | None, may_ping_everyone: bool, replied_to: str | None
) -> Mentions:
    """The users and roles a text pings; without allowed_mentions everything it names."""
    parse = {"users", "roles", "everyone"} if allowed is None else set(a_list(allowed.get("parse")) or ())
    listed = allowed or {}
    users = _chosen(USER.findall(text), "users" in parse, listed.get("users"))
    roles = _chosen(ROLE.findall(text), "roles" in parse, listed.get("roles"))
    if replied_to is not None and (allowed is None or listed.get("replied_user")):
        users = [replied_to, *users]
    return Mentions(
        users=tuple(dict.fromkeys(user for user in users if user in world.users)),
        roles=tuple(dict.fromkeys(role for role in roles if role in world.roles)),
        everyone="everyone" in parse and may_ping_everyone and EVERYONE.search(text) is not None,
    )


def _chosen(found: list[str], all_of_them: bool, listed: object) -> list[str]:
    if all_of_them:
        return found
    wanted = {str(each) for each in a_list(listed) or ()}
    return [each for each in found if each in wanted]
