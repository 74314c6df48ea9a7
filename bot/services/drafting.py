"""Drafts: a prompt is enhanced and shown before anything is held, and becomes a request once."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from bot.domain.draft import DRAFT_LIFE, Choice, Draft
from bot.domain.errors import NotAllowed
from bot.domain.job import Action, Requester
from bot.domain.request import ImageRequest
from bot.services.accepted import Accepted
from bot.services.callers import Caller
from bot.services.enhancer import LOCAL, Enhancer
from bot.services.once import OneRequest
from bot.services.ports import Clock
from bot.services.submissions import Submissions
from bot.store.database import Database, Transaction
from bot.store.drafts import DraftStore
from bot.store.guilds import GuildStore
from bot.store.requests import RequestStore

log = logging.getLogger(__name__)

REMOTE_LIMIT = 30
"""Prompts that a person has the service enhance in a day: its price is the operator's, and no quota holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Two prompts to choose from; `service` made the second one, `None` when it was made locally."""

    draft: Draft
    service: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """Offers an enhanced prompt beside the person's own, and starts the one that is chosen."""

    database: Database
    drafts: DraftStore
    requests: RequestStore
    guilds: GuildStore
    submissions: Submissions
    enhancer: Enhancer
    clock: Clock

    @property
    def slow(self) -> bool:
        """Whether an offer may take longer than Discord waits for an answer."""
        return self.enhancer.has_remote

    async def offer(self, request: ImageRequest, caller: Caller, *, provider: str | None = None) -> Offer:
        """Enhance the prompt and keep the request until the person decides. Nothing is held.

        Raises:
            InvalidRequest, QuotaExceeded: the request would not be accepted.
        """
        request = request.checked()
        await self.submissions.check(request, caller, provider=provider)
        remote = self.slow and await self._may_ask(caller.requester)
        enhanced = await self.enhancer.enhance(request.prompt, remote=remote)
        draft = Draft(
            id=secrets.token_hex(10),
            user_id=caller.requester.user_id,
            request=request,
            enhanced=enhanced.prompt,
            provider=provider,
            token=caller.interaction_token,
            created_at=self.clock(),
        )

        async def keep(tx: Transaction) -> None:
            await self.drafts.purge(tx, before=draft.created_at - DRAFT_LIFE)
            await self.drafts.insert(tx, draft)

        await self.database.write(keep)
        log.info("a prompt was enhanced: %s", enhanced.by)
        return Offer(draft=draft, service=None if enhanced.by == LOCAL else enhanced.by)

    async def find(self, draft_id: str, requester: Requester) -> Draft:
        """The person's draft, used or not.

        Raises:
            NotFound: it is too old, or there never was one.
            NotAllowed: it is somebody else's.
        """
        since = self.clock() - DRAFT_LIFE
        draft = await self.database.read(lambda tx: self.drafts.get(tx, draft_id, since=since))
        if draft.user_id != requester.user_id:
            raise NotAllowed("refused.draft_not_yours")
        return draft

    async def start(self, draft: Draft, choice: Choice, caller: Caller) -> Accepted:
        """Submit the request with the prompt that was chosen; the first choice counts, later ones give it back.

        Raises:
            InvalidRequest, QuotaExceeded: nothing was held, and the draft can still be used.
        """
        enhanced = choice is Choice.USE and draft.changed
        return await self.submissions.submit(
            draft.decided(choice),
            caller,
            action=Action.ENHANCED if enhanced else Action.IMAGINE,
            provider=draft.provider,
            once=OneRequest(uses=self.drafts, requests=self.requests, key=draft.id),
        )

    async def _may_ask(self, requester: Requester) -> bool:
        """Whether the service may be asked: the server uses it, and the person has not asked it all day."""

        async def look(tx: Transaction) -> bool:
            settings = await self.guilds.get(tx, requester.guild_id)
            if self.enhancer.name in settings.providers_off:
                return False
            since = self.clock() - DRAFT_LIFE
            return await self.drafts.count(tx, user_id=requester.user_id, since=since) < REMOTE_LIMIT

        return await self.database.read(look)
