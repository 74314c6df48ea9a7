"""Imports point left only, and each third-party package is used in one place."""

import ast
from collections.abc import Iterator
from pathlib import Path

BOT = Path(__file__).parent.parent / "bot"
MODES = "live local mydata shelf terminal upkeep"
MAY = dict.fromkeys(("domain", "texts", "playground", "log_context"), "") | {
    **dict.fromkeys(("store", "providers", "imaging"), "domain"),
    "services": "domain store providers imaging log_context",
    "discord_ui": "domain services texts log_context",
    "provisioning": "domain store providers FRAME",
    "assembly": "domain store providers imaging services FRAME",
    "app": "domain store providers imaging services assembly provisioning FRAME",
    **dict.fromkeys(MODES.split(), f"domain store services discord_ui texts playground app assembly FRAME {MODES}"),
    "doctor": "domain store providers discord_ui services texts provisioning terminal FRAME",
    "cli": f"domain texts FRAME doctor {MODES}",
    "__main__": "cli",
    "FRAME": "domain log_context FRAME",  # every other part: settings, log, health, …
}
HOMES = dict.fromkeys(("sqlalchemy", "alembic", "filelock"), "store/") | {
    "discord": "discord_ui/ live.py",
    "httpx": "providers/http.py",
    "aiohttp": "playground/ discord_ui/ health.py",  # discord.py lets aiohttp's errors through
    "confusable_homoglyphs": "domain/words.py",
    "PIL": "imaging/ providers/sketch",
    "pydantic": "settings local.py providers/",
}


def test_nothing_imports_what_stands_further_right_or_another_places_package() -> None:
    assert not [f"bot/{path} imports {name}" for path, name in imported() if not allowed(path, *name.split("."))]


def allowed(path: str, package: str, inner: str = "", *_: str) -> bool:
    part = path.split("/")[0].removesuffix(".py")
    if package != "bot":
        return package not in HOMES or path.startswith(tuple(HOMES[package].split()))
    may = MAY.get(part, MAY["FRAME"]).split()
    return inner in {part, "__version__", *may} or (inner not in MAY and "FRAME" in may)


def imported() -> Iterator[tuple[str, str]]:
    for file in sorted(BOT.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
                prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                yield from ((file.relative_to(BOT).as_posix(), prefix + name.name) for name in node.names)
