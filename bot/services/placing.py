"""Finding a place that takes a result: where it belongs, the channel around it, the requester's direct messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot import imaging
from bot.domain.errors import DeliveryFailed
from bot.domain.job import PlaceKind, RequestRecord
from bot.services.ports import Detour, Picture, Posted, Presenter, Result

log = logging.getLogger(__name__)

Begin = Callable[[RequestRecord, int], Awaitable[RequestRecord]]
"""Records that a result is about to be posted in a channel."""

SMALLEST = 64 * 1024
"""Bytes below which a picture is not made smaller: what is refused then is not its size."""


class NoPlace(DeliveryFailed):
    """No place takes the result; `detour` tells what went wrong in the first one."""

    def __init__(self, detour: Detour | None) -> None:
        super().__init__(retry=False, detail="no place takes it")
        self.detour = detour


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Posts a result in the first place that takes it. Nothing is posted twice: only a clear refusal leads on."""

    presenter: Presenter
    begin: Begin

    async def find(self, record: RequestRecord) -> Posted | None:
        """A message that an earlier attempt posted without recording it."""
        if record.post_started_at is None:
            return None
        return await self.presenter.find_result(record, record.result_channel_id or _here(record))

    async def post(self, result: Result, *, patient: bool) -> tuple[RequestRecord, Posted]:
        """Post it somewhere; while `patient`, a place that only cannot be reached now is waited for.

        Raises:
            DeliveryFailed: try again later (`retry`).
            NoPlace: none takes it.
        """
        record, detour = result.record, result.detour
        for find_place in self._places(record):
            channel_id = 0
            try:
                found = await find_place()
                if found is None:
                    continue
                channel_id = found
                record = await self.begin(record, channel_id)
                return record, await self._post_in(replace(result, record=record, detour=detour), channel_id)
            except DeliveryFailed as error:
                if error.retry and patient:
                    raise
                log.warning("request %s: not taken in channel %s: %s", record.id, channel_id, error.detail)
                detour = detour or Detour(channel_id=channel_id, key=error.key, values=error.values)
        raise NoPlace(detour)

    def _places(self, record: RequestRecord) -> list[Callable[[], Awaitable[int | None]]]:
        """In order. What an earlier attempt left behind, because it was refused there, is not tried again."""

        async def here() -> int | None:
            return _here(record)

        async def around() -> int | None:
            if record.thread_id is not None:
                return record.place.channel_id
            return await self.presenter.parent_of(record) if record.place.kind is PlaceKind.THREAD else None

        async def direct() -> int | None:
            direct = await self.presenter.direct_channel(record)
            return direct if direct != _here(record) else None

        last = record.result_channel_id
        if last is None or last == _here(record):
            return [here, around, direct]
        return [around, direct] if last in {record.place.channel_id, record.place.parent_id} else [direct]

    async def _post_in(self, result: Result, channel_id: int) -> Posted:
        """Smaller each time that Discord finds it too large."""
        while True:
            try:
                return await self.presenter.post_result(result, channel_id)
            except DeliveryFailed as error:
                largest = max(len(picture.content) for picture in result.pictures)
                if not error.too_large or largest <= SMALLEST:
                    raise
                log.warning("request %s: too large for channel %s: %s", result.record.id, channel_id, error.detail)
                smaller = [await fitted(picture, largest // 2) for picture in result.pictures]
                result = replace(result, pictures=tuple(smaller))


async def fitted(picture: Picture, limit: int) -> Picture:
    """The picture within so many bytes."""
    if len(picture.content) <= limit:
        return picture
    try:
        smaller = await asyncio.to_thread(imaging.fit_upload, picture.content, limit)
    except imaging.DamagedPicture as error:
        raise DeliveryFailed(retry=False, detail=f"picture of job {picture.output.job_id}: {error}") from error
    return replace(picture, content=smaller.content, media_type=smaller.media_type, reencoded=True)


def _here(record: RequestRecord) -> int:
    """Where the result belongs."""
    return record.thread_id or record.place.channel_id
