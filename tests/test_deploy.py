"""The files around the program: locks, container, unit, Makefile and the links between documents."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("run", "test")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pinned(which: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ]+)", text(f"deploy/lock/{which}.txt"), flags=re.MULTILINE))


@pytest.mark.parametrize("which", LOCKS)
def test_a_lock_has_a_hash_for_every_version_and_names_no_host(which: str) -> None:
    lock = text(f"deploy/lock/{which}.txt")
    blocks = re.split(r"\n(?=\S)", lock.strip())
    assert "://" not in lock
    assert "--index" not in lock
    assert all(re.match(r"[a-z0-9._-]+==\S+", block) and "--hash=sha256:" in block for block in blocks)


def test_the_locks_hold_every_dependency_and_agree_with_each_other() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    normal = re.compile(r"[._]")
    wanted = {which: set[str]() for which in LOCKS}
    wanted["run"] = {normal.sub("-", re.split(r"[\[<>=,]", one)[0]) for one in project["project"]["dependencies"]}
    wanted["test"] = wanted["run"] | {
        normal.sub("-", re.split(r"[\[<>=,]", one)[0]) for one in project["dependency-groups"]["test"]
    }
    run, test = pinned("run"), pinned("test")
    assert wanted["run"] <= set(run)
    assert wanted["test"] <= set(test)
    assert {name: test[name] for name in run} == run


def test_the_container_copies_what_exists_and_what_is_not_ignored() -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", text("Dockerfile"), flags=re.MULTILINE)
        for source in line.split()[:-1]
    ]
    let_in = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    assert copied
    assert all((ROOT / source).exists() for source in copied)
    assert set(copied) == let_in


def test_the_container_runs_as_nobody_special_from_the_lock_and_can_be_stopped() -> None:
    dockerfile = text("Dockerfile")
    bases = re.findall(r"^FROM (\S+)", dockerfile, flags=re.MULTILINE)
    assert len(bases) >= 2
    assert all(re.fullmatch(r"python:3\.\d+-slim", base) for base in bases)
    assert "--require-hashes -r run.txt" in dockerfile
    assert re.search(r"^USER 10001:10001$", dockerfile, flags=re.MULTILINE)
    assert re.search(r"^VOLUME /data$", dockerfile, flags=re.MULTILINE)
    # A shell between Docker and the bot would swallow SIGTERM.
    assert re.search(r'^ENTRYPOINT \["python", "-m", "bot"\]$', dockerfile, flags=re.MULTILINE)
    assert re.search(r'^HEALTHCHECK .*CMD \["python", "-m", "bot", "healthcheck"\]$', dockerfile, flags=re.MULTILINE)
    assert "ADD " not in dockerfile


def test_the_unit_leaves_a_wrongly_set_up_bot_alone() -> None:
    assert "RestartPreventExitStatus=2 78" in text("deploy/atelier.service")


@pytest.mark.parametrize(
    "document", ["README.md", "CHANGELOG.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_every_link_to_a_file_leads_somewhere(document: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text(document))
    assert not [link for link in links if not ((ROOT / document).parent / link).exists()]


def test_the_readme_has_the_two_commands_first_of_all() -> None:
    commands = re.findall(r"^(make \w+)", text("README.md"), flags=re.MULTILINE)
    assert commands[:2] == ["make run", "make test"]


def test_make_says_what_it_can_do() -> None:
    listing = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"make (\w+)", listing) == ["help", "run", "test", "format", "lock", "pictures"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The set-up script with a lock of nothing, so that only the script's own work is done."""
    (tmp_path / "deploy" / "lock").mkdir(parents=True)
    (tmp_path / "deploy" / "set-up").write_text(text("deploy/set-up"), encoding="utf-8")
    (tmp_path / "deploy" / "lock" / "run.txt").write_text("# nothing\n", encoding="utf-8")
    (tmp_path / "deploy" / "lock" / "test.txt").write_text("# nothing\n", encoding="utf-8")
    return tmp_path


def set_up(clone: Path, *, path: str, python: str = "", what: str = "run") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "deploy/set-up", what],
        cwd=clone,
        capture_output=True,
        text=True,
        env={"PATH": path, "PYTHON": python, "HOME": str(clone)},
    )


def command(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


def tools(clone: Path) -> Path:
    """A folder with the few commands that the script needs, and no Python."""
    folder = clone / "tools"
    folder.mkdir()
    for name in ("cat", "cksum", "rm"):
        found = next(Path(one) / name for one in os.environ["PATH"].split(":") if (Path(one) / name).exists())
        (folder / name).symlink_to(found)
    return folder


def test_without_a_python_that_runs_the_set_up_says_what_to_install(clone: Path) -> None:
    folder = tools(clone)
    command(folder, "python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    command(folder, "python3.12", "exit 1")
    done = set_up(clone, path=str(folder))
    assert done.returncode == 1
    assert "Atelier needs Python 3.11 or newer, and none was found." in done.stderr
    assert "pyenv" not in done.stderr
    assert not (clone / ".venv").exists()


def test_without_the_venv_module_the_set_up_says_which_package_has_it(clone: Path) -> None:
    folder = tools(clone)
    command(folder, "python3", '[ "$1" = -m ] && { echo "No module named venv" >&2; exit 1; }; echo "Python 3.11"')
    done = set_up(clone, path=str(folder))
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr


def test_the_set_up_is_done_once_and_again_only_when_the_lock_changes(clone: Path) -> None:
    folder = tools(clone)
    command(folder, "python3", "exit 127")
    first = set_up(clone, path=str(folder), python=sys.executable, what="test")
    assert first.returncode == 0, first.stderr
    assert "Setting up .venv" in first.stdout
    assert set_up(clone, path=str(folder), what="test").stdout == ""
    assert set_up(clone, path=str(folder), what="run").stdout == ""
    (clone / "deploy" / "lock" / "run.txt").write_text("# something else\n", encoding="utf-8")
    again = set_up(clone, path=str(folder), what="run")
    assert "Installing what deploy/lock/run.txt lists" in again.stdout
    assert "Setting up" not in again.stdout
