"""`/manage defaults`: what holds in a server where nothing else is said; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.manage_forms import form_button
from bot.domain.audit import Change
from bot.domain.guild import AgeRestricted, GuildSettings, Moderation, Pressers, Spoilers, ThreadMode
from bot.domain.shapes import Model, Ratio, Resolution
from bot.services.choices import ServerChoices, timezones, zone_of

CHOICES = 25
"""Choices that Discord shows (docs, "Autocomplete")."""

KINDS: dict[str, type[StrEnum]] = {
    "ratio": Ratio,
    "resolution": Resolution,
    "model": Model,
    "threads": ThreadMode,
    "pressers": Pressers,
    "spoilers": Spoilers,
    "age_restricted": AgeRestricted,
    "moderation": Moderation,
}
"""The options that are one of a few values."""

FIELDS = {"threads": "thread_mode", "returns": "return_moderated"}
"""Options that are called otherwise in the settings."""

PLAIN = ("returns", "leaderboard", "timezone")
"""Options that are taken as they are."""


DEFAULTS_FORMS = {
    "pictures": ("ratio", "resolution", "model", "spoilers", "moderation"),
    "habits": ("threads", "pressers", "age_restricted", "returns", "timezone"),
}
"""What the two forms below the card ask for: a form has five fields at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultsCards:
    """What moderators read of their server's defaults."""

    desk: Desk
    choices: ServerChoices

    def card(self, settings: GuildSettings, *, changed: bool) -> Card:
        """Every default in force, one a line."""
        say = self.desk.texts.say
        lines = [
            say(
                "manage_defaults.picture",
                ratio=settings.ratio.value,
                resolution=settings.resolution.value,
                model=settings.model.value,
            ),
            say(f"manage_defaults.threads.{settings.thread_mode}"),
            say(f"manage_defaults.pressers.{settings.pressers}"),
            say(f"manage_defaults.spoilers.{settings.spoilers}"),
            say(f"manage_defaults.age_restricted.{settings.age_restricted}"),
            say(f"manage_defaults.moderation.{settings.moderation or 'operator'}"),
            say(f"manage_defaults.returns.{'yes' if settings.return_moderated else 'no'}"),
            say(f"manage_defaults.leaderboard.{'yes' if settings.leaderboard else 'no'}"),
            say("manage_defaults.timezone", timezone=settings.timezone, now=self.clock_in(zone_of(settings))),
        ]
        title = say("manage_defaults.changed" if changed else "manage_defaults.title")
        buttons = tuple(form_button(name, say(f"button.{name}")) for name in DEFAULTS_FORMS)
        return Card(paragraphs=(f"### {title}", "\n".join(lines)), rows=(buttons,))

    def clock_in(self, zone: ZoneInfo) -> str:
        """The time there now, so that a zone can be told by a look at the clock."""
        return f"{datetime.fromtimestamp(self.choices.clock(), zone):%H:%M}"


def manage_defaults_command(desk: Desk, choices: ServerChoices) -> app_commands.Command[Any, ..., None]:
    """Build the command; without options it shows what is in force."""
    say = desk.texts.say
    cards = DefaultsCards(desk=desk, choices=choices)

    @app_commands.command(name="defaults", description=say("command.manage_defaults.description"))
    @app_commands.describe(**{name: say(f"command.manage_defaults.{name}") for name in (*KINDS, *PLAIN)})
    @app_commands.choices(
        **{name: [app_commands.Choice(name=one.value, value=one.value) for one in kind] for name, kind in KINDS.items()}
    )
    async def defaults(
        interaction: discord.Interaction[Any],
        ratio: str | None = None,
        resolution: str | None = None,
        model: str | None = None,
        threads: str | None = None,
        pressers: str | None = None,
        spoilers: str | None = None,
        age_restricted: str | None = None,
        moderation: str | None = None,
        returns: bool | None = None,
        leaderboard: bool | None = None,
        timezone: str | None = None,
    ) -> None:
        given = {"ratio": ratio, "resolution": resolution, "model": model, "threads": threads, "pressers": pressers}
        given |= {"spoilers": spoilers, "age_restricted": age_restricted, "moderation": moderation}
        chosen: dict[str, Any] = {
            FIELDS.get(name, name): KINDS[name](value) for name, value in given.items() if value is not None
        }
        plain = {FIELDS["returns"]: returns, "leaderboard": leaderboard, "timezone": timezone}
        chosen |= {name: value for name, value in plain.items() if value is not None}
        moderator = requester_of(interaction)
        settings = await choices.get(moderator)
        if chosen:
            settings = await choices.change(moderator, Change.DEFAULTS, **chosen)
        await desk.show(interaction, cards.card(settings, changed=bool(chosen)))

    _offer_zones(defaults, cards)  # pyright: ignore[reportUnknownArgumentType] - as said above
    return defaults


def _offer_zones(defaults: app_commands.Command[Any, ..., None], cards: DefaultsCards) -> None:
    zones = timezones()

    @defaults.autocomplete("timezone")
    async def offer(  # pyright: ignore[reportUnusedFunction] - the decorator registers it
        interaction: discord.Interaction[Any], typed: str
    ) -> list[app_commands.Choice[str]]:
        del interaction
        wanted = typed.strip().casefold().replace(" ", "_")
        found = [name for name in zones if wanted in name.casefold()]
        found.sort(key=lambda name: not name.rpartition("/")[2].casefold().startswith(wanted))
        return [
            app_commands.Choice(name=f"{name} · {cards.clock_in(ZoneInfo(name))}", value=name)
            for name in found[:CHOICES]
        ]
