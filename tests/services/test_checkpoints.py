"""Writing down what happens to a job."""

from __future__ import annotations

import pytest

from bot.domain.errors import StorageUnavailable
from bot.domain.job import JobState
from bot.services.checkpoints import Checkpoints
from bot.store.database import Database
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore
from tests.support.requests import admit, new_request


async def test_nothing_is_paid_for_while_its_picture_could_not_be_kept(database: Database) -> None:
    jobs = JobStore()
    checkpoints = Checkpoints(
        database=database,
        requests=RequestStore(),
        jobs=jobs,
        ledger=Ledger(),
        guilds=GuildStore(),
        clock=lambda: 2000.0,
    )
    await admit(database, new_request())
    [job] = await database.write(lambda tx: jobs.claim(tx, now=2000.0, owner="me", lease=60.0, providers={"sketch": 1}))
    # The folder of the pictures may be full while the database is not.
    database.standing.failed(StorageUnavailable("storage.full", detail="no room"))
    with pytest.raises(StorageUnavailable):
        await checkpoints.intend(job, at_most=None)
    assert (await checkpoints.look(job)).state is JobState.PREPARING

    database.standing.mended()
    intended = await checkpoints.intend(job, at_most=None)
    assert intended is not None
    assert intended.state is JobState.SUBMITTING
