"""Settings: where they come from, and how their mistakes are told."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.config import ConfigError, Settings, load

TOKEN = "123456789:AAtest-token_of-thirty-or-more-characters"
ENV = {"BLN_BOT__TELEGRAM__TOKEN": TOKEN}
EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def mistakes(path: Path | None, environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load(path, environ)
    return error.value.lines


def test_a_token_is_all_one_needs() -> None:
    settings = load(None, ENV)
    assert settings.telegram.token.get_secret_value() == TOKEN
    assert settings.telegram.base_url == "https://api.telegram.org/bot"
    assert settings.telegram.ops_chat is None
    assert settings.database.url.get_secret_value() == "sqlite:///data/bln.db"
    assert (settings.privacy.k, settings.defaults.language, settings.web.port) == (3, "en", 0)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, '[defaults]\nlanguage = "nl"\ntimezone = "Europe/Amsterdam"\n')
    settings = load(
        path, {**ENV, "BLN_BOT__DEFAULTS__LANGUAGE": "sv", "bln_bot__web__port": "8080", "HOME": "/"}
    )
    assert settings.defaults.language == "sv"
    assert settings.defaults.timezone == "Europe/Amsterdam"
    assert settings.web.port == 8080


def test_what_the_environment_leaves_empty_is_not_set(tmp_path: Path) -> None:
    path = written(tmp_path, "[telegram]\nops_chat = -1001234567890\n")
    assert load(path, {**ENV, "BLN_BOT__TELEGRAM__OPS_CHAT": ""}).telegram.ops_chat == -1001234567890


def test_an_empty_text_in_the_file_means_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, '[telegram]\nops_chat = ""\ntoken_file = ""\n[privacy]\nlast_day = ""\n')
    settings = load(path, ENV)
    assert (settings.telegram.ops_chat, settings.privacy.last_day) == (None, None)


def test_the_token_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(TOKEN + "\n")
    path = written(tmp_path, f'[telegram]\ntoken_file = "{tmp_path / "secret"}"\n')
    assert load(path, {}).telegram.token.get_secret_value() == TOKEN
    other = TOKEN.replace("123", "321")
    assert load(path, {"BLN_BOT__TELEGRAM__TOKEN": other}).telegram.token.get_secret_value() == other


def test_a_token_file_that_is_not_there_is_named_once(tmp_path: Path) -> None:
    [line] = mistakes(None, {"BLN_BOT__TELEGRAM__TOKEN_FILE": str(tmp_path / "none")})
    assert line.startswith("telegram.token_file · ")
    assert "none can't be read: No such file" in line


def test_token_and_token_file_exclude_each_other(tmp_path: Path) -> None:
    path = written(tmp_path, f'[telegram]\ntoken = "{TOKEN}"\ntoken_file = "x"\n')
    [line] = mistakes(path, {})
    assert line == "telegram.token_file · stands beside telegram.token · keep one of the two"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///data/bln.db", "sqlite:///data/bln.db"),
        ("sqlite:////var/lib/bln.db", "sqlite:////var/lib/bln.db"),
        ("postgres://me:pw@db/bln", "postgresql+psycopg://me:pw@db/bln"),
        ("postgresql://me:pw@db/bln", "postgresql+psycopg://me:pw@db/bln"),
        ("postgresql+psycopg:///bln?host=/run/pg", "postgresql+psycopg:///bln?host=/run/pg"),
    ],
)
def test_a_database_is_named_as_hosters_name_it(given: str, used: str) -> None:
    assert load(None, {**ENV, "BLN_BOT__DATABASE__URL": given}).database.url.get_secret_value() == used


@pytest.mark.parametrize(
    "url", ["mysql://db/bln", "data/bln.db", "sqlite://", "sqlite:///:memory:", "postgres:"]
)
def test_a_database_the_bot_cannot_use_is_refused(url: str) -> None:
    [line] = mistakes(None, {**ENV, "BLN_BOT__DATABASE__URL": url})
    assert line.startswith("database.url (from BLN_BOT__DATABASE__URL) · is not the address of")


@pytest.mark.parametrize(
    ("base", "files"),
    [
        ("http://127.0.0.1:8081/bot", "http://127.0.0.1:8081/file/bot"),
        ("http://bots.example/bot{token}", "http://bots.example/file/bot{token}"),
    ],
)
def test_files_come_from_the_server_of_the_rest(base: str, files: str) -> None:
    assert load(None, {**ENV, "BLN_BOT__TELEGRAM__BASE_URL": base}).telegram.base_file_url == files


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        clock = 3
        [telegram]
        tokn = "x"
        ops_chat = "my group"
        [privacy]
        k = 1
        [defaults]
        timezone = "Europe/Sthlm"
        [web]
        port = 99999
        [acess]
        """,
    )
    told = mistakes(
        path, {"BLN_BOT__LOG__FORMAT": "yaml", "BLN_BOT__LOG": "{}", "BLN_BOT__TELEGRAM__OPS": "1"}
    )
    assert {line.split(" · ")[0] for line in told} == {
        "BLN_BOT__LOG",
        "telegram.token",
        "telegram.tokn",
        "telegram.ops_chat",
        "telegram.ops (from BLN_BOT__TELEGRAM__OPS)",
        "privacy.k",
        "defaults.timezone",
        "clock",
        "web.port",
        "log.format (from BLN_BOT__LOG__FORMAT)",
        "acess",
    }
    assert all(len(line.split(" · ")) == 3 for line in told)
    assert "acess · is not a setting · did you mean access?" in told
    assert "telegram.tokn · is not a setting · did you mean token?" in told


@pytest.mark.parametrize("zone", ["", "Europe", "../etc/passwd", "europe/nowhere", "/etc/passwd", "a\0b"])
def test_a_wrong_time_zone_is_a_mistake_like_others(zone: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"[defaults]\ntimezone = {toml(zone)}\n")
    assert [line.split(" · ")[:2] for line in mistakes(path, ENV)] == [
        ["defaults.timezone", "is not a time zone"]
    ]


def toml(text: str) -> str:
    return '"' + text.replace("\0", "\\u0000") + '"'


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"[telegram\n", "is not TOML"),
        (b'[telegram]\ntoken = "a"\ntoken = "b"\n', "is not TOML"),
        (b"\xff\xfe[\x00", "is not plain text in UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_says_where(content: bytes, wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    [line] = mistakes(path, ENV)
    assert line.startswith(f"{path} · {wrong}")


def test_a_file_that_is_not_there_can_be_made(tmp_path: Path) -> None:
    [line] = mistakes(tmp_path / "my.toml", ENV)
    assert f"bln-bot init --config {tmp_path / 'my.toml'}" in line


def test_a_mark_in_front_is_no_mistake(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff[privacy]\nk = 4\n")
    assert load(path, ENV).privacy.k == 4


def test_secrets_are_never_shown() -> None:
    secrets = [TOKEN, "hunter2hunter2hunter2", "s3cret"]
    environ = {
        **ENV,
        "BLN_BOT__ACCESS__SETUP_CODE": secrets[1],
        "BLN_BOT__DATABASE__URL": f"postgres://me:{secrets[2]}@db/bln",
    }
    shown = repr(load(None, environ)) + str(load(None, environ)) + str(load(None, environ).model_dump())
    wrong = mistakes(None, {key: value + " x" for key, value in environ.items()})
    assert len(wrong) == 3
    assert not [secret for secret in secrets if secret in shown + "".join(wrong)]


def keys() -> dict[str, Any]:
    """Every key there is, with its default."""
    found = {}
    for section, field in Settings.model_fields.items():
        assert field.annotation is not None
        for key, inner in field.annotation.model_fields.items():
            found[f"{section}.{key}"] = inner.default
    return found


def uncommented() -> str:
    """The example with every key in it switched on."""
    return re.sub(r"^# (?=\w+ = )", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)


def test_the_example_explains_every_key_and_no_other() -> None:
    example = tomllib.loads(uncommented())
    assert {f"{section}.{key}" for section, values in example.items() for key in values} == set(keys())


def test_the_example_shows_what_holds_without_it(tmp_path: Path) -> None:
    settings = load(written(tmp_path, uncommented()), {})
    for key, default in keys().items():
        section, name = key.split(".")
        if key != "telegram.token":
            assert getattr(getattr(settings, section), name) == default, key


def test_the_example_can_be_used_as_it_is() -> None:
    assert load(EXAMPLE, {}).telegram.token


def test_every_key_says_what_to_write() -> None:
    for section in Settings.model_fields.values():
        assert section.annotation is not None
        assert [name for name, f in section.annotation.model_fields.items() if not f.description] == []
