"""The screens of `/reference`: what was saved, pages to look through, one picture, and the question before deleting."""

from __future__ import annotations

from dataclasses import dataclass

from discord import app_commands

from bot.discord_ui.cards import DONE, ENDED, ButtonSpec, Card, CardPicture
from bot.discord_ui.wording import Wording
from bot.domain.library import SavedReference, Scope
from bot.services.library import Kept, LibraryPage, ShownReference
from bot.texts import Texts

EVERY = "all"
"""In ids and choices: one's own library and the server's."""

_EXTENSIONS = ((b"\x89PNG", "png"), (b"\xff\xd8", "jpg"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryCards:
    """Makes the cards of saved references."""

    texts: Texts
    wording: Wording

    def kept(self, kept: Kept) -> Card:
        """What was saved, and how to use it."""
        saved = kept.shown.saved
        return Card(
            paragraphs=(
                self.texts.say(f"library.saved_{saved.library.scope}", name=saved.name),
                *(f"-# {self.texts.say(note)}" for note in kept.notes),
            ),
            pictures=self._pictures(kept.shown),
            accent=DONE,
        )

    def page(self, page: LibraryPage, scope: Scope | None) -> Card:
        """One page of pictures with their names, and buttons to the others."""
        say = self.texts.say
        title = f"### {say('library.title')}"
        if not page.entries:
            return Card(paragraphs=(title, say("library.empty")))
        lines = [self._line(shown.saved) for shown in page.entries]
        counts = " · ".join(say(f"library.count_{each}", count=count) for each, count in page.counts.items())
        where = f"{say('library.page', page=page.number, pages=page.pages)} · " if page.pages > 1 else ""
        how = say("library.how", name=page.entries[0].saved.name)
        return Card(
            paragraphs=(title, "\n".join(lines), f"-# {where}{counts}\n-# {how}"),
            pictures=tuple(picture for shown in page.entries for picture in self._pictures(shown)),
            rows=self._turning(page, scope),
        )

    def _turning(self, page: LibraryPage, scope: Scope | None) -> tuple[tuple[ButtonSpec, ...], ...]:
        if page.pages == 1:
            return ()
        which = scope or EVERY
        before, after = page.number - 1, page.number + 1
        return (
            (
                ButtonSpec(
                    custom_id=f"v1:library:{which}:{before}",
                    label=self.texts.say("button.previous"),
                    disabled=before < 1,
                ),
                ButtonSpec(
                    custom_id=f"v1:library:{which}:{after}",
                    label=self.texts.say("button.next"),
                    disabled=after > page.pages,
                ),
            ),
        )

    def one(self, shown: ShownReference) -> Card:
        """One reference with its whole picture."""
        saved, say = shown.saved, self.texts.say
        facts = say("library.facts", width=saved.picture.width, height=saved.picture.height, saved_at=saved.saved_at)
        by = f" · {say('library.by', user_id=saved.saved_by)}" if saved.library.scope is Scope.SERVER else ""
        return Card(
            paragraphs=(self._line(saved), f"{facts}{by}", f"-# {say('library.how', name=saved.name)}"),
            pictures=self._pictures(shown),
        )

    def renamed(self, saved: SavedReference, name: str) -> Card:
        """The new name."""
        return Card(paragraphs=(self.texts.say("library.renamed", old=saved.name, name=name),))

    def deleted(self, saved: SavedReference) -> Card:
        """What is gone, and what that means for old pictures."""
        return Card(paragraphs=(self.texts.say("library.deleted", name=saved.name),))

    def question(self, saved: SavedReference) -> Card:
        """Asks before everyone of a server loses a reference."""
        button = ButtonSpec(
            custom_id=f"v1:confirm:forget:{saved.id}", label=self.texts.say("button.confirm"), danger=True
        )
        return Card(
            paragraphs=(self.texts.say("library.confirm_delete", name=saved.name),), rows=((button,),), accent=ENDED
        )

    def choices(self, found: list[SavedReference]) -> list[app_commands.Choice[str]]:
        """What can be meant while somebody types a name; each tells whose it is, in words and in its value."""
        return [
            app_commands.Choice(
                name=f"{saved.name} · {self._whose(saved)}", value=f"{saved.library.scope}:{saved.name}"
            )
            for saved in found
        ]

    def _line(self, saved: SavedReference) -> str:
        return f"`@{saved.name}` · {self._whose(saved)}"

    def _whose(self, saved: SavedReference) -> str:
        return self.texts.say(f"library.whose_{saved.library.scope}")

    def _pictures(self, shown: ShownReference) -> tuple[CardPicture, ...]:
        if not shown.content:
            return ()
        saved = shown.saved
        extension = next((kind for start, kind in _EXTENSIONS if shown.content.startswith(start)), "webp")
        return (
            CardPicture(
                filename=f"{saved.library.scope}-{saved.name}.{extension}",
                content=shown.content,
                alt=self.texts.say("library.alt", name=saved.name),
            ),
        )
