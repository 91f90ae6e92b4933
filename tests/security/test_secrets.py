"""Token, passphrase and set-up code: in no line that the bot writes, and tokens of links that nobody guesses."""

import base64
import re
from pathlib import Path

import pytest

from bot import config
from bot.config import Mistake, Settings
from storage import links

TOKEN = "123456789:AAtest-token_of-thirty-or-more-characters"
CODE = "the-operators-own-set-up-code"
SENTENCE = "a long sentence that opens the backup"
URL = "postgresql+psycopg://bln:very-secret-password@db.example.org/bln"
SECRETS = (TOKEN, TOKEN.split(":")[1], CODE, SENTENCE, "very-secret-password")
GOOD = {
    "telegram": {"token": TOKEN},
    "database": {"url": URL},
    "access": {"setup_code": CODE},
    "backup": {"passphrase": SENTENCE},
}


def test_settings_that_are_shown_show_no_secret() -> None:
    settings = Settings(**GOOD)  # type: ignore[arg-type]
    for shown in (repr(settings), str(settings), settings.model_dump_json(), f"{settings.telegram}"):
        assert [secret for secret in SECRETS if secret in shown] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("telegram", f'token = "{TOKEN} "\nmode = "nonsense"'),
        ("telegram", f'token = "{TOKEN.replace(":", "")}"'),
        ("telegram", f'token = ["{TOKEN}"]'),
        ("database", f'url = "mysql://{URL[22:]}"'),
        ("access", f'setup_code = "{CODE} with spaces"'),
        ("backup", f'passphrase = ["{SENTENCE}"]'),
        ("unknown", f'token = "{TOKEN}"'),
    ],
)
def test_a_mistake_in_the_settings_is_told_without_their_secrets(
    tmp_path: Path, name: str, value: str
) -> None:
    file = tmp_path / "config.toml"
    token = "" if name == "telegram" else f'[telegram]\ntoken = "{TOKEN}"\n'
    file.write_text(f"{token}[{name}]\n{value}\n", encoding="utf-8")
    with pytest.raises(Mistake) as mistake:
        config.load(file, {})
    error: BaseException | None = mistake.value
    while error is not None:  # what a traceback would show below it
        assert [secret for secret in SECRETS if secret in f"{error!s} {error!r}"] == []
        error = None if error.__suppress_context__ else error.__cause__ or error.__context__


def test_a_link_has_sixteen_random_bytes() -> None:
    made = {links.token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in made)
    assert all(len(base64.urlsafe_b64decode(token + "==")) == 16 for token in made)
