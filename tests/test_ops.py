"""docs/ops.md and deploy/ say what is true: commands, options, settings, metrics and files that they name are there."""

import configparser
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main

from bot import metrics
from bot.__main__ import app
from bot.config import Settings

ROOT = Path(__file__).parent.parent
OPS = (ROOT / "docs" / "ops.md").read_text("utf-8")
UNIT = ROOT / "deploy" / "bln-bot.service"
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text("utf-8")
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
TEXTS = [OPS, *(file.read_text("utf-8") for file in sorted((ROOT / "deploy").iterdir()))]
SECTIONS = {
    name: set(field.annotation.model_fields)
    for name, field in Settings.model_fields.items()
    if field.annotation
}
GROUP: Any = typer.main.get_command(app)

# What systemd 252 (Debian 12) knows, of what we use; where systemd-analyze is, it has its say too.
KNOWN = {
    "Unit": {"Description", "Documentation", "Wants", "After"},
    "Service": {
        *("ExecStart", "User", "Group", "StateDirectory", "StateDirectoryMode", "WorkingDirectory", "UMask"),
        *("LoadCredential", "Environment", "Restart", "RestartSec", "TimeoutStopSec", "NoNewPrivileges"),
        *(
            "CapabilityBoundingSet",
            "AmbientCapabilities",
            "ProtectSystem",
            "ProtectHome",
            "ProtectProc",
            "ProcSubset",
        ),
        *("PrivateTmp", "PrivateDevices", "PrivateUsers", "ProtectKernelTunables", "ProtectKernelModules"),
        *(
            "ProtectKernelLogs",
            "ProtectControlGroups",
            "ProtectClock",
            "ProtectHostname",
            "RestrictAddressFamilies",
        ),
        *(
            "RestrictNamespaces",
            "RestrictRealtime",
            "RestrictSUIDSGID",
            "LockPersonality",
            "MemoryDenyWriteExecute",
        ),
        *("RemoveIPC", "KeyringMode", "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber"),
        "ReadWritePaths",
    },
    "Install": {"WantedBy"},
}


def calls() -> list[list[str]]:
    """Every call of bln-bot that is written as code, in words."""
    code = re.findall(r"```\w*\n(.*?)```", OPS, re.DOTALL) + re.findall(r"`([^`\n]+)`", OPS)
    found = [re.findall(r"(?:^|[/\s(])bln-bot +([a-z][^\n#|)]*)", piece, re.MULTILINE) for piece in code]
    return [words.split() for piece in found for words in piece]


def test_every_command_and_option_is_there() -> None:
    named = calls()
    assert len(named) > 15
    for name, *rest in named:
        assert name in GROUP.commands, name
        known = {option for one in GROUP.commands[name].params for option in one.opts}
        assert {word for word in rest if word.startswith("-")} <= known, (name, rest)


def test_every_command_for_operators_is_explained() -> None:
    assert {name for name in GROUP.commands if f"bln-bot {name}" not in OPS} <= {"demo", "run"}


def test_every_setting_is_there() -> None:
    named = re.findall(rf"\b({'|'.join(SECTIONS)})\.([a-z_]+)\b", "\n".join(TEXTS))
    files = {("backup", "py"), ("bot", "py")}
    assert len(set(named)) > 12
    assert [pair for pair in named if pair not in files and pair[1] not in SECTIONS[pair[0]]] == []
    variables = re.findall(r"BLN_BOT__([A-Z]+)__([A-Z_]+)", "\n".join(TEXTS))
    assert variables
    assert [pair for pair in variables if pair[1].lower() not in SECTIONS[pair[0].lower()]] == []


def test_every_piece_of_settings_is_toml_that_the_bot_takes() -> None:
    pieces = re.findall(r"```toml\n(.*?)```", OPS, re.DOTALL)
    assert len(pieces) >= 3
    for piece in pieces:
        for section, keys in tomllib.loads(piece).items():
            assert keys.keys() <= SECTIONS[section], section


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"\b(?:deploy|docs)/[\w.-]+\w", "\n".join(TEXTS))) | {
        "config.example.toml",
        "CHANGELOG.md",
    }
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_number_that_an_alert_asks_for_is_there() -> None:
    metrics.begin()
    shown = metrics.exposition()[0].decode()
    alerts = (ROOT / "deploy" / "prometheus-alerts.yaml").read_text("utf-8")
    asked = set(re.findall(r"\bbln_bot_\w+", alerts))
    assert alerts.count("- alert:") == 5
    assert [name for name in sorted(asked) if f"# TYPE {name} " not in shown] == []


def test_the_same_versions_are_named_everywhere() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (version,) = re.findall(r"^UV_VERSION := (.+)$", makefile, re.MULTILINE)
    assert set(re.findall(r"uv==([\d.]+)", OPS + DOCKERFILE)) == {version}


# The unit ---------------------------------------------------------------------------------------------------


def unit() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, delimiters=["="])
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text("utf-8"))
    return parser


def test_the_unit_starts_what_is_there_and_lets_it_end() -> None:
    service = unit()["Service"]
    program, command, *options = service["ExecStart"].split()
    assert program.endswith("/bin/bln-bot")
    assert command in GROUP.commands
    assert [word for word in options if word.startswith("--")] == ["--config"]
    assert int(service["TimeoutStopSec"]) >= 10
    assert (service["Restart"], service["NoNewPrivileges"]) == ("always", "yes")
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""


def test_every_key_of_the_unit_is_one_that_systemd_knows() -> None:
    keys = {name: set(section) for name, section in unit().items() if name != "DEFAULT"}
    assert {name: found - KNOWN[name] for name, found in keys.items() if found - KNOWN[name]} == {}


def test_systemd_has_nothing_to_say_against_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:  # then the test above is all there is
        return
    copy = tmp_path / UNIT.name
    copy.write_text(
        UNIT.read_text("utf-8").replace("/opt/bln-bot/.venv/bin/bln-bot", sys.executable), "utf-8"
    )
    done = subprocess.run(
        [program, "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60, check=False
    )
    assert [line for line in (done.stdout + done.stderr).splitlines() if UNIT.name in line] == []


# Containers and shell ---------------------------------------------------------------------------------------


def test_the_image_is_built_from_what_is_locked_and_runs_as_nobody_special() -> None:
    assert "uv sync --locked --no-dev" in DOCKERFILE
    assert DOCKERFILE.index("USER bln-bot") < DOCKERFILE.index("ENTRYPOINT")
    for source in re.findall(r"^COPY ([^-\n]+) \S+$", DOCKERFILE, re.MULTILINE):
        assert [name for name in source.split() if not (ROOT / name).exists()] == []
    ignore = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text("utf-8")
    assert [name for name in re.findall(r"^!(.+)$", ignore, re.MULTILINE) if not (ROOT / name).exists()] == []


def test_the_containers_are_given_time_to_end_and_secrets_as_files() -> None:
    grace = [int(found) for found in re.findall(r"stop_grace_period: (\d+)s", COMPOSE)]
    assert grace
    assert min(grace) >= 10
    assert int(re.findall(r"image: postgres:(\d+)", COMPOSE)[0]) >= 16
    assert re.findall(r"^ +(?:POSTGRES_PASSWORD|BLN_BOT__TELEGRAM__TOKEN):", COMPOSE, re.MULTILINE) == []


@pytest.mark.parametrize("piece", re.findall(r"```sh\n(.*?)```", OPS, re.DOTALL))
def test_every_command_line_can_be_read_by_a_shell(piece: str) -> None:
    shown = piece.replace("<this repository>", "REPOSITORY")
    assert subprocess.run(["sh", "-n"], input=shown, text=True, capture_output=True, check=False).stderr == ""
