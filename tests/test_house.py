"""The house rules that a formatter does not know."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "bot").rglob("*.py"))
LINES_OF_A_MODULE, LINES_OF_A_FUNCTION = 300, 40
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|farm|root)/"),
    "a package registry's host": re.compile(
        r"https?://[^/\s]*(?:py" + "pi|python" + "hosted|npm" + r"js)\.(?:org|com)"
    ),
    "unfinished work": re.compile(r"(?:#|//)\s*(?:TO" + r"DO|FIX" + r"ME|XXX|HACK)\b"),
}


@cache
def tracked() -> tuple[Path, ...]:
    """The files that belong to the project, or all of them where there is no git to ask."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    names = listing.stdout.split("\0") if listing.returncode == 0 else []
    found = [ROOT / name for name in names if name] or [path for path in ROOT.rglob("*") if ".venv" not in path.parts]
    return tuple(path for path in found if path.is_file() and path.stat().st_size < 1_000_000)


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_short_and_says_what_it_is_for(module: Path) -> None:
    text = text_of(module)
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [
        f"{node.name} has {length} lines"
        for node in functions
        if (length := (node.end_lineno or 0) - node.lineno + 1) > LINES_OF_A_FUNCTION
    ]
    assert ast.get_docstring(tree), "no sentence on what this module is for"
    assert len(text.splitlines()) <= LINES_OF_A_MODULE
    assert not long


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds_what_belongs_elsewhere(what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert not found


def test_a_test_never_waits_for_time_to_pass() -> None:
    waits = re.compile(r"\b(?:time|asyncio)\.sleep\((?:[1-9]|0?\.[1-9])")
    found = [
        path.name
        for path in (ROOT / "tests").rglob("test_*.py")
        if waits.search(text_of(path))
        if path != Path(__file__)
    ]
    assert not found
