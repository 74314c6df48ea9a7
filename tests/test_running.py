"""A program that is told to stop ends with 0, in time, whatever its parts do."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

OBEDIENT = """
async def run(stop):
    print("ready", flush=True)
    await stop.wait()
    print("tidied up", flush=True)
    return 0
"""
DEAF = """
async def run(stop):
    print("ready", flush=True)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
"""
STUCK_IN_A_THREAD = """
async def run(stop):
    print("ready", flush=True)
    await stop.wait()
    await asyncio.to_thread(time.sleep, 60)
    return 0
"""
FAILING = """
async def run(stop):
    return 1
"""


def start(body: str, limit: float = 9.0) -> subprocess.Popen[str]:
    program = f"import asyncio, sys, time\nfrom bot.running import until_stopped\n{body}\n"
    program += f"sys.exit(until_stopped(run, limit={limit}))\n"
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_program_tidy_up_and_ends_with_0(number: signal.Signals) -> None:
    with start(OBEDIENT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        output, _ = process.communicate(timeout=20)
    assert (process.returncode, output) == (0, "tidied up\n")


@pytest.mark.parametrize("body", [DEAF, STUCK_IN_A_THREAD])
def test_a_program_that_does_not_stop_is_left_behind_in_time_and_ends_with_0(body: str) -> None:
    with start(body, limit=0.5) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert time.monotonic() - told < 10
    assert "Did not stop within 0.5 s" in errors


def test_without_a_signal_the_status_is_the_programs_own() -> None:
    with start(FAILING) as process:
        process.communicate(timeout=20)
    assert process.returncode == 1
