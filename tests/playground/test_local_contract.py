"""The description of Discord's API judges requests and answers, and would notice a breach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.playground import Exchange, LocalDiscord
from tests.playground.test_local_messages import path_of
from tests.support.contract import Contract
from tests.support.raw_discord import RawBot


@pytest.fixture
def judge(description: Contract | None) -> Contract:
    """A description of one's own, so that what it collects stays here."""
    fresh = Contract.load(Path(__file__).parents[2])
    if fresh is None:
        pytest.skip("Discord's API description is not beside the repository; name it in DISCORD_OPENAPI")
    return fresh


@pytest.fixture
async def exchange(local: LocalDiscord, bot: RawBot) -> Exchange:
    """A good exchange."""
    await bot.request("POST", path_of(local), {"content": "x", "nonce": "n"})
    return local.calls()[0]


def test_a_good_exchange_passes(judge: Contract, exchange: Exchange) -> None:
    judge.check(exchange)
    judge.assert_kept()


@pytest.mark.parametrize(
    "change",
    [
        {"response": {"id": "1"}},
        {"response": None},
        {"request": {"content": "x" * 4001}},
        {"request": {"components": [{"type": 99}]}},
        {"status": 201},
        {"template": "/nothing"},
        {"status": 404, "response": {"message": "no code"}},
    ],
)
def test_a_breach_is_noticed(judge: Contract, exchange: Exchange, change: dict[str, object]) -> None:
    judge.check(replace(exchange, **change))
    with pytest.raises(AssertionError):
        judge.assert_kept()


async def test_a_refused_request_is_kept_for_whoever_asks(judge: Contract, local: LocalDiscord, bot: RawBot) -> None:
    await bot.request("POST", path_of(local), {"content": "x" * 2001})
    judge.check(local.calls()[0])
    judge.assert_kept()
    assert [refused.response["code"] for refused in judge.refusals] == [50035]


def test_without_a_description_ci_fails_and_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_OPENAPI", str(tmp_path / "missing.json"))
    monkeypatch.setenv("CI", "false")
    assert Contract.load(tmp_path) is None
    monkeypatch.setenv("CI", "true")
    with pytest.raises(FileNotFoundError):
        Contract.load(tmp_path)
