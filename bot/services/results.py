"""Results with the bytes of their pictures."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.errors import DeliveryFailed, NotFound
from bot.domain.job import DEFAULT_FILE_LIMIT, Job, JobState, Output, RequestId, RequestRecord
from bot.services.callers import Caller
from bot.services.placing import fitted
from bot.services.ports import Ending, Picture, Result
from bot.services.submissions import Submissions
from bot.store.blobs import Blobs

log = logging.getLogger(__name__)

MESSAGE_LIMIT = 24 * 1024 * 1024
"""Bytes of all files of one message: 25 MiB for the request (docs, "Uploading Files"), less its form."""


async def result_of(record: RequestRecord, blobs: Blobs, limit: int) -> Result:
    """What a request came to, each picture within `limit` bytes; one that is gone or damaged is told as an ending."""
    by_job = {output.job_id: output for output in record.outputs}
    made = [job for job in record.jobs if job.state is JobState.SUCCEEDED]
    endings = [
        Ending(job=job, key=job.failure_key or _plain_ending(job), values=dict(job.failure_values))
        for job in record.jobs
        if job.state is not JobState.SUCCEEDED
    ]
    pictures: list[Picture] = []
    for job in made:
        try:
            pictures.append(await _picture(blobs, job, by_job[job.id], limit))
        except DeliveryFailed as error:
            # Paid for, and nobody can bring it back: the person has to know.
            log.error("job %s: made, but cannot be shown: %s", job.id, error.detail)
            endings.append(Ending(job=job, key="job.picture_gone", values={}))
    return Result(record=record, pictures=tuple(pictures), endings=tuple(endings))


async def _picture(blobs: Blobs, job: Job, output: Output, limit: int) -> Picture:
    try:
        content = await blobs.get(output.sha256)
    except NotFound as error:
        raise DeliveryFailed(retry=False, detail=f"picture of job {job.id} is not in the store") from error
    return await fitted(Picture(output=output, job=job, content=content, media_type=output.media_type), limit)


def _plain_ending(job: Job) -> str:
    """The sentence for a job that ended without one of its own: who cancels while it waits says nothing more."""
    return "job.cancelled" if job.state is JobState.CANCELLED else "provider.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Gives results to people once more, as far as they may press their buttons."""

    submissions: Submissions
    blobs: Blobs

    async def again(self, request_id: RequestId, caller: Caller) -> Result:
        """The result, small enough for a direct message.

        Raises:
            NotFound, NotAllowed: the person may not use it, or it has no picture.
            DeliveryFailed: a picture is not in the store, or is damaged.
        """
        record = await self.submissions.pressed(request_id, caller)
        if not record.outputs:
            raise NotFound("refused.pictures_gone", detail=f"request {request_id} has no picture")
        limit = min(DEFAULT_FILE_LIMIT, MESSAGE_LIMIT // len(record.outputs))
        result = await result_of(record, self.blobs, limit)
        if len(result.pictures) < len(record.outputs):
            raise DeliveryFailed(retry=False, detail=f"pictures of request {request_id} are not in the store")
        return result
