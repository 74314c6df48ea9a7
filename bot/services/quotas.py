"""Quotas as people and moderators see them: shown, set, granted, reset; every change in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from bot.domain.audit import Change
from bot.domain.errors import InvalidRequest
from bot.domain.job import Requester
from bot.domain.quota import Allowance, Per, QuotaRule, Subject, SubjectKind, Unit
from bot.services.allowances import Allowances
from bot.services.changes import Changes, Table, check_moderator
from bot.services.ports import Clock
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.ledger import Ledger
from bot.store.quotas import QuotaStore


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaView:
    """A person's allowance, where its rule comes from (`None`: the bot's default), and how many jobs are going on."""

    allowance: Allowance
    rule_of: Subject | None
    unfinished: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleList:
    """A server's rules. `granted` is what each subject was given in all, used or not."""

    rules: tuple[QuotaRule, ...]
    default: QuotaRule
    timezone: str
    granted: Mapping[Subject, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaService:
    """Every change asks for the moderator's right anew: what Discord showed them may be out of date."""

    database: Database
    quotas: QuotaStore
    ledger: Ledger
    guilds: GuildStore
    changes: Changes
    allowances: Allowances
    clock: Clock

    async def show(self, requester: Requester) -> QuotaView:
        """What the person may still make."""

        async def load(tx: Transaction) -> QuotaView:
            terms = await self.allowances.terms(tx, requester)
            allowance = await self.allowances.under(tx, terms, requester)
            return QuotaView(allowance=allowance, rule_of=terms.rule_of, unfinished=allowance.usage.unfinished)

        return await self.database.read(load)

    async def rule(self, guild_id: int, subject: Subject) -> QuotaRule:
        """The rule in force for a subject, apart from the roles of a person."""
        roles = (subject.id,) if subject.kind is SubjectKind.ROLE else ()
        user = subject.id if subject.kind is SubjectKind.USER else 0
        asked = Requester(user_id=user, guild_id=guild_id, role_ids=roles)
        return (await self.database.read(lambda tx: self.allowances.terms(tx, asked))).rule

    async def rules(self, moderator: Requester) -> RuleList:
        """Every rule of the moderator's server, everyone's first.

        Raises:
            NotAllowed: no moderator of this server asks.
        """
        check_moderator(moderator)

        async def load(tx: Transaction) -> RuleList:
            settings = await self.guilds.get(tx, moderator.guild_id)
            rules = await self.quotas.rules(tx, moderator.guild_id)
            granted = await self.ledger.granted(tx, moderator.guild_id)
            return RuleList(
                rules=tuple(rules), default=self.allowances.default, timezone=settings.timezone, granted=granted
            )

        return await self.database.read(load)

    async def known_people(self, moderator: Requester, subject: Subject) -> int:
        """How many people that a role's or everyone's rule concerns have used the bot here, by their last request."""
        role = subject.id if subject.kind is SubjectKind.ROLE else None
        return await self.database.read(lambda tx: self.quotas.people(tx, moderator.guild_id, role_id=role))

    def drafted(
        self, subject: Subject, *, amount: int, unit: Unit, per: Per, cooldown: int | None, at_once: int | None
    ) -> QuotaRule:
        """The rule a moderator describes, with the bot's defaults where they say nothing.

        Raises:
            InvalidRequest: a number is out of range.
        """
        if not 0 <= amount <= 1_000_000:
            raise InvalidRequest("refused.rule_amount")
        if at_once is not None and not 1 <= at_once <= 100:
            raise InvalidRequest("refused.rule_at_once")
        if cooldown is not None and not 0 <= cooldown <= 86_400:
            raise InvalidRequest("refused.rule_cooldown")
        default = self.allowances.default
        return replace(
            default,
            subject=subject,
            amount=amount,
            unit=unit,
            per=per,
            at_once=at_once if at_once is not None else default.at_once,
            cooldown=cooldown if cooldown is not None else default.cooldown,
        )

    async def set(self, moderator: Requester, rule: QuotaRule) -> None:
        """Put a rule in force.

        Raises:
            NotAllowed: no moderator of this server asks.
        """
        check_moderator(moderator)

        async def write(tx: Transaction) -> None:
            rules = await self.quotas.rules(tx, moderator.guild_id)
            before = next((known for known in rules if known.subject == rule.subject), None)
            await self.quotas.set_rule(tx, moderator.guild_id, rule)
            await self._note(tx, moderator, Change.QUOTA_SET, rule.subject, _as_table(before), _as_table(rule))

        await self.database.write(write, lock=moderator.guild_id)

    async def grant(self, moderator: Requester, subject: Subject, units: int) -> None:
        """Give extra units that stay until they are used; to a role or everyone: to each member.

        Raises:
            NotAllowed: no moderator of this server asks.
            InvalidRequest: nothing, or too much, would be given.
        """
        check_moderator(moderator)
        if not 1 <= units <= 1_000_000:
            raise InvalidRequest("refused.rule_amount")

        async def write(tx: Transaction) -> None:
            await self.ledger.grant(
                tx,
                guild_id=moderator.guild_id,
                subject=subject,
                units=units,
                actor_id=moderator.user_id,
                at=self.clock(),
            )
            await self._note(tx, moderator, Change.QUOTA_GRANT, subject, None, {"units": units})

        await self.database.write(write, lock=moderator.guild_id)

    async def reset(self, moderator: Requester, subject: Subject) -> None:
        """Let the present window start anew.

        Raises:
            NotAllowed: no moderator of this server asks.
        """
        check_moderator(moderator)

        async def write(tx: Transaction) -> None:
            await self.ledger.reset(
                tx, guild_id=moderator.guild_id, subject=subject, actor_id=moderator.user_id, at=self.clock()
            )
            await self._note(tx, moderator, Change.QUOTA_RESET, subject, None, None)

        await self.database.write(write, lock=moderator.guild_id)

    async def _note(
        self, tx: Transaction, moderator: Requester, action: Change, subject: Subject, before: Table, after: Table
    ) -> None:
        await self.changes.note(
            tx, moderator, action, subject=f"{subject.kind}:{subject.id}", before=before, after=after
        )


def _as_table(rule: QuotaRule | None) -> dict[str, object] | None:
    return None if rule is None else {k: v for k, v in asdict(rule).items() if k != "subject"}
