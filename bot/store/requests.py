"""Requests as rows: accepted once, answered, delivered."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.job import Action, Delivery, NewRequest, RequestId, RequestRecord
from bot.domain.references import Reference
from bot.domain.shapes import Shape
from bot.store.database import Transaction


class RequestStore:
    """The table of requests with their references; jobs and pictures come along when a request is read."""

    async def insert(self, tx: Transaction, new: NewRequest) -> RequestRecord:
        """Keep a request, its references, and one waiting job for each of its pictures."""
        raise NotImplementedError

    async def by_interaction(self, tx: Transaction, interaction_id: int) -> RequestRecord | None:
        """The request that was accepted for this interaction, if any."""
        raise NotImplementedError

    async def twin(
        self, tx: Transaction, *, parent_id: RequestId, action: Action, user_id: int, since: float, shape: Shape
    ) -> RequestRecord | None:
        """The latest request that the same person made by the same button of the same parent since then.

        Buttons with another resulting shape are other buttons; withdrawn requests do not count.
        """
        raise NotImplementedError

    async def get(self, tx: Transaction, request_id: RequestId) -> RequestRecord:
        """The request.

        Raises:
            NotFound: there is none with this id.
        """
        raise NotImplementedError

    async def mark_answered(
        self, tx: Transaction, request_id: RequestId, *, at: float, card_message_id: int | None
    ) -> None:
        """The person saw the card: from now on its jobs may be claimed. The first time counts."""
        raise NotImplementedError

    async def withdraw(self, tx: Transaction, request_id: RequestId) -> None:
        """The person never got an answer: nothing of the request will be claimed or posted.

        Its jobs and holds stay as they are: cancel and settle them in the same transaction.
        """
        raise NotImplementedError

    async def set_references(self, tx: Transaction, request_id: RequestId, references: Sequence[Reference]) -> None:
        """Replace the request's references, for example by their fetched copies."""
        raise NotImplementedError

    async def set_thread(self, tx: Transaction, request_id: RequestId, thread_id: int) -> None:
        """Remember the thread that was made for the result."""
        raise NotImplementedError

    async def begin_post(self, tx: Transaction, request_id: RequestId, *, at: float) -> None:
        """The result is about to be posted for the first time; later calls keep the first time."""
        raise NotImplementedError

    async def mark_posted(self, tx: Transaction, request_id: RequestId, *, message_id: int, at: float) -> None:
        """The result stands in this message; the request is delivered."""
        raise NotImplementedError

    async def mark_delivery(self, tx: Transaction, request_id: RequestId, delivery: Delivery) -> None:
        """Record how delivery ended, or that it is to be tried again."""
        raise NotImplementedError

    async def postpone_post(self, tx: Transaction, request_id: RequestId, *, until: float) -> None:
        """Posting failed: count the attempt and try again at `until`."""
        raise NotImplementedError

    async def undelivered(self, tx: Transaction, *, now: float, limit: int = 100) -> list[RequestRecord]:
        """Answered requests whose jobs have all ended and whose result is due to be posted, oldest first."""
        raise NotImplementedError

    async def unanswered(self, tx: Transaction, *, before: float) -> list[RequestRecord]:
        """Requests made before this time whose card was never confirmed and that are not withdrawn."""
        raise NotImplementedError

    async def recent(
        self, tx: Transaction, *, user_id: int | None = None, guild_id: int | None = None, limit: int
    ) -> list[RequestRecord]:
        """The newest requests of a person, of a server, or of both, newest first; withdrawn ones are left out."""
        raise NotImplementedError
