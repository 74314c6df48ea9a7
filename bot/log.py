"""The log: one line an event on standard error, for people or machines, with secrets taken out of the finished text."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, TextIO

from bot.log_context import bindings
from bot.settings import LogSettings

MASK = "[hidden]"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A data URI is a picture somebody sent.
    (re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,[A-Za-z0-9+/=%_-]+"), f"data:{MASK}"),
    # Interaction and webhook addresses carry a token that lets anybody post.
    (re.compile(r"(?P<keep>(?:webhooks|interactions)/\d+/)[\w.~%-]+"), rf"\g<keep>{MASK}"),
    # Discord's bot tokens: base64 of the id in digits, hence M, N or O first; a time stamp; a signature.
    (re.compile(r"(?<![\w-])[MNO][A-Za-z0-9_-]{17,39}\.[A-Za-z0-9_-]{5,10}\.[A-Za-z0-9_-]{20,80}(?![\w-])"), MASK),
    (re.compile(r"(?P<keep>\bBearer\s+)(?=\S*[\d._])[\w.~+/=-]{8,}", re.IGNORECASE), rf"\g<keep>{MASK}"),
    # Runway's keys are key_ and 128 hexadecimal digits; half a key is still too much.
    (re.compile(r"\bkey_[A-Za-z0-9]{8,}"), MASK),
    # Whatever signs a link: Discord's ex, is, hm; Runway's _jwt; S3's signatures; keys in queries.
    (
        re.compile(
            r"(?P<keep>[?&](?:ex|is|hm|key|api_key|apikey|token|access_token|_?jwt|sig|signature|policy|key-pair-id"
            r"|x-amz-[a-z-]+)=)[^&\s\"'<>)\]]+",
            re.IGNORECASE,
        ),
        rf"\g<keep>{MASK}",
    ),
    (re.compile(r"(?P<keep>://[^:/@\s]*:)[^@/\s]+(?=@)"), rf"\g<keep>{MASK}"),
)

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Redactor:
    """Takes registered secrets, and whatever looks like one, out of a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first, so that no part of a secret survives because a shorter one was inside it. Texts of
        # a few letters are no secrets worth the name, and hiding them would blacken every line.
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 6}, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class Lines(logging.Formatter):
    """Renders a record, traceback included, and cleans the result."""

    def __init__(self, *, style: Literal["console", "json"], redactor: Redactor) -> None:
        super().__init__()
        self._json = style == "json"
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback follows it on a console and is a field of it in JSON."""
        about = bindings()
        clean = self._redactor.clean
        message = clean(_message(record))
        trace = clean(_traceback(record))
        time = datetime.fromtimestamp(record.created, UTC)
        if self._json:
            line: dict[str, object] = {
                "time": time.isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": message,
                **about,
            }
            return json.dumps(line | ({"traceback": trace} if trace else {}), ensure_ascii=False, default=str)
        tail = "".join(f" {name}={value}" for name, value in about.items())
        # A message with line breaks could pretend to be several lines, one with controls could paint over others.
        message = _CONTROLS.sub("", message).replace("\n", "\n    ")
        head = f"{time:%H:%M:%S} {record.levelname:<7} {record.name}: {message}{tail}"
        return head + (f"\n{_CONTROLS.sub('', trace)}" if trace else "")


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # Arguments that do not fit their message: logging itself would print them unclean.
        return f"{record.msg} {record.args}"


def _traceback(record: logging.LogRecord) -> str:
    parts: list[str] = []
    if record.exc_info and record.exc_info[1] is not None:
        parts.append("".join(traceback.format_exception(record.exc_info[1])).rstrip())
    if record.stack_info:
        parts.append(record.stack_info)
    return "\n".join(parts)


def start_logging(settings: LogSettings, *, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send every log line of the process to `stream`, standard error unless given. Called once, by the entry point."""
    out = sys.stderr if stream is None else stream
    style = settings.format
    if style == "auto":
        style = "console" if out.isatty() else "json"
    handler = logging.StreamHandler(out)
    handler.setFormatter(Lines(style=style, redactor=Redactor(secrets)))
    level = getattr(logging, settings.level.upper())
    handler.setLevel(level)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # httpx writes whole signed addresses at info; discord.py writes tokens and payloads at debug.
    for name in ("httpx", "httpcore", "alembic", "aiosqlite", "asyncio", "PIL"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("aiohttp.access").setLevel(max(level, logging.WARNING))
    logging.getLogger("discord").setLevel(max(level, logging.INFO))
