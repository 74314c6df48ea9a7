"""Whatever lies in the sketch painter's folder and whatever it is asked: only errors of the tree come out."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.shapes import Model, Size
from bot.providers.base import ReferenceFile, RemotePicture, SentReference
from bot.providers.sketch import Sketch
from tests.support.adapters import JSON, outcome
from tests.support.ordering import an_order

TASK = "0123456789abcdef" * 2
BLOB = hashlib.sha256(b"x").hexdigest()
VALUES = JSON | st.sampled_from(
    ["gen4_image", "gen4_image_turbo", "720:720", "9:9", "99999:99999", "cancelled", "failed", 7, -1, 2**40, None, []]
)
REFERENCES = st.lists(st.lists(st.sampled_from(["tag", f"sketch:reference/{BLOB}", "https://x.y"]) | JSON, max_size=3))
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "prompt": st.text(max_size=20) | VALUES,
        "model": VALUES,
        "size": VALUES,
        "seed": VALUES,
        "references": REFERENCES | VALUES,
        "end": VALUES,
    },
)
HONEST = {"prompt": "a", "model": "gen4_image", "size": "720:720", "seed": 7, "references": [], "end": None}
FILES = (
    st.binary(max_size=40)
    | (FIELDS | JSON).map(lambda value: json.dumps(value).encode())
    | FIELDS.map(lambda value: json.dumps(HONEST | value).encode())
    | st.integers(0, 100).map(lambda length: json.dumps(HONEST).encode()[:length])
    | st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"[" * 5000])
)
NAMES = st.just(TASK) | st.text(max_size=40) | st.from_regex(r"[0-9a-f]{32}", fullmatch=True)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(task=FILES, picture=st.none() | FILES, reference=st.none() | FILES, asked=NAMES, size=st.integers(1, 3000))
async def test_whatever_lies_there_only_provider_errors_get_out(
    caplog: pytest.LogCaptureFixture, task: bytes, picture: bytes | None, reference: bytes | None, asked: str, size: int
) -> None:
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    # A stroke that is on its way to the disk when the painter is stopped still arrives.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name, content in (
            (f"tasks/{TASK}.json", task),
            (f"pictures/{TASK}", picture),
            (f"references/{BLOB}", reference),
        ):
            file = Path(folder) / name
            file.parent.mkdir()
            if content is not None:
                file.write_bytes(content)
        async with Sketch(folder=Path(folder), seconds=0) as sketch:
            sent = SentReference(tag="tag", uri=f"sketch:reference/{BLOB}")
            told = [
                await outcome(sketch.poll(asked)),
                await outcome(sketch.download(RemotePicture(url=f"sketch:picture/{asked}"))),
                await outcome(sketch.submit(an_order(references=(sent,)))),
                await outcome(sketch.submit(an_order(size=Size(size, 720), model=Model.GEN4_IMAGE_TURBO))),
                await outcome(
                    sketch.prepare(ReferenceFile(tag="a", content=task, media_type="image/png", sha256=BLOB))
                ),
                await outcome(sketch.cancel(asked)),
                await outcome(sketch.poll(asked)),
            ]
            painters = list(sketch._painters.values())
        assert all(painter.done() for painter in painters)
    assert len(told) == 7
    assert "never retrieved" not in caplog.text
