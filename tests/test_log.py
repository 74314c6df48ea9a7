"""What a log line looks like, and what never stands in one."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.log import MASK, Lines, Redactor, start_logging
from bot.log_context import bound
from bot.settings import LogSettings

CANARY = "canary-5d2e8c"
BOT_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabCdE." + "x" * 38
TEXTS = [
    f"logging in with {BOT_TOKEN}",
    f"headers={{'Authorization': 'Bot {BOT_TOKEN}'}}",
    f"Authorization: Bearer {CANARY}_0123456789",
    f"key_{'0' * 8}canary5d2e8c{'f' * 100}",
    f"POST https://discord.com/api/v10/webhooks/123456789012345678/{CANARY}-token/messages/@original",
    f"POST /interactions/123456789012345678/{CANARY}.token/callback",
    f"GET https://cdn.discordapp.com/attachments/1/2/a.png?ex=66{CANARY}&is=1{CANARY}&hm={CANARY}",
    f"GET https://host.example/output.png?_jwt={CANARY}.abc",
    f"GET https://bucket.example/x?X-Amz-Signature={CANARY}&X-Amz-Credential={CANARY}",
    f"GET https://api.example/v1?key={CANARY}",
    f"sent data:image/png;base64,iVBORw0KGgo{CANARY.replace('-', '+')}==",
    f"connecting to postgresql+asyncpg://atelier:{CANARY}@localhost/atelier",
]
TRACES = ["canary", "x" * 38, "iVBORw0KGgo", "5d2e8c"]


class Log:
    """A logger of its own with a stream to read what was written."""

    def __init__(self, *, style: str = "console", secrets: tuple[str, ...] = ()) -> None:
        self._stream = io.StringIO()
        handler = logging.StreamHandler(self._stream)
        kind = "json" if style == "json" else "console"
        handler.setFormatter(Lines(style=kind, redactor=Redactor(secrets)))
        self.logger = logging.Logger("atelier.test")
        self.logger.addHandler(handler)

    @property
    def text(self) -> str:
        return self._stream.getvalue()


@pytest.mark.parametrize("style", ["console", "json"])
@pytest.mark.parametrize("text", TEXTS)
def test_what_looks_like_a_secret_is_hidden_in_message_arguments_and_traceback(text: str, style: str) -> None:
    log = Log(style=style)
    log.logger.info(text)
    log.logger.info("%s", text)
    try:
        raise ValueError(text)
    except ValueError:
        log.logger.exception("It broke")
    assert log.text.count(MASK) >= 3
    assert not [trace for trace in TRACES if trace in log.text]


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_registered_secret_is_hidden_whatever_it_looks_like(style: str) -> None:
    log = Log(style=style, secrets=(CANARY, f"{CANARY}-and-more", 'quo"ted\\secret'))
    log.logger.info("one %s, two %s, three %s", CANARY, f"{CANARY}-and-more", 'quo"ted\\secret')
    assert log.text.count(MASK) == 3
    assert "canary" not in log.text
    assert "and-more" not in log.text
    assert "quo" not in log.text


@pytest.mark.parametrize(
    "text",
    [
        "Bearer authentication was refused",
        "job 12 is done after 31.5 s",
        "discord.ext.commands.errors.CommandNotFound: imagine",
        "GET https://discord.com/api/v10/channels/123456789012345678/messages?limit=50&before=1",
        "the key_id of webhooks/123456789012345678 is unknown",
    ],
)
def test_an_ordinary_line_stays_as_it_is(text: str) -> None:
    assert Redactor(("short",)).clean(text) == text


def test_a_line_tells_the_job_and_interaction_it_is_about() -> None:
    log = Log(style="json")
    with bound(interaction_id=7):
        with bound(job_id=42):
            log.logger.info("inside")
        log.logger.info("between")
    log.logger.info("outside")
    inside, between, outside = map(json.loads, log.text.splitlines())
    assert (inside["job_id"], inside["interaction_id"]) == (42, 7)
    assert "job_id" not in between
    assert between["interaction_id"] == 7
    assert "interaction_id" not in outside


def test_a_json_line_is_one_line_with_its_traceback_inside() -> None:
    log = Log(style="json")
    try:
        raise KeyError("gone")
    except KeyError:
        log.logger.exception("first\nsecond")
    (line,) = map(json.loads, log.text.splitlines())
    assert line["message"] == "first\nsecond"
    assert line["level"] == "error"
    assert "KeyError: 'gone'" in line["traceback"]
    assert line["time"].endswith("+00:00")


def test_a_message_cannot_pretend_to_be_another_line_or_paint_over_one() -> None:
    log = Log()
    log.logger.info("a prompt:\n12:00:00 ERROR   bot: forged\x1b[2K\r")
    first, second = log.text.splitlines()
    assert first.endswith("a prompt:")
    assert second.startswith("    12:00:00 ERROR")
    assert "\x1b" not in log.text


def test_arguments_that_do_not_fit_are_written_all_the_same_and_cleaned() -> None:
    log = Log(secrets=(CANARY,))
    log.logger.info("%d pictures", CANARY)
    assert "%d pictures" in log.text
    assert CANARY not in log.text


@pytest.fixture
def _root_logger_restored() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    noisy = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "discord", "aiohttp.access")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, old in noisy.items():
        logging.getLogger(name).setLevel(old)


@pytest.mark.usefixtures("_root_logger_restored")
def test_libraries_that_write_secrets_stay_quiet_even_at_debug() -> None:
    stream = io.StringIO()
    start_logging(LogSettings(level="debug", format="json"), secrets=(CANARY,), stream=stream)
    logging.getLogger("httpx").info("HTTP Request: GET https://signed.example")
    logging.getLogger("httpcore.http11").info("headers")
    logging.getLogger("discord.gateway").debug("payload")
    logging.getLogger("bot.services").debug("seen %s", CANARY)
    logging.getLogger("discord.client").info("logging in")
    assert [json.loads(line)["logger"] for line in stream.getvalue().splitlines()] == ["bot.services", "discord.client"]
    assert CANARY not in stream.getvalue()


@pytest.mark.usefixtures("_root_logger_restored")
def test_without_a_terminal_the_lines_are_json_and_with_level_info_debug_is_left_out() -> None:
    stream = io.StringIO()
    start_logging(LogSettings(), stream=stream)
    logging.getLogger("bot").debug("no")
    logging.getLogger("bot").info("yes")
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["yes"]
