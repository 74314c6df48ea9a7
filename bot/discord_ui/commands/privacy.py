"""`/privacy` and `/mydata export · delete`: what is kept of a person, and taking or erasing it. Only they see it."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.cards import DONE, ENDED, ButtonSpec, Card, CardFile
from bot.discord_ui.desk import Desk
from bot.discord_ui.render import layout
from bot.domain.errors import InvalidRequest, NotAllowed
from bot.domain.privacy import Extent, Promise
from bot.services.erasing import Erasing
from bot.services.exporting import Archive, Exporting
from bot.services.results import MESSAGE_LIMIT
from bot.texts import Texts

MEGABYTE = 1024 * 1024

KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyCards:
    """The screens."""

    texts: Texts
    promise: Promise

    def privacy(self) -> Card:
        """What is kept, where, for how long, who sees it, and how to take and erase it."""
        say, promise = self.texts.say, self.promise
        long = [
            say("privacy.long"),
            say("privacy.prompts", days=self._days(promise.prompts_days)),
            say("privacy.outputs", days=self._days(promise.outputs_days)),
            *([say("privacy.favourites")] if promise.prompts_days or promise.outputs_days else []),
            say("privacy.references", hours=self._hours(promise.reference_hours)),
            *([say("privacy.left", days=self._days(promise.left_days))] if promise.left_days else []),
            *([say("privacy.backups", days=self._days(promise.backup_days))] if promise.backup_days else []),
            say("privacy.sums"),
        ]
        names = ", ".join(f"`{name}`" for name in promise.services)
        makers = say("privacy.services", names=names) if names else say("privacy.local")
        about = [
            *([say("privacy.policy", url=promise.policy_url)] if promise.policy_url else []),
            *([say("privacy.contact", contact=promise.contact)] if promise.contact else []),
        ]
        return Card(
            paragraphs=(
                f"### {say('privacy.title')}",
                f"{say('privacy.kept')}\n{say('privacy.where')}",
                "\n".join(long),
                f"{say('privacy.sees')}\n{makers}",
                say("privacy.rights"),
                *([" · ".join(about)] if about else []),
            )
        )

    def _days(self, count: int) -> str:
        return self.texts.say("privacy.days", count=count) if count else self.texts.say("privacy.for_ever")

    def _hours(self, count: int) -> str:
        if count % 24 == 0:
            return self._days(count // 24)
        return self.texts.say("privacy.hours", count=count)

    def archive(self, archive: Archive, content: bytes, limit: int) -> Card:
        """The file with what is in it, and what did not fit."""
        say = self.texts.say
        if not archive.rows:
            return Card(paragraphs=(say("mydata.nothing"),))
        lines = [say("mydata.archive", rows=archive.rows, pictures=archive.pictures)]
        if archive.missing:
            lines.append(say("mydata.archive_missing", count=archive.missing, limit=limit // MEGABYTE))
        return Card(
            paragraphs=(f"### {say('mydata.archive_title')}", *lines),
            files=(CardFile(filename="mydata.zip", content=content),),
            accent=DONE,
        )

    def question(self, extent: Extent, user_id: int) -> Card:
        """What would go and what would stay."""
        say = self.texts.say
        values = {"requests": extent.requests, "pictures": extent.pictures, "references": extent.references}
        delete = ButtonSpec(custom_id=f"v1:confirm:mydata:{user_id}", label=say("button.delete"), danger=True)
        keep = ButtonSpec(custom_id=f"v1:confirm:mydata:{KEEP}", label=say("button.keep_data"))
        return Card(
            paragraphs=(
                f"### {say('mydata.title')}",
                say("mydata.goes", **values),
                say("mydata.stays"),
                say("mydata.messages"),
                f"-# {say('mydata.export_first')}",
            ),
            rows=((delete, keep),),
            accent=ENDED,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MyData:
    """What the commands and the buttons do."""

    desk: Desk
    exporting: Exporting
    erasing: Erasing
    cards: PrivacyCards

    async def export(self, interaction: discord.Interaction[Any]) -> None:
        """Give everything that is kept of the person as a file."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        user_id, limit = interaction.user.id, min(interaction.filesize_limit, MESSAGE_LIMIT)
        file = io.BytesIO()
        archive = await self.exporting.export(
            file, user_id, limit=limit, about=lambda missing: readme(self.desk.texts, user_id, missing)
        )
        await self.desk.show(interaction, self.cards.archive(archive, file.getvalue(), limit))

    async def ask(self, interaction: discord.Interaction[Any]) -> None:
        """Say what would go and what would stay, with Delete and a way out."""
        user_id = interaction.user.id
        await self.desk.show(interaction, self.cards.question(await self.erasing.extent(user_id), user_id))

    async def confirmed(self, interaction: discord.Interaction[Any], rest: str) -> None:
        """A button of the question was pressed.

        Raises:
            NotAllowed: by somebody else.
            InvalidRequest: the button says nothing that can be carried out, or pictures are still being made.
        """
        say = self.desk.texts.say
        if rest == KEEP:
            kept = Card(paragraphs=(say("mydata.kept"),))
            await interaction.response.edit_message(view=layout(kept))
            return
        if not (rest.isascii() and rest.isdecimal()):
            raise InvalidRequest("refused.confirm_stale")
        if int(rest) != interaction.user.id:
            raise NotAllowed("refused.mydata_not_yours")
        await self.erasing.check(interaction.user.id)
        await interaction.response.defer()
        await self.erasing.erase(interaction.user.id)
        done = Card(paragraphs=(say("mydata.done"),), accent=DONE)
        await interaction.edit_original_response(view=layout(done))


def readme(texts: Texts, user_id: int, missing: int) -> str:
    """The text that lies beside the tables of an archive."""
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    left_out = [texts.say("mydata.readme_missing", count=missing)] if missing else []
    return "\n\n".join([texts.say("mydata.readme", user_id=user_id, at=at), *left_out, ""])


def privacy_commands(mydata: MyData) -> tuple[app_commands.Command[Any, ..., None], app_commands.Group]:
    """Build the commands."""
    return _privacy(mydata.desk, mydata.cards), _mydata(mydata)


def _privacy(desk: Desk, cards: PrivacyCards) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="privacy", description=desk.texts.say("command.privacy.description"))
    async def privacy(interaction: discord.Interaction[Any]) -> None:
        await desk.show(interaction, cards.privacy())

    return privacy


def _mydata(mydata: MyData) -> app_commands.Group:
    say = mydata.desk.texts.say
    group = app_commands.Group(name="mydata", description=say("command.mydata.description"))

    @group.command(name="export", description=say("command.mydata.export"))
    async def export(interaction: discord.Interaction[Any]) -> None:
        await mydata.export(interaction)

    @group.command(name="delete", description=say("command.mydata.delete"))
    async def delete(interaction: discord.Interaction[Any]) -> None:
        await mydata.ask(interaction)

    return group
