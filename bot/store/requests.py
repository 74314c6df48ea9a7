"""Requests as rows: accepted once, answered, delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row, Select, and_, delete, exists, func, insert, or_, select, update

from bot.domain.errors import NotFound, StaleAttempt
from bot.domain.job import Action, Delivery, NewRequest, RequestId, RequestRecord
from bot.domain.references import Reference
from bot.domain.shapes import Shape
from bot.store.database import Transaction
from bot.store.rows import job_of, job_values, record_of, reference_values, request_values, shape_values, to_json
from bot.store.tables import ACTIVE, UNSETTLED, jobs, outputs, request_references, requests


class RequestStore:
    """The table of requests with their references; jobs and pictures come along when a request is read."""

    async def insert(self, tx: Transaction, new: NewRequest) -> RequestRecord:
        """Keep a request, its references, and one waiting job for each of its pictures."""
        row = (await tx.execute(insert(requests).values(request_values(new)).returning(requests))).one()
        request_id = RequestId(row.id)
        references = await self._insert_references(tx, request_id, new.request.references)
        values = [job_values(new, request_id, position) for position in range(new.request.count)]
        made = await tx.execute(insert(jobs).returning(jobs, sort_by_parameter_order=True), values)
        return record_of(row, references=references, jobs=map(job_of, made), outputs=())

    async def _insert_references(
        self, tx: Transaction, request_id: RequestId, references: Sequence[Reference]
    ) -> Sequence[Row[Any]]:
        values = [reference_values(request_id, position, reference) for position, reference in enumerate(references)]
        if not values:
            return ()
        statement = insert(request_references).returning(request_references, sort_by_parameter_order=True)
        return (await tx.execute(statement, values)).all()

    async def by_interaction(self, tx: Transaction, interaction_id: int) -> RequestRecord | None:
        """The request that was accepted for this interaction, if any."""
        return await self._one(tx, select(requests).where(requests.c.interaction_id == interaction_id))

    async def twin(
        self,
        tx: Transaction,
        *,
        parent_id: RequestId,
        action: Action,
        user_id: int,
        since: float,
        shape: Shape,
        prompt: str,
        until: float = 1e18,
    ) -> RequestRecord | None:
        """The latest request that the same person made by the same button of the same parent since then.

        Buttons with another resulting shape are other buttons, and so are edits with other words; withdrawn requests
        do not count.
        """
        statement = (
            select(requests)
            .where(
                requests.c.parent_id == parent_id,
                requests.c.action == action,
                requests.c.user_id == user_id,
                requests.c.created_at.between(since, until),
                requests.c.delivery != Delivery.WITHDRAWN,
                requests.c.prompt == prompt,
                *(requests.c[column] == value for column, value in shape_values(shape).items()),
            )
            .order_by(requests.c.id.desc())
            .limit(1)
        )
        return await self._one(tx, statement)

    async def get(self, tx: Transaction, request_id: RequestId, *, hold: bool = False) -> RequestRecord:
        """The request; with `hold` nobody else changes it before the transaction ends, which must be one that writes.

        Raises:
            NotFound: there is none with this id.
        """
        statement = select(requests).where(requests.c.id == request_id)
        record = await self._one(tx, statement.with_for_update() if hold else statement)
        if record is None:
            raise NotFound(detail=f"request {request_id}")
        return record

    async def mark_answered(
        self, tx: Transaction, request_id: RequestId, *, at: float, card_message_id: int | None
    ) -> None:
        """The person saw the card: from now on its jobs may be claimed. The first time counts."""
        await self._change(
            tx,
            request_id,
            answered_at=func.coalesce(requests.c.answered_at, at),
            card_message_id=func.coalesce(requests.c.card_message_id, card_message_id),
        )

    async def withdraw(self, tx: Transaction, request_id: RequestId) -> None:
        """The person never got an answer: nothing of the request will be claimed or posted.

        Its jobs and holds stay as they are: cancel and settle them in the same transaction.
        """
        await self._change(tx, request_id, delivery=Delivery.WITHDRAWN)

    async def set_references(self, tx: Transaction, request_id: RequestId, references: Sequence[Reference]) -> None:
        """Replace the request's references, for example by their fetched copies."""
        await tx.execute(delete(request_references).where(request_references.c.request_id == request_id))
        await self._insert_references(tx, request_id, references)

    async def add_notes(self, tx: Transaction, record: RequestRecord, notes: Sequence[str]) -> None:
        """Note further changes to the request; what is noted already stands once."""
        together = dict.fromkeys([*record.notes, *notes])
        if len(together) > len(record.notes):
            await self._change(tx, record.id, notes=to_json(together))

    async def was_told(self, tx: Transaction, note: str, *, user_id: int, sha256s: Collection[str]) -> bool:
        """Whether one of the person's requests with one of these references carries the note."""
        statement = (
            select(requests.c.id)
            .join(request_references, request_references.c.request_id == requests.c.id)
            .where(
                request_references.c.sha256.in_(sha256s),
                requests.c.user_id == user_id,
                requests.c.notes.contains(f'"{note}"', autoescape=True),
            )
            .limit(1)
        )
        return await tx.scalar(statement) is not None

    async def set_thread(self, tx: Transaction, request_id: RequestId, thread_id: int) -> None:
        """Remember the thread that was made for the result."""
        await self._change(tx, request_id, thread_id=thread_id)

    async def begin_post(self, tx: Transaction, request_id: RequestId, *, channel_id: int, at: float) -> None:
        """The result is about to be posted in this channel; of the times, the first one is kept."""
        started = func.coalesce(requests.c.post_started_at, at)
        await self._change(tx, request_id, post_started_at=started, result_channel_id=channel_id)

    async def mark_posted(
        self, tx: Transaction, request_id: RequestId, *, channel_id: int, message_id: int, at: float
    ) -> None:
        """The result stands in this message; the card is still to be closed."""
        await self._change(
            tx, request_id, result_channel_id=channel_id, result_message_id=message_id, result_posted_at=at
        )

    async def mark_delivery(self, tx: Transaction, request_id: RequestId, delivery: Delivery) -> None:
        """Record how delivery ended, or that it is to be tried again."""
        await self._change(tx, request_id, delivery=delivery)

    async def postpone_post(self, tx: Transaction, *request_ids: RequestId, until: float) -> None:
        """Count an attempt at posting, which ends all earlier ones; nobody makes another one before `until`."""
        later = {"post_after": until, "post_attempts": requests.c.post_attempts + 1}
        await tx.execute(update(requests).where(requests.c.id.in_(request_ids)).values(later))

    async def hold_post(self, tx: Transaction, record: RequestRecord) -> None:
        """Hold the request until the transaction ends, for the attempt at posting that `record` was read in.

        Raises:
            StaleAttempt: somebody else has taken the post over since then.
        """
        held = select(requests.c.id).where(requests.c.id == record.id, requests.c.post_attempts == record.post_attempts)
        if await tx.first(held.with_for_update()) is None:
            raise StaleAttempt(detail=f"request {record.id}, attempt {record.post_attempts} at posting")

    async def renew_post(self, tx: Transaction, record: RequestRecord, *, until: float) -> None:
        """Keep others from posting this result before `until`, unless somebody has taken it over already."""
        held = (UNSETTLED, requests.c.id == record.id, requests.c.post_attempts == record.post_attempts)
        await tx.execute(update(requests).where(*held).values(post_after=until))

    async def next_post(self, tx: Transaction, *, now: float) -> float | None:
        """The next time after `now` at which a postponed post is due."""
        return await tx.scalar(select(func.min(requests.c.post_after)).where(UNSETTLED, requests.c.post_after > now))

    async def free_posts(self, tx: Transaction) -> None:
        """Let every undelivered result be posted at once, when it is known that no other process is at it."""
        await tx.execute(update(requests).where(UNSETTLED, requests.c.post_after.is_not(None)).values(post_after=None))

    async def undelivered(
        self, tx: Transaction, *, now: float, exclude: Collection[RequestId] = (), limit: int = 100
    ) -> list[RequestRecord]:
        """Answered requests whose jobs have all ended and whose result is due to be posted, oldest first."""
        due = select(requests).where(_due(now, exclude)).order_by(requests.c.id).limit(limit)
        return await self._all(tx, due)

    async def any_undelivered(self, tx: Transaction, *, now: float, exclude: Collection[RequestId] = ()) -> bool:
        """Whether there is one that `undelivered` would give."""
        return await tx.first(select(requests.c.id).where(_due(now, exclude)).limit(1)) is not None

    async def unanswered(self, tx: Transaction, *, before: float) -> list[RequestRecord]:
        """Requests made before this time whose card was never confirmed and that are not withdrawn."""
        statement = (
            select(requests)
            .where(UNSETTLED, requests.c.answered_at.is_(None), requests.c.created_at < before)
            .order_by(requests.c.id)
        )
        return await self._all(tx, statement)

    async def recent(
        self, tx: Transaction, *, user_id: int | None = None, guild_id: int | None = None, limit: int
    ) -> list[RequestRecord]:
        """The newest requests of a person, of a server, or of both, newest first; withdrawn ones are left out."""
        statement = select(requests).where(requests.c.delivery != Delivery.WITHDRAWN)
        if user_id is not None:
            statement = statement.where(requests.c.user_id == user_id)
        if guild_id is not None:
            statement = statement.where(requests.c.guild_id == guild_id)
        return await self._all(tx, statement.order_by(requests.c.id.desc()).limit(limit))

    async def _change(self, tx: Transaction, request_id: RequestId, **values: Any) -> None:
        await tx.execute(update(requests).where(requests.c.id == request_id).values(**values))

    async def _one(self, tx: Transaction, statement: Select[Any]) -> RequestRecord | None:
        found = await self._all(tx, statement)
        return found[0] if found else None

    async def _all(self, tx: Transaction, statement: Select[Any]) -> list[RequestRecord]:
        rows = await tx.rows(statement)
        if not rows:
            return []
        ids = [row.id for row in rows]
        references = await _by_request(
            tx,
            select(request_references)
            .where(request_references.c.request_id.in_(ids))
            .order_by(request_references.c.position),
        )
        of_jobs = await _by_request(
            tx, select(jobs).where(jobs.c.request_id.in_(ids)).order_by(jobs.c.request_id, jobs.c.position)
        )
        made = await _by_request(
            tx,
            select(outputs, jobs.c.request_id)
            .join_from(outputs, jobs)
            .where(jobs.c.request_id.in_(ids))
            .order_by(jobs.c.position, outputs.c.position),
        )
        return [
            record_of(row, references=references[row.id], jobs=map(job_of, of_jobs[row.id]), outputs=made[row.id])
            for row in rows
        ]


def _due(now: float, exclude: Collection[RequestId]) -> ColumnElement[bool]:
    """Whether a request's result is to be posted now."""
    return and_(
        UNSETTLED,
        requests.c.answered_at.is_not(None),
        or_(requests.c.post_after.is_(None), requests.c.post_after <= now),
        requests.c.id.not_in(exclude),
        ~exists().where(jobs.c.request_id == requests.c.id, ACTIVE),
    )


async def _by_request(tx: Transaction, statement: Executable) -> defaultdict[int, list[Row[Any]]]:
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in await tx.rows(statement):
        found[row.request_id].append(row)
    return found
