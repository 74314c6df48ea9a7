"""Rate limits: buckets per route and major parameter, the global limit, and the headers that report them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .loose import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many requests in so many seconds."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """The limits in force. Discord promises only the global one; the others are what bots have long observed."""

    # 50 requests a second per bot; interaction endpoints are exempt (Discord reference, "Global Rate Limit").
    everything: Limit = field(default_factory=lambda: Limit(count=50, seconds=1.0))
    other: Limit = field(default_factory=lambda: Limit(count=20, seconds=1.0))
    routes: dict[str, Limit] = field(
        default_factory=lambda: {
            "POST /channels/{channel_id}/messages": Limit(count=5, seconds=5.0),
            "PATCH /channels/{channel_id}/messages/{message_id}": Limit(count=5, seconds=5.0),
        }
    )

    @classmethod
    def relaxed(cls) -> RateLimits:
        """Limits no test will reach by accident."""
        plenty = Limit(count=100_000, seconds=1.0)
        return cls(everything=plenty, other=plenty, routes={})

    def of(self, route: str) -> Limit:
        """The limit of a route ("POST /channels/{channel_id}/messages")."""
        return self.routes.get(route, self.other)


@dataclass(slots=True)
class _Window:
    started: float
    used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a request may pass, and the headers to answer with."""

    headers: dict[str, str]
    retry_after: float | None = None
    is_global: bool = False

    def body(self) -> Json:
        """The JSON body of a 429."""
        return {
            "message": "You are being rate limited.",
            "retry_after": round(self.retry_after or 0.0, 3),
            "global": self.is_global,
            "code": 0,
        }


class RateLimiter:
    """Counts requests in fixed windows."""

    def __init__(
        self, *, limits: RateLimits, clock: Callable[[], float], ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._ticks = ticks
        self._windows: dict[str, _Window] = {}

    def admit(self, *, route: str, major: str, exempt: bool) -> Verdict:
        """Count one request; exempt ones do not count towards the global limit."""
        if not exempt:
            wait = self._take("global", self._limits.everything)
            if wait[1] > 0:
                headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
                return self.refusal(wait[1], headers=headers, is_global=True)
        limit = self._limits.of(route)
        bucket = hashlib.md5(route.encode(), usedforsecurity=False).hexdigest()
        used, wait_seconds, reset_after = self._take_in(f"{bucket}:{major}", limit)
        headers = {
            "X-RateLimit-Limit": str(limit.count),
            "X-RateLimit-Remaining": str(max(0, limit.count - used)),
            "X-RateLimit-Reset": f"{self._clock() + reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{reset_after:.3f}",
            "X-RateLimit-Bucket": bucket,
        }
        if wait_seconds > 0:
            return self.refusal(wait_seconds, headers=headers | {"X-RateLimit-Scope": "user"})
        return Verdict(headers=headers)

    def refusal(self, seconds: float, *, headers: dict[str, str] | None = None, is_global: bool = False) -> Verdict:
        """A 429 as Discord sends it; without Via, clients take it for a ban by the network in front."""
        told = {"Retry-After": str(max(1, round(seconds))), "Via": "1.1 google"} | (headers or {})
        return Verdict(headers=told, retry_after=seconds, is_global=is_global)

    def _take(self, key: str, limit: Limit) -> tuple[int, float]:
        used, wait, _ = self._take_in(key, limit)
        return used, wait

    def _take_in(self, key: str, limit: Limit) -> tuple[int, float, float]:
        """Use one place in a window: places used, seconds to wait (0: passed), seconds until the window ends."""
        now = self._ticks()
        window = self._windows.get(key)
        if window is None or now - window.started >= limit.seconds:
            window = self._windows[key] = _Window(now)
        remaining = limit.seconds - (now - window.started)
        if window.used >= limit.count:
            return window.used, max(remaining, 0.001), remaining
        window.used += 1
        return window.used, 0.0, remaining
