"""What a request has to pass before its jobs stand in line: pause, quota and budgets, in the transaction that holds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.errors import QuotaExceeded
from bot.domain.job import Action, NewRequest, RequestId, RequestRecord
from bot.domain.plan import Plan
from bot.domain.references import unknown_tags
from bot.domain.request import ImageRequest
from bot.services.accepted import Accepted
from bot.services.allowances import Allowances, Terms
from bot.services.callers import Caller
from bot.services.limits import Limits
from bot.services.line import Line
from bot.services.planning import Planning
from bot.services.ports import Clock, Once
from bot.store.database import Database, Transaction
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore

DOUBLE_PRESS_SECONDS = 3.0
"""Within this time the same press of the same button by the same person is one press (product.md, section 3.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request on its way in: by whom, by which button of which other request, and whether it may become one only.

    `notes` are keys of sentences that the answer is to say.
    """

    request: ImageRequest
    caller: Caller
    action: Action = Action.IMAGINE
    parent_id: RequestId | None = None
    provider: str | None = None
    once: Once | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Reads what holds for the person and holds what the request costs, so that nothing comes in between."""

    requests: RequestStore
    ledger: Ledger
    allowances: Allowances
    limits: Limits
    line: Line
    planning: Planning
    clock: Clock

    async def admit(self, database: Database, asked: Asked) -> Accepted:
        """Accept the request and hold its price, or find that it was accepted before.

        Raises:
            Refused: something stands against it; nothing was held.
        """
        guild_id, user_id = asked.caller.requester.guild_id, asked.caller.requester.user_id
        try:
            return await database.write(lambda tx: self._admit(tx, asked), lock=user_id)
        except QuotaExceeded as error:
            refusal = error
        if refusal.key == "refused.budget":
            await database.write(lambda tx: self.limits.refused(tx, guild_id, refusal))
        raise refusal

    async def check(self, tx: Transaction, asked: Asked) -> None:
        """Whether the request would be accepted now: raises as `admit` would, but holds nothing."""
        requester = asked.caller.requester
        terms = await self.allowances.terms(tx, requester)
        self.limits.check_open(terms.settings)
        whole = await self.planning.complete(tx, asked.request, requester)
        whole.check_references()
        chosen = self.planning.plan(whole, terms.settings, asked.provider)
        allowance = await self.allowances.under(tx, terms, requester)
        allowance.check(images=whole.count, price=chosen.price, now=self.clock())
        spending = await self.limits.spending(tx, requester.guild_id, terms.settings)
        self.limits.check(spending, chosen.price * whole.count)

    async def _admit(self, tx: Transaction, asked: Asked) -> Accepted:
        requester = asked.caller.requester
        terms = await self.allowances.terms(tx, requester)
        earlier = await self._earlier(tx, asked)
        if earlier is not None:
            return Accepted(
                record=earlier,
                allowance=await self.allowances.under(tx, terms, requester),
                standing=await self.line.standing(tx, earlier),
                repeated=True,
            )
        self.limits.check_open(terms.settings)
        request = asked.request
        if not asked.action.repeats:
            request = await self.planning.complete(tx, request, requester)
        request.check_references()
        chosen = self.planning.plan(request, terms.settings, asked.provider)
        return await self._hold(tx, asked, request, terms, chosen)

    async def _hold(self, tx: Transaction, asked: Asked, request: ImageRequest, terms: Terms, chosen: Plan) -> Accepted:
        requester, cost = asked.caller.requester, chosen.price * request.count
        await self.limits.take_turns(tx, requester.guild_id, terms.settings, cost)
        allowance = await self.allowances.under(tx, terms, requester)
        sources = allowance.check(images=request.count, price=chosen.price, now=self.clock())
        spending = await self.limits.spending(tx, requester.guild_id, terms.settings)
        self.limits.check(spending, cost)
        record = await self.requests.insert(tx, self._new(asked, request, terms, chosen))
        await self.requests.add_notes(tx, record, asked.notes)
        record = replace(record, notes=asked.notes)
        units = allowance.cost(chosen.price)
        await self.ledger.hold(tx, record, sources, units_per_job=units, at=record.created_at)
        if asked.once is not None:
            await asked.once.done(tx, record)
        await self.limits.held(tx, requester.guild_id, terms.settings, spending, cost)
        return Accepted(
            record=record,
            allowance=allowance.after(images=request.count, price=chosen.price),
            standing=await self.line.standing(tx, record),
            unknown_tags=unknown_tags(request.prompt, request.references),
        )

    def _new(self, asked: Asked, request: ImageRequest, terms: Terms, chosen: Plan) -> NewRequest:
        caller = asked.caller
        return NewRequest(
            request=request,
            requester=caller.requester,
            place=caller.place,
            action=asked.action,
            interaction_id=caller.interaction_id,
            interaction_token=caller.interaction_token,
            parent_id=asked.parent_id,
            provider=chosen.provider,
            size=chosen.size,
            price=chosen.price,
            seed_sent=chosen.seed_sent,
            notes=chosen.notes,
            at_once=terms.rule.at_once,
            created_at=self.clock(),
            provider_chosen=asked.provider is not None,
        )

    async def _earlier(self, tx: Transaction, asked: Asked) -> RequestRecord | None:
        """The request that the same interaction, the same press or the same draft has become already."""
        caller, now = asked.caller, self.clock()
        if caller.interaction_id is not None:
            same = await self.requests.by_interaction(tx, caller.interaction_id)
            if same is not None:
                return same
        if asked.parent_id is not None:
            pressed = await self.requests.twin(
                tx,
                parent_id=asked.parent_id,
                action=asked.action,
                user_id=caller.requester.user_id,
                since=now - DOUBLE_PRESS_SECONDS,
                until=now + DOUBLE_PRESS_SECONDS,
                shape=asked.request.shape,
                prompt=asked.request.prompt,
            )
            if pressed is not None:
                return pressed
        return None if asked.once is None else await asked.once.earlier(tx)
