"""docs/privacy against the code: no field, command, line of the audit or rule of erasing that it doesn't name."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from bot.actions.commands import GROUP_ADMINISTRATORS, PRIVATE
from bot.actions.housekeeping import RULES
from bot.actions.roles import ROLES
from handlers import all_handlers, which
from storage.tables import metadata

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs" / "privacy"
NUMBERS = ("id", "seq")  # of a row
ALSO = {"start", "mydata", "forget", "leave", "object"}  # commands that no list of Telegram's shows


def rows(file: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    text = (DOCS / file).read_text("utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# What is stored


def fields() -> list[str]:
    about = [name for row in rows("fields.md", "Fields about people") for name in named(row[0])]
    return about + [
        name for row in rows("fields.md", "Fields that say nothing about a person") for name in named(row[1])
    ]


def test_every_stored_field_is_named_once() -> None:
    stored = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if column.name not in NUMBERS
    }
    listed = fields()
    assert sorted(stored - set(listed)) == [], "say in docs/privacy/fields.md what it is for"
    assert sorted(set(listed) - stored) == [], "no such field"
    assert [name for name, count in Counter(listed).items() if count > 1] == []


def test_every_field_about_people_has_purpose_ground_reader_and_end() -> None:
    for row in rows("fields.md", "Fields about people"):
        assert len(row) == 6, row
        assert all(row), row
        assert re.search(r"consent|running it|proof", row[3]), row


def test_whatever_refers_to_a_person_is_a_field_about_people() -> None:
    about = {name for row in rows("fields.md", "Fields about people") for name in named(row[0])}
    people = {"people", "members", "contributions"}
    refers = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if any(key.column.table.name in people for key in column.foreign_keys)
    }
    assert sorted(refers - about) == []


# Who does and sees what


def test_every_role_is_there() -> None:
    listed = [named(row[0])[0] for row in rows("roles.md", "Roles") if named(row[0])]
    assert listed == ["stranger", *ROLES, "coordinator", "operator"]
    assert all(len(row) == 4 and all(row) for row in rows("roles.md", "Roles"))


def test_every_command_stands_with_who_may_give_it() -> None:
    all_handlers()  # which fills RUNS
    roles = [row for row in rows("roles.md", "Roles") if named(row[0])]
    by_role = {named(row[0])[0]: {one for one in named(row[1]) if one.startswith("/")} for row in roles}
    leading = {f"/{name}" for name in which.RUNS}
    assert sorted(leading - by_role["facilitator"]) == []
    every = {f"/{name}" for name in {*PRIVATE, *GROUP_ADMINISTRATORS, *ALSO}}
    assert sorted(every - set().union(*by_role.values())) == []
    assert sorted(set().union(*by_role.values()) - every - leading) == [], "no such command"


# What leaves a line


@cache
def noted() -> set[str]:
    """The actions that the code writes into the audit table; what is put in by a value is "…"."""
    return {
        action
        for path in (ROOT / "bot").rglob("*.py")
        if "sandbox" not in path.parts
        for action in _noted(ast.parse(path.read_text("utf-8")))
    }


def _noted(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "_note" or (called == "note" and "audit" in ast.unparse(node.func)):
            yield from _action(node.args[1])


def _action(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(action)):
            yield action
        case ast.JoinedStr():
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)


def test_every_line_of_the_audit_is_explained() -> None:
    listed = {name for row in rows("audit.md", "Lines") for name in named(row[0])}
    assert {"appendix", "mydata", "talk_asked", "answer.original"} <= listed
    assert sorted(noted() - listed) == [], "say in docs/privacy/audit.md when it is written"
    assert sorted(listed - noted()) == [], "nothing writes it"


# What is erased by itself


def test_every_rule_of_erasing_is_told_with_its_age() -> None:
    listed = {named(row[0])[0]: row[2] for row in rows("audit.md", "What is erased by itself")}
    assert list(listed) == [rule.name for rule in RULES]
    for rule in RULES:
        if rule.age:
            assert _in_words(rule.age) in listed[rule.name], rule.name


def _in_words(age: timedelta) -> str:
    days = age // timedelta(days=1)
    if days:
        return f"{days} days" if days > 1 else "1 day"
    hours = age // timedelta(hours=1)
    return f"{hours} hours" if hours > 1 else "1 hour"


@pytest.mark.parametrize("file", sorted(path.name for path in DOCS.glob("*.md")))
def test_no_page_leads_nowhere(file: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (DOCS / file).read_text("utf-8")):
        assert (DOCS / target).exists(), target
