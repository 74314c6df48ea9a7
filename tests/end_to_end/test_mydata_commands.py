"""Operators take or erase what is kept of one person, for those who ask them instead of the bot."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.end_to_end.test_backups import hosted, shell
from tests.end_to_end.test_killed_while_forgetting import left


def pictures(folder: Path) -> int:
    """How many pictures are kept."""
    return sum(path.is_file() for path in (folder / "data" / "blobs").rglob("*"))


async def test_an_operator_exports_beside_the_bot_and_deletes_without_it(tmp_path: Path) -> None:
    async with hosted(tmp_path) as studio:
        await studio.closed(await studio.imagine("a lighthouse of quartz"))
        await studio.closed(await studio.imagine("a harbour", by="Noor", reference=False))
        mia = studio.person("Mia").id
        status, says = await shell(studio, f"python -m bot mydata export {mia} --to mia.zip")
        assert (status, "entries, 2 pictures" in says) == (0, True), says
        with zipfile.ZipFile(tmp_path / "mia.zip") as archive:
            asked = json.loads(archive.read("data/requests.json"))
        assert [row["prompt"] for row in asked] == ["a lighthouse of quartz"]
        status, says = await shell(studio, f"python -m bot mydata export {mia} --to mia.zip")
        assert (status, "nothing was written" in says) == (2, True), says

        status, says = await shell(studio, f"python -m bot mydata delete {mia} --yes")
        assert status == 78, "the running bot has the file"
        await studio.stop()
        status, says = await shell(studio, f"echo no | python -m bot mydata delete {mia}")
        assert (status, "Nothing was deleted" in says) == (0, True), says
        assert await left(studio, mia, "quartz")
        assert pictures(tmp_path) == 3
        status, says = await shell(studio, f"echo yes | python -m bot mydata delete {mia}")
        assert (status, "Deleted." in says) == (0, True), says
        assert await left(studio, mia, "quartz", "model.png") == []
        assert pictures(tmp_path) == 1, "Noor's"
        status, says = await shell(studio, "python -m bot db verify")
        assert (status, "WRONG" in says) == (0, False), says
        status, says = await shell(studio, "python -m bot mydata delete nobody --yes")
        assert (status, "whole number" in says) == (2, True), says
