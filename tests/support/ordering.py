"""Orders and references for the tests of providers."""

from __future__ import annotations

import hashlib
import io
import random
from typing import Any

from PIL import Image

from bot.domain.shapes import Model, Size
from bot.providers.base import Order, ReferenceFile


def an_order(**changes: Any) -> Order:
    """An ordinary order, changed where the test says so."""
    values: dict[str, Any] = {"prompt": "a cat", "model": Model.GEN4_IMAGE, "size": Size(1280, 720), "seed": 7}
    return Order(**(values | changes))


def a_reference(tag: str = "model", *, size: tuple[int, int] = (64, 64), noisy: bool = False) -> ReferenceFile:
    """A reference picture; a noisy one has about three bytes a pixel."""
    if noisy:
        image = Image.frombytes("RGB", size, random.Random(tag).randbytes(size[0] * size[1] * 3))
    else:
        image = Image.radial_gradient("L").resize(size).convert("RGB")
    target = io.BytesIO()
    image.save(target, "PNG", compress_level=1)
    content = target.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    return ReferenceFile(tag=tag, content=content, media_type="image/png", sha256=digest)
