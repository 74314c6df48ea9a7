"""References and their tags: which uploaded picture an `@word` of the prompt means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.errors import InvalidRequest, UnusableImage
from bot.domain.looks import Look

MAX_REFERENCES = 3
"""Pictures one request may carry (`referenceImages`, runwayml 5.24.0)."""

TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,15}", re.ASCII)
"""A legal tag (`referenceImages[].tag`, runwayml 5.24.0): 3-16 characters, a letter first."""

MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/webp"})
"""Kinds of file that references may be (docs.dev.runwayml.com, "Media inputs")."""

MAX_UPLOAD_BYTES = 16 * 1024 * 1024
"""The largest file taken as a reference, in bytes (Runway's limit for pictures by URL)."""

_MENTION = re.compile(r"(?<![\w@<])@([A-Za-z][A-Za-z0-9_]{2,15})(?![A-Za-z0-9_])", re.ASCII)


_WORD = re.compile(r"(?<![\w@<])@([A-Za-z0-9_]+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One input picture of a request.

    `source` is where the person's file is (a signed link that expires: never shown, never logged). Once `sha256` is
    known it names the cleaned picture in the blob store, which `media_type`, `width` and `height` describe.
    `bare` tells that the file at `source` holds nothing but the picture, so that a service may be sent there.
    """

    tag: str
    filename: str = ""
    source: str | None = None
    sha256: str | None = None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    bare: bool = False

    @property
    def ready(self) -> bool:
        """Whether the cleaned picture is in the blob store."""
        return self.sha256 is not None

    def fetched(self, *, sha256: str, media_type: str, width: int, height: int, bare: bool = False) -> Reference:
        """The same reference after its picture was cleaned and stored; the link stays for services that want one."""
        return replace(self, sha256=sha256, media_type=media_type, width=width, height=height, bare=bare)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A picture in the blob store that was made of a file; `notes` are keys of sentences on what was changed.

    `bare` tells that the file held nothing but the picture.
    """

    sha256: str
    media_type: str
    width: int
    height: int
    notes: tuple[str, ...] = ()
    look: Look | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file a person handed over: what Discord says about it, not yet what it is.

    `size` in bytes, `width` and `height` in pixels; `None` where Discord says nothing, as about pictures of links.
    """

    filename: str
    url: str
    size: int | None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging:
    """Uploads with their tags, and the `@words` of the prompt that name none of them."""

    references: tuple[Reference, ...]
    unknown: tuple[str, ...]


def mentioned_tags(prompt: str) -> tuple[str, ...]:
    """The `@words` of a prompt that could be tags, in order, each once. Discord's `<@…>` mentions are not tags."""
    return tuple(dict.fromkeys(match[1] for match in _MENTION.finditer(prompt)))


def rename_mentions(prompt: str, name: Callable[[str], str]) -> str:
    """The prompt with every `@word` that could be a tag replaced by what `name` makes of the word."""
    return _MENTION.sub(lambda match: name(match[1]), prompt)


def stem_tag(filename: str) -> str | None:
    """The tag that a file's name suggests: its stem, when that is a legal tag."""
    stem = filename.rsplit(".", 1)[0]
    return stem if TAG.fullmatch(stem) else None


def check_upload(upload: Upload) -> None:
    """Refuse at once what size and type already tell.

    Raises:
        UnusableImage: empty, too large, or of a kind that is no PNG, JPEG or WebP.
    """
    if upload.size == 0:
        raise UnusableImage("image.empty", filename=upload.filename)
    if upload.size is not None and upload.size > MAX_UPLOAD_BYTES:
        raise UnusableImage("image.too_large_bytes", filename=upload.filename, limit=MAX_UPLOAD_BYTES, size=upload.size)
    kind = (upload.media_type or "").split(";")[0].strip().casefold()
    if kind and kind != "application/octet-stream" and kind not in MEDIA_TYPES:
        raise UnusableImage("image.unreadable", filename=upload.filename)


def tag_uploads(prompt: str, uploads: Sequence[Upload | None]) -> Tagging:
    """Give each upload its tag; `uploads` are the options `image1…3` in order, absent ones `None`.

    The stem of the file's name when it is a legal tag that the prompt mentions (in any case of letters, first file
    first), otherwise `image1`, `image2`, `image3` after the option it came in, or the first of these that is free.

    Raises:
        InvalidRequest: more than three pictures.
    """
    if sum(upload is not None for upload in uploads) > MAX_REFERENCES:
        raise InvalidRequest("refused.references_many", count=sum(u is not None for u in uploads), limit=MAX_REFERENCES)
    mentions = mentioned_tags(prompt)
    by_folded = {mention.casefold(): mention for mention in reversed(mentions)}
    references: list[Reference] = []
    taken: set[str] = set()
    for position, upload in enumerate(uploads, 1):
        if upload is None:
            continue
        stem = stem_tag(upload.filename)
        mentioned = by_folded.get(stem.casefold()) if stem else None
        free = [name for number in (position, 1, 2, 3) if (name := f"image{number}") not in taken]
        tag = mentioned if mentioned and mentioned.casefold() not in taken else free[0]
        taken.add(tag.casefold())
        references.append(Reference(tag=tag, filename=upload.filename, source=upload.url))
    return Tagging(references=tuple(references), unknown=unknown_tags(prompt, references))


def unknown_tags(prompt: str, references: Sequence[Reference]) -> tuple[str, ...]:
    """The `@words` of the prompt that no reference answers to, those that could be no tag among them."""
    known = {reference.tag for reference in references}
    words = dict.fromkeys(match[1] for match in _WORD.finditer(prompt))
    return tuple(word for word in words if word not in known)
