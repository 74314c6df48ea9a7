"""Options and prompt flags put together into a request; where both speak, the option wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import InvalidRequest
from bot.domain.flags import Flags, read_flags
from bot.domain.references import Reference, Upload, check_upload, tag_uploads
from bot.domain.request import ImageRequest
from bot.domain.shapes import Model, Ratio, Resolution, Shape, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was chosen beside the prompt; `None` where nothing was."""

    ratio: Ratio | None = None
    size: Size | None = None
    resolution: Resolution | None = None
    model: Model | None = None
    seed: int | None = None
    count: int | None = None
    spoiler: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What holds where neither an option nor a flag says anything: a drawn seed, and what the server chose."""

    seed: int
    ratio: Ratio = Ratio.WIDE
    resolution: Resolution = Resolution.P720
    model: Model = Model.GEN4_IMAGE


def image_request(
    prompt: str, uploads: Sequence[Upload | None], options: Options, *, fallback: Fallback
) -> ImageRequest:
    """The request that prompt, files and options describe.

    Raises:
        InvalidRequest: something cannot be used as it is.
        UnusableImage: a file is refused by its size or type alone.
    """
    flags = read_flags(prompt)
    for upload in uploads:
        if upload is not None:
            check_upload(upload)
    return compose(flags, tag_uploads(flags.prompt, uploads).references, options, fallback=fallback)


def compose(flags: Flags, references: Sequence[Reference], options: Options, *, fallback: Fallback) -> ImageRequest:
    """The checked request.

    Raises:
        InvalidRequest: something cannot be used as it is.
    """
    seed = options.seed if options.seed is not None else flags.seed
    return ImageRequest(
        prompt=flags.prompt,
        references=tuple(references),
        shape=_shape(options, flags, fallback),
        model=options.model or flags.model or fallback.model,
        seed=fallback.seed if seed is None else seed,
        seed_chosen=seed is not None,
        count=options.count if options.count is not None else flags.count if flags.count is not None else 1,
        spoiler=bool(options.spoiler if options.spoiler is not None else flags.spoiler),
    ).checked()


def _shape(options: Options, flags: Flags, fallback: Fallback) -> Shape:
    if options.ratio is not None and options.size is not None:
        raise InvalidRequest("refused.shape_twice", ratio=str(options.ratio), size=str(options.size))
    size = options.size or (flags.size if options.ratio is None else None)
    if size is not None:
        return Shape.of_size(size)
    return Shape(
        ratio=options.ratio or flags.ratio or fallback.ratio,
        resolution=options.resolution or flags.resolution or fallback.resolution,
    )
