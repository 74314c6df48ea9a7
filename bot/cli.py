"""The command line: what can be typed, what it teaches, and the exit status that each outcome has."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TextIO, cast

from bot import __version__
from bot.cli_options import (
    add_imagine_options,
    add_mydata_options,
    add_reference_options,
    imagine_arguments,
    reference_arguments,
)
from bot.domain.errors import AtelierError, ConfigError, Refused
from bot.log import Redactor, start_logging
from bot.running import leave_when_told, until_stopped
from bot.settings import LogSettings, Settings
from bot.settings_load import Loaded, load_settings
from bot.settings_show import masked, render_toml, secrets
from bot.texts import load_texts

DONE, CRASHED, USAGE, CONFIGURATION = 0, 1, 2, 78

_ABOUT = """Atelier turns a Discord server into a Gen-4 image studio.

Without a command it runs the bot. Without a Discord token that is the playground:
the real bot in a browser tab, with a local Discord and a painter that needs no key."""

_EXAMPLES = """examples:
  python -m bot                                  run the bot, or the playground when there is no token
  python -m bot imagine "a cat in a garden"      one picture, without Discord
  python -m bot config                           the settings in force, secrets hidden
  BOT_DISCORD__TOKEN=… python -m bot             any setting as an environment variable

settings: config.toml in this folder (config.example.toml lists them all), then BOT_… variables.
exit status: 0 done · 1 crashed, start again · 2 wrong usage · 78 wrong settings, do not start again"""

_IMAGINE_EXAMPLES = """examples:
  python -m bot imagine "a lighthouse at dusk" --ratio 21:9 --out lighthouse.png
  python -m bot imagine "@model in a red coat" --reference model.png --seed 7
  python -m bot reference save mascot mascot.png && python -m bot imagine "@mascot in a garden"
  python -m bot imagine "@image1 in the style of @image2" --reference cat.jpg monet.jpg"""

log = logging.getLogger(__name__)


class Writer:
    """Writes whole lines to a stream at once; a reader that went away is no reason to fail."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, text: str) -> None:
        """Write one text and a line break."""
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except BrokenPipeError:
            log.debug("Nobody reads what is written")


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence and the command that helps."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{message[:1].upper()}{message[1:]}.\nSee {self.prog} --help\n")


Command = Callable[[Loaded, argparse.Namespace, Writer], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Returns:
        The exit status. Wrong usage and --help leave by `SystemExit`, as argparse does.
    """
    options = _parser().parse_args(arguments)
    if options.serving:
        leave_when_told()
    say, complain = Writer(sys.stdout), Writer(sys.stderr)
    clean = Redactor().clean
    try:
        loaded = load_settings()
        hidden = secrets(loaded.settings)
        clean = Redactor(hidden).clean
        start_logging(_log_settings(loaded.settings, serving=options.serving), secrets=hidden)
        for warning in loaded.warnings:
            complain(f"Warning: {warning}")
        command: Command = options.command
        return command(loaded, options, say)
    except ConfigError as error:
        complain(clean(_sentence(error)))
        return CONFIGURATION
    except AtelierError as error:
        complain(clean(_sentence(error)))
        return USAGE if isinstance(error, Refused) else CRASHED
    except KeyboardInterrupt:
        complain("Stopped.")
        return CRASHED
    except Exception as error:
        log.critical("%s: %s", type(error).__name__, error, exc_info=error)
        complain("Something unexpected went wrong inside the program; the lines above tell what.")
        return CRASHED


def _log_settings(settings: Settings, *, serving: bool) -> LogSettings:
    # Between the lines of a one-off command, what goes well is noise.
    quiet = not serving and settings.log.level == "info"
    return settings.log.model_copy(update={"level": "warning"}) if quiet else settings.log


def _sentence(error: AtelierError) -> str:
    """What to tell the person at the terminal."""
    lines = error.values.get("lines")
    if isinstance(lines, tuple):
        return "\n".join(str(line) for line in cast("tuple[object, ...]", lines))
    texts = load_texts()
    try:
        return texts.say(error.key, **{"detail": error.detail, **error.values})
    except KeyError:
        return str(error)


def _run(loaded: Loaded, options: argparse.Namespace, say: Writer) -> int:
    if loaded.settings.discord.token is None:
        say("No discord.token is set, so this is the playground: the real bot in a local Discord.")
        return _playground(loaded, options, say)
    from bot.live import run_bot

    return until_stopped(lambda stop: run_bot(loaded.settings, stop=stop, say=say))


def _playground(loaded: Loaded, _options: argparse.Namespace, say: Writer) -> int:
    from bot.local import run_playground

    return until_stopped(lambda stop: run_playground(loaded.settings, stop=stop, say=say))


def _imagine(loaded: Loaded, options: argparse.Namespace, say: Writer) -> int:
    arguments = imagine_arguments(options)
    from bot.terminal import imagine

    return asyncio.run(imagine(loaded.settings, arguments, say=say))


def _reference(loaded: Loaded, options: argparse.Namespace, say: Writer) -> int:
    from bot.shelf import look_after

    return asyncio.run(look_after(loaded.settings, reference_arguments(options), say=say))


def _upgrade(loaded: Loaded, _options: argparse.Namespace, say: Writer) -> int:
    from bot.upkeep import upgrade

    return asyncio.run(upgrade(loaded.settings, say=say))


def _backup(loaded: Loaded, options: argparse.Namespace, say: Writer) -> int:
    from bot.upkeep import backup

    return asyncio.run(backup(loaded.settings, to=options.to, say=say))


def _export(loaded: Loaded, options: argparse.Namespace, say: Writer) -> int:
    from bot.upkeep import export

    return asyncio.run(export(loaded.settings, to=options.to, say=say))


def _mydata(loaded: Loaded, options: argparse.Namespace, say: Writer) -> int:
    from bot.mydata import delete, export

    if options.what == "export":
        return asyncio.run(export(loaded.settings, options.user_id, to=options.to, say=say))
    return asyncio.run(delete(loaded.settings, options.user_id, agreed=options.yes, say=say, ask=_ask))


def _verify(loaded: Loaded, _options: argparse.Namespace, say: Writer) -> int:
    from bot.upkeep import verify

    return asyncio.run(verify(loaded.settings, say=say))


def _doctor(loaded: Loaded, options: argparse.Namespace, say: Writer) -> int:
    from bot.doctor.examination import examine

    return asyncio.run(examine(loaded, say=say, ask=_ask, live=options.live, agreed=options.yes))


def _ask(question: str) -> str:
    """Ask at the terminal; nobody there says nothing."""
    try:
        return input(question)
    except EOFError:
        return ""


def _config(loaded: Loaded, _options: argparse.Namespace, say: Writer) -> int:
    source = f"{loaded.file} and BOT_… variables" if loaded.file else "defaults and BOT_… variables; there is no file"
    say(f"# The settings in force, from {source}. Secrets are hidden.\n")
    say(render_toml(masked(loaded.settings)).rstrip())
    return DONE


def _healthcheck(loaded: Loaded, _options: argparse.Namespace, say: Writer) -> int:
    from bot.health import probe

    healthy = asyncio.run(probe(loaded.settings.http))
    say("alive" if healthy else "not alive")
    return DONE if healthy else CRASHED


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m bot",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"Atelier {__version__}")
    parser.set_defaults(command=_run, serving=True)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)

    def add(name: str, command: Command, meaning: str, *, more: str = "", serving: bool = False) -> _Parser:
        return _add_command(commands, name, command, meaning, more=more, serving=serving)

    add("run", _run, "run the bot; without a Discord token, the playground (the default)", serving=True)
    add("playground", _playground, "the real bot in a local Discord, in a browser tab", serving=True)
    add_imagine_options(add("imagine", _imagine, "make one image without Discord", more=_IMAGINE_EXAMPLES))
    _add_reference_commands(commands.add_parser("reference", help="look after saved references: save, list, show, …"))
    doctor = add("doctor", _doctor, "check token, keys, database, disks and clock; exit 1 when something is wrong")
    doctor.add_argument("--live", action="store_true", help="also make the cheapest real picture at each service")
    doctor.add_argument("--yes", action="store_true", help="do not ask before money is spent")
    add("config", _config, "show the settings in force, secrets hidden")
    _add_database_commands(commands.add_parser("db", help="look after the database: upgrade, backup, verify, export"))
    _add_mydata_commands(commands.add_parser("mydata", help="what is kept of one person: export, delete"))
    add("healthcheck", _healthcheck, "ask the running bot whether it is alive; exit 1 when not")
    return parser


def _add_reference_commands(reference: _Parser) -> None:
    steps = reference.add_subparsers(
        title="commands", metavar="COMMAND", required=True, dest="what", parser_class=_Parser
    )
    add_reference_options(lambda name, meaning: _add_command(steps, name, _reference, meaning))


def _add_mydata_commands(mydata: _Parser) -> None:
    steps = mydata.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="what", parser_class=_Parser)
    add_mydata_options(lambda name, meaning: _add_command(steps, name, _mydata, meaning))


def _add_database_commands(database: _Parser) -> None:
    steps = database.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    _add_command(
        steps, "upgrade", _upgrade, "bring the tables to this version, after a backup; does nothing when they are"
    )
    backup = _add_command(
        steps, "backup", _backup, "copy the database, also while the bot runs, and look the copy through"
    )
    backup.add_argument(
        "--to", type=Path, metavar="PATH", help="where the copy goes (default a new file in backups.folder)"
    )
    _add_command(
        steps, "verify", _verify, "look the whole database through, every sum too; exit 1 when something is wrong"
    )
    export = _add_command(steps, "export", _export, "write every row as a line of JSON")
    export.add_argument("--to", type=Path, metavar="PATH", help="where they go (default standard output)")


def _add_command(
    commands: argparse._SubParsersAction[_Parser],  # pyright: ignore[reportPrivateUsage]  (argparse has no public name)
    name: str,
    command: Command,
    meaning: str,
    *,
    more: str = "",
    serving: bool = False,
) -> _Parser:
    parser = commands.add_parser(
        name,
        help=meaning,
        description=f"{meaning[:1].upper()}{meaning[1:]}.",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=command, serving=serving)
    return parser
