"""The net itself: a secret that is told in any way fails the test that told it, and nothing else does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.support.secrecy import net

ROOT = Path(__file__).parent.parent
LEAKY = ROOT / "tests" / "support" / "leaky.py"


def test_each_way_to_tell_a_secret_fails_the_test_that_did() -> None:
    net().forgive("a program")
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short", str(LEAKY)]
    done = subprocess.run([sys.executable, "-m", "pytest", *options], cwd=ROOT, capture_output=True, text=True)
    leaks = set(re.findall(r"def (test_leaks_\w+)", LEAKY.read_text()))
    caught = set(re.findall(r"^ERROR \S+::(\w+)", done.stdout, re.MULTILINE))
    assert caught == leaks, done.stdout[-6000:]
    assert f"{len(leaks) + 1} passed, {len(leaks)} errors" in done.stdout, done.stdout[-2000:]
