"""Where every request comes in, is answered, and can be withdrawn: commands and buttons are ways to get here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.errors import InvalidRequest, StaleAttempt
from bot.domain.guild import Pressers, ThreadMode
from bot.domain.job import Action, JobState, RequestId, RequestRecord
from bot.domain.options import Fallback
from bot.domain.request import ImageRequest, draw_seed
from bot.domain.shapes import Ratio
from bot.services.accepted import Accepted
from bot.services.admission import Admission, Asked
from bot.services.callers import Caller
from bot.services.fleet import Fleet
from bot.services.ports import Clock, Once, Steps
from bot.services.pressing import check_press
from bot.services.rules import Rules
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submissions:
    """Everything that ends in a request goes through `submit`; buttons are other ways to call it."""

    database: Database
    requests: RequestStore
    jobs: JobStore
    ledger: Ledger
    guilds: GuildStore
    admission: Admission
    rules: Rules
    fleet: Fleet
    clock: Clock
    randbelow: Callable[[int], int]
    accepted: Callable[[RequestRecord, int | None], None]
    steps: Steps

    def draw_seed(self) -> int:
        """A seed for a request that asks for none."""
        return draw_seed(self.randbelow)

    async def fallback(self, guild_id: int) -> Fallback:
        """What holds in this server for what a request does not say."""
        settings = await self.database.read(lambda tx: self.guilds.get(tx, guild_id))
        return Fallback(
            seed=self.draw_seed(), ratio=settings.ratio, resolution=settings.resolution, model=settings.model
        )

    async def thread_mode(self, guild_id: int) -> ThreadMode:
        """Whether results of requests made in this server's channels get threads of their own."""

        async def load(tx: Transaction) -> ThreadMode:
            return (await self.guilds.get(tx, guild_id)).thread_mode

        return await self.database.read(load)

    async def submit(
        self,
        request: ImageRequest,
        caller: Caller,
        *,
        action: Action = Action.IMAGINE,
        parent_id: RequestId | None = None,
        provider: str | None = None,
        once: Once | None = None,
        notes: tuple[str, ...] = (),
    ) -> Accepted:
        """Accept a request: hold its quota and put its jobs in line. They start once `answered` was called.

        Calling it again with the same interaction, or pressing the same button twice within three seconds, gives the
        first request back with `repeated` set; so does `once` for what may become one request only. With `provider`
        only that service is asked. Names of saved references in the prompt bring those in. `notes` are shown on cards.

        Raises:
            InvalidRequest: the request cannot be served; nothing was held.
            NotAllowed: the server's rules are against it; nothing was held.
            UnusableImage: one of its references is deleted; nothing was held.
            QuotaExceeded: the person's allowance or a budget is used up; nothing was held.
            StorageUnavailable: nothing can be kept at the moment; nothing was held.
        """
        request = await self._let_in(request, caller)
        asked = Asked(
            request=request,
            caller=caller,
            action=action,
            parent_id=parent_id,
            provider=provider,
            once=once,
            notes=notes,
        )
        accepted = await self.admission.admit(self.database, asked)
        if not accepted.repeated:
            record = accepted.record
            log.info("request %s accepted: %s job(s) at %s", record.id, request.count, record.provider)
            await self.steps.reached("held")
        return accepted

    async def _let_in(self, request: ImageRequest, caller: Caller) -> ImageRequest:
        """What is found out before the transaction: the request is sound, can be served, and no rule forbids it."""
        request = request.checked()
        self.database.standing.require()
        if self.fleet.hopeless():
            raise InvalidRequest("refused.no_service_now")
        return await self.rules.applied(request, caller)

    async def check(self, request: ImageRequest, caller: Caller, *, provider: str | None = None) -> None:
        """Whether `submit` would accept the request now: raises as it would, but holds nothing."""

        await self.rules.applied(request, caller)
        asked = Asked(request=request, caller=caller, provider=provider)
        await self.database.read(lambda tx: self.admission.check(tx, asked))

    async def reroll(self, parent_id: RequestId, caller: Caller) -> Accepted:
        """The same request with a new seed, paid by whoever asks.

        Raises:
            NotFound, NotAllowed, InvalidRequest, QuotaExceeded: nothing was held.
        """
        parent = await self.pressed(parent_id, caller)
        request = parent.request.reroll(self.draw_seed())
        return await self._again(parent, request, caller, Action.REROLL)

    async def change_ratio(self, parent_id: RequestId, ratio: Ratio, caller: Caller) -> Accepted:
        """The same request and seed in another ratio. Raises as `reroll`."""
        parent = await self.pressed(parent_id, caller)
        return await self._again(parent, parent.request.with_ratio(ratio), caller, Action.RATIO)

    async def make_finer(self, parent_id: RequestId, caller: Caller) -> Accepted:
        """The same request and seed at 1080p. Raises as `reroll`."""
        parent = await self.pressed(parent_id, caller)
        return await self._again(parent, parent.request.at_1080p(), caller, Action.FINER)

    async def vary(self, parent_id: RequestId, caller: Caller) -> Accepted:
        """Four more pictures of the same request, with new seeds. Raises as `reroll`."""
        parent = await self.pressed(parent_id, caller)
        return await self._again(parent, parent.request.varied(self.draw_seed()), caller, Action.VARIATIONS)

    async def edit(
        self, parent_id: RequestId, change: Callable[[ImageRequest], ImageRequest], caller: Caller
    ) -> Accepted:
        """The request that a person made of the parent's. Raises as `reroll`."""
        parent = await self.pressed(parent_id, caller)
        return await self._again(parent, change(parent.request), caller, Action.EDIT)

    async def _again(self, parent: RequestRecord, request: ImageRequest, caller: Caller, action: Action) -> Accepted:
        """A request made from another one; a service that was named for that one is kept."""
        provider = parent.provider if parent.provider_chosen else None
        return await self.submit(request, caller, action=action, parent_id=parent.id, provider=provider)

    async def pressed(self, parent_id: RequestId, caller: Caller, *, words: bool = True) -> RequestRecord:
        """The request whose button was pressed; `words` tells that it is needed what it said.

        Raises:
            NotFound, NotAllowed: as `check_press` says.
        """

        async def load(tx: Transaction) -> tuple[RequestRecord, Pressers]:
            record = await self.requests.get(tx, parent_id)
            return record, (await self.guilds.get(tx, record.requester.guild_id)).pressers

        record, pressers = await self.database.read(load)
        check_press(record, caller, pressers, words=words)
        return record

    async def answered(self, record: RequestRecord, *, card_message_id: int | None, place: int | None = None) -> None:
        """The person saw the card: from now on the request is carried out, whatever happens. Safe to repeat.

        `place` is the place in line that the card showed.
        """

        async def mark(tx: Transaction) -> None:
            await self.requests.mark_answered(tx, record.id, at=self.clock(), card_message_id=card_message_id)

        await self.steps.reached("card_sent")
        await self.database.write(mark)
        await self.steps.reached("answered")
        self.accepted(record, place)

    async def withdraw(self, record: RequestRecord) -> None:
        """The person never got an answer: give the hold back and forget the request. Safe to repeat."""

        async def undo(tx: Transaction) -> None:
            now = self.clock()
            for job in (await self.requests.get(tx, record.id)).jobs:
                if not job.state.ended:
                    ended = await self.jobs.finish(
                        tx, job, state=JobState.CANCELLED, at=now, failure_key="job.withdrawn"
                    )
                    await self.ledger.settle(tx, ended, charged=None, at=now)
            await self.requests.withdraw(tx, record.id)

        try:
            await self.database.write(undo, lock=record.requester.user_id)
        except StaleAttempt:
            log.warning("request %s was started while it was withdrawn", record.id)
