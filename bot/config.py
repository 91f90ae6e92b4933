"""The settings: a TOML file, and the environment over it. A new key: a field here, a line in the example."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "BLN_BOT__"
DEFAULT_FILE = Path("config.toml")
# A token that looks otherwise is refused, because bot/logs.py could not keep it out of the log.
TOKEN = re.compile(r"\d{6,}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE)
NO_TOKEN = f"{'0' * 9}:{'0' * 35}"  # where one is needed to look at the rest
SETUP_CODE = re.compile(r"[A-Za-z0-9_-]{16,58}")  # behind "setup_" Telegram has room for 58
SECRETS = (("telegram", "token"), ("backup", "passphrase"))  # each may come from a file: `<key>_file`
FILES = (("telegram", "webhook_certificate"), ("web", "certificate"), ("web", "key"))  # which must be there

Language = Literal["en", "nl", "sv"]
Raw = dict[str, Any]


class Mistake(Exception):
    """What the person running the bot can mend: its text is all they are shown, and says what to do."""


class ConfigError(Mistake):
    """Everything that is wrong with the settings, a line each: key, what is wrong, what to do."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # what ZoneInfo raises depends on how the name is wrong
        raise ValueError("is not a time zone") from None
    return name


def _http(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s/]+\S*", url):
        raise ValueError("is not an address")
    return url.rstrip("/")


def _database(secret: SecretStr) -> SecretStr:
    """Refuse what the bot can't use; psycopg 3 is the driver, whatever name the hoster gave the address."""
    url = secret.get_secret_value()
    if re.fullmatch(r"sqlite:///[^:].*", url):
        return secret
    found = re.fullmatch(r"postgres(?:ql)?(?:\+psycopg)?(://\S+)", url)
    if found is None:
        raise ValueError("is not the address of a SQLite file or a PostgreSQL database")
    return SecretStr("postgresql+psycopg" + found[1])


def _token(secret: SecretStr) -> SecretStr:
    if not TOKEN.fullmatch(secret.get_secret_value()):
        raise ValueError("does not look like a token of Telegram")
    return secret


def _code(secret: SecretStr) -> SecretStr:
    if secret.get_secret_value() and not SETUP_CODE.fullmatch(secret.get_secret_value()):
        raise ValueError("is not a set-up code")
    return secret


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _none(value: Any) -> Any:
    """An empty string is how TOML and the environment say "nothing"."""
    return None if value == "" else value


Url = Annotated[str, AfterValidator(_http)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """A part of the settings. The description of a field is what a person is told to do about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Telegram(Section):
    token: Annotated[
        SecretStr,
        AfterValidator(_token),
        Field(description="write what @BotFather gave you (123456789:AA…), or name a file in token_file"),
    ]
    token_file: Annotated[
        Path | None,
        BeforeValidator(_none),
        Field(description="name a file that holds the token and nothing else"),
    ] = None
    base_url: Annotated[Url, Field(description="write https://…/bot; the token is put behind it")] = (
        "https://api.telegram.org/bot"
    )
    base_file_url: Annotated[
        Url, Field(description="write https://…/file/bot; the token is put behind it")
    ] = "https://api.telegram.org/file/bot"
    ops_chat: Annotated[
        int | None,
        BeforeValidator(_none),
        Field(description="write the number of a group, as in -1001234567890"),
    ] = None
    mode: Annotated[Literal["polling", "webhook"], Field(description="write polling or webhook")] = "polling"
    webhook_url: Annotated[
        Url, Field(description="write the https:// address at which Telegram reaches this machine")
    ] = ""
    webhook_certificate: Annotated[
        Path | None,
        BeforeValidator(_none),
        Field(description="name the file of the certificate that you signed yourself, or leave it empty"),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def files_beside(cls, raw: Any) -> Any:
        """Files come from the server that the rest comes from: another one must not be shown the token."""
        if isinstance(raw, dict) and isinstance(raw.get("base_url"), str) and not raw.get("base_file_url"):
            beside = re.sub(r"/bot(?=[^/]*$)", "/file/bot", raw["base_url"].rstrip("/"))
            return raw | {"base_file_url": beside}
        return raw


class Database(Section):
    url: Annotated[
        SecretStr,
        AfterValidator(_database),
        Field(description="write sqlite:///data/bln.db, or postgresql://user:password@host/name"),
    ] = SecretStr("sqlite:///data/bln.db")


class Access(Section):
    setup_code: Annotated[
        SecretStr,
        AfterValidator(_code),
        Field(
            description="let `bln-bot init` make one (16 to 58 letters, digits, - or _), or leave it empty"
        ),
    ] = SecretStr("")


class Privacy(Section):
    k: Annotated[int, Field(ge=2, le=25, description="write a number from 2 to 25")] = 3
    controller: Annotated[str, Field(description="write the organisation's name")] = ""
    contact: Annotated[str, Field(description="write an e-mail address or a telephone number")] = ""
    officer: Annotated[
        str, Field(description="write how the data-protection officer is reached, or none if there is none")
    ] = ""
    processor: Annotated[str, Field(description="write who runs the server")] = ""
    authority: Annotated[
        str, Field(description="write the supervisory authority, as in Autoriteit Persoonsgegevens")
    ] = ""
    last_day: Annotated[
        date | None, BeforeValidator(_none), Field(description="write a date, as in 2028-12-31")
    ] = None
    keep_months: Annotated[int, Field(ge=0, le=120, description="write a number of months, at most 120")] = 12


class Defaults(Section):
    language: Annotated[Language, Field(description="write en, nl or sv")] = "en"
    timezone: Annotated[
        str, AfterValidator(_zone), Field(description="write an IANA name, as in Europe/Stockholm")
    ] = "UTC"


class Clock(Section):
    tick_seconds: Annotated[
        float, Field(gt=0, le=60, description="write a number of seconds, at most 60")
    ] = 5
    url: Annotated[
        Url, Field(description="leave it empty, or write the http:// address of another clock")
    ] = ""


class Web(Section):
    host: Annotated[
        str, Field(min_length=1, description="write an address of this machine, as in 127.0.0.1")
    ] = "127.0.0.1"
    port: Annotated[Port, Field(description="write a number up to 65535; 0 means no web server")] = 0
    certificate: Annotated[
        Path | None,
        BeforeValidator(_none),
        Field(description="name the file of the certificate, or leave it empty behind a reverse proxy"),
    ] = None
    key: Annotated[
        Path | None,
        BeforeValidator(_none),
        Field(description="name the file of the certificate's key, or leave it empty behind a reverse proxy"),
    ] = None


class Backup(Section):
    folder: Annotated[
        Path | None,
        BeforeValidator(_none),
        Field(description="name a folder, best on another disk, or leave it empty for no backups"),
    ] = None
    every_hours: Annotated[int, Field(ge=1, le=744, description="write a number of hours from 1 to 744")] = 24
    keep: Annotated[int, Field(ge=1, le=1000, description="write how many backups are kept")] = 14
    days: Annotated[
        int,
        Field(
            ge=1, le=366, description="write after how many days no backup is left that holds erased words"
        ),
    ] = 30
    passphrase: Annotated[
        SecretStr, Field(description="write a long sentence, or name a file in passphrase_file")
    ] = SecretStr("")
    passphrase_file: Annotated[
        Path | None,
        BeforeValidator(_none),
        Field(description="name a file that holds the passphrase and nothing else"),
    ] = None


class Log(Section):
    level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(_upper),
        Field(description="write DEBUG, INFO, WARNING or ERROR"),
    ] = "INFO"
    format: Annotated[Literal["text", "json"], Field(description="write text or json")] = "text"


class Settings(BaseSettings):
    """Everything an operator decides. Secrets are `SecretStr`: no repr and no log shows them."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    telegram: Telegram
    database: Database = Database()
    access: Access = Access()
    privacy: Privacy = Privacy()
    defaults: Defaults = Defaults()
    clock: Clock = Clock()
    web: Web = Web()
    backup: Backup = Backup()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over: it alone says which file and which environment count."""
        return (init_settings,)


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of the file (None: no file), with the environment over it."""
    lines: list[str] = []
    ours = _ours(environ)
    raw = _gathered({} if path is None else _read(path), ours, lines)
    _check_receiving(raw, ours, lines)
    try:
        settings = Settings(**raw)
    except ValidationError as error:
        told = any(line.startswith("telegram.token_file ") for line in lines)
        lines += [
            _line(detail, ours)
            for detail in error.errors()
            if not (told and detail["type"] == "missing")  # one mistake, one line
        ]
        raise ConfigError(lines) from None  # the cause would show what was typed, a token perhaps
    if lines:
        raise ConfigError(lines)
    return settings


def sound(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return what can be used of settings with mistakes in them; without a token it is empty."""
    try:
        raw = {} if path is None else _read(path)
    except ConfigError:
        raw = {}
    raw = _gathered(raw, _ours(environ), [])
    sections = {
        name: _sound(field.annotation, raw.get(name))
        for name, field in Settings.model_fields.items()
        if field.annotation is not None
    }
    return Settings.model_construct(**sections)


def _sound(section: Any, raw: Any) -> Any:
    keys: Raw = raw if isinstance(raw, dict) else {}
    try:
        return section(**keys)
    except ValidationError as error:
        wrong = {detail["loc"][0] for detail in error.errors() if detail["loc"]}
    keys = {key: value for key, value in keys.items() if key not in wrong}
    if "token" in wrong:
        return _sound(section, keys | {"token": NO_TOKEN}).model_copy(update={"token": SecretStr("")})
    # Nothing to take out: what is wrong is how its keys go together.
    return _sound(section, keys) if wrong else section(**{key: keys[key] for key in keys if key == "token"})


def _ours(environ: Mapping[str, str]) -> dict[str, str]:
    return {name.upper(): value for name, value in environ.items() if name.upper().startswith(PREFIX)}


def _gathered(raw: Raw, ours: Mapping[str, str], lines: list[str]) -> Raw:
    """Lay the environment over what the file says, and read the files that hold secrets."""
    _lay_over(raw, _from(ours, lines))
    for section, key in SECRETS:
        _from_file(raw, section, key, lines)
    return raw


def _read(path: Path) -> Raw:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))  # Windows editors put a mark in front
    except FileNotFoundError:
        raise ConfigError([f"{path} · is not there · make it with `bln-bot init --config {path}`"]) from None
    except OSError as error:
        raise ConfigError([f"{path} · can't be read: {error.strerror} · mend its permissions"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path} · is not plain text in UTF-8 · save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            [f"{path} · is not TOML: {error} · compare that line with config.example.toml"]
        ) from None


class _Environment(EnvSettingsSource):
    """Reads the environment it was given rather than the process's own."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environ.items() if value}


def _from(ours: Mapping[str, str], lines: list[str]) -> Raw:
    """Return what our part of the environment sets, and note in `lines` what belongs to no section."""
    known: dict[str, str] = {}
    for name, value in ours.items():
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        if section not in Settings.model_fields or not key or "__" in key:
            lines.append(f"{name} · is not a setting · write {PREFIX}SECTION__KEY, see config.example.toml")
        else:
            known[name] = value
    return _Environment(known)()


def _lay_over(raw: Raw, over: Raw) -> None:
    """Put `over` onto `raw`, section by section; either way of giving a secret puts the other away."""
    for section, keys in over.items():
        below = raw.setdefault(section, {})
        if not isinstance(below, dict):  # said by the model
            continue
        for name, key in SECRETS:
            if section == name and keys.keys() & {key, f"{key}_file"}:
                below.pop(key, None)
                below.pop(f"{key}_file", None)
        below.update(keys)


def _from_file(raw: Raw, section: str, key: str, lines: list[str]) -> None:
    """Read `section.key_file`, if there is one, into `section.key`."""
    keys = raw.setdefault(section, {})
    name = keys.get(f"{key}_file") if isinstance(keys, dict) else None
    if not isinstance(name, str) or not name:
        return
    if keys.get(key):
        lines.append(f"{section}.{key}_file · stands beside {section}.{key} · keep one of the two")
        return
    try:
        keys[key] = Path(name).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not plain text"
        lines.append(
            f"{section}.{key}_file · {name} can't be read: {why} · write the {key} into it, or name another"
        )


def _check_receiving(raw: Raw, ours: Mapping[str, str], lines: list[str]) -> None:
    """Note what does not go together, beside what is wrong by itself: so it is all told at once."""

    def given(section: str, key: str) -> str:
        keys = raw.get(section)
        value = keys.get(key) if isinstance(keys, dict) else None
        return str(value).strip() if isinstance(value, (str, int)) else ""

    def wrong(section: str, key: str, what: str, advice: str) -> None:
        lines.append(f"{_shown([section, key], ours)} · {what} · {advice}")

    if given("telegram", "mode") == "webhook":
        url, theirs = given("telegram", "webhook_url"), given("telegram", "base_url")
        by_telegram = not theirs or theirs.startswith("https://api.telegram.org/")
        if not url or (by_telegram and not url.startswith("https://")):  # a server of one's own takes http
            advice = (
                "write the https:// address at which Telegram reaches web.port, or telegram.mode = polling"
            )
            wrong("telegram", "webhook_url", "must be an https:// address for webhook mode", advice)
        if given("web", "port") in ("", "0"):
            advice = "write the port at which Telegram, or the reverse proxy, reaches this machine"
            wrong("web", "port", "must not be 0 for webhook mode", advice)
    for one, other in (("certificate", "key"), ("key", "certificate")):
        if given("web", one) and not given("web", other):
            wrong("web", other, f"is missing beside web.{one}", "name both, or leave both empty")
    for section, key in FILES:
        if (name := given(section, key)) and (why := _unreadable(Path(name))):
            wrong(section, key, f"{name} {why}", "name the file, or leave it empty")


def _unreadable(file: Path) -> str:
    try:
        with file.open("rb"):
            return ""
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"can't be read: {error.strerror}"


def _shown(loc: list[str], ours: Mapping[str, str]) -> str:
    key, variable = ".".join(loc), PREFIX + "__".join(loc).upper()
    return f"{key} (from {variable})" if variable in ours else key


def _line(detail: ErrorDetails, ours: Mapping[str, str]) -> str:
    """One mistake: key, what is wrong, what to do. What was typed is not repeated: it may be a secret."""
    loc = [str(part) for part in detail["loc"]]
    return f"{_shown(loc, ours)} · {_wrong(detail)} · {_advice(loc, detail)}"


def _wrong(detail: ErrorDetails) -> str:
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a setting"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "is not a section"
        case "value_error":
            return str(detail["ctx"]["error"])
        case _:
            message = detail["msg"].removeprefix("Input ")
            return message[:1].lower() + message[1:]


def _advice(loc: list[str], detail: ErrorDetails) -> str:
    field = Settings.model_fields.get(loc[0])
    if field is None or field.annotation is None:
        return _nearest(loc[0], list(Settings.model_fields), "the sections are")
    fields = field.annotation.model_fields
    if len(loc) == 1:
        return f"write [{loc[0]}] on a line of its own, and its keys below"
    if detail["type"] == "extra_forbidden":
        return _nearest(loc[1], list(fields), f"the keys of [{loc[0]}] are")
    return fields[loc[1]].description or "see config.example.toml"


def _nearest(word: str, known: list[str], otherwise: str) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"{otherwise} {', '.join(known)}"
