"""Enhancing a prompt: by a service that is good at it when there is one, else locally; it never fails."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from bot.domain.enhancing import enhance, kept_tags
from bot.domain.errors import AtelierError
from bot.domain.text import PROMPT_LIMIT, clean_text, is_blank, utf16_length

log = logging.getLogger(__name__)

ENHANCE_SECONDS = 10.0
"""How long somebody waits for a better prompt; the local one is there at once."""

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Enhanced:
    """An enhanced prompt and who made it: `local`, or the service's name."""

    prompt: str
    by: str


class PromptService(Protocol):
    """Somebody outside who improves prompts."""

    async def enhance(self, prompt: str) -> str:
        """A better prompt.

        Raises:
            ProviderError: there is none.
        """
        ...


class Enhancer:
    """Takes what the service answers only when it can stand in for the person's prompt."""

    def __init__(
        self, *, remote: PromptService | None = None, name: str = "", limit_seconds: float = ENHANCE_SECONDS
    ) -> None:
        self._remote = remote
        self._limit = limit_seconds
        self.name = name

    @property
    def has_remote(self) -> bool:
        """Whether enhancing may take longer than an answer may."""
        return self._remote is not None

    async def enhance(self, prompt: str, *, remote: bool = True) -> Enhanced:
        """The prompt, enhanced; without `remote` no service is asked. Every `@tag` is kept, and so is the limit."""
        answer = await self._asked(self._remote, prompt) if remote and self._remote is not None else None
        if answer is not None:
            return Enhanced(answer, self.name)
        return Enhanced(enhance(prompt), LOCAL)

    async def _asked(self, service: PromptService, prompt: str) -> str | None:
        try:
            async with asyncio.timeout(self._limit):
                answer = clean_text(await service.enhance(prompt))
        except AtelierError as error:
            log.warning("%s did not enhance a prompt: %s", self.name, error.detail)
            return None
        except Exception as error:  # noqa: BLE001 - the edge: an enhancer that breaks must not cost anybody a picture
            log.warning("%s did not enhance a prompt: %s", self.name, type(error).__name__)
            return None
        fault = _fault(prompt, answer)
        if fault is not None:
            log.info("%s enhanced a prompt into one that %s", self.name, fault)
            return None
        return answer


def _fault(prompt: str, answer: str) -> str | None:
    """Why an answer cannot stand in for the prompt."""
    if is_blank(answer):
        return "is empty"
    if utf16_length(answer) > PROMPT_LIMIT:
        return "is too long"
    if not kept_tags(prompt, answer):
        return "names other references"
    return None
