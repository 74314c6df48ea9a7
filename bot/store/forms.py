"""Forms as rows: pictures that are kept until their person says what to make of them, and used once."""

from __future__ import annotations

import json
from dataclasses import asdict

from sqlalchemy import delete, insert, select, update

from bot.domain.errors import NotFound
from bot.domain.handed import Form
from bot.domain.job import RequestId
from bot.domain.references import Upload
from bot.store.database import Transaction
from bot.store.tables import forms


class FormStore:
    """The table of forms."""

    async def insert(self, tx: Transaction, form: Form) -> None:
        """Keep a form."""
        pictures = json.dumps([asdict(picture) for picture in form.pictures])
        values = {"id": form.id, "user_id": form.user_id, "pictures": pictures, "created_at": form.created_at}
        await tx.execute(insert(forms).values(values))

    async def get(self, tx: Transaction, form_id: str, *, since: float) -> Form:
        """The form, used or not.

        Raises:
            NotFound: there is none with this id that was made since then.
        """
        row = await tx.first(select(forms).where(forms.c.id == form_id, forms.c.created_at >= since))
        if row is None:
            raise NotFound("refused.form_gone")
        pictures = tuple(Upload(**picture) for picture in json.loads(row.pictures))
        return Form(id=row.id, user_id=row.user_id, pictures=pictures, created_at=row.created_at)

    async def used_by(self, tx: Transaction, form_id: str) -> RequestId | None:
        """The request that was made of the form last, if any."""
        request_id = await tx.scalar(select(forms.c.request_id).where(forms.c.id == form_id))
        return None if request_id is None else RequestId(request_id)

    async def use(self, tx: Transaction, form_id: str, request_id: RequestId) -> None:
        """Remember the request that was made of the form."""
        await tx.execute(update(forms).where(forms.c.id == form_id).values(request_id=request_id))

    async def purge(self, tx: Transaction, *, before: float) -> int:
        """Forget forms made before then; the number of them."""
        return (await tx.execute(delete(forms).where(forms.c.created_at < before))).rowcount
