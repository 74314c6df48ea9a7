"""The tables of docs/providers.md say what the facts say."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from bot.domain.shapes import EXACT_SIZES, SIZES
from bot.providers.tables import EVERY, capability_table, limit_table, size_table
from bot.settings_providers import ProviderName

MANUAL = Path(__file__).parents[2] / "docs" / "providers.md"


@pytest.mark.parametrize(
    ("name", "table"), [("capabilities", capability_table), ("limits", limit_table), ("sizes", size_table)]
)
def test_the_manual_has_the_table_of_the_facts(name: str, table: Callable[[], str]) -> None:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert found[1] == table(), "run `make format`"


def test_every_service_has_a_column_a_chapter_and_no_other() -> None:
    assert {facts.name for facts in EVERY} == set(get_args(ProviderName))
    text = MANUAL.read_text(encoding="utf-8")
    for facts in EVERY:
        assert f"\n## {facts.title}\n" in text


def test_the_table_of_sizes_has_a_row_for_every_shape() -> None:
    rows = size_table().splitlines()[2:]
    assert len(rows) == len(SIZES) + len(EXACT_SIZES)
    assert all(row.count("|") == len(EVERY) + 2 for row in rows)
    assert "| 1:1 720p | 720×720 | 720×720 | 960×960 * | 720×720 | – | 720×720 |" in rows


def test_a_price_that_is_not_published_is_not_invented() -> None:
    (row,) = [row for row in limit_table().splitlines() if row.startswith("| a picture at 720p")]
    cells = [cell.strip() for cell in row.split("|")[2:-1]]
    assert cells == ["$0.05", "$0.05", "$0.10", "$0.32", "yours to set", "$0.00"]
