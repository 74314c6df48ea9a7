"""The bot is killed while each image service has its money: nothing is bought twice, and people hear the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.job import JobState
from bot.domain.ledger import EntryKind
from bot.domain.money import FREE, Money
from bot.playground.actors import Interaction
from tests.support.doomed import QUOTA, DoomedStudio, open_doomed
from tests.support.services import SERVICES, Local, Service
from tests.support.twin_script import OutputFault, SubmitFault

PROMPT, SEED = "@model in a red coat", 7
QUEUES = [name for name, service in SERVICES.items() if service.queues]
WITHOUT_REFERENCES = {"modelslab"}
WITH_HISTORY = {"segmind", "segmind-direct", "wavespeed"}
SETTINGS = {"modelslab": {"PRICE_720P": "0.07", "PRICE_1080P": "0.07"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """A studio whose pictures come from one service, and what becomes of the one picture that is asked for."""

    name: str
    studio: DoomedStudio
    local: Local

    @property
    def service(self) -> Service:
        """The service."""
        return SERVICES[self.name]

    def script(self, **play: object) -> None:
        """What happens to the submission."""
        self.local.script(self.service.play(**play))

    async def asked(self) -> Interaction:
        """A person asks for a picture."""
        return await self.studio.imagine(PROMPT, seed=SEED, reference=self.name not in WITHOUT_REFERENCES)

    async def carried_on(self, asked: Interaction, *, found: bool) -> None:
        """The next bot brings it to its end."""
        await self.studio.killed()
        await self.studio.restart()
        await self.ended(asked, found=found)

    async def ended(self, asked: Interaction, *, found: bool) -> None:
        """It comes to a picture, or to the truth that nobody knows what became of it; what was paid is booked."""
        words = await self.studio.closed(asked)
        if found:
            assert words.startswith("**Done**")
        else:
            assert "did not say whether it started" in words
            assert "Your quota was returned" in words
        assert await self.studio.quota() == QUOTA - found
        books = await self.studio.reckoning()
        assert books.states == [JobState.SUCCEEDED if found else JobState.LOST]
        assert (self.local.submissions, len(self.local.tasks)) == (1, 1)
        billed = Money.dollars(str(self.local.billed / self.service.dollar))
        assert books.totals[EntryKind.CHARGE][1] == (billed if found else FREE)
        assert (books.totals[EntryKind.LOSS][1] > FREE) is not found, "the operator bears what nobody knows"


@asynccontextmanager
async def open_service(name: str, folder: Path) -> AsyncGenerator[Doomed]:
    service = SERVICES[name]
    local: Local
    async with service.opened() as local:
        environment = service.environment(local, **SETTINGS.get(name, {}))
        async with open_doomed(folder, runway=None, online=True, **environment) as studio:  # pyright: ignore[reportArgumentType]
            studio.ordered = lambda: Counter({(PROMPT, SEED): len(local.tasks)})
            yield Doomed(name=name, studio=studio, local=local)


@pytest.mark.parametrize("name", SERVICES)
async def test_an_answer_that_is_lost_is_looked_up_where_there_is_a_history(tmp_path: Path, name: str) -> None:
    async with open_service(name, tmp_path) as doomed:
        doomed.script(submit=SubmitFault.DROP_AFTER)
        await doomed.ended(await doomed.asked(), found=name in WITH_HISTORY)


@pytest.mark.parametrize("name", SERVICES)
async def test_killed_before_the_answer_came(tmp_path: Path, name: str) -> None:
    async with open_service(name, tmp_path) as doomed:
        doomed.script(submit=SubmitFault.HANG_AFTER)
        asked = await doomed.asked()
        await doomed.studio.until(lambda: doomed.local.tasks)
        doomed.studio.kill()
        await doomed.carried_on(asked, found=name in WITH_HISTORY)


@pytest.mark.parametrize("name", SERVICES)
async def test_killed_before_the_answer_was_recorded(tmp_path: Path, name: str) -> None:
    async with open_service(name, tmp_path) as doomed:
        doomed.studio.doom("submitted")
        await doomed.carried_on(await doomed.asked(), found=name in WITH_HISTORY)


@pytest.mark.parametrize("name", QUEUES)
async def test_killed_while_polling(tmp_path: Path, name: str) -> None:
    async with open_service(name, tmp_path) as doomed:
        doomed.studio.doom("polled")
        await doomed.carried_on(await doomed.asked(), found=True)


@pytest.mark.parametrize("name", QUEUES)
async def test_killed_while_downloading(tmp_path: Path, name: str) -> None:
    async with open_service(name, tmp_path) as doomed:
        doomed.script(output=OutputFault.DRIP, good_output_after=1)
        asked = await doomed.asked()
        await doomed.studio.until(lambda: doomed.service.signed(doomed.local).fetches.total())
        doomed.studio.kill()
        await doomed.carried_on(asked, found=True)


async def test_killed_with_a_picture_in_hand_that_was_the_answer(tmp_path: Path) -> None:
    async with open_service("segmind-direct", tmp_path) as doomed:
        doomed.studio.doom("task_recorded")
        await doomed.carried_on(await doomed.asked(), found=True)
