"""The project's own rules, where no tool checks them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_module_stands_in_the_import_rule() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {name.strip(" ()") for layer in contracts[0]["layers"] for name in layer.split("|")}
    there = {f"bot.{path.stem}" for path in (ROOT / "bot").glob("[!_]*.py")}
    there |= {f"bot.{path.parent.name}" for path in (ROOT / "bot").glob("*/__init__.py")}
    assert there | {"handlers", "storage", "bot.__main__"} <= named
