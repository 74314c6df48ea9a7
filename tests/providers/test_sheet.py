"""The providers' fact sheet row by row: every code, status and form of an answer is a case, and so is every size."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.errors import ProviderError, TaskFailed
from bot.domain.shapes import Model
from bot.providers.base import Done
from bot.providers.http import ATTEMPTS, HttpClient
from bot.providers.tables import EVERY
from tests.providers.test_contract import shape_of
from tests.support.services import Stand, finished, open_stand
from tests.support.sheet import Case, plain, rows_of, sheet
from tests.support.sheet_cases import CASES, OTHER_ROWS

NOW = 1_760_000_000.0
REPOSITORY = Path(__file__).parents[2]
SIZE_COLUMNS = {"runway": 1, "cometapi": 1, "segmind": 2, "wavespeed": 3, "modelslab": 4}


async def outcome_of(stand: Stand, case: Case) -> Done | ProviderError:
    """What an order comes to when the service does what the case says."""
    for name, value in case.twin.items():
        setattr(stand.local, name, value)
    if case.reply is not None:
        stand.script(reply=case.reply)
    elif case.polls is not None:
        stand.script(polls=(case.polls,) * ATTEMPTS * 3)
    else:
        stand.local.script(case.play)
    try:
        return await finished(stand.provider, await stand.provider.submit(await stand.order()))
    except ProviderError as error:
        return error


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_every_code_and_status_of_the_sheet_is_read_as_it_says(
    case: Case, http: HttpClient, tmp_path: Path
) -> None:
    async with open_stand(case.service, http, [NOW], tmp_path) as stand:
        came = await outcome_of(stand, case)
        assert (None if isinstance(came, Done) else type(came)) is case.ends
        if isinstance(came, ProviderError):
            assert case.key in {None, came.key}
            assert case.retry_in in {None, came.retry_in}
            assert not isinstance(came, TaskFailed) or case.retryable in {None, came.retryable}
        assert stand.local.submissions == 1
        assert len(stand.local.tasks) == (case.reply is None)
        if case.later is not None:
            stand.now[0] += 60
            task = stand.local.tasks[0]
            with pytest.raises(case.later):
                await stand.provider.poll(task.id)


def test_every_row_of_the_sheet_is_a_case() -> None:
    text = sheet(REPOSITORY)
    if text is None:
        pytest.skip("the sheet is not here")
    for section in ("1.4", "1.6", "1.7", "2", "3", "4", "5"):
        rows = [row[0] for row in rows_of(text, section)]
        assert rows, section
        known = {case.row for case in CASES if case.section == section} | OTHER_ROWS.get(section, set())
        assert {plain(row) for row in rows} == {plain(row) for row in known}, section


def test_every_size_of_the_sheet_is_the_services() -> None:
    text = sheet(REPOSITORY)
    if text is None:
        pytest.skip("the sheet is not here")
    rows = [row for row in rows_of(text, "6.1") if len(row) == 5]
    assert len(rows) == 13
    services = {facts.name: facts.models[Model.GEN4_IMAGE] for facts in EVERY if facts.name in SIZE_COLUMNS}
    for shape, *_ in rows[:-1]:
        (row,) = [row for row in rows if row[0] == shape]
        for name, model in services.items():
            size = model.size_of(shape_of(shape))
            cell = plain(row[SIZE_COLUMNS[name]])
            if name == "wavespeed":
                # It is told the ratio and the resolution, and no pixels.
                assert cell == ("✖" if size is None else shape.replace(" ", "+"))
            else:
                assert cell.split(" ")[0] == ("✖" if size is None else str(size))
    for name, model in services.items():
        cell = rows[-1][SIZE_COLUMNS[name]]
        assert {str(size) for size in model.exact} == set(filter(lambda text: text != "–", cell.split(", ")))
