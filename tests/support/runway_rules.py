"""Runway's rules for a request body (runwayml 5.24.0 and docs.dev.runwayml.com), checked as strictly as it does."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

TIER_720P = frozenset({"1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720"})
TIER_1080P = frozenset({"1920:1080", "1080:1920", "1080:1080", "1440:1080", "1080:1440", "2112:912"})
BETWEEN = frozenset({"1024:1024", "1360:768", "1168:880", "1808:768"})
RATIOS = TIER_720P | TIER_1080P | BETWEEN
MODELS = frozenset({"gen4_image", "gen4_image_turbo"})
TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,15}", re.ASCII)
DATA_URI = re.compile(r"data:(image/(?:png|jpeg|webp));base64,([A-Za-z0-9+/]*={0,2})")
DATA_URI_LIMIT = 5 * 1024 * 1024
KEYS = frozenset({"model", "promptText", "ratio", "seed", "referenceImages", "contentModeration"})


class Invalid(Exception):
    """A field that breaks a rule; answered with a 400 that names it."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.path = list(path)


@dataclass(frozen=True, slots=True)
class CheckedReference:
    """A reference that Runway would take, with the bytes it stands for (`None` for a link)."""

    tag: str | None
    content: bytes | None


def price(body: dict[str, Any]) -> int:
    """What the request costs in credits."""
    if body["model"] == "gen4_image_turbo":
        return 2
    return 5 if body["ratio"] in TIER_720P else 8


def check_body(body: Any, upload: Callable[[str], bytes]) -> list[CheckedReference]:
    """Raise `Invalid` when the body breaks a rule; `upload` gives the bytes behind a `runway://` address."""
    if not isinstance(body, dict):
        raise Invalid("Expected object")
    for key in body:
        if key not in KEYS:
            raise Invalid(f"Unrecognized key: {key}", key)
    if body.get("model") not in MODELS:
        raise Invalid("Invalid discriminator value", "model")
    _check_prompt(body.get("promptText"))
    if body.get("ratio") not in RATIOS:
        raise Invalid("Invalid enum value", "ratio")
    if "seed" in body:
        _check_seed(body["seed"])
    if "contentModeration" in body and body["contentModeration"] not in (
        {"publicFigureThreshold": "auto"},
        {"publicFigureThreshold": "low"},
    ):
        raise Invalid("Invalid enum value", "contentModeration", "publicFigureThreshold")
    return _check_references(body, upload)


def _check_prompt(prompt: Any) -> None:
    if not isinstance(prompt, str) or not prompt:
        raise Invalid("Required", "promptText")
    if len(prompt.encode("utf-16-le")) // 2 > 1000:
        raise Invalid("Too big: expected string to have <=1000 characters", "promptText")


def _check_seed(seed: Any) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= 4294967295:
        raise Invalid("Expected integer between 0 and 4294967295", "seed")


def _check_references(body: dict[str, Any], upload: Callable[[str], bytes]) -> list[CheckedReference]:
    references = body.get("referenceImages", [])
    if not isinstance(references, list) or len(references) > 3:
        raise Invalid("Too big: expected array to have <=3 items", "referenceImages")
    if "referenceImages" in body and not references:
        raise Invalid("Too small: expected array to have >=1 items", "referenceImages")
    if body["model"] == "gen4_image_turbo" and not references:
        raise Invalid("Required", "referenceImages")
    checked = [_check_reference(item, position, upload) for position, item in enumerate(references)]
    tags = [reference.tag for reference in checked if reference.tag]
    if len(tags) != len(set(tags)):
        raise Invalid("Tags must be unique", "referenceImages")
    return checked


def _check_reference(item: Any, position: int, upload: Callable[[str], bytes]) -> CheckedReference:
    path = ("referenceImages", position)
    if not isinstance(item, dict) or set(item) - {"uri", "tag"} or not isinstance(item.get("uri"), str):
        raise Invalid("Invalid input", *path)
    tag = item.get("tag")
    if "tag" in item and not (isinstance(tag, str) and TAG.fullmatch(tag)):
        raise Invalid("Invalid tag", *path, "tag")
    uri: str = item["uri"]
    if uri.startswith("runway://"):
        content = upload(uri)
    elif uri.startswith("data:"):
        content = _from_data_uri(uri, path)
    elif re.match(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/|$)", uri) and len(uri) <= 2048:
        return CheckedReference(tag, None)
    else:
        raise Invalid("Only HTTPS URLs are allowed.", *path, "uri")
    check_asset(content, path)
    return CheckedReference(tag, content)


def _from_data_uri(uri: str, path: tuple[str | int, ...]) -> bytes:
    match = DATA_URI.fullmatch(uri)
    if match is None or len(uri) >= DATA_URI_LIMIT:
        raise Invalid("Invalid data URI.", *path, "uri")
    try:
        content = base64.b64decode(match[2], validate=True)
    except binascii.Error:
        raise Invalid("Invalid data URI.", *path, "uri") from None
    found = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg", b"RIFF": "image/webp"}.get(content[:4])
    if found != match[1]:
        raise Invalid("Unsupported asset type", *path, "uri")
    return content


def check_asset(content: bytes, path: tuple[str | int, ...]) -> None:
    """Raise `Invalid` when the bytes are no picture that Runway takes."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as image:
            image.load()
            width, height = image.size
    except (OSError, SyntaxError, ValueError):
        raise Invalid("Unsupported asset type", *path, "uri") from None
    if not 0.5 <= width / height <= 2:
        raise Invalid(
            f"Invalid asset aspect ratio. width / height ratio must be at least 0.5. Got {width / height:.3f}.",
            *path,
            "uri",
        )
    if max(width, height) > 7999:
        raise Invalid("Invalid asset dimensions", *path, "uri")
