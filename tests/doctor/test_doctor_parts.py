"""What the doctor decides from what it finds: clock, disks, SQLite's version, and the cheapest picture."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.discord_ui.invite import invite_link, missing_permissions
from bot.doctor import store_checks
from bot.doctor.discord_checks import DiscordChecks
from bot.doctor.findings import Verdict
from bot.doctor.live import cheapest
from bot.domain.shapes import Model, Ratio, Resolution
from bot.providers.fetching import Answer
from bot.providers.http import HttpClient
from bot.providers.runway_facts import RUNWAY
from bot.providers.sketch import SKETCH
from bot.settings import DiscordSettings

NOW = 1_750_000_000.0


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def clock_finding(date: str | None) -> tuple[Verdict, str]:
    checks = DiscordChecks(settings=DiscordSettings(), http=HttpClient(), clock=lambda: NOW)
    found = checks._clock(Answer(status=200, headers={"date": date} if date else {}, body=b"{}"))
    return found.verdict, found.text


@pytest.mark.parametrize(
    ("away", "verdict", "words"),
    [
        (0, Verdict.OK, "right"),
        (4, Verdict.OK, "right"),
        (-30, Verdict.WARNING, "30 s behind Discord's"),
        (30, Verdict.WARNING, "30 s ahead of Discord's"),
        (3600, Verdict.WRONG, "3600 s ahead of Discord's"),
    ],
)
def test_the_clock_is_held_against_discords(away: int, verdict: Verdict, words: str) -> None:
    found, text = clock_finding(formatdate(NOW - away, usegmt=True))
    assert found is verdict
    assert text.startswith(words)


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_without_discords_time_nothing_is_said_against_the_clock(date: str | None) -> None:
    assert clock_finding(date)[0] is Verdict.WARNING


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(5 * 1024**3, Verdict.OK), (500 * 1024**2, Verdict.WARNING), (10 * 1024**2, Verdict.WRONG)],
)
def test_little_room_is_a_warning_and_none_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, verdict: Verdict
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(free, 0, free))
    assert store_checks._room(tmp_path / "not" / "there").verdict is verdict


def test_a_folder_that_cannot_be_written_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    found = store_checks._room(tmp_path)
    assert (found.verdict, "cannot be written" in found.text) == (Verdict.WRONG, True)


@pytest.mark.parametrize(("several", "words"), [(True, "3.51.3"), (False, "the bot opens only one")])
def test_an_old_sqlite_is_fine_with_one_connection(monkeypatch: pytest.MonkeyPatch, several: bool, words: str) -> None:
    monkeypatch.setattr(store_checks, "sqlite_version", lambda: ("3.51.3" if several else "3.40.1", several))
    found = store_checks._sqlite()
    assert found.verdict is Verdict.OK
    assert words in found.text


def test_the_cheapest_picture_is_chosen_by_price_then_by_references() -> None:
    trial = cheapest(RUNWAY)
    assert trial is not None
    assert (trial.model, trial.references, trial.ratio) == (Model.GEN4_IMAGE_TURBO, 1, Ratio.WIDE)
    free = cheapest(SKETCH)
    assert free is not None
    assert (free.model, free.references, free.resolution) == (Model.GEN4_IMAGE, 0, Resolution.P720)


def test_what_needs_a_link_cannot_be_tried_from_a_file() -> None:
    plain = RUNWAY.models[Model.GEN4_IMAGE]
    needy = replace(RUNWAY, reference_links=True, models={plain.model: replace(plain, min_references=1)})
    assert cheapest(needy) is None
    assert cheapest(replace(RUNWAY, reference_links=True)) is not None


def test_the_invitation_asks_for_what_is_needed_and_no_more() -> None:
    wanted = 1 << 10 | 1 << 11 | 1 << 15 | 1 << 16 | 1 << 35 | 1 << 38
    assert f"permissions={wanted}" in invite_link(42)
    assert missing_permissions(wanted) == []
    assert missing_permissions(wanted & ~(1 << 15)) == ["attach_files"]
    assert missing_permissions(1 << 3) == []
