"""Which job or interaction the running code is about, so that every log line can tell."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

_job: ContextVar[int | str | None] = ContextVar("job_id", default=None)
_interaction: ContextVar[int | str | None] = ContextVar("interaction_id", default=None)


@contextmanager
def bound(*, job_id: int | str | None = None, interaction_id: int | str | None = None) -> Generator[None]:
    """Every line written inside tells which job or interaction it is about; what is not given stays as it was."""
    job = _job.set(job_id) if job_id is not None else None
    interaction = _interaction.set(interaction_id) if interaction_id is not None else None
    try:
        yield
    finally:
        if job is not None:
            _job.reset(job)
        if interaction is not None:
            _interaction.reset(interaction)


def bindings() -> dict[str, int | str]:
    """What is bound here, by name."""
    values = {"job_id": _job.get(), "interaction_id": _interaction.get()}
    return {name: value for name, value in values.items() if value is not None}
