"""What a server chooses for itself: each choice asks for the moderator's right and is written down."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.domain.audit import Change
from bot.domain.errors import InvalidRequest
from bot.domain.guild import GuildSettings
from bot.domain.job import Requester
from bot.services.changes import Changes, check_moderator
from bot.services.ports import Clock
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore

_NOT_PLACES = ("posix/", "right/", "Etc/", "SystemV/")
"""Names of the IANA database that nobody would look for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerChoices:
    """Reads and changes servers' settings."""

    database: Database
    guilds: GuildStore
    changes: Changes
    clock: Clock

    async def get(self, moderator: Requester) -> GuildSettings:
        """What is in force in the moderator's server.

        Raises:
            NotAllowed: no moderator of this server asks.
        """
        check_moderator(moderator)
        return await self.database.read(lambda tx: self.guilds.get(tx, moderator.guild_id))

    async def change(self, moderator: Requester, action: Change, **chosen: Any) -> GuildSettings:
        """Put some settings in force, named as in `GuildSettings`.

        Raises:
            NotAllowed: no moderator of this server asks.
            InvalidRequest: there is no such time zone.
        """
        check_moderator(moderator)
        if "timezone" in chosen:
            chosen["timezone"] = known_timezone(chosen["timezone"])

        async def write(tx: Transaction) -> GuildSettings:
            before = await self.guilds.get(tx, moderator.guild_id)
            after = replace(before, **chosen)
            if after != before:
                await self.changes.keep(
                    tx,
                    moderator,
                    action,
                    after,
                    before={name: asdict(before)[name] for name in chosen},
                    now={name: asdict(after)[name] for name in chosen},
                )
            return after

        return await self.database.write(write, lock=moderator.guild_id)


def known_timezone(name: str) -> str:
    """The zone's name as the IANA database writes it; a city alone will do where there is one of that name.

    Raises:
        InvalidRequest: there is no such zone.
    """
    wanted = name.strip().casefold().replace(" ", "_")
    for known in available_timezones():
        if known.casefold() == wanted:
            return known
    cities = [zone for zone in timezones() if zone.rpartition("/")[2].casefold() == wanted]
    if len(cities) == 1:
        return cities[0]
    raise InvalidRequest("refused.timezone", value=name)


def timezones() -> list[str]:
    """The zones that people may look for, by name."""
    return sorted(name for name in available_timezones() if not name.startswith(_NOT_PLACES))


def zone_of(settings: GuildSettings) -> ZoneInfo:
    """The zone in which a server's days begin."""
    return ZoneInfo(settings.timezone)
