"""Every image service seen in the same way: its adapter, and the strict local one that stands in for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from bot.domain.capabilities import ProviderFacts
from bot.domain.shapes import Model, Shape
from bot.providers.base import Done, Order, Pending, Provider, ReferenceFile, SentReference, TaskState
from bot.providers.cometapi import CometApi
from bot.providers.http import HttpClient
from bot.providers.modelslab import ModelsLab
from bot.providers.runway import Runway
from bot.providers.segmind import Segmind
from bot.providers.sketch import Sketch
from bot.providers.wavespeed import WaveSpeed
from tests.support.cometapi import LocalCometApi
from tests.support.modelslab import LocalModelsLab
from tests.support.ordering import a_reference, an_order
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario
from tests.support.segmind import LocalSegmind
from tests.support.twin_files import Outputs
from tests.support.twin_script import Play
from tests.support.wavespeed import LocalWaveSpeed

TAGS = ("model", "cloth", "hat")


async def finished(provider: Provider, state: TaskState) -> Done:
    """Ask until there are pictures; what is told on the way makes sense."""
    seen: list[float] = []
    async with asyncio.timeout(20):
        while isinstance(state, Pending):
            if state.progress is not None:
                seen.append(state.progress)
            assert not (state.running and state.throttled)
            await asyncio.sleep(0.005)
            state = await provider.poll(state.task_id)
    assert all(0 <= progress <= 1 for progress in seen)
    assert seen == sorted(seen)
    return state


class Local(Protocol):
    """What every local service has. `tasks` are all that it accepted and may bill."""

    api_key: str
    base_url: str

    @property
    def tasks(self) -> list[Any]: ...

    @property
    def submissions(self) -> int: ...

    @property
    def billed(self) -> float: ...

    def script(self, *plays: Any) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What arrived at a service: its prompt, and its references with their tags where it takes tags."""

    prompt: str
    uris: list[str]
    tags: list[str]


def _official(body: dict[str, Any]) -> Ordered:
    items = body.get("referenceImages", [])
    tags, uris = [item["tag"] for item in items], [item["uri"] for item in items]
    return Ordered(prompt=body["promptText"], uris=uris, tags=tags)


def _wavespeed(body: dict[str, Any]) -> Ordered:
    return Ordered(prompt=body["prompt"], uris=body.get("reference_images", []), tags=[])


def _modelslab(body: dict[str, Any]) -> Ordered:
    uris = [body[name] for name in ("init_image", "init_image_2") if name in body]
    return Ordered(prompt=body["prompt"], uris=uris, tags=[])


def _sketch(body: dict[str, Any]) -> Ordered:
    pairs = body["references"]
    return Ordered(prompt=body["prompt"], uris=[uri for _, uri in pairs], tags=[tag for tag, _ in pairs])


def _outputs(local: Any) -> Outputs:
    return local.outputs


def _runway_outputs(local: Any) -> Outputs:
    return local.files


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service with HTTP. `hosts` are the settings that name its addresses, each with its path.

    `endless`, `failed` and `moderated` are plays of a task, and `signed` are the links to its pictures.
    """

    name: str
    adapter: Callable[..., Provider]
    opened: Callable[..., AbstractAsyncContextManager[Any]]
    ordered: Callable[[dict[str, Any]], Ordered]
    hosts: dict[str, str]
    play: Callable[..., Any] = Play
    endless: Any = None
    failed: Any = None
    moderated: Any = None
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    signed: Callable[[Any], Outputs] = _outputs
    dollar: float = 1.0
    """What a dollar is on the local service's bill."""

    def environment(self, local: Local, **settings: str) -> dict[str, str]:
        """The variables that have a bot work with the local service."""
        named = {setting.upper(): local.base_url + path for setting, path in self.hosts.items()}
        table = {"API_KEY": local.api_key, "POLL_INTERVAL": "0.05", **named}
        table |= {name.upper(): str(value) for name, value in self.settings.items()} | settings
        return {f"BOT_PROVIDERS__{self.name.upper()}__{setting}": value for setting, value in table.items()}

    @property
    def queues(self) -> bool:
        """Whether a submission is answered with a task, and not with the picture."""
        return self.endless is not None


RUNWAY = Service(
    name="runway", adapter=Runway, opened=LocalRunway.open, ordered=_official, hosts={"base_url": ""},
    play=Scenario, endless=Scenario.hangs(), signed=_runway_outputs, dollar=100,
    failed=Scenario.fails("INTERNAL"), moderated=Scenario.fails("SAFETY.INPUT.TEXT"),
)  # fmt: skip
COMETAPI = Service(
    name="cometapi", adapter=CometApi, opened=LocalCometApi.open, ordered=_official,
    hosts={"base_url": "", "quota_url": "/user/quota"}, endless=Play.ends("RUNNING"),
    failed=Play.ends("FAILED", "internal error"), moderated=Play.ends("FAILED", "flagged by moderation"),
)  # fmt: skip
SEGMIND = Service(
    name="segmind", adapter=Segmind, opened=LocalSegmind.open, ordered=_official,
    hosts={"base_url": "", "upload_url": "", "history_url": ""}, endless=Play.ends("PROCESSING"),
    failed=Play.ends("FAILED", "internal error"), moderated=Play.ends("FAILED", "flagged by moderation"),
)  # fmt: skip
SEGMIND_DIRECT = replace(SEGMIND, endless=None, failed=None, moderated=None, settings={"mode": "direct"})
WAVESPEED = Service(
    name="wavespeed", adapter=WaveSpeed, opened=LocalWaveSpeed.open, ordered=_wavespeed,
    hosts={"base_url": "/api/v3"}, endless=Play.ends("processing"),
    failed=Play.ends("failed", "internal error"), moderated=Play.ends("failed", "flagged by moderation"),
)  # fmt: skip
MODELSLAB = Service(
    name="modelslab", adapter=ModelsLab, opened=LocalModelsLab.open, ordered=_modelslab,
    hosts={"base_url": ""}, endless=Play.ends("processing"),
    failed=Play.ends("failed", "internal error"), moderated=Play.ends("failed", "flagged by moderation"),
)  # fmt: skip

SERVICES = {
    "runway": RUNWAY,
    "cometapi": COMETAPI,
    "segmind": SEGMIND,
    "segmind-direct": SEGMIND_DIRECT,
    "wavespeed": WAVESPEED,
    "modelslab": MODELSLAB,
}
"""Every service with HTTP by name; Segmind with both versions of its API."""

OWN_HOSTS = {
    "runway": "dnznrvs05pmza.cloudfront.net",
    "cometapi": "files.cometapi.com",
    "segmind": "images.segmind.com",
    "segmind-direct": "images.segmind.com",
    "wavespeed": "d1q70pf5vjeyhc.cloudfront.net",
    "modelslab": "pub-3626123a908346a7a8be8d9295f44e26.r2.dev",
}
"""A host of each that pictures may be fetched from."""


class LocalSketch:
    """The sketch painter's folder, seen as a service: its tasks are the files in it."""

    api_key = "none"
    base_url = "http://127.0.0.1"
    billed = 0.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def tasks(self) -> list[Any]:
        """Each with its `body`."""
        files = sorted((self.folder / "tasks").glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        return [SketchedTask(json.loads(file.read_bytes())) for file in files]

    @property
    def submissions(self) -> int:
        """One for each file."""
        return len(self.tasks)

    def script(self, *plays: Any) -> None:
        """A painter without tricks."""
        assert not plays


@dataclass(frozen=True, slots=True)
class SketchedTask:
    """A task of the folder."""

    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """An adapter in front of its local service. `now` holds the time of both; `again` makes another adapter."""

    local: Local
    provider: Provider
    again: Callable[..., Provider]
    ordered: Callable[[dict[str, Any]], Ordered]
    now: list[float]
    service: Service | None = None

    @property
    def remote(self) -> Service:
        """The service, which is one with HTTP."""
        assert self.service is not None
        return self.service

    def script(self, **play: Any) -> None:
        """What happens to the next submission, in the words of `Play` and `Scenario`."""
        self.local.script(self.remote.play(**play))

    @property
    def facts(self) -> ProviderFacts:
        """What the adapter says of itself."""
        return self.provider.facts

    def reference(self, tag: str) -> ReferenceFile:
        """A picture, with a link for those that take nothing else."""
        return replace(a_reference(tag), link=f"{self.local.base_url}/attachments/{tag}.png")

    async def order(self, model: Model = Model.GEN4_IMAGE, count: int | None = None, **changes: Any) -> Order:
        """An order that fits the facts, with `count` references, or as few as it may have."""
        known = self.facts.models[model]
        count = known.min_references if count is None else count
        sent: list[SentReference] = [await self.provider.prepare(self.reference(tag)) for tag in TAGS[:count]]
        values: dict[str, Any] = {
            "model": model,
            "size": known.size_of(Shape()),
            "seed": None if known.seeds is None else 7,
            "references": tuple(sent),
        }
        return an_order(**(values | changes))


@asynccontextmanager
async def open_stand(name: str, http: HttpClient, now: list[float], folder: Path) -> AsyncGenerator[Stand]:
    """The service of this name, with its adapter."""
    if name == "sketch":
        async with AsyncExitStack() as painters:

            def painter(**_: Any) -> Provider:
                sketch = Sketch(folder=folder, seconds=0, clock=lambda: now[0])
                painters.push_async_callback(sketch.aclose)
                return sketch

            yield Stand(local=LocalSketch(folder), provider=painter(), again=painter, ordered=_sketch, now=now)
        return
    service = SERVICES[name]
    async with service.opened(clock=lambda: now[0]) as local:

        def adapter(**changes: Any) -> Provider:
            hosts = {name: local.base_url + path for name, path in service.hosts.items()}
            values = {"http": http, "api_key": local.api_key, "clock": lambda: now[0], **hosts, **service.settings}
            return service.adapter(**(values | changes))

        yield Stand(local=local, provider=adapter(), again=adapter, ordered=service.ordered, now=now, service=service)
