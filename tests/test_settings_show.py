"""The settings as text: the example file, the manual's table, and those in force without secrets."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from bot.settings import Settings
from bot.settings_fields import leaves
from bot.settings_load import load_settings
from bot.settings_show import example_toml, masked, render_toml, secrets, settings_table

ROOT = Path(__file__).parent.parent
CANARIES = {
    "BOT_DISCORD__TOKEN": "canary-token-1",
    "BOT_PROVIDERS__RUNWAY__API_KEY": "canary-key-2",
    "BOT_DATABASE__URL": "postgresql+asyncpg://atelier:canary-pass-3@localhost:5432/atelier",
}


def test_the_example_file_of_the_repository_is_the_one_the_settings_make() -> None:
    assert (ROOT / "config.example.toml").read_text(encoding="utf-8") == example_toml(), "run: make format"


def test_the_example_file_gives_exactly_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(example_toml(), encoding="utf-8")
    loaded = load_settings({}, tmp_path)
    assert loaded.settings == Settings()
    assert loaded.warnings == ()


def test_the_example_file_still_loads_with_every_comment_taken_off_a_setting(tmp_path: Path) -> None:
    every = re.sub(r"^#(?=\w)", "", example_toml(), flags=re.MULTILINE)
    (tmp_path / "config.toml").write_text(every, encoding="utf-8")
    (tmp_path / "config.toml").chmod(0o600)
    assert load_settings({}, tmp_path).settings.discord.guild_id is not None


def test_every_setting_has_a_meaning_and_stands_in_the_manual() -> None:
    manual = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    for key, default, meaning in settings_table():
        assert meaning.endswith("."), key
        assert f"| `{key}` | {default} | {meaning} |" in manual, "run: make format"


def test_the_settings_in_force_hide_every_secret(tmp_path: Path) -> None:
    settings = load_settings(CANARIES, tmp_path).settings
    shown = render_toml(masked(settings)) + repr(settings.discord) + repr(settings.providers)
    assert "canary" not in shown
    assert "postgresql+asyncpg://atelier:********@localhost:5432/atelier" in shown


def test_the_settings_in_force_are_toml_that_gives_them_again(tmp_path: Path) -> None:
    shown = render_toml(masked(load_settings({}, tmp_path).settings))
    assert Settings.model_validate(tomllib.loads(shown)) == Settings()
    assert set(re.findall(r"^(?:# )?(\w+)(?: =| is not set)", shown, flags=re.MULTILINE)) == {
        leaf.name for leaf in leaves(Settings).values()
    }


def test_every_secret_is_handed_to_the_log(tmp_path: Path) -> None:
    settings = load_settings(CANARIES, tmp_path).settings
    assert set(secrets(settings)) == {"canary-token-1", "canary-key-2", "canary-pass-3"}
