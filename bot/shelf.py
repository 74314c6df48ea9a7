"""`python -m bot reference`: the command line's own saved references, for the prompts of `imagine`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.arguments import ReferenceArguments
from bot.assembly import App
from bot.domain.errors import UnusableImage
from bot.domain.library import Scope
from bot.domain.references import MAX_UPLOAD_BYTES
from bot.settings import Settings
from bot.terminal import PERSON, TerminalPresenter, opened, own_database
from bot.texts import Texts, load_texts

Say = Callable[[str], None]


async def look_after(settings: Settings, arguments: ReferenceArguments, *, say: Say) -> int:
    """Carry out one of save, list, show, rename and delete.

    Raises:
        Refused: a name is unknown, taken or no name, or a file is no picture that can be used.
        ConfigError: a setting cannot be used.
    """
    texts = load_texts()
    presenter = TerminalPresenter(say=say, out=arguments.path, texts=texts)
    async with opened(own_database(settings), presenter) as app:
        match arguments.what:
            case "save":
                await _save(app, arguments, texts, say)
            case "list":
                await _list(app, texts, say)
            case "show":
                shown = await app.library.show(await app.library.find(PERSON, arguments.name), limit=2**31)
                await asyncio.to_thread(arguments.path.write_bytes, shown.content)
                say(str(arguments.path))
            case "rename":
                saved = await app.library.find(PERSON, arguments.name)
                name = await app.library.rename(PERSON, saved, arguments.new_name)
                say(texts.say("command_line.reference_saved", name=name))
            case "delete":
                saved = await app.library.find(PERSON, arguments.name)
                await app.library.delete(PERSON, saved)
                say(texts.say("command_line.reference_deleted", name=saved.name))
    return 0


async def _save(app: App, arguments: ReferenceArguments, texts: Texts, say: Say) -> None:
    content = await asyncio.to_thread(_read, arguments.path)
    filename = arguments.path.name
    kept = await app.library.save_content(PERSON, Scope.ME, arguments.name, content, filename=filename)
    for note in kept.notes:
        say(texts.say(note))
    say(texts.say("command_line.reference_saved", name=kept.shown.saved.name))


async def _list(app: App, texts: Texts, say: Say) -> None:
    number, pages = 1, 1
    while number <= pages:
        page = await app.library.page(PERSON, Scope.ME, number)
        for shown in page.entries:
            width, height = shown.saved.picture.width, shown.saved.picture.height
            say(texts.say("command_line.reference", name=shown.saved.name, width=width, height=height))
        if not page.entries:
            say(texts.say("command_line.no_references"))
        number, pages = number + 1, page.pages


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        raise UnusableImage("image.too_large_bytes", filename=path.name, limit=MAX_UPLOAD_BYTES)
    return path.read_bytes()
