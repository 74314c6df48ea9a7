"""Scripted faults: what the next calls and the gateway should do wrong."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from .sessions import Sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one call."""

    status: int | None = None  # answer with this status instead of the real one
    code: int = 0
    after_commit: bool = False  # let the call take effect first
    drop: bool = False  # close the connection without an answer
    hang: float | None = None  # wait this long before going on
    drip: float = 0.0  # let the bytes of the answer come over so many seconds
    retry_after: float = 0.05  # for 429
    via: bool = True  # a 429 without Via looks like a ban
    is_global: bool = False


@dataclass(slots=True)
class _Script:
    method: str
    template: str
    fault: Fault
    channel: str | None = None
    left: int = 1
    used: asyncio.Event = field(default_factory=asyncio.Event)


class Faults:
    """Faults waiting for the calls they belong to."""

    def __init__(self, *, sessions: Sessions) -> None:
        self._sessions = sessions
        self._scripts: list[_Script] = []
        self._gateways_refused = 0

    def next(
        self,
        method: str,
        template: str,
        *,
        status: int | None = None,
        code: int = 0,
        after_commit: bool = False,
        drop: bool = False,
        hang: float | None = None,
        drip: float = 0.0,
        retry_after: float = 0.05,
        via: bool = True,
        is_global: bool = False,
        channel: str | None = None,
        times: int = 1,
    ) -> asyncio.Event:
        """Make the next call(s) of a route go wrong; the event is set once the script is used up.

        `status` answers with that status (`code` is the JSON code; 429 uses retry_after, via and is_global),
        `drop` cuts the connection, `hang` waits first (alone: the call then succeeds), `drip` lets the answer come
        byte by byte over so many seconds. `after_commit` lets the call take effect before it goes wrong. With
        `channel` only calls about the channel with this id are meant.
        """
        fault = Fault(
            status=status,
            code=code,
            after_commit=after_commit,
            drop=drop,
            hang=hang,
            drip=drip,
            retry_after=retry_after,
            via=via,
            is_global=is_global,
        )
        script = _Script(method, template, fault, channel, times)
        self._scripts.append(script)
        return script.used

    def take(self, method: str, template: str, channel: str | None = None) -> Fault | None:
        """The fault for a call, about this channel if about any, if one is scripted."""
        for script in self._scripts:
            fits = script.method == method and script.template == template
            if fits and script.channel in {None, channel}:
                script.left -= 1
                if script.left == 0:
                    self._scripts.remove(script)
                    script.used.set()
                return script.fault
        return None

    def withdraw(self, used: asyncio.Event) -> None:
        """Forget what is left of the script that this event is of."""
        self._scripts = [script for script in self._scripts if script.used is not used]

    def clear(self) -> None:
        """Forget all scripted faults."""
        self._scripts.clear()

    def refuse_gateway(self, *, times: int = 1) -> None:
        """Answer the next connections to the gateway with 503."""
        self._gateways_refused = times

    def refuses_gateway(self) -> bool:
        """Whether the connection that is being made now has to be refused."""
        self._gateways_refused -= 1
        return self._gateways_refused >= 0

    def reset_gateway(self) -> None:
        """Reset every gateway connection (RST), as a broken network does; sessions can be resumed."""
        for session in self._sessions:
            connection, session.connection = session.connection, None
            if connection is not None:
                connection.reset()

    def disconnect(self, *, resumable: bool = True, code: int = 4000) -> None:
        """Close every gateway socket; when not resumable the sessions are gone too."""
        for session in self._sessions:
            connection, session.connection = session.connection, None
            if not resumable:
                self._sessions.end(session)
            if connection is not None:
                connection.close(code)

    def reconnect(self) -> None:
        """Ask every client to reconnect (op 7)."""
        self._send('{"op":7,"d":null,"s":null,"t":null}')

    def invalid_session(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is invalid (op 9)."""
        for session in self._sessions:
            if not resumable:
                self._sessions.end(session)
            if session.connection is not None:
                session.connection.send(f'{{"op":9,"d":{str(resumable).lower()},"s":null,"t":null}}')

    def _send(self, text: str) -> None:
        for session in self._sessions:
            if session.connection is not None:
                session.connection.send(text)
