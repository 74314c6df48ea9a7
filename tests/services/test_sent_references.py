"""What image services get of people's files: pixels and nothing else, and each picture once."""

from __future__ import annotations

import asyncio
import base64
import re
import struct
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.imaging import probe
from bot.imaging.decoder import Decoder
from bot.providers.base import ReferenceFile
from bot.providers.http import HttpClient
from bot.services.copies import Copies
from bot.services.uploads import Uploads
from bot.store.blobs import FolderBlobs
from bot.store.copies import CopyStore
from bot.store.database import Database
from bot.store.migrate import upgrade
from bot.store.uploads import UploadStore
from tests.corpus.files import TRACES, encoded, laden, photo
from tests.support.ordering import a_reference, an_order
from tests.support.services import SERVICES, Stand, open_stand

PLACE = (52, 1, 31, 1, 12, 1)
MARKS = (
    *TRACES,
    *(struct.pack(f"{order}6I", *PLACE) for order in "<>"),
    *(b"Exif", b"eXIf", b"ns.adobe.com", b"xmpmeta", b"8BIM", b"ICC_PROFILE", b"iCCP", b"ICCP"),
    *(b"tEXt", b"iTXt", b"zTXt", b"Comment"),
)
"""What begins or stands in each kind of metadata."""

TAKE_FILES = [*(name for name in SERVICES if name != "cometapi"), "sketch"]
"""CometAPI takes links only, so that it opens the person's own file."""


class Recorder(httpx.AsyncBaseTransport):
    """Really asks, and keeps what was sent: pictures in base64 as their bytes."""

    def __init__(self) -> None:
        self.real = httpx.AsyncHTTPTransport()
        self.sent: list[bytes] = []
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        self.paths.append(request.url.path)
        self.sent.append(body)
        self.sent += [base64.b64decode(found) for found in re.findall(rb"base64,([A-Za-z0-9+/=]+)", body)]
        return await self.real.handle_async_request(
            httpx.Request(request.method, request.url, headers=request.headers, content=body)
        )

    async def aclose(self) -> None:
        await self.real.aclose()


@dataclass
class Bench:
    """The real parts between a person's file and a service."""

    copies: Copies
    uploads: Uploads
    stand: Stand
    recorder: Recorder
    blobs: FolderBlobs
    folder: Path

    async def reference(self, content: bytes, tag: str = "model") -> ReferenceFile:
        """A person's file as it goes to a service."""
        with tempfile.TemporaryFile() as file:
            file.write(content)
            copy = await self.copies.of(file, filename="model.png")
        return ReferenceFile(
            tag=tag,
            content=await self.blobs.get(copy.sha256),
            media_type=copy.media_type,
            sha256=copy.sha256,
            width=copy.width,
            height=copy.height,
        )

    def received(self) -> list[bytes]:
        """Everything that left the bot for the service."""
        files = [file.read_bytes() for file in (self.folder / "sketch").rglob("*") if file.is_file()]
        return [*self.recorder.sent, *files]


@asynccontextmanager
async def open_bench(name: str, folder: Path, decoder: Decoder) -> AsyncGenerator[Bench]:
    url = f"sqlite+aiosqlite:///{folder}/atelier.db"
    await upgrade(url)
    recorder = Recorder()
    blobs = FolderBlobs(folder / "blobs")
    async with Database.open(url) as database, HttpClient(transport=recorder) as http:
        copies = Copies(database=database, copies=CopyStore(), blobs=blobs, decoder=decoder, clock=time.time)
        uploads = Uploads(database=database, uploads=UploadStore(), copies=copies, clock=time.time)
        async with open_stand(name, http, [time.time()], folder / "sketch") as stand:
            yield Bench(copies, uploads, stand, recorder, blobs, folder)


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    decoder = Decoder()
    yield decoder
    await decoder.aclose()


@pytest.mark.parametrize("name", TAKE_FILES)
async def test_a_service_receives_pixels_and_nothing_else(tmp_path: Path, decoder: Decoder, name: str) -> None:
    async with open_bench(name, tmp_path, decoder) as bench:
        for kind in ("JPEG", "PNG", "WEBP"):
            content = laden(kind)
            assert all(mark in content for mark in (b"SecretPhone", b"canary-metadata", b"PK\x03\x04"))
            assert any(struct.pack(f"{order}6I", *PLACE) in content for order in "<>")
            prepared = await bench.uploads.prepare(bench.stand.provider, [await bench.reference(content)])
            if name == "runway":  # which takes pictures of this size with the order itself
                await bench.stand.provider.submit(an_order(prompt="@model", references=prepared.references))
        received = bench.received()
    pictures = [each for each in received if each.startswith((b"\x89PNG", b"\xff\xd8\xff")) or b"JFIF" in each]
    assert pictures, "the references did arrive"
    assert not [(mark, len(each)) for each in received for mark in MARKS if mark in each]


@pytest.mark.parametrize("name", TAKE_FILES)
async def test_the_same_reference_in_ten_jobs_is_uploaded_once(tmp_path: Path, decoder: Decoder, name: str) -> None:
    noisy = a_reference(size=(1700, 1700), noisy=True).content
    async with open_bench(name, tmp_path, decoder) as bench:

        async def job(number: int) -> tuple[str, ...]:
            # The same file by ten links, one of them after a restart of all that is kept in memory.
            reference = await bench.reference(noisy, tag=f"tag{number}")
            prepared = await bench.uploads.prepare(bench.stand.provider, [reference])
            assert [sent.tag for sent in prepared.references] == [f"tag{number}"]
            return tuple(sent.uri for sent in prepared.references)

        uris = set(await asyncio.gather(*(job(number) for number in range(10))))
        again = Uploads(database=bench.uploads.database, uploads=UploadStore(), copies=bench.copies, clock=time.time)
        (reference,) = [await bench.reference(noisy)]
        sent = await again.prepare(bench.stand.provider, [reference])
        uris.add(tuple(each.uri for each in sent.references))
        files = [each for each in bench.received() if len(each) > 200_000 and not each.startswith(b"{")]
    assert len(uris) == 1
    assert len(files) == 1, "one upload, however many jobs"


async def test_margins_and_sizes_are_changed_only_where_a_service_needs_it_and_then_said(
    tmp_path: Path, decoder: Decoder
) -> None:
    long, fine = encoded(photo(1200, 300), "PNG"), encoded(photo(600, 520), "PNG")
    async with open_bench("runway", tmp_path, decoder) as bench:
        prepared = await bench.uploads.prepare(bench.stand.provider, [await bench.reference(long)])
        assert prepared.notes == ("note.padded",)
        padded = probe(base64.b64decode(prepared.references[0].uri.partition(",")[2]))
        assert (padded.width, padded.height) == (1200, 600)
        prepared = await bench.uploads.prepare(bench.stand.provider, [await bench.reference(fine)])
        assert prepared.notes == ()
    (tmp_path / "second").mkdir()
    async with open_bench("sketch", tmp_path / "second", decoder) as bench:
        prepared = await bench.uploads.prepare(bench.stand.provider, [await bench.reference(long)])
        assert prepared.notes == (), "the painter takes any shape"


async def test_a_file_is_opened_once_however_often_it_comes(tmp_path: Path, decoder: Decoder) -> None:
    content = encoded(photo(), "JPEG")
    async with open_bench("sketch", tmp_path, decoder) as bench:
        await bench.reference(content)
        await decoder.aclose()
        assert (await bench.reference(content)).sha256 == (await bench.reference(content)).sha256
