"""A change by a moderator: kept in the audit trail and told in the log channel, in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.audit import Change
from bot.domain.errors import NotAllowed
from bot.domain.guild import GuildSettings
from bot.domain.job import NO_GUILD, Requester
from bot.domain.server_log import LogKind
from bot.services.ports import Clock
from bot.services.server_log import ServerLog
from bot.store.audit import AuditStore
from bot.store.database import Transaction
from bot.store.guilds import GuildStore

Table = Mapping[str, object] | None
"""What stood there before or after a change, as JSON would keep it."""


def check_moderator(requester: Requester) -> None:
    """Whether somebody may use the moderators' commands here.

    Raises:
        NotAllowed: they may not.
    """
    if requester.guild_id == NO_GUILD:
        raise NotAllowed("refused.not_for_moderators_elsewhere")
    if not requester.moderator:
        raise NotAllowed("refused.moderators_only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Where every service that moderators use writes down what they changed."""

    audit: AuditStore
    guilds: GuildStore
    server_log: ServerLog
    clock: Clock

    async def note(
        self, tx: Transaction, moderator: Requester, action: Change, *, subject: str, before: Table, after: Table
    ) -> None:
        """Write it down: `subject` is such as `user:5` or `guild:10`."""
        await self.audit.record(
            tx,
            guild_id=moderator.guild_id,
            actor_id=moderator.user_id,
            action=action,
            subject=subject,
            before=before,
            after=after,
            at=self.clock(),
        )
        values = {"action": action, "actor_id": moderator.user_id, "subject": subject}
        await self.server_log.note(
            tx,
            guild_id=moderator.guild_id,
            kind=LogKind.CHANGE,
            values={**values, "before": before, "after": after},
        )

    async def keep(
        self,
        tx: Transaction,
        moderator: Requester,
        action: Change,
        after: GuildSettings,
        *,
        before: Table,
        now: Table,
    ) -> None:
        """Put a server's settings in force and write down what changed: `before` and `now` are the part concerned."""
        await self.guilds.put(tx, moderator.guild_id, after, by=moderator.user_id, at=self.clock())
        await self.note(tx, moderator, action, subject=f"guild:{moderator.guild_id}", before=before, after=now)
