"""docs/operations.md names what an operator meets, all of it and nothing else: commands, measures, what admins hear.
(Checks: test_web; scopes: test_manifest.)"""

import re
from pathlib import Path

import typer.main

from bot.__main__ import cli
from bot.alarms import GAVE_UP
from bot.measures import Measures

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_command_is_there() -> None:
    told = re.findall(r"`backstop ([a-z]+)", section("Commands"))
    assert set(told) == set(typer.main.get_group(cli).commands)


def test_every_measure_is_there() -> None:
    told = re.findall(r"`(backstop_[a-z_]+)", section("What to watch"))
    assert set(told) == {measure.name for measure in Measures().registry.collect()}


def test_whatever_admins_hear_of_is_there() -> None:
    assert re.findall(r"^\| a ([a-z]+) \|", section("What to watch"), re.MULTILINE) == list(GAVE_UP)
