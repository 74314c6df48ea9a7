"""The studio that end-to-end tests happen in."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.support.bench import Bench
from tests.support.studio import open_studio


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    """A studio with the bot online; at the end every sum of the ledger is right."""
    async with open_studio(tmp_path) as bench:
        yield bench
