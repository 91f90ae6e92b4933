"""What a member may agree to, which text that was, and what it allows. One more use: a line in `USES`.

Every use of words asks `may`. What is asked are `QUESTIONS`; each answer is kept with the version of the text that was
read (`VERSIONS`, by question and language) and goes on for exactly what that text named. So a text that names more than
before gets a new version and a use of its own that begins with it:

    USES["study"] = Use(REPORTS, since="2027-03")  # reports named study material from then on

tests/core/test_consent_texts.py pins what each text says to its version: no text changes unnoticed. Who agreed to an
older one is asked again, once (bot/actions/consents.py).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

TAKE_PART = "take_part"  # the only one that is needed
QUOTE = "quote"
NAME = "name"
MEDIA = "media"
REPORTS = "reports"
QUESTIONS = (TAKE_PART, QUOTE, NAME, MEDIA, REPORTS)
OPTIONAL = (MEDIA, REPORTS)  # off until tapped
NEEDS = {NAME: QUOTE, REPORTS: QUOTE}  # who is not quoted is neither named nor quoted further away

FIRST = ""  # every version is later: for uses that the first text named
VERSION = "2026-11"  # of all texts so far; they sort by age
LANGUAGES = ("en", "nl", "sv")
STAYING = (
    "active",
    "unlinked",
)  # of members: in, or nobody at all: words without a link to anybody are theirs
VERSIONS: dict[str, dict[str, str]] = {use: dict.fromkeys(LANGUAGES, VERSION) for use in QUESTIONS}

# What each question says: all of it is shown before somebody answers, at joining and when asked again.
TEXTS: dict[str, tuple[str, ...]] = {
    TAKE_PART: (
        "consents.about_take_part",
        "joining.what",
        "joining.words",
        "joining.kept",
        "joining.kept_until",
        "joining.kept_end",
        "joining.kept_end_until",
        "joining.health",
        "joining.readers",
        "joining.server",
        "joining.summaries",
        "joining.telegram",
        "joining.rights",
        "joining.button.agree",
    ),
    QUOTE: (
        "consents.about_quote",
        "joining.quote",
        "joining.quote_later",
        "joining.unquoted",
        "joining.unquoted_counted",
        "joining.button.quote_as",
    ),
    NAME: ("consents.about_name", "joining.quote", "joining.button.quote_name"),
    MEDIA: ("consents.about_media", "joining.options", "media.button.always"),
    REPORTS: ("consents.about_reports", "joining.options"),
}


@dataclass(frozen=True)
class Given:
    """An answer to a question, with the text it was given to; true if it is a yes."""

    granted: bool
    version: str = VERSION
    language: str = "en"
    at: datetime | None = None

    def __bool__(self) -> bool:
        return self.granted


@dataclass(frozen=True)
class Use:
    """What words are used for: the question that names it, from which version on."""

    question: str
    since: str = FIRST


USES: dict[str, Use] = {use: Use(use) for use in QUESTIONS}


def may(given: Mapping[str, Given], use: str) -> bool:
    """Tell whether a member's words may be used so: never without taking part, never unasked."""
    return together(allowed(given), use)


def allowed(given: Mapping[str, Given]) -> tuple[str, ...]:
    """Return the uses that were agreed to by an answer to a text that named them."""
    return tuple(
        name
        for name, use in USES.items()
        if (answer := given.get(use.question)) is not None and answer.granted and answer.version >= use.since
    )


def together(agreed: Collection[str], use: str) -> bool:
    """Tell whether a use that was agreed to is allowed beside the others: some need another one."""
    if TAKE_PART not in agreed or use not in agreed:
        return False
    needed = NEEDS.get(use) or NEEDS.get(USES[use].question if use in USES else use)
    return needed is None or together(agreed, needed)


def of_member(given: Mapping[str, Given], state: str) -> Mapping[str, Given]:
    """Return what holds for a member now: nothing new is done with the words of who has left, or is not in yet."""
    return given if state in STAYING else {}


def stands(state: str, left_how: str | None) -> bool:
    """Tell whether words that went out may stand there on: who left decides, and until then they stay."""
    gone = state in ("left", "joining")  # joining again: nothing has changed before they are in
    return state in STAYING or (gone and left_how in (None, "keep", "removed"))


# Texts that changed ---------------------------------------------------------------------------------------------


def version(use: str, language: str) -> str:
    """Return the version of the text that is shown today."""
    of_use = VERSIONS[use]
    return (
        of_use.get(language) or of_use["en"]
    )  # a language without texts of its own is shown the English ones


def edition() -> str:
    """Return one name for all the texts of today: it changes whenever one of them does."""
    written = sorted(
        f"{use} {language} {name}" for use, of in VERSIONS.items() for language, name in of.items()
    )
    return sha256("\n".join(written).encode()).hexdigest()[:12]


def outdated(given: Mapping[str, Given]) -> tuple[str, ...]:
    """Return the questions somebody said yes to in words that have changed since; a no is not asked again."""
    return tuple(
        use
        for use in QUESTIONS
        if (answer := given.get(use)) is not None
        and answer.granted
        and answer.version < version(use, answer.language)
    )
