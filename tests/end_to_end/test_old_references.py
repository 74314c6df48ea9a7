"""Pictures whose copies are deleted come back from the message they stand in, or people are asked for them again."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import update

from bot.playground.actors import Upload
from bot.store.database import Database, Transaction
from bot.store.tables import request_references
from tests.corpus.files import encoded, photo
from tests.support.bench import Bench
from tests.support.studio import closed, open_studio, press, quota_left


async def forget_copies(bench: Bench, link: str) -> None:
    """As if the time of all pictures were over: what is left is a link that has expired."""
    expired = re.sub("ex=[0-9a-f]+", "ex=5f000000", link)

    async def write(tx: Transaction) -> None:
        gone = {"sha256": None, "media_type": None, "width": None, "height": None}
        await tx.execute(update(request_references).values(**gone, source=expired))

    async with Database.open(bench.settings.database.url) as database:
        await database.write(write)


async def test_an_expired_link_is_made_anew_from_its_message_or_the_file_is_asked_for(tmp_path: Path) -> None:
    picture = Upload("model.png", encoded(photo(), "PNG"), "image/png")
    async with open_studio(tmp_path) as bench:
        result = await bench.result_in_thread_of(await bench.imagine("@model in a coat", image1=picture, ratio="1:1"))
        # The bot may read the files of its own messages, and of those that speak to it.
        (attachment,) = result["attachments"]
        await forget_copies(bench, attachment["url"])
        again = await press(bench, result, "Reroll")
        assert (await closed(bench, again)).startswith("**Done**")
        left = await quota_left(bench)
        await forget_copies(bench, attachment["url"].replace("/attachments/", "/ephemeral-attachments/"))
        says = await closed(bench, await press(bench, result, "1080p"))
        assert "“model.png” cannot be fetched any more. Please attach it again." in says
        assert "Your quota was returned; nothing was charged." in says
        assert await quota_left(bench) == left
