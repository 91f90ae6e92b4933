"""`bln-bot init`: ask what the bot needs to know, try the token, write the settings, print the first link."""

import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar, get_args
from zoneinfo import ZoneInfo

import httpx
import typer

from bot.config import DEFAULT_FILE, TOKEN, Language, Mistake, Telegram, load
from bot.core.privacy import NAMES
from bot.core.readiness import AUTHORITIES, home

TOKEN_VARIABLE = "BLN_BOT__TELEGRAM__TOKEN"  # noqa: S105 - a name, no password
LANGUAGES: tuple[Language, ...] = get_args(Language)
T = TypeVar("T")


@dataclass(frozen=True)
class Answers:
    """What `init` knows already, and in the end all that it writes."""

    token: str | None = None
    token_file: Path | None = None
    base_url: str | None = None
    language: Language | None = None
    timezone: str | None = None
    controller: str | None = None
    contact: str | None = None
    officer: str | None = None
    processor: str | None = None
    authority: str | None = None
    last_day: date | None = None


def run(path: Path, given: Answers, environ: Mapping[str, str], *, today: date, yes: bool) -> None:
    """Ask, try, write, and print the link."""
    if path.exists() and not yes and not typer.confirm(f"{path} is there already. Overwrite it?"):
        raise Mistake(f"{path} was left as it is.")
    known = replace(given, token=_token_at_hand(given, environ))
    known, username = _reached(known, yes=yes)
    answers = _rest(known, environ, today=today, yes=yes)
    code = secrets.token_urlsafe(16)
    text = written(answers, code, in_environment=bool(environ.get(TOKEN_VARIABLE)) and not given.token_file)
    _write(path, text, environ)
    command = "bln-bot run" if path == DEFAULT_FILE else f"bln-bot run --config {path}"
    left_open = [name for name in NAMES if not getattr(answers, name)]
    if left_open:
        typer.echo(
            f"\nLeft open: {', '.join(f'privacy.{name}' for name in left_open)}. Before anybody can join a network,"
        )
        typer.echo(
            "write it into the settings (then it holds for all), or whoever leads it says it with /ready."
        )
    typer.echo(f"\nWritten: {path} (readable for you alone)\nStart the bot:  {command}")
    typer.echo("Then open this link. It works once, and makes who opens it coordinator:")
    typer.echo(f"  https://t.me/{username or '<name of your bot>'}?start=setup_{code}")


def day(text: str) -> date:
    """Return the date that was typed."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Mistake(f"{text!r} is not a date: write it as in 2028-12-31.") from None


def _token_at_hand(given: Answers, environ: Mapping[str, str]) -> str | None:
    if given.token_file is None:
        return environ.get(TOKEN_VARIABLE)
    try:
        return given.token_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not plain text"
        raise Mistake(f"{given.token_file} can't be read: {why}. Put the token into it first.") from None


def _reached(known: Answers, *, yes: bool) -> tuple[Answers, str | None]:
    """Return the answers with a token, and the bot's user name if Telegram knows that token."""
    if yes and not known.token:
        raise Mistake(f"There is no token: name a file with --token-file, or set {TOKEN_VARIABLE}.")
    while True:
        token = known.token or _ask_token()
        found = identity(token, known.base_url)
        if isinstance(found, Bot):
            typer.echo(f"Telegram knows this bot: @{found.username}.")
            return replace(known, token=token), found.username
        if yes and found.wrong:
            raise Mistake(f"{found.words} Nothing was written.")
        typer.echo(found.words, err=True)
        if yes or typer.confirm(
            "Go on with this token all the same? (no: type another)", default=not found.wrong
        ):
            return replace(known, token=token), None
        known = replace(known, token=None, token_file=None)


def _ask_token() -> str:
    typer.echo("Write to @BotFather in Telegram, send /newbot, and copy the token that it gives you.")
    while True:
        token = typer.prompt("Token (not shown)", hide_input=True).strip()
        if TOKEN.fullmatch(token):
            return str(token)
        typer.echo("That is not a token. It looks like 123456789:AA and thirty more characters.", err=True)


@dataclass(frozen=True)
class Bot:
    """Telegram's answer to a token that it knows."""

    username: str


@dataclass(frozen=True)
class Unknown:
    """Why we have no answer; `wrong` if it is the token's fault."""

    words: str
    wrong: bool


def identity(token: str, base_url: str | None = None) -> Bot | Unknown:
    """Ask Telegram whose token this is."""
    base = base_url or str(Telegram.model_fields["base_url"].default)
    try:
        address = base.format(token=token) if "{token}" in base else base.rstrip("/") + token
        answer = httpx.get(f"{address}/getMe", timeout=15)
        body = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, IndexError) as error:
        return Unknown(f"{_place(base)} can't be reached ({type(error).__name__}).", wrong=False)
    if answer.status_code in (401, 404):
        return Unknown("Telegram does not know this token: copy it once more from @BotFather.", wrong=True)
    match body:
        case {"ok": True, "result": {"username": str(username)}}:
            return Bot(username)
    return Unknown(f"{_place(base)} answers, but not as Telegram does ({answer.status_code}).", wrong=False)


def _place(base: str) -> str:
    return re.sub(r"^(https?://[^/]*).*", r"\1", base)


def _rest(known: Answers, environ: Mapping[str, str], *, today: date, yes: bool) -> Answers:
    """Ask for what is not known yet; with `yes` take what is most likely."""
    language, zone = guess_language(environ), guess_zone(environ)
    if yes:
        return replace(known, language=known.language or language, timezone=known.timezone or zone)
    known = replace(
        known,
        language=known.language or _ask("Language of new networks (en, nl, sv)", language, _language),
        timezone=known.timezone or _ask("Their time zone", zone, _zone),
    )
    return _answerable(known, today=today)


def _answerable(known: Answers, *, today: date) -> Answers:
    """Ask who answers for what members give; whatever is left open each network is asked for."""
    typer.echo(
        "\nEverybody is told the next things before they join. Enter leaves one open; then nobody can join"
    )
    typer.echo("a network until whoever leads it has said it there, with /ready.")
    controller = known.controller or _ask("Organisation that answers for what members give", "", str)
    contact = known.contact or _ask("How members reach it (e-mail or telephone)", "", str)
    officer = known.officer or _ask("Its data protection officer, or none if it has none", "", str)
    processor = known.processor or _ask("Who runs this server (could read everything)", controller, str)
    likely = AUTHORITIES.get(home(known.timezone or "") or "", "")
    authority = known.authority or _ask("Where members can complain", likely, str)
    three_years = (today + timedelta(days=3 * 365)).isoformat()
    last_day = known.last_day or _ask(
        "Last day on which anything is kept (- leaves it open)", three_years, _last_day
    )
    return replace(
        known,
        controller=controller,
        contact=contact,
        officer=officer,
        processor=processor,
        authority=authority,
        last_day=last_day,
    )


def _last_day(text: str) -> date | None:
    return None if text == "-" else day(text)


def _ask(question: str, default: str, read: Callable[[str], T]) -> T:
    """Ask until the answer can be used."""
    while True:
        try:
            return read(typer.prompt(question, default=default, show_default=bool(default)).strip())
        except Mistake as mistake:
            typer.echo(str(mistake), err=True)


def _language(text: str) -> Language:
    for language in LANGUAGES:
        if text.lower() == language:
            return language
    raise Mistake(f"The bot speaks {', '.join(LANGUAGES)}.")


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        raise Mistake(f"{text!r} is not a time zone: write it as in Europe/Stockholm.") from None
    return text


def guess_language(environ: Mapping[str, str]) -> Language:
    """Return the language of the person's machine, if the bot speaks it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        for language in LANGUAGES:
            if environ.get(name, "").startswith(language):
                return language
    return "en"


def guess_zone(environ: Mapping[str, str], etc: Path = Path("/etc")) -> str:
    """Return the machine's time zone, UTC if it does not say."""
    clock = str((etc / "localtime").resolve())
    named = etc / "timezone"
    guesses = [
        environ.get("TZ", "").lstrip(":"),
        named.read_text("utf-8").strip() if named.is_file() else "",
        clock.partition("/zoneinfo/")[2],
    ]
    for guess in filter(None, guesses):
        try:
            return _zone(guess)
        except Mistake:
            continue
    return "UTC"


def written(answers: Answers, code: str, *, in_environment: bool) -> str:
    """Return the settings as a file; a token that comes from the environment stays there."""
    token: dict[str, Any] = {"token": answers.token}
    if in_environment:
        token = {}
    elif answers.token_file:
        token = {"token_file": str(answers.token_file)}
    sections: dict[str, dict[str, Any]] = {
        "telegram": {**token, "base_url": answers.base_url},
        "access": {"setup_code": code},
        "privacy": {
            "controller": answers.controller,
            "contact": answers.contact,
            "officer": answers.officer,
            "processor": answers.processor,
            "authority": answers.authority,
            "last_day": answers.last_day,
        },
        "defaults": {"language": answers.language, "timezone": answers.timezone},
    }
    lines = ["# Written by `bln-bot init`. Every other setting: config.example.toml."]
    for section, keys in sections.items():
        lines += ["", f"[{section}]", *(f"{key} = {_toml(value)}" for key, value in keys.items() if value)]
    return "\n".join(lines) + "\n"


def _toml(value: str | date) -> str:
    """A date, or a string as TOML and JSON both write it."""
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def _write(path: Path, text: str, environ: Mapping[str, str]) -> None:
    """Put `text` in place of `path` if the bot could start with it; at no time may others read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    try:
        load(fresh, environ)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
