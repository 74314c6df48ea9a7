"""Clean copies of people's files as rows: which copy was made of which file, and when it was used last."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Row, select, update

from bot.domain.looks import Look
from bot.domain.references import Copy
from bot.store.database import Transaction
from bot.store.rows import from_json, to_json
from bot.store.tables import copies
from bot.store.upsert import upsert


class CopyStore:
    """The table of copies. `source` is the SHA-256 of the file, `form` names what it was made into."""

    async def get(self, tx: Transaction, *, source: str, form: str) -> Copy | None:
        """The copy of a file in this form, if there is one."""
        row = await tx.first(select(copies).where(copies.c.source == source, copies.c.form == form))
        return None if row is None else _copy_of(row)

    async def put(self, tx: Transaction, copy: Copy, *, source: str, form: str, at: float) -> None:
        """Remember a copy in place of an earlier one."""
        look = copy.look
        values = {
            "source": source,
            "form": form,
            "sha256": copy.sha256,
            "media_type": copy.media_type,
            "width": copy.width,
            "height": copy.height,
            "notes": to_json(copy.notes),
            "used_at": at,
            "side": look and look.side,
            "light": look and look.light,
            "outline": look and look.outline,
            "bare": int(copy.bare),
        }
        await upsert(tx, copies, values)

    async def touch(self, tx: Transaction, *, source: str, form: str, at: float) -> None:
        """The copy was used again."""
        await tx.execute(update(copies).where(copies.c.source == source, copies.c.form == form).values(used_at=at))

    async def looks(self, tx: Transaction, sha256s: Collection[str]) -> dict[str, Look]:
        """What clean pictures look like, by their hash, as far as it is known."""
        known = (copies.c.sha256.in_(sha256s), copies.c.side.is_not(None))
        rows = await tx.rows(select(copies).where(*known))
        return {row.sha256: Look(side=row.side, light=row.light, outline=row.outline) for row in rows}


def _copy_of(row: Row[tuple[object, ...]]) -> Copy:
    values = row._mapping  # pyright: ignore[reportPrivateUsage] - SQLAlchemy's public name for it
    look = None
    if values["side"] is not None:
        look = Look(side=values["side"], light=values["light"], outline=values["outline"])
    return Copy(
        sha256=values["sha256"],
        media_type=values["media_type"],
        width=values["width"],
        height=values["height"],
        notes=tuple(from_json(values["notes"])),
        look=look,
        bare=bool(values["bare"]),
    )
