"""Keys, signed links and prompts are told to nobody: not by a value, not by an error, not in a log."""

from __future__ import annotations

import logging

import pytest

from bot.providers.base import Done, RemotePicture
from bot.providers.http import HttpClient
from tests.support.adapters import at_once, outcome
from tests.support.meddling import Meddler
from tests.support.services import Stand, finished
from tests.support.twin_script import OutputFault, Reply, SubmitFault

PROMPT = "canary-prompt-5150"
WORDS = "secret-failure-text"


async def lived_through(stand: Stand) -> list[str]:
    """What is told by an adapter to which everything happens."""
    texts = [repr(stand.provider), repr(stand.facts), repr(stand.reference("model"))]
    order = await stand.order(prompt=PROMPT)
    texts.append(repr(order))
    for fault in (SubmitFault.DROP_AFTER, SubmitFault.GARBAGE, SubmitFault.NO_ID):
        stand.script(submit=fault)
    for status in (301, 400, 401, 402, 403, 404, 406, 413, 422, 429, 500, 503):
        body = f'{{"error":"{WORDS} {stand.local.api_key} {PROMPT}"}}'.encode()
        stand.script(reply=Reply(status=status, body=body, headers={"Location": f"/x?key={stand.local.api_key}"}))
    texts += [await outcome(stand.provider.submit(order)) for _ in range(15)]
    stand.script(output=OutputFault.HTML)
    done: Done = await finished(stand.provider, await stand.provider.submit(order))
    texts += [repr(done), repr(stand.provider)]
    texts += [await outcome(stand.provider.download(picture)) for picture in done.pictures]
    for error in (OSError(stand.local.api_key), None):
        async with HttpClient(
            transport=Meddler(after=error, answer=None if error else (502, b"")), sleep=at_once
        ) as http:
            spoiled = stand.again(http=http)
            for picture in (*done.pictures, RemotePicture(url="http://[" + PROMPT)):
                texts.append(await outcome(spoiled.download(RemotePicture(url=picture.url))))
            texts.append(await outcome(spoiled.poll(done.task_id)))
            texts.append(await outcome(spoiled.submit(order)))
            texts.append(await outcome(spoiled.prepare(stand.reference("model"))))
    return texts


async def test_no_secret_is_told(remote: Stand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    told = "\n".join(await lived_through(remote))
    tokens = [output.token for output in remote.remote.signed(remote.local).outputs.values()]
    assert tokens or not remote.remote.queues
    for canary in (remote.local.api_key, PROMPT, WORDS, "_jwt", "/attachments/", "base64,", *tokens):
        assert canary not in told, canary
        assert canary not in caplog.text, canary
