"""One picture from the command line: the same pipeline as on Discord, with a terminal in its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

from bot.app import open_app
from bot.arguments import ImagineArguments
from bot.assembly import App
from bot.domain.errors import ConfigError, DeliveryFailed, InvalidRequest, UnusableImage
from bot.domain.flags import read_flags
from bot.domain.job import Action, Place, PlaceKind, Requester, RequestId, RequestRecord
from bot.domain.options import Fallback, Options, compose
from bot.domain.quota import QuotaRule
from bot.domain.references import MAX_UPLOAD_BYTES, Upload, check_upload, tag_uploads
from bot.domain.request import ImageRequest
from bot.services.callers import Caller
from bot.services.ports import CardView, NoSteps, Posted, Result
from bot.settings import Settings
from bot.settings_providers import ProviderName
from bot.texts import Texts, load_texts

Say = Callable[[str], None]

OPERATOR = QuotaRule(amount=1_000_000, at_once=4, queue=100)
"""Whoever runs commands on the bot's machine pays the bill themselves."""

PERSON = Requester(user_id=0)
"""Whoever sits at the terminal; no person at Discord has this id."""

LOCK_PATIENCE = 600.0


class TerminalPresenter:
    """Shows progress as lines and writes finished pictures to files.

    Pictures of an earlier call that was stopped in between are written too, next to the others, so that what was
    paid for is never lost.
    """

    def __init__(self, *, say: Say, out: Path, texts: Texts) -> None:
        self._say = say
        self._out = out
        self._texts = texts
        self._shown = ""
        self.mine: RequestId | None = None
        self.over = asyncio.Event()
        self.failed = False

    async def update_card(self, view: CardView) -> bool:
        """One line for each change of what is known."""
        standing = view.standing
        line = self._texts.say("command_line.waiting")
        if standing.position == 0:
            line = self._texts.say("command_line.working", percent=round(100 * (standing.progress or 0)))
        if line != self._shown:
            self._shown = line
            self._say(line)
        return True

    async def open_place(self, record: RequestRecord) -> int | None:
        """Files need no thread."""
        return None

    async def parent_of(self, record: RequestRecord) -> int | None:
        """There is one place only."""
        return None

    async def direct_channel(self, record: RequestRecord) -> int | None:
        """There is one place only."""
        return None

    async def find_result(self, record: RequestRecord, channel_id: int) -> Posted | None:
        """Writing a file again changes nothing."""
        return None

    async def find_card(self, record: RequestRecord) -> int | None:
        """A call that was stopped before it said that it began has no card."""
        return None

    async def delete_result(self, record: RequestRecord) -> None:
        """Messages at Discord are for the bot to take down."""
        raise DeliveryFailed(retry=True, detail="not at Discord")

    def upload_limit(self, record: RequestRecord) -> int:
        """Files may be as large as they are."""
        return 2**31

    async def post_result(self, result: Result, channel_id: int) -> Posted:
        """Write the pictures, then one line for each."""
        for number, picture in enumerate(result.pictures):
            job = picture.job
            path = self._path(result.record, number, len(result.record.jobs))
            await asyncio.to_thread(_write, path, picture.content)
            self._say(
                self._texts.say(
                    "command_line.saved" if job.seed_sent else "command_line.saved_without_seed",
                    path=path,
                    width=picture.output.width,
                    height=picture.output.height,
                    provider=job.provider,
                    seed=job.seed,
                    price=job.charged,
                )
            )
        return Posted(channel_id=channel_id, message_id=1)

    async def close_card(self, result: Result) -> None:
        """Say how pictures ended that did not come."""
        for ending in result.endings:
            self._say(self._texts.say(ending.key, **ending.values))
        if result.record.id == self.mine:
            self.failed = bool(result.endings)
            self.over.set()

    def _path(self, record: RequestRecord, number: int, count: int) -> Path:
        if record.id != self.mine:
            return self._out.with_name(f"recovered-{record.id}-{number + 1}{self._out.suffix}")
        return self._out if count == 1 else self._out.with_stem(f"{self._out.stem}-{number + 1}")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


async def imagine(settings: Settings, arguments: ImagineArguments, *, say: Say) -> int:
    """Make the pictures asked for; 1 when one of them did not come.

    Raises:
        Refused: prompt, options or references cannot be used.
        ConfigError: a setting cannot be used.
    """
    texts = load_texts()
    presenter = TerminalPresenter(say=say, out=arguments.out, texts=texts)
    settings = own_database(_only(settings, arguments.provider))
    if settings.providers.active() == ("sketch",):
        say(texts.say("command_line.no_provider"))
    async with opened(settings, presenter) as app:
        request = await _request(app, arguments, say)
        caller = Caller(requester=PERSON, place=Place(kind=PlaceKind.COMMAND_LINE))
        accepted = await app.submissions.submit(request, caller, action=Action.COMMAND_LINE)
        presenter.mine = accepted.record.id
        stop = asyncio.Event()
        work = asyncio.create_task(app.scheduler.run(stop), name="scheduler")
        await app.submissions.answered(accepted.record, card_message_id=None)
        over = asyncio.create_task(presenter.over.wait(), name="over")
        await asyncio.wait({work, over}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        over.cancel()
        await work
    return 1 if presenter.failed else 0


@asynccontextmanager
async def opened(settings: Settings, presenter: TerminalPresenter) -> AsyncGenerator[App]:
    """The app on the command line's own database; calls at the same time wait for each other."""
    waited = 0.0
    while True:
        try:
            async with open_app(settings, presenter=presenter, steps=NoSteps(), rule=OPERATOR) as app:
                yield app
                return
        except ConfigError as error:
            if error.key != "config.database_in_use" or waited > LOCK_PATIENCE:
                raise
        waited += 0.25
        await asyncio.sleep(0.25)


def own_database(settings: Settings) -> Settings:
    """A SQLite file belongs to one process, and the bot may be running: this gets a file next to it.

    And a store of pictures next to the bot's: each is cleared by what one database knows.
    """
    url = settings.database.url
    if not url.startswith("sqlite"):
        return settings
    own = url.removesuffix(".db") + "-command-line.db"
    storage = settings.storage.model_copy(update={"url": settings.storage.url.rstrip("/") + "-command-line"})
    database = settings.database.model_copy(update={"url": own})
    return settings.model_copy(update={"database": database, "storage": storage})


def _only(settings: Settings, provider: str | None) -> Settings:
    if provider is None:
        return settings
    known = get_args(ProviderName)
    if provider not in known:
        raise InvalidRequest("refused.provider_unknown", provider=provider, names=", ".join(known))
    update: dict[str, object] = {"order": (provider,)}
    if provider == "sketch":
        update["sketch"] = settings.providers.sketch.model_copy(update={"enabled": True})
    return settings.model_copy(update={"providers": settings.providers.model_copy(update=update)})


async def _request(app: App, arguments: ImagineArguments, say: Say) -> ImageRequest:
    flags = read_flags(arguments.prompt)
    contents = [await asyncio.to_thread(_read, path) for path in arguments.references]
    uploads = [
        Upload(filename=path.name, url="", size=len(content))
        for path, content in zip(arguments.references, contents, strict=True)
    ]
    for upload in uploads:
        check_upload(upload)
    tagged = tag_uploads(flags.prompt, uploads).references
    kept = [
        await app.references.keep(content, tag=reference.tag, filename=reference.filename)
        for reference, content in zip(tagged, contents, strict=True)
    ]
    references = [reference for reference, _ in kept]
    for note in dict.fromkeys(note for _, notes in kept for note in notes):
        say(load_texts().say(note))
    options = Options(
        ratio=arguments.ratio,
        size=arguments.size,
        resolution=arguments.resolution,
        model=arguments.model,
        seed=arguments.seed,
        count=arguments.count,
    )
    return compose(flags, references, options, fallback=Fallback(seed=app.submissions.draw_seed()))


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        raise UnusableImage("image.too_large_bytes", filename=path.name, limit=MAX_UPLOAD_BYTES)
    return path.read_bytes()
