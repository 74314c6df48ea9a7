"""The fault matrix in the documents: every cell has its test or its reason, and every test exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
STEPS = "ARUSPDXZ"
CASES = dict(re.findall(r"^\| `([\w-]+-[A-Z])` \|.*\| `([^`|]+)` \|$", PAGE, flags=re.MULTILINE))
NAMED = set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", PAGE))
REASONS = re.findall(r"^- \*\*(\w)\*\*: \S", PAGE, flags=re.MULTILINE)
ROWS = {
    match[1]: [cell.strip() for cell in match[2].split("|")]
    for match in re.finditer(r"^\| \[[^\]]+\]\(#([\w-]+)\) \|(.*)\|$", PAGE, flags=re.MULTILINE)
}


def test_the_matrix_is_whole() -> None:
    assert len(ROWS) == 16
    assert all(len(cells) == len(STEPS) for cells in ROWS.values())


@pytest.mark.parametrize("fault", ROWS)
def test_no_cell_is_empty_without_a_reason(fault: str) -> None:
    for step, cell in zip(STEPS, ROWS[fault], strict=True):
        if cell.startswith("–"):
            assert cell.removeprefix("– ") in REASONS
        else:
            assert cell == f"`{fault}-{step}`"
            assert cell.strip("`") in CASES


def test_every_case_is_in_the_matrix() -> None:
    cells = {cell.strip("`") for cells in ROWS.values() for cell in cells}
    assert set(CASES) <= cells


@pytest.mark.parametrize("test", sorted({*CASES.values(), *NAMED}))
def test_every_named_test_exists(test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("case", CASES)
def test_every_case_says_what_happens_and_what_people_read(case: str) -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{case}` |"))
    assert all(cell.strip() for cell in line.strip("|").split("|"))
