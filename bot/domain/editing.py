"""A request made of another one by a person who looked through its words, shape, seed and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.flags import Flags, read_flags, read_whole
from bot.domain.references import Upload, check_upload, tag_uploads
from bot.domain.request import ImageRequest
from bot.domain.shapes import Ratio, Resolution, Shape, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """The form as it came back: `shape` as in `shape_word`, `seed` as typed, `uploads` the files that were added."""

    prompt: str
    shape: str
    seed: str
    uploads: Sequence[Upload] = ()


def shape_word(shape: Shape) -> str:
    """A shape as one word that `read_shape_word` reads: `16:9/720p`, or `1808:768` for an exact size."""
    return str(shape.size) if shape.size else f"{shape.ratio}/{shape.resolution}"


def read_shape_word(word: str) -> Shape | None:
    """The shape, or `None` when the word is none."""
    ratio, slash, resolution = word.partition("/")
    if slash and ratio in set(Ratio) and resolution in set(Resolution):
        return Shape(ratio=Ratio(ratio), resolution=Resolution(resolution))
    size = None if slash else Size.parse(word)
    return None if size is None else Shape.of_size(size)


def edited(parent: ImageRequest, edits: Edits, *, drawn_seed: int) -> ImageRequest:
    """The request that the edits describe. Without new files its references stay; a flag in the words wins over what
    the form shows unchanged. `drawn_seed` is used when the seed was emptied.

    Raises:
        InvalidRequest: something cannot be used as it is.
        UnusableImage: a file is refused by its size or type alone.
    """
    flags = read_flags(edits.prompt)
    references = parent.references
    if edits.uploads:
        for upload in edits.uploads:
            check_upload(upload)
        references = tag_uploads(flags.prompt, edits.uploads).references
    seed, seed_chosen = _seed(parent, flags, edits.seed.strip(), drawn_seed)
    return replace(
        parent,
        prompt=flags.prompt,
        references=references,
        shape=_shape(parent, flags, read_shape_word(edits.shape)),
        model=flags.model or parent.model,
        seed=seed,
        seed_chosen=seed_chosen,
        count=parent.count if flags.count is None else flags.count,
        spoiler=parent.spoiler if flags.spoiler is None else flags.spoiler,
    ).checked()


def _seed(parent: ImageRequest, flags: Flags, typed: str, drawn: int) -> tuple[int, bool]:
    """The seed, and whether the person asked for it."""
    if typed and typed != str(parent.seed):
        return read_whole("seed", typed), True
    if flags.seed is not None:
        return flags.seed, True
    return (parent.seed, parent.seed_chosen) if typed else (drawn, False)


def _shape(parent: ImageRequest, flags: Flags, shown: Shape | None) -> Shape:
    if shown is not None and shown != parent.shape:
        return shown
    if flags.size is not None:
        return Shape.of_size(flags.size)
    before = parent.shape
    if flags.ratio is None and flags.resolution is None:
        return before
    return Shape(ratio=flags.ratio or before.ratio, resolution=flags.resolution or before.resolution)
