"""Forms: pictures kept while their person writes what to make of them; each becomes one request."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import NotAllowed
from bot.domain.handed import FORM_LIFE, Form
from bot.domain.job import Requester
from bot.domain.references import Upload
from bot.domain.request import ImageRequest
from bot.services.accepted import Accepted
from bot.services.callers import Caller
from bot.services.once import OneRequest
from bot.services.ports import Clock
from bot.services.submissions import Submissions
from bot.store.database import Database, Transaction
from bot.store.forms import FormStore
from bot.store.requests import RequestStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """Keeps what a form is about, so that it can be sent after a restart too."""

    database: Database
    forms: FormStore
    requests: RequestStore
    submissions: Submissions
    clock: Clock

    async def open(self, pictures: Sequence[Upload], requester: Requester) -> Form:
        """Keep pictures for a form that is about to be shown."""
        form = Form(
            id=secrets.token_hex(10), user_id=requester.user_id, pictures=tuple(pictures), created_at=self.clock()
        )

        async def keep(tx: Transaction) -> None:
            await self.forms.purge(tx, before=form.created_at - FORM_LIFE)
            await self.forms.insert(tx, form)

        await self.database.write(keep)
        return form

    async def find(self, form_id: str, requester: Requester) -> Form:
        """The person's form, used or not.

        Raises:
            NotFound: it is too old, or there never was one.
            NotAllowed: it is somebody else's.
        """
        since = self.clock() - FORM_LIFE
        form = await self.database.read(lambda tx: self.forms.get(tx, form_id, since=since))
        if form.user_id != requester.user_id:
            raise NotAllowed("refused.form_gone")
        return form

    async def submit(self, form: Form, request: ImageRequest, caller: Caller) -> Accepted:
        """Make the request that the form asks for; sent again it gives the same one back.

        Raises:
            InvalidRequest, QuotaExceeded: nothing was held, and the form can still be used.
        """
        once = OneRequest(uses=self.forms, requests=self.requests, key=form.id)
        return await self.submissions.submit(request, caller, once=once)
