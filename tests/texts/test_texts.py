"""The catalogue and the code agree: every key exists, every sentence is used, every gap in it can be filled."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, cast

import pytest
from discord import app_commands

from bot.discord_ui import callers
from bot.discord_ui.cards import Cards
from bot.discord_ui.commands import manage_defaults_forms
from bot.discord_ui.commands.account import AccountCards, queue_command, quota_command
from bot.discord_ui.commands.help import TOPICS, help_command
from bot.discord_ui.commands.imagine import imagine_command
from bot.discord_ui.commands.manage import Manage
from bot.discord_ui.commands.manage_audit import manage_audit_command
from bot.discord_ui.commands.manage_budget import manage_budget_commands
from bot.discord_ui.commands.manage_defaults import DEFAULTS_FORMS, manage_defaults_command
from bot.discord_ui.commands.manage_delete import manage_delete_command
from bot.discord_ui.commands.manage_log import manage_log_command
from bot.discord_ui.commands.manage_provider import manage_provider_command
from bot.discord_ui.commands.manage_rules import manage_rules_commands
from bot.discord_ui.commands.manage_tree import manage_group
from bot.discord_ui.commands.manage_usage import manage_usage_command
from bot.discord_ui.commands.privacy import MyData, privacy_commands
from bot.discord_ui.commands.reference import reference_group
from bot.discord_ui.commands.status import status_command
from bot.discord_ui.desk import Desk
from bot.discord_ui.library import LibraryDesk
from bot.discord_ui.log_channels import DEEDS
from bot.discord_ui.wording import Wording
from bot.domain import errors
from bot.domain.audit import Change
from bot.domain.budget import BUDGET_WINDOWS
from bot.domain.guild import AgeRestricted, Moderation, Pressers, Spoilers, ThreadMode
from bot.domain.library import Scope
from bot.domain.quota import Per, SubjectKind, Unit
from bot.domain.references import MAX_UPLOAD_BYTES
from bot.domain.report import Verdict
from bot.domain.shapes import Ratio
from bot.services.fleet import Condition
from bot.texts import Texts, load_texts

BOT = Path(__file__).parents[2] / "bot"
TEXTS = load_texts()
NONE = cast(Any, None)
"""In place of services: what commands look like needs none of them."""

SAID_FOR_PEOPLE = {
    "image",
    "refused",
    "provider",
    "note",
    "card",
    "button",
    "charge",
    "place",
    "job",
    "queue",
    "tip",
}
"""Sections whose names begin nothing else in the code: any such constant is a key."""

CONTROLS = {"detail", "retry", "too_large"}
PROVIDER_CONTROLS = CONTROLS | {"provider", "billed", "retry_in", "retryable"}
"""Keywords of errors that are no values of their sentence."""

ADDED_LATER = {
    "backup.": {"detail"},  # cli adds the error's
    "image.": {"filename"},  # services.references names the file
    "refused.quota": {"window"},  # discord_ui.wording says the window from `per`
    "refused.bot_permission": {"names"},
    "refused.gallery_permission": {"names"},  # discord_ui.desk says the permissions from `missing`
    "place.": {"where", "names", "count"},  # discord_ui.wording says the permissions from `missing`
    "config.": {"detail"},  # cli shows the operator what is else for the log
}


def written(*names: object) -> list[str]:
    return [str(name) for name in names]


def offered() -> list[app_commands.Command[Any, ..., Any] | app_commands.Group]:
    wording = Wording(texts=TEXTS)
    cards = Cards(texts=TEXTS, wording=wording)
    desk = Desk(texts=TEXTS, wording=wording, cards=cards, submissions=NONE, presenter=NONE)
    account = AccountCards(texts=TEXTS, wording=wording)
    return [
        imagine_command(desk, NONE, NONE, NONE, NONE),
        quota_command(desk, NONE, account),
        queue_command(desk, NONE, account),
        help_command(desk),
        *privacy_commands(MyData(desk=desk, exporting=NONE, erasing=NONE, cards=NONE)),
        reference_group(LibraryDesk(desk=desk, library=NONE, cards=NONE)),
        status_command(desk, NONE, NONE, NONE, NONE),
        manage_group(Manage(desk=desk, quotas=NONE, cards=account, headcount=NONE, lists=NONE)),
        *manage_budget_commands(desk, NONE, NONE),
        manage_provider_command(desk, NONE, NONE),
        manage_log_command(desk, NONE, NONE),
        manage_defaults_command(desk, NONE),
        manage_audit_command(desk, NONE),
        manage_delete_command(desk, NONE),
        manage_usage_command(desk, NONE),
        *manage_rules_commands(desk, NONE),
    ]


def commands() -> Iterator[app_commands.Command[Any, ..., Any] | app_commands.Group]:
    for command in offered():
        yield command
        yield from command.walk_commands() if isinstance(command, app_commands.Group) else ()


def options(root: str) -> list[str]:
    named = {
        parameter.name
        for command in commands()
        if isinstance(command, app_commands.Command) and (command.root_parent or command).name == root
        for parameter in command.parameters
    }
    return sorted(named)


FORM_LISTS = ("spoilers", "moderation", "threads", "pressers", "age_restricted", "returns")
"""Defaults whose options are sentences in their form."""

EXPANSIONS: dict[str, list[str]] = {
    "storage.*": written(*errors.Trouble),
    "window.*": written(*Per),
    "per.*": written(*Per),
    "unit.*": written(*Unit),
    "ratio.*": written(*Ratio),
    "refused.flag_*": ["seed", "count"],
    "permission.*": sorted({*callers._ALWAYS, *callers._IN_CHANNEL, *callers._IN_THREAD, *callers._TO_OPEN_THREAD}),
    "quota.source.*": [*written(*SubjectKind), "default"],
    "quota.confirm_*": ["set", "grant", "reset"],
    "touches.*": ["everyone", "role"],
    "budget.words_*": ["0", "50", "80", "100"],
    "changed.*": written(*(set(Change) - DEEDS)),
    "did.*": written(*DEEDS),
    "report.did.*": written(*Verdict),
    "report.button.*": written(*Verdict),
    "queue.*": ["running", "waiting", "private", "private_running"],
    "help.*.name": list(TOPICS),
    "help.*.body": list(TOPICS),
    "command.imagine.*": options("imagine"),
    "command.manage.*": options("manage"),
    "command.manage_provider.*": options("provider"),
    "status.*": written(*Condition),
    "command.manage_defaults.*": options("defaults"),
    "manage_defaults.threads.*": written(*ThreadMode),
    "manage_defaults.pressers.*": written(*Pressers),
    "manage_defaults.spoilers.*": written(*Spoilers),
    "manage_defaults.age_restricted.*": written(*AgeRestricted),
    "manage_defaults.moderation.*": [*written(*Moderation), "operator"],
    "manage_defaults.returns.*": ["yes", "no"],
    "manage_defaults.leaderboard.*": ["yes", "no"],
    "manage_defaults.*": [f"{name}.{word}" for name in FORM_LISTS for word in manage_defaults_forms._words(name)],
    "manage_defaults.form_*": [name for names in DEFAULTS_FORMS.values() for name in names],
    "button.*": list(DEFAULTS_FORMS),
    "budget.form_*": written(*BUDGET_WINDOWS),
    "quota.form_*": [
        *("amount", "unit", "per", "at_once", "cooldown"),
        *(f"unit_{unit}" for unit in Unit),
        *(f"per_{per}" for per in Per),
    ],
    "command.reference.*": options("reference"),
    **{
        key: written(*Scope)
        for key in (
            *("library.saved_*", "library.whose_*", "library.scope_*", "library.count_*"),
            *("refused.reference_taken_*", "refused.references_full_*"),
        )
    },
}
"""Every key that the code puts together, with all the values its gap can have."""


KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.AtelierError)
}
DEFAULTS = {kind.default_key for kind in KINDS.values()} | {"person.forgotten"}
"""What nobody has to name: the catalogue itself says the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A key in the code; `*` stands for a gap in it. `given` are the values next to it, `None` when not all show."""

    where: str
    key: str
    given: frozenset[str] | None = None


def keys_in(node: ast.expr) -> Iterator[str]:
    """The keys that an expression can be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*keys_in(node.body), *keys_in(node.orelse))


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def uses_in(where: str, tree: ast.Module) -> Iterator[Use]:
    pieces = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = name_of(node)
            kind = KINDS.get(name)
            # A writer for the terminal is called `say` too: what it is given is no single word with dots.
            if kind is None and name not in {"say", "_done"}:
                continue
            given = {keyword.arg for keyword in node.keywords}
            shown = None if None in given or name == "_done" else frozenset(str(each) for each in given)
            if kind is not None:
                controls = PROVIDER_CONTROLS if issubclass(kind, errors.ProviderError) else CONTROLS
                shown = None if shown is None else shown - controls
            for key in chain.from_iterable(keys_in(argument) for argument in node.args):
                if re.fullmatch(r"[a-z_]+(\.[\w*:]+)+", key):
                    yield Use(where=where, key=key, given=shown)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in pieces:
            section, dot, rest = node.value.partition(".")
            if section in SAID_FOR_PEOPLE and dot and re.fullmatch(r"[\w.]+", rest):
                yield Use(where=where, key=node.value)
        elif isinstance(node, ast.JoinedStr):
            yield from (Use(where=where, key=key) for key in keys_in(node) if key in EXPANSIONS)


def uses() -> list[Use]:
    found: list[Use] = []
    for file in sorted(BOT.rglob("*.py")):
        path = file.relative_to(BOT).as_posix()
        if not path.startswith(("playground/", "texts/")):
            found.extend(uses_in(path, ast.parse(file.read_text(encoding="utf-8"))))
    return found


USES = uses()


def expanded(key: str) -> list[str]:
    return [key.replace("*", name) for name in EXPANSIONS[key]] if "*" in key else [key]


def forms(key: str) -> Mapping[str, str]:
    entry = TEXTS.entries[key]
    return {"only": entry} if isinstance(entry, str) else entry


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def needed(key: str) -> set[str]:
    """The values that a sentence cannot do without."""
    plural = set[str]() if isinstance(TEXTS.entries[key], str) else {"count"}
    return plural.union(*(gaps(sentence) for sentence in forms(key).values()))


def test_the_keys_of_the_code_are_found() -> None:
    found = {use.key for use in USES}
    assert {"refused.quota", "card.left", "window.*", "help.*.body", "image.heic", "refused.no_shape"} <= found
    assert len(found) > 100


def test_every_key_that_is_put_together_is_listed_here() -> None:
    assert {use.key for use in USES if "*" in use.key} == set(EXPANSIONS)


def test_every_key_in_the_code_is_in_the_catalogue() -> None:
    missing = [f"{use.where}: {key}" for use in USES for key in expanded(use.key) if not TEXTS.has(key)] + [
        key for key in DEFAULTS if not TEXTS.has(key)
    ]
    assert not missing


def test_every_sentence_is_used() -> None:
    used = {key for use in USES for key in expanded(use.key)} | DEFAULTS
    assert not sorted(set(TEXTS.entries) - used)


def test_every_gap_in_a_sentence_is_filled_where_the_code_says_it() -> None:
    lacking = [
        f"{use.where}: {key} lacks {', '.join(sorted(lack))}"
        for use in USES
        if use.given is not None
        for key in expanded(use.key)
        if (lack := needed(key) - use.given - added_later(key))
    ]
    assert not lacking


def added_later(key: str) -> set[str]:
    return set[str]().union(*(names for start, names in ADDED_LATER.items() if key.startswith(start)))


def test_sentences_that_are_said_of_an_error_as_such_have_no_gaps() -> None:
    lacking = {key: gaps_of for key in DEFAULTS if (gaps_of := needed(key) - added_later(key))}
    assert lacking == {
        "error.internal": {"incident"},  # discord_ui.desk gives it
        "refused.quota": {"needed", "unit", "left", "amount", "resets_at"},  # domain.quota raises it, with all of them
    }


@pytest.mark.parametrize("section", ["provider", "job", "charge"])
def test_what_image_services_cause_needs_no_values(section: str) -> None:
    allowed = {"charge.kept": {"price"}}
    for key in TEXTS.entries:
        if key.startswith(f"{section}."):
            assert needed(key) == allowed.get(key, set()), key


@pytest.mark.parametrize("key", [key for key, entry in TEXTS.entries.items() if not isinstance(entry, str)])
def test_a_plural_has_both_forms(key: str) -> None:
    both = forms(key)
    assert set(both) == {"one", "other"}
    assert all(sentence.strip() for sentence in both.values())
    assert gaps(both["one"]) <= gaps(both["other"]) | {"count"}


def test_no_plural_is_half_written() -> None:
    assert not [key for key in TEXTS.entries if key.endswith((".one", ".other", ".few", ".many", ".zero", ".two"))]


@pytest.mark.parametrize(("count", "form"), [(0, "other"), (1, "one"), (2, "other"), (1_000_000, "other")])
def test_the_count_chooses_the_form(count: int, form: str) -> None:
    texts = Texts(language="en", entries={"cats": {"one": "{count} cat", "other": "{count} cats"}})
    assert texts.say("cats", count=count) == f"{count} cat{'s' * (form == 'other')}"


def test_an_unknown_key_or_a_missing_value_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        TEXTS.say("no.such.key")
    with pytest.raises(KeyError):
        TEXTS.say("card.seed")
    assert not TEXTS.has("no.such.key")


def test_values_are_filled_in_as_they_are() -> None:
    assert TEXTS.say("refused.size_text", size="{count} {0.__class__} %s") == (
        "I cannot read “{count} {0.__class__} %s” as a size. Write it like 1808:768."
    )


def test_sentences_say_the_limits_that_the_code_has() -> None:
    assert f"{MAX_UPLOAD_BYTES // 2**20} MiB" in TEXTS.say("image.too_large_bytes", filename="a.png", limit=0)
    assert "from 1 to 4" in TEXTS.say("refused.flag_count", value="x")


def test_sentences_are_tidy() -> None:
    for key in TEXTS.entries:
        for sentence in forms(key).values():
            assert sentence == sentence.rstrip(), key
            # The command line's columns stand two spaces apart.
            assert "  " not in sentence or key.startswith("command_line."), key


def test_refusals_of_files_name_the_file() -> None:
    assert all("filename" in needed(key) for key in TEXTS.entries if key.startswith("image."))


def test_buttons_and_commands_fit_into_what_discord_takes() -> None:
    for key in TEXTS.entries:
        for sentence in forms(key).values():
            # docs/components: 34 characters of a label show without dots; docs/commands: descriptions have 1-100.
            assert not key.startswith("button.") or len(sentence) <= 34, key
            assert not key.startswith(("command.", "ratio.")) or 1 <= len(sentence) <= 100, key


def test_every_command_and_option_has_a_description_of_the_catalogue() -> None:
    sentences = {sentence for key in TEXTS.entries for sentence in forms(key).values()}
    described = list(commands())
    assert len(described) == 47
    for command in described:
        assert command.description in sentences
        if isinstance(command, app_commands.Command):
            assert {str(parameter.description) for parameter in command.parameters} <= sentences
