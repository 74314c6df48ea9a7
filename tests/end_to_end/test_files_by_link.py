"""A service that opens people's own files is sent only to files that hold nothing but the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.playground.actors import Upload
from tests.corpus.files import encoded, laden, photo
from tests.support.bench import Bench, text_of
from tests.support.cometapi import LocalCometApi
from tests.support.runway import LocalRunway
from tests.support.studio import closed, open_studio

PROMPT = "a robot like @model"


def settings(comet: LocalCometApi, **others: Any) -> dict[str, Any]:
    """CometAPI comes first; loopback addresses stand for its own."""
    own = {"api_key": comet.api_key, "base_url": comet.base_url, "quota_url": f"{comet.base_url}/user/quota"}
    return {"order": ["cometapi", *others], "cometapi": {**own, "poll_interval": 0.05}, **others}


async def ask(bench: Bench, content: bytes, name: str) -> str:
    """Ask for a picture with a file, and wait for what the card says in the end."""
    answer = await bench.imagine(PROMPT, image1=Upload(name, content), ratio="1:1")
    return await closed(bench, answer)


async def test_a_bare_file_is_opened_where_it_lies(tmp_path: Path) -> None:
    async with LocalCometApi.open() as comet, open_studio(tmp_path, providers=settings(comet)) as bench:
        assert (await ask(bench, encoded(photo(), "PNG"), "model.png")).startswith("**Done")
        (task,) = comet.tasks
        (reference,) = task.body["referenceImages"]
        assert "/ephemeral-attachments/" in reference["uri"]


async def test_a_file_with_more_in_it_is_never_named_to_the_service(tmp_path: Path) -> None:
    async with LocalCometApi.open() as comet, open_studio(tmp_path, providers=settings(comet)) as bench:
        says = await ask(bench, laden("JPEG"), "model.jpg")
        assert "files that hold nothing but the picture" in says
        assert "Your quota was returned; nothing was charged." in says
        assert comet.tasks == []


async def test_it_goes_to_a_service_that_takes_our_copy(tmp_path: Path) -> None:
    async with LocalCometApi.open() as comet, LocalRunway.open() as runway:
        other = {"api_key": runway.api_key, "base_url": runway.base_url, "poll_interval": 0.05}
        async with open_studio(tmp_path, providers=settings(comet, runway=other)) as bench:
            answer = await bench.imagine(PROMPT, image1=Upload("model.jpg", laden("JPEG")))
            assert "runway" in text_of(await bench.result_in_thread_of(answer))
            await closed(bench, answer)
            assert (len(comet.tasks), len(runway.tasks)) == (0, 1)
