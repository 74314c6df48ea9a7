"""Two prompts to choose from: the question that only its person sees, and what their choice starts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import QUEUED, ButtonSpec, Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.render import layout
from bot.discord_ui.wording import code_block
from bot.domain.draft import Choice, Draft
from bot.domain.request import ImageRequest
from bot.services.drafting import Drafting, Offer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """Asks which prompt to use before anything is held."""

    desk: Desk
    drafting: Drafting

    async def offer(
        self, interaction: discord.Interaction[Any], request: ImageRequest, *, provider: str | None = None
    ) -> None:
        """Show both prompts with Use it and Use mine.

        Raises:
            AtelierError: refused; nothing was held.
        """
        caller = await self.desk.caller(interaction)
        if self.drafting.slow:
            await interaction.response.defer(ephemeral=True, thinking=True)
        offer = await self.drafting.offer(request, caller, provider=provider)
        await self.desk.show(interaction, self._question(offer))

    async def decided(self, interaction: discord.Interaction[Any], choice: Choice, draft_id: str) -> None:
        """Start the request as `/imagine` would; the question makes way, so that it is not asked twice.

        Raises:
            AtelierError: refused; nothing was held.
        """
        draft = await self.drafting.find(draft_id, requester_of(interaction))
        if await self.desk.ask(interaction, lambda caller: self.drafting.start(draft, choice, caller)):
            await self._close(interaction, draft)

    def _question(self, offer: Offer) -> Card:
        say, draft = self.desk.texts.say, offer.draft
        mine = ButtonSpec(custom_id=f"v1:{Choice.MINE}:{draft.id}", label=say("button.mine"))
        use = ButtonSpec(custom_id=f"v1:{Choice.USE}:{draft.id}", label=say("button.use"), primary=True)
        yours = (f"**{say('enhance.yours')}**", code_block(draft.request.prompt))
        free = f"-# {say('enhance.free')}"
        if not draft.changed:
            return Card(paragraphs=(*yours, say("enhance.nothing"), free), rows=((mine,),), accent=QUEUED)
        by = say("enhance.by_service", service=offer.service) if offer.service else say("enhance.by_rules")
        return Card(
            paragraphs=(f"**{say('enhance.enhanced')}** · {by}", code_block(draft.enhanced), *yours, free),
            rows=((use, mine),),
            accent=QUEUED,
        )

    async def _close(self, interaction: discord.Interaction[Any], draft: Draft) -> None:
        """Best effort, and through the command's token: only that one may change its answer, for 15 minutes."""
        if interaction.message is None or draft.token is None:
            return
        question = discord.Webhook.partial(interaction.application_id, draft.token, client=interaction.client)
        card = Card(paragraphs=(self.desk.texts.say("enhance.decided"),))
        try:
            await question.edit_message(interaction.message.id, view=layout(card))
        except discord.HTTPException as error:
            log.info("a question was left standing (code %s)", error.code)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("a question was left standing: %s", type(error).__name__)
