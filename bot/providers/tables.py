"""The tables of docs/providers.md: what each service can do, its limits, prices and sizes, straight from the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from bot.domain.capabilities import ModelFacts, Naming, ProviderFacts
from bot.domain.shapes import ALL_SIZES, EXACT_SIZES, SIZES, Model, Resolution, Size
from bot.providers.cometapi_facts import COMETAPI
from bot.providers.modelslab_facts import MODELSLAB
from bot.providers.runway_facts import RUNWAY
from bot.providers.segmind_facts import SEGMIND
from bot.providers.sketch import SKETCH
from bot.providers.wavespeed_facts import WAVESPEED

EVERY: Final = (RUNWAY, WAVESPEED, SEGMIND, COMETAPI, MODELSLAB, SKETCH)

NO: Final = "–"
YES: Final = "yes"

Cell = Callable[[ProviderFacts], str]


def capability_table() -> str:
    """What each service can and cannot do, as Markdown."""
    rows: list[tuple[str, Cell]] = [
        ("name in settings and commands", lambda facts: f"`{facts.name}`"),
        ("a picture from text alone", lambda facts: _yes(_plain(facts).min_references == 0)),
        ("reference pictures", lambda facts: _references(_plain(facts))),
        ("references are known by", lambda facts: _known_by(_plain(facts))),
        ("references are sent as", lambda facts: _sent_as(facts)),
        ("seeds", lambda facts: _seeds(_plain(facts))),
        ("`gen4_image_turbo`", _turbo),
        ("shows progress", lambda facts: _yes(facts.reports_progress)),
        ("can be cancelled once it runs", lambda facts: _yes(facts.cancels)),
        ("bills a declined prompt", lambda facts: YES if facts.bills_moderated else "not known to"),
        ("has a history to look lost answers up in", lambda facts: _yes(facts.history)),
    ]
    return _table("", rows)


def limit_table() -> str:
    """Prices and limits by default, as Markdown; settings may say otherwise."""
    rows: list[tuple[str, Cell]] = [
        ("a picture at 720p", lambda facts: _price(facts, Model.GEN4_IMAGE, Resolution.P720)),
        ("a picture at 1080p", lambda facts: _price(facts, Model.GEN4_IMAGE, Resolution.P1080)),
        ("a picture by turbo", lambda facts: _price(facts, Model.GEN4_IMAGE_TURBO, Resolution.P720)),
        ("tasks at once", lambda facts: str(facts.concurrency)),
        ("submissions a minute", lambda facts: str(facts.submits_per_minute or "no limit known")),
        ("seconds between two polls", lambda facts: f"{facts.poll_interval:g}"),
        ("usual seconds for a picture", lambda facts: f"{facts.typical_seconds:g}"),
    ]
    return _table("", rows)


def size_table() -> str:
    """What each shape is in pixels at each service, as Markdown; `*` where it is not what was asked for."""
    rows = [(f"{ratio} {resolution}", partial(_size, asked)) for (ratio, resolution), asked in SIZES.items()]
    return _table("shape", [*rows, *((f"size {size}", partial(_exact, size)) for size in EXACT_SIZES)])


def _table(corner: str, rows: Sequence[tuple[str, Cell]]) -> str:
    return "\n".join(_lines(corner, rows)) + "\n"


def _lines(corner: str, rows: Sequence[tuple[str, Cell]]) -> Iterator[str]:
    yield f"| {' | '.join([corner, *(facts.title for facts in EVERY)])} |"
    yield f"|{'---|' * (len(EVERY) + 1)}"
    for name, cell in rows:
        yield f"| {' | '.join([name, *(cell(facts) for facts in EVERY)])} |"


def _plain(facts: ProviderFacts) -> ModelFacts:
    return facts.models[Model.GEN4_IMAGE]


def _yes(value: bool) -> str:
    return YES if value else NO


def _references(model: ModelFacts) -> str:
    if model.max_references == 0:
        return NO
    least, most = model.min_references, model.max_references
    return str(most) if least == most else f"{least} to {most}"


def _known_by(model: ModelFacts) -> str:
    if model.max_references == 0:
        return NO
    return "their tags" if model.naming is Naming.TAGS else "their place"


def _sent_as(facts: ProviderFacts) -> str:
    if _plain(facts).max_references == 0:
        return NO
    return "links" if facts.reference_links else "files"


def _seeds(model: ModelFacts) -> str:
    return NO if model.seeds is None else f"{model.seeds[0]} to {model.seeds[-1]}"


def _turbo(facts: ProviderFacts) -> str:
    model = facts.models.get(Model.GEN4_IMAGE_TURBO)
    if model is None:
        return NO
    return f"with {_references(model)} references" + (", no shape" if model.shapeless else "")


def _price(facts: ProviderFacts, model: Model, resolution: Resolution) -> str:
    known = facts.models.get(model)
    if known is None:
        return NO
    return str(known.prices[resolution]) if resolution in known.prices else "yours to set"


def _size(asked: Size, facts: ProviderFacts) -> str:
    found = _plain(facts).sizes.get(ALL_SIZES[asked])
    if found is None:
        return NO
    return f"{found.width}×{found.height}{'' if found == asked else ' *'}"


def _exact(size: Size, facts: ProviderFacts) -> str:
    return f"{size.width}×{size.height}" if size in _plain(facts).exact else NO
