"""Backstop as it is installed: from a wheel, far from its checkout. Nothing is fetched for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.manifest import as_yaml
from tests.databases import sqlite_in

CHECKOUT = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "storage", "simulator")
NEEDED = ("pyproject.toml", "README.md", "LICENSE", "manifest.yml")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of a copy: setuptools leaves what it makes beside what it reads."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / package, source / package, symlinks=True, ignore=ignored)
    for name in NEEDED:
        shutil.copy(CHECKOUT / name, source)
    offline = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-build-isolation")
    build = [sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", str(built), str(source)]
    done = subprocess.run(build, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return next(built.glob("backstop-*.whl"))


def test_a_wheel_holds_all_that_the_packages_hold(wheel: Path) -> None:
    with ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if name.startswith(tuple(f"{package}/" for package in PACKAGES))}
    files = (file for package in PACKAGES for file in (CHECKOUT / package).rglob("*") if file.is_file())
    ours = {str(file.relative_to(CHECKOUT)) for file in files if "__pycache__" not in file.parts}
    assert held == ours


def test_what_is_installed_from_it_prints_the_manifest_and_makes_its_database(wheel: Path, tmp_path: Path) -> None:
    installed, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with ZipFile(wheel) as opened:  # which is what installing it does
        opened.extractall(installed)
    environment = os.environ | {"PYTHONPATH": str(installed), "BACKSTOP_DATABASE_URL": sqlite_in(elsewhere)}

    def says(*words: str) -> str:
        command = [sys.executable, *words]
        return subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, check=True, text=True
        ).stdout

    assert says("-c", "import bot; print(bot.__file__)").startswith(str(installed))
    assert says("-m", "bot", "manifest") == as_yaml()
    assert "The database is up to date." in says("-m", "bot", "migrate")
