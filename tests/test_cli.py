"""What the command line takes, teaches and answers, and with which status it ends."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.arguments import ImagineArguments
from bot.cli import main
from bot.domain.errors import ConfigError, InvalidRequest, ProviderUnavailable, StorageUnavailable
from bot.domain.shapes import Model, Ratio, Resolution, Size
from bot.settings import Settings
from tests.support.secrecy import net

ROOT = Path(__file__).parent.parent
CANARY = "canary-91be44"

PARTS = {
    "live": ["run_bot"],
    "local": ["run_playground"],
    "terminal": ["imagine"],
    "upkeep": ["upgrade", "verify"],
}

Say = Callable[[str], None]


class FakeApp:
    """In place of the parts that do the work: remembers what was asked for, and ends as told."""

    def __init__(self, outcome: int | Exception = 0) -> None:
        self.outcome = outcome
        self.calls: list[tuple[str, Settings]] = []
        self.arguments: ImagineArguments | None = None

    def _end(self, name: str, settings: Settings, say: Say) -> int:
        self.calls.append((name, settings))
        say(f"{name} was here")
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def run_bot(self, settings: Settings, *, stop: asyncio.Event, say: Say) -> int:
        assert not stop.is_set()
        return self._end("run_bot", settings, say)

    async def run_playground(self, settings: Settings, *, stop: asyncio.Event, say: Say) -> int:
        assert not stop.is_set()
        return self._end("run_playground", settings, say)

    async def imagine(self, settings: Settings, args: ImagineArguments, *, say: Say) -> int:
        self.arguments = args
        return self._end("imagine", settings, say)

    async def upgrade(self, settings: Settings, *, say: Say) -> int:
        return self._end("upgrade", settings, say)

    async def verify(self, settings: Settings, *, say: Say) -> int:
        return self._end("verify", settings, say)


@pytest.fixture(autouse=True)
def _own_folder_and_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> FakeApp:
    fake = FakeApp()
    for module, names in PARTS.items():
        for function in names:
            monkeypatch.setattr(f"bot.{module}.{function}", getattr(fake, function))
    return fake


@pytest.mark.parametrize("arguments", [[], ["run"]])
def test_without_a_token_the_bot_starts_the_playground_and_says_so(
    app: FakeApp, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 0
    assert [name for name, _ in app.calls] == ["run_playground"]
    assert "No discord.token is set" in capsys.readouterr().out


def test_with_a_token_the_bot_runs(app: FakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_DISCORD__TOKEN", CANARY)
    assert main([]) == 0
    assert [name for name, _ in app.calls] == ["run_bot"]


@pytest.mark.parametrize(
    ("arguments", "called"),
    [(["playground"], "run_playground"), (["db", "upgrade"], "upgrade"), (["db", "verify"], "verify")],
)
def test_a_command_calls_its_part_and_ends_with_its_status(app: FakeApp, arguments: list[str], called: str) -> None:
    app.outcome = 1
    assert main(arguments) == 1
    assert [name for name, _ in app.calls] == [called]


def test_imagine_hands_over_everything_that_was_typed(app: FakeApp, tmp_path: Path) -> None:
    for name in ("model.png", "cloth.png"):
        (tmp_path / name).write_bytes(b"x")
    options = ["--ratio", "1:1", "--resolution", "1080p", "--model", "gen4_image_turbo", "--seed", "7", "--count", "2"]
    files = ["--reference", "model.png", "--reference", "cloth.png", "--out", "cat.png", "--provider", "sketch"]
    assert main(["imagine", "@model in a garden", *options, *files]) == 0
    assert app.arguments == ImagineArguments(
        prompt="@model in a garden",
        references=(Path("model.png"), Path("cloth.png")),
        ratio=Ratio.SQUARE,
        resolution=Resolution.P1080,
        model=Model.GEN4_IMAGE_TURBO,
        seed=7,
        count=2,
        provider="sketch",
        out=Path("cat.png"),
    )


def test_imagine_needs_nothing_but_a_prompt(app: FakeApp) -> None:
    assert main(["imagine", "a cat", "--size", "1808:768"]) == 0
    assert app.arguments == ImagineArguments(prompt="a cat", size=Size(1808, 768))


def test_more_than_three_references_are_refused(
    app: FakeApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"r{number}.png" for number in range(4)]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    assert main(["imagine", "a cat", "--reference", *names]) == 2
    assert capsys.readouterr().err == "4 reference pictures are too many: at most 3 can be used.\n"
    assert app.calls == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["imagine"], "PROMPT"),
        (["imagine", "a cat", "--reference", "nowhere.png"], "there is no file nowhere.png"),
        (["imagine", "a cat", "--ratio", "5:4"], "choose from '16:9'"),
        (["imagine", "a cat", "--size", "100:100"], "the nearest that can is 720:720"),
        (["imagine", "a cat", "--size", "big"], "write it as 1808:768"),
        (["imagine", "a cat", "--seed", "-1"], "-1 is not a whole number from 0 to 4294967295"),
        (["imagine", "a cat", "--seed", "4294967296"], "not a whole number"),
        (["imagine", "a cat", "--count", "5"], "5 is not a whole number from 1 to 4"),
        (["imagine", "a cat", "--out", "nowhere/cat.png"], "there is no folder nowhere"),
        (["imagine", "a cat", "--out", "."], "is a folder"),
        (["db"], "COMMAND"),
        (["dokter"], "invalid choice: 'dokter'"),
        (["config", "--nonsense"], "nrecognized arguments: --nonsense"),
    ],
)
def test_wrong_usage_is_one_sentence_and_status_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    written = capsys.readouterr()
    assert left.value.code == 2
    assert sentence in written.err
    assert len(written.err.splitlines()) == 2
    assert written.err.splitlines()[1].endswith("--help")
    assert written.out == ""


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (InvalidRequest("refused.prompt_empty"), 2, "The prompt is empty. Say what the picture should show."),
        (ConfigError(lines=(f"the key {CANARY} is no good",)), 78, "the key [hidden] is no good"),
        (ConfigError(lines=("first wrong", "second wrong")), 78, "first wrong\nsecond wrong"),
        (
            ConfigError("config.database_folder", path="/x", detail="denied"),
            78,
            "The folder /x for the database cannot",
        ),
        (StorageUnavailable(), 1, "The bot's storage cannot be written right now"),
        (ProviderUnavailable(provider="runway", detail="dns"), 1, "."),
    ],
)
def test_an_error_of_the_bot_is_its_sentence_and_status(
    app: FakeApp,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    sentence: str,
) -> None:
    monkeypatch.setenv("BOT_DISCORD__TOKEN", CANARY)
    app.outcome = error
    assert main(["imagine", "a cat"]) == status
    written = capsys.readouterr().err
    assert sentence in written
    assert CANARY not in written
    assert "Traceback" not in written


def test_an_unexpected_error_is_logged_without_secrets_and_ends_with_1(
    app: FakeApp, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_DISCORD__TOKEN", CANARY)
    net().forgive("the log")
    app.outcome = RuntimeError(f"broke with {CANARY}")
    assert main([]) == 1
    written = capsys.readouterr().err
    assert "RuntimeError: broke with [hidden]" in written
    assert CANARY not in written
    assert written.splitlines()[-1].startswith("Something unexpected went wrong")


def test_wrong_settings_end_every_command_with_78_and_start_nothing(
    app: FakeApp, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_DISCORD__TOKN", CANARY)
    assert main([]) == 78
    assert main(["config"]) == 78
    written = capsys.readouterr()
    assert written.err.splitlines() == ["BOT_DISCORD__TOKN is no setting; did you mean BOT_DISCORD__TOKEN?"] * 2
    assert app.calls == []


def test_config_shows_the_settings_in_force_and_warnings_without_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(f'[providers.runway]\napi_key = "{CANARY}"\n[http]\nport = 4711\n')
    (tmp_path / "config.toml").chmod(0o644)
    monkeypatch.setenv("BOT_HTTP__HOST", "localhost")
    assert main(["config"]) == 0
    written = capsys.readouterr()
    assert "port = 4711" in written.out
    assert 'host = "localhost"' in written.out
    assert 'api_key = "********"' in written.out
    assert written.err.startswith("Warning: config.toml holds a secret")
    assert CANARY not in written.out + written.err


def test_healthcheck_without_a_running_bot_ends_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("BOT_HTTP__PORT", str(unused_tcp_port))
    assert main(["healthcheck"]) == 1
    assert capsys.readouterr().out == "not alive\n"


@pytest.mark.parametrize("arguments", [["--help"], ["imagine", "--help"], ["db", "--help"], ["--version"]])
def test_help_teaches_and_ends_with_0(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 0
    assert capsys.readouterr().out


def test_python_m_bot_is_this_command_line(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "BOT_LOG__LEVEL": "loud"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "config"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 78
    assert done.stderr == 'BOT_LOG__LEVEL: log.level cannot be "loud"; allowed is one of debug, info, warning, error\n'
