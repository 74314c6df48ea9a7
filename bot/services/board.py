"""Keeping the cards of open requests true: place in line and progress, each card edited at most every three seconds."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.job import INTERACTION_LIFE, JobState, RequestId, RequestRecord
from bot.services.allowances import Allowances
from bot.services.line import Line, Lineup
from bot.services.ports import CardView, Clock, Presenter
from bot.services.rates import Rate
from bot.store.database import Database, Transaction
from bot.store.jobs import JobStore, LineEntry
from bot.store.requests import RequestStore

log = logging.getLogger(__name__)

EDIT_GAP = 3.0
"""Least seconds between two edits of one card (product.md, section 3.3)."""

PLACES_PER_GAP = 3
"""Places in line after which the gap grows: the 9th in line is told of changes every nine seconds."""

LATE_GAP = 60.0
"""Least seconds between two edits once the interaction's token is dead and edits count against the global limit."""

MESSAGE_GAP = 10.0
"""The same for a card that answers a message: it never had a token, and people still want to see it move."""

EDITS, COUNTED_EDITS, COUNTED_AT_ONCE = 30.0, 5.0, 2.0
"""Cards edited in a second, through interactions and as the bot: those count towards Discord's 50 calls a second
("Global Rate Limit"), which results need more. After a restart there may be thousands to edit, front first."""

DEPTH = 200
"""Places in each line whose cards are kept true; those further back are when they come so far."""

Face = tuple[int, int, bool, bool]
"""What decides whether an edit is worth it: position, per cent in steps of 5, whether it is cancelled, and late."""


@dataclass(slots=True)
class _Shown:
    face: Face
    edited_at: float


@dataclass(slots=True, kw_only=True)
class Board:
    """Watches the line and edits the cards whose standing changed."""

    database: Database
    requests: RequestStore
    jobs: JobStore
    line: Line
    allowances: Allowances
    presenter: Presenter
    clock: Clock
    deadline: float
    told: Callable[[RequestId], int | None]
    _shown: dict[RequestId, _Shown] = field(default_factory=dict[RequestId, _Shown])
    _edits: Rate = field(init=False)
    _counted: Rate = field(init=False)

    def __post_init__(self) -> None:
        self._edits = Rate(EDITS, EDITS, self.clock)
        self._counted = Rate(COUNTED_EDITS, COUNTED_AT_ONCE, self.clock)

    async def refresh(self) -> float | None:
        """Edit the cards that are due.

        Returns:
            Seconds until a card that changed already may be edited; `None` when none waits for that.
        """

        async def load(tx: Transaction) -> Sequence[LineEntry]:
            return await self.jobs.line(tx, depth=DEPTH)

        entries = await self.database.read(load)
        now = self.clock()
        faces = _faces(entries, late_before=now - self.deadline)
        reached = {each.request_id for each in entries if each.has_token and now - each.created_at < INTERACTION_LIFE}
        self._shown = {request_id: shown for request_id, shown in self._shown.items() if request_id in faces}
        lineup = Lineup.of(entries, now=now)
        soonest: float | None = None
        due: list[tuple[RequestId, Face]] = []
        for request_id, face in faces.items():
            wait = self._wait(request_id, face)
            if wait is not None and wait <= 0:
                rate = self._edits if request_id in reached else self._counted
                if rate.room():
                    rate.spend()
                    due.append((request_id, face))
                    continue
                wait = rate.wait
            if wait is not None:
                soonest = wait if soonest is None else min(soonest, wait)
        await asyncio.gather(*(self._edit(request_id, face, lineup) for request_id, face in due))
        return soonest

    def _wait(self, request_id: RequestId, face: Face) -> float | None:
        """Seconds until the card is to be edited, 0 for now; `None` when it shows what there is to show."""
        shown = self._shown.get(request_id)
        if shown is None:
            # The answer itself showed the first place in line; after a restart the card shows what nobody knows.
            if face[0] == 0 or self.told(request_id) != face[0]:
                return 0.0
            self._shown[request_id] = _Shown(face=face, edited_at=0.0)
            return None
        if shown.face == face:
            return None
        # Far back in a long line places change all the time and matter little.
        if math.isinf(shown.edited_at):
            return None
        gap = EDIT_GAP * max(1.0, face[0] / PLACES_PER_GAP)
        return shown.edited_at + gap - self.clock()

    async def _edit(self, request_id: RequestId, face: Face, lineup: Lineup) -> None:
        async def load(tx: Transaction) -> CardView:
            record = await self.requests.get(tx, request_id)
            return CardView(
                record=record,
                standing=await self.line.standing_in(tx, record, lineup),
                allowance=await self.allowances.of(tx, record.requester),
                cancelling=face[2],
                late=face[3],
            )

        view = await self.database.read(load)
        self._shown[request_id] = _Shown(face=face, edited_at=self.clock())
        if view.record.answered_at is None or view.record.ended:
            return
        self._shown[request_id].edited_at += self._gap(view.record) - EDIT_GAP
        if not await self.presenter.update_card(view):
            self._shown[request_id].edited_at = math.inf

    def _gap(self, record: RequestRecord) -> float:
        """Least seconds until the card's next edit."""
        if self.clock() - record.created_at > INTERACTION_LIFE:
            return LATE_GAP
        return MESSAGE_GAP if record.by_message else EDIT_GAP


def _faces(entries: Sequence[LineEntry], *, late_before: float) -> dict[RequestId, Face]:
    faces: dict[RequestId, Face] = {}
    for entry in entries:
        if entry.state is JobState.WAITING:
            faces.setdefault(entry.request_id, (entry.place, 0, entry.cancelling, False))
        else:
            percent = 5 * round(20 * (entry.progress or 0.0))
            late = entry.submitted_at is not None and entry.submitted_at < late_before
            _, shown, cancelling, was_late = faces.get(entry.request_id, (0, 0, False, False))
            faces[entry.request_id] = (0, max(percent, shown), entry.cancelling or cancelling, late or was_late)
    return faces
