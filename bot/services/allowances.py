"""What somebody may still spend, read inside the caller's transaction so that check and hold are one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.guild import GuildSettings
from bot.domain.job import Requester
from bot.domain.quota import Allowance, QuotaRule, Subject, rule_for, window_at
from bot.services.choices import zone_of
from bot.services.ports import Clock
from bot.store.database import Transaction
from bot.store.ledger import Ledger
from bot.store.quotas import QuotaStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a server lets a person do: its settings and the rule in force.

    `rule_of` is whose rule it is, `None` for the operator's default.
    """

    settings: GuildSettings
    rule: QuotaRule
    rule_of: Subject | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """Applies the server's rules (or the operator's default) to what the ledger says of a person."""

    ledger: Ledger
    quotas: QuotaStore
    default: QuotaRule
    clock: Clock

    async def terms(self, tx: Transaction, requester: Requester) -> Terms:
        """What holds for the person in this server."""
        settings, rules = await self.quotas.terms(
            tx, requester.guild_id, user_id=requester.user_id, role_ids=requester.role_ids
        )
        rule = rule_for(rules, user_id=requester.user_id, role_ids=requester.role_ids, default=self.default)
        return Terms(settings=settings, rule=rule, rule_of=rule.subject if rule in rules else None)

    async def under(self, tx: Transaction, terms: Terms, requester: Requester) -> Allowance:
        """The person's allowance at this moment, under terms read before in the same transaction."""
        now = self.clock()
        window = window_at(terms.rule.per, now, zone_of(terms.settings))
        usage = await self.ledger.usage(
            tx,
            guild_id=requester.guild_id,
            user_id=requester.user_id,
            role_ids=requester.role_ids,
            window=window,
            now=now,
        )
        return Allowance(rule=terms.rule, usage=usage, window=window)

    async def of(self, tx: Transaction, requester: Requester) -> Allowance:
        """The person's allowance at this moment."""
        return await self.under(tx, await self.terms(tx, requester), requester)
