"""`bln-bot doctor`: looks at everything and changes nothing. One more check: a function, and a place in `CHECKS`."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import httpx
import typer

from bot import logs
from bot.config import DEFAULT_FILE, ConfigError, Settings, load, sound
from bot.doctor import here, remote, stored
from bot.doctor.asking import telegram
from bot.doctor.finding import Finding, fault, warning, worst
from bot.doctor.patient import Patient

Check = Callable[[Patient], list[Finding]]

CHECKS: tuple[Check, ...] = (
    here.configuration,
    here.promises,
    remote.token,
    remote.reach,
    remote.clock,
    remote.webhook,
    stored.database,
    stored.running,
    stored.inbox,
    stored.outbox,
    stored.joining,
    remote.groups,
    remote.privacy_mode,
    remote.ops_chat,
    here.disk,
    stored.backup,
    here.fonts,
)
CLOCK_SECONDS = 5
SHORT = 6  # a secret of fewer characters is no secret, and may be part of any word


def run(config_path: Path, environ: Mapping[str, str], *, as_json: bool) -> int:
    """Print what was found, and return how bad it is: 0, 1 for warnings, 2 for faults."""
    findings = examine(config_path, environ)
    typer.echo(in_json(findings) if as_json else in_lines(findings))
    return worst(findings)


def examine(config_path: Path, environ: Mapping[str, str]) -> list[Finding]:
    """Make every check; what the settings hide is in none of the findings."""
    path = None if config_path == DEFAULT_FILE and not config_path.exists() else config_path
    settings, mistakes = _settings(path, environ)
    now, found = _now(settings.clock.url)
    with telegram(settings.telegram.base_url, settings.telegram.token.get_secret_value()) as client:
        patient = Patient(settings, path, environ, mistakes, client, now=now)
        for check in CHECKS:
            found += _made(check, patient)
    return [_clean(finding, _secrets(settings)) for finding in found]


def _settings(path: Path | None, environ: Mapping[str, str]) -> tuple[Settings, list[str]]:
    try:
        return load(path, environ), []
    except ConfigError as error:
        return sound(path, environ), error.lines


def _now(url: str) -> tuple[datetime, list[Finding]]:
    """Return the moment by the clock that the bot lives by."""
    if not url:
        return datetime.now(UTC), []
    words = "is not this machine's: the bot follows another one (clock.url)"
    found = [warning("clock", words, "leave clock.url empty, unless this is a rehearsal")]
    try:
        told = httpx.get(url, timeout=CLOCK_SECONDS).json()["now"]
        return datetime.fromisoformat(told), found
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return datetime.now(UTC), [fault("clock", "the one of clock.url does not answer", found[0].todo)]


def _made(check: Check, patient: Patient) -> list[Finding]:
    """Make a check; one that can't be made is at fault, and the others are made all the same."""
    try:
        return check(patient)
    except Exception as error:
        subject = check.__name__.replace("_", " ")
        # The type alone: what an error says may hold anything.
        words = f"could not be checked ({type(error).__name__})"
        return [fault(subject, words, "tell the makers of bln-bot, with this line")]


def _secrets(settings: Settings) -> list[str]:
    url = settings.database.url.get_secret_value()
    password = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    secrets = [
        settings.telegram.token.get_secret_value(),
        settings.access.setup_code.get_secret_value(),
        settings.backup.passphrase.get_secret_value(),
        password,
        unquote(password),
    ]
    return [secret for secret in secrets if len(secret) >= SHORT]


def _clean(finding: Finding, secrets: list[str]) -> Finding:
    """Take secrets out, and line breaks: titles and messages of others stand in these lines."""
    words, todo = (_without(secrets, text) for text in (finding.words, finding.todo))
    return dataclasses.replace(finding, words=words, todo=todo)


def _without(secrets: list[str], text: str) -> str:
    text = " ".join(text.split())
    for secret in secrets:
        text = text.replace(secret, "***")
    return logs.without_tokens(text)


def in_lines(findings: list[Finding]) -> str:
    """Return a line each, aligned."""
    width = max(len(finding.subject) for finding in findings)
    return "\n".join(
        f"{finding.state:7} · {finding.subject:{width}} · {finding.words}"
        + (f" · {finding.todo}" if finding.todo else "")
        for finding in findings
    )


def in_json(findings: list[Finding]) -> str:
    """Return a list of objects."""
    return json.dumps([dataclasses.asdict(finding) for finding in findings], ensure_ascii=False, indent=2)
