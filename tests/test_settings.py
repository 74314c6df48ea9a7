"""Where settings come from, which source wins, and what a wrong one is answered with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.errors import ConfigError
from bot.domain.quota import Per, QuotaRule, Unit
from bot.settings_load import Loaded, load_settings

CANARY = "canary-7f3a9b"

Load = Callable[..., Loaded]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Settings of a folder of its own: `load(toml, BOT_X=…)`."""

    def read(toml: str | None = None, **environ: str) -> Loaded:
        if toml is not None:
            file = tmp_path / "config.toml"
            file.write_text(toml, encoding="utf-8")
            file.chmod(0o600)
        return load_settings(environ, tmp_path)

    return read


def complaints(load: Load, toml: str | None = None, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(toml, **environ)
    lines = caught.value.values["lines"]
    assert isinstance(lines, tuple)
    return [str(line).replace(os.fspath(Path.cwd()), ".") for line in lines]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def test_without_any_source_the_defaults_of_the_product_hold(load: Load) -> None:
    settings = load().settings
    assert settings.discord.token is None
    assert settings.discord.api_base == "https://discord.com/api/v10"
    assert settings.discord.attachment_hosts == (
        *("cdn.discordapp.com", "media.discordapp.net"),
        *("images-ext-1.discordapp.net", "images-ext-2.discordapp.net"),
    )
    assert settings.database.url == "sqlite+aiosqlite:///data/atelier.db"
    assert settings.storage.url == "file:data/blobs"
    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 8090)
    assert settings.quota.default.rule() == QuotaRule(
        amount=10, unit=Unit.IMAGES, per=Per.DAY, at_once=2, queue=10, cooldown=0
    )
    assert settings.providers.active() == ("sketch",)


def test_the_environment_wins_over_the_file_and_a_secret_file_over_both_defaults(load: Load, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(f"{CANARY}\n", encoding="utf-8")
    loaded = load(
        '[http]\nport = 1000\nhost = "localhost"\n[discord]\ntoken = "from the file"',
        BOT_HTTP__PORT="2000",
        BOT_DISCORD__TOKEN_FILE=str(secret),
    )
    assert (loaded.settings.http.host, loaded.settings.http.port) == ("localhost", 2000)
    assert loaded.settings.discord.token is not None
    assert loaded.settings.discord.token.get_secret_value() == CANARY


def test_a_database_address_can_be_given_as_a_secret_file(load: Load, tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql+asyncpg://a:b@localhost/c\n", encoding="utf-8")
    assert load(BOT_DATABASE__URL_FILE=str(secret)).settings.database.url == "postgresql+asyncpg://a:b@localhost/c"


def test_lists_and_tables_in_the_environment_are_json(load: Load) -> None:
    settings = load(
        BOT_PROVIDERS__ORDER='["sketch", "runway"]',
        BOT_QUOTA__DEFAULT='{"amount": 3, "per": "week"}',
        BOT_QUOTA__DEFAULT__AMOUNT="4",
    ).settings
    assert settings.providers.order == ("sketch", "runway")
    assert (settings.quota.default.amount, settings.quota.default.per) == (4, Per.WEEK)


def test_an_empty_variable_counts_as_absent(load: Load) -> None:
    assert load(BOT_DISCORD__TOKEN="", BOT_CONFIG="").settings.discord.token is None


def test_another_file_can_be_named(load: Load, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[http]\nport = 4242\n", encoding="utf-8")
    loaded = load("[http]\nport = 1\n", BOT_CONFIG="other.toml")
    assert loaded.settings.http.port == 4242
    assert loaded.file == tmp_path / "other.toml"


def test_a_named_file_that_is_missing_is_an_error(load: Load) -> None:
    assert complaints(load, BOT_CONFIG="nowhere.toml") == ["BOT_CONFIG: there is no file nowhere.toml"]


@pytest.mark.parametrize(
    ("toml", "meant"),
    [
        ('[discord]\ntokn = "x"', "discord.tokn is no setting; did you mean discord.token?"),
        ("[http]\nprot = 1", "http.prot is no setting; did you mean http.port?"),
        ('[discrod]\ntoken = "x"', "discrod is no setting; did you mean discord?"),
        ('[providers.runwy]\napi_key = "x"', "providers.runwy is no setting; did you mean providers.runway?"),
        ("[quota.default]\namuont = 1", "quota.default.amuont is no setting; did you mean quota.default.amount?"),
        ("zzzzzz = 1", "zzzzzz is no setting; config.example.toml lists them all"),
    ],
)
def test_an_unknown_key_in_the_file_names_the_nearest_right_one(
    load: Load, tmp_path: Path, toml: str, meant: str
) -> None:
    assert complaints(load, toml) == [f"{tmp_path / 'config.toml'}: {meant}"]


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("BOT_DISCORD__TOKN", "BOT_DISCORD__TOKN is no setting; did you mean BOT_DISCORD__TOKEN?"),
        ("BOT_DISCORD_TOKEN", "BOT_DISCORD_TOKEN is no setting; did you mean BOT_DISCORD__TOKEN?"),
        ("BOT_DISCRD__TOKEN_FILE", "BOT_DISCRD__TOKEN_FILE is no setting; did you mean BOT_DISCORD__TOKEN_FILE?"),
        ("BOT_HTTP__PORT_FILE", "BOT_HTTP__PORT_FILE: only secrets can be given as files; use BOT_HTTP__PORT"),
    ],
)
def test_an_unknown_variable_names_the_nearest_right_one(load: Load, variable: str, meant: str) -> None:
    assert complaints(load, **{variable: "/nowhere"}) == [meant]


def test_a_mistake_inside_a_json_table_names_its_key_and_its_variable(load: Load) -> None:
    lines = complaints(load, BOT_QUOTA__DEFAULT='{"amuont": 1}')
    assert lines == ["BOT_QUOTA__DEFAULT: quota.default.amuont is no setting; did you mean quota.default.amount?"]


@pytest.mark.parametrize(
    ("variable", "value", "parts"),
    [
        ("BOT_HTTP__PORT", "99999", ("http.port", '"99999"', "whole number", "65535")),
        ("BOT_HTTP__PORT", "many", ("http.port", '"many"')),
        ("BOT_LOG__LEVEL", "loud", ("log.level", "debug, info, warning, error")),
        ("BOT_QUOTA__DEFAULT__UNIT", "euros", ("quota.default.unit", "images, credits")),
        ("BOT_PLAYGROUND__OPEN_BROWSER", "perhaps", ("playground.open_browser", "true or false")),
        ("BOT_PROVIDERS__ORDER", "runway", ("providers.order", "JSON")),
        ("BOT_PROVIDERS__ORDER", '["midday"]', ("providers.order", "runway, cometapi")),
        ("BOT_PROVIDERS__ORDER", '["sketch", "sketch"]', ("providers", "twice")),
        ("BOT_DISCORD", "x", ("discord", "JSON")),
        ("BOT_DISCORD__API_BASE", "http://discord.example", ("discord.api_base", "https")),
        ("BOT_DISCORD__API_BASE", "https://user:pass@discord.example", ("discord.api_base", "without user")),
        ("BOT_PROVIDERS__RUNWAY__BASE_URL", "api.dev.runwayml.com", ("providers.runway.base_url", "https://")),
        ("BOT_DISCORD__ATTACHMENT_HOSTS", '["https://cdn.discordapp.com"]', ("attachment_hosts", "host name")),
        ("BOT_DISCORD__ATTACHMENT_HOSTS", '["127.0.0.1:8123"]', ("attachment_hosts", "host name")),
        ("BOT_DATABASE__URL", "mysql://localhost/x", ("database.url", "sqlite+aiosqlite")),
        ("BOT_STORAGE__URL", "s3://bucket/prefix", ("storage.url", "file:")),
        ("BOT_PROVIDERS__RUNWAY__ENABLED", "true", ("providers.runway", "no api_key")),
    ],
)
def test_a_bad_value_is_one_line_with_key_value_and_what_is_allowed(
    load: Load, variable: str, value: str, parts: tuple[str, ...]
) -> None:
    (line,) = complaints(load, **{variable: value})
    assert line.startswith(variable)
    assert all(part in line for part in parts), line


@pytest.mark.parametrize("host", ["127.0.0.1:9", "localhost:9", "[::1]:9"])
def test_an_address_of_this_machine_may_be_http(load: Load, host: str) -> None:
    assert load(BOT_DISCORD__API_BASE=f"http://{host}/api/v10/").settings.discord.api_base == f"http://{host}/api/v10"


def test_every_mistake_is_told_at_once(load: Load) -> None:
    lines = complaints(load, "[http]\nport = -1\n[jobs]\nlaese = 3", BOT_LOG__LEVEL="loud", BOT_FOO="1")
    assert len(lines) == 4


def test_a_file_that_is_no_toml_names_the_line(load: Load) -> None:
    (line,) = complaints(load, "[http]\nport = = 3")
    assert "not valid TOML" in line
    assert "line 2" in line


def test_both_a_secret_and_its_file_are_an_error(load: Load) -> None:
    (line,) = complaints(load, BOT_DISCORD__TOKEN=CANARY, BOT_DISCORD__TOKEN_FILE="/nowhere")
    assert line == "BOT_DISCORD__TOKEN_FILE: BOT_DISCORD__TOKEN is set too; keep one of them"


def test_a_secret_file_that_cannot_be_read_is_an_error(load: Load) -> None:
    (line,) = complaints(load, BOT_DISCORD__TOKEN_FILE="/nowhere/token")
    assert line.startswith("BOT_DISCORD__TOKEN_FILE: /nowhere/token cannot be read")


def test_no_complaint_shows_a_secret(load: Load) -> None:
    lines = complaints(
        load,
        f'[providers.runway]\napi_key = ["{CANARY}"]',
        BOT_DATABASE__URL=f"mysql://user:{CANARY}@localhost/x",
        BOT_DISCORD=f'{{"token": {{"{CANARY}": 1}}}}',
    )
    assert len(lines) == 3
    assert CANARY not in "\n".join(lines)


def test_a_configuration_file_with_a_secret_that_others_can_read_is_worth_a_warning(load: Load, tmp_path: Path) -> None:
    toml = f'[discord]\ntoken = "{CANARY}"'
    assert load(toml).warnings == ()
    (tmp_path / "config.toml").chmod(0o644)
    (warning,) = load().warnings
    assert "chmod 600" in warning
    assert CANARY not in warning


@pytest.mark.parametrize(
    ("environ", "active"),
    [
        ({}, ("sketch",)),
        ({"BOT_PROVIDERS__RUNWAY__API_KEY": "k"}, ("runway",)),
        ({"BOT_PROVIDERS__RUNWAY__API_KEY": "k", "BOT_PROVIDERS__RUNWAY__ENABLED": "false"}, ("sketch",)),
        ({"BOT_PROVIDERS__RUNWAY__API_KEY": "k", "BOT_PROVIDERS__SKETCH__ENABLED": "true"}, ("runway", "sketch")),
        ({"BOT_PROVIDERS__RUNWAY__API_KEY": "k", "BOT_PROVIDERS__ORDER": '["sketch", "runway"]'}, ("sketch", "runway")),
        ({"BOT_PROVIDERS__RUNWAY__API_KEY": "k", "BOT_PROVIDERS__ORDER": '["runway"]'}, ("runway",)),
        ({"BOT_PROVIDERS__SKETCH__ENABLED": "false"}, ()),
        (
            {"BOT_PROVIDERS__WAVESPEED__API_KEY": "k", "BOT_PROVIDERS__COMETAPI__API_KEY": "k"},
            ("cometapi", "wavespeed"),
        ),
    ],
)
def test_the_active_providers_are_those_with_a_key_else_the_painter(
    load: Load, environ: dict[str, str], active: tuple[str, ...]
) -> None:
    assert load(**environ).settings.providers.active() == active


def test_an_order_that_names_a_provider_without_a_key_is_worth_a_warning(load: Load) -> None:
    (warning,) = load(BOT_PROVIDERS__ORDER='["runway", "sketch"]').warnings
    assert "providers.order names runway" in warning


def test_settings_cannot_be_changed_after_they_were_read(load: Load) -> None:
    settings = load().settings
    with pytest.raises(ValueError, match="frozen"):
        settings.http.port = 1
