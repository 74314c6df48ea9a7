"""What somebody may still spend, read inside the caller's transaction so that check and hold are one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import Requester
from bot.domain.quota import Allowance, QuotaRule, rule_for, window_at
from bot.services.ports import Clock
from bot.store.database import Transaction
from bot.store.ledger import Ledger
from bot.store.quotas import QuotaStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """Applies the server's rules (or the operator's default) to what the ledger says of a person."""

    ledger: Ledger
    quotas: QuotaStore
    default: QuotaRule
    clock: Clock

    async def of(self, tx: Transaction, requester: Requester) -> Allowance:
        """The person's allowance at this moment."""
        rules = await self.quotas.rules(tx, requester.guild_id)
        rule = rule_for(rules, user_id=requester.user_id, role_ids=requester.role_ids, default=self.default)
        window = window_at(rule.per, self.clock())
        usage = await self.ledger.usage(
            tx,
            guild_id=requester.guild_id,
            user_id=requester.user_id,
            role_ids=requester.role_ids,
            window=window,
        )
        return Allowance(rule=rule, usage=usage, window=window)
