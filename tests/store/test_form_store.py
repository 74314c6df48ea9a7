"""Forms come back as they were kept, are used once, and are forgotten after their time."""

from __future__ import annotations

import pytest

from bot.domain.errors import NotFound
from bot.domain.handed import Form
from bot.domain.references import Upload
from bot.store.database import Database
from bot.store.forms import FormStore
from tests.support.requests import admit, new_request

FORMS = FormStore()
FORM = Form(
    id="0123456789abcdef0123",
    user_id=2**62,
    pictures=(
        Upload(
            filename="a “b” 😀.png",
            url="https://cdn.example/a.png?ex=1",
            size=7,
            media_type="image/png",
            width=3,
            height=4,
        ),
        Upload(filename="b.png", url="https://proxy.example/b.png", size=None),
    ),
    created_at=1000.5,
)


async def test_a_form_comes_back_as_it_was_kept_until_its_time_is_over(database: Database) -> None:
    await database.write(lambda tx: FORMS.insert(tx, FORM))
    assert await database.read(lambda tx: FORMS.get(tx, FORM.id, since=1000.5)) == FORM
    with pytest.raises(NotFound):
        await database.read(lambda tx: FORMS.get(tx, FORM.id, since=1000.6))


async def test_a_form_remembers_the_request_that_was_made_of_it(database: Database) -> None:
    record = await admit(database, new_request())
    await database.write(lambda tx: FORMS.insert(tx, FORM))
    assert await database.read(lambda tx: FORMS.used_by(tx, FORM.id)) is None
    await database.write(lambda tx: FORMS.use(tx, FORM.id, record.id))
    assert await database.read(lambda tx: FORMS.used_by(tx, FORM.id)) == record.id


async def test_old_forms_are_forgotten(database: Database) -> None:
    await database.write(lambda tx: FORMS.insert(tx, FORM))
    assert await database.write(lambda tx: FORMS.purge(tx, before=1000.5)) == 0
    assert await database.write(lambda tx: FORMS.purge(tx, before=1000.6)) == 1
