"""The waiting line as people see it: the order in which the next claims would go."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping

from bot.domain.job import LineEntry


def in_turn(
    waiting: Iterable[LineEntry], *, running: Mapping[int, int], last_starts: Mapping[int, float]
) -> list[LineEntry]:
    """The waiting jobs in the order of their turns.

    The next turn is of the person with the fewest jobs running, then of the one whose last start is longest ago, then
    of the one with the oldest job; each turn counts as one more running, as if nothing ended meanwhile. `running` and
    `last_starts` are by person; who never had a job started comes first.
    """
    lines: defaultdict[int, list[LineEntry]] = defaultdict(list)
    for entry in sorted(waiting, key=lambda entry: (entry.request_id, entry.position), reverse=True):
        lines[entry.user_id].append(entry)
    turns = [
        (running.get(user, 0), last_starts.get(user, 0.0), line[-1].request_id, line[-1].position, user)
        for user, line in lines.items()
    ]
    heapq.heapify(turns)
    ordered: list[LineEntry] = []
    now = max(last_starts.values(), default=0.0)
    while turns:
        count, _, _, _, user = heapq.heappop(turns)
        line = lines[user]
        ordered.append(line.pop())
        if line:
            turn = (count + 1, now + len(ordered), line[-1].request_id, line[-1].position, user)
            heapq.heappush(turns, turn)
    return ordered
