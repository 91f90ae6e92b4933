"""The files of `bln-bot digest`: read whole, or refused with the line that is wrong; then put together as material."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.core import consents, words
from bot.core.codebooks import read
from bot.core.digest import Asked, Material
from bot.core.themes import Codebook, Theme
from bot.core.voices import Reply
from bot.evaluate import roles

K = 3  # as privacy.k where nobody sets it: what members see names no group of fewer people
STARS = 2  # of each author, as in the chat
MANY = 1_000_000_000  # seconds since 1970 are not written shorter
LONE = re.compile(r"[\ud800-\udfff]")  # JSON can spell half a sign; nothing can be written with it
Name = str | int


class Unreadable(Exception):
    """A file is not as it should be; the message says where, and what to mend."""


@dataclass(frozen=True)
class Line:
    """A reply as it stands in the file; `id`, `prompt` and `author` are given back as they came."""

    id: Name
    author: Name
    role: str | None
    prompt: Name
    text: str
    number: int  # of the line
    lang: str | None = None
    reactions: Mapping[str, tuple[Name, ...]] = field(default_factory=dict)
    at: datetime | None = None
    starred: bool = False
    consent: bool = True


@dataclass(frozen=True)
class Meta:
    """What prompts ask, and who takes part, also without a word."""

    prompts: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """Everything that was read: the material, and the file's own names for what stands in it under numbers of ours."""

    material: Material
    lines: Mapping[int, Line]  # by our id, in the order of theirs
    roles: Mapping[int, str]  # of each reply, as given
    now: datetime
    appendix: bool = False  # in print, every answer at the end


# Lines ----------------------------------------------------------------------------------------------------------


def lines(data: bytes, *, called: str) -> tuple[Line, ...]:
    """Read replies, one JSON object a line; empty lines don't count."""
    found: list[Line] = []
    where: dict[str, int] = {}
    for number, text in enumerate(_text(data, called).split("\n"), 1):
        if not text.strip():
            continue
        try:
            line = _line(_object(text), number)
            if str(line.id) in where:
                raise ValueError(f'the id "{line.id}" stands in line {where[str(line.id)]} too')
        except ValueError as error:
            raise Unreadable(f"{called}, line {number}: {error}.") from None
        where[str(line.id)] = number
        found.append(line)
    return tuple(sorted(found, key=lambda line: natural(line.id)))


def _text(data: bytes, called: str) -> str:
    encoding = (
        "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    )  # PowerShell's > writes UTF-16
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"{called}, line {line}: it is not UTF-8; save the file as UTF-8.") from None


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error.msg}, at character {error.pos + 1})") from None
    except ValueError:
        raise ValueError("it has a number that is too long") from None
    if not isinstance(found, dict):
        raise ValueError('it is not an object such as {"id": "1", "author": …}')
    return found


def _line(found: Mapping[str, Any], number: int) -> Line:
    wanted: dict[str, Any] = {name: read(name, _needed(found, name)) for name, read in NEEDED.items()}
    further = {
        name: read(name, found[name]) for name, read in OPTIONAL.items() if found.get(name) is not None
    }
    return Line(number=number, **{"role": None, **wanted, **further})


def _needed(found: Mapping[str, Any], name: str) -> Any:
    if found.get(name) is None:
        raise ValueError(f'"{name}" is missing')
    return found[name]


def _name(name: str, value: Any) -> Name:
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ValueError(f'"{name}" is neither words nor a whole number')
    return _whole(value) if isinstance(value, str) else value


def _words(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f'"{name}" is not in words')
    return _whole(value)


def _whole(words: str) -> str:
    return LONE.sub("\ufffd", words)


def _language(name: str, value: Any) -> str | None:
    return re.split("[-_]", _words(name, value).strip().lower())[0] or None


def _yes(name: str, value: Any) -> bool:
    if value not in (True, False):  # 1 and 0 as well
        raise ValueError(f'"{name}" is neither true nor false')
    return bool(value)


def _reactions(name: str, value: Any) -> dict[str, tuple[Name, ...]]:
    if not isinstance(value, dict) or not all(isinstance(who, list) for who in value.values()):
        raise ValueError(f'"{name}" is not an object such as {{"👍": ["Ann", "Bo"]}}')
    return {_whole(kind): tuple(_name(name, one) for one in who) for kind, who in value.items()}


def _moment(name: str, value: Any) -> datetime:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= MANY:
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f'"{name}" is no moment such as 2026-11-02T09:30:00+01:00') from None


NEEDED: Mapping[str, Callable[[str, Any], Any]] = {
    "id": _name,
    "author": _name,
    "prompt": _name,
    "text": _words,
}
OPTIONAL: Mapping[str, Callable[[str, Any], Any]] = {
    "role": _words,
    "lang": _language,
    "reactions": _reactions,
    "at": _moment,
    "starred": _yes,
    "consent": _yes,
}


def natural(name: Name) -> tuple[Any, ...]:
    """Return by what names are put in order: r2 before r10, whatever their order in the file."""
    parts = re.split(r"([0-9]{1,18})", str(name))
    return tuple(
        (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part) for part in parts
    )


# What belongs to them -------------------------------------------------------------------------------------------


def meta(data: bytes, *, called: str) -> Meta:
    """Read META.json."""
    text = _text(data, called)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"{called}, line {error.lineno}: it is not JSON ({error.msg}).") from None
    except (RecursionError, ValueError):
        raise Unreadable(f"{called}: it is not JSON.") from None
    if not isinstance(found, dict):
        raise Unreadable(f'{called}: it is not an object such as {{"prompts": …, "people": …}}.')
    return Meta(**{name: _table(found.get(name), name, called) for name in ("prompts", "people")})


def _table(found: Any, name: str, called: str) -> dict[str, str]:
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Unreadable(f'{called}: "{name}" is not an object with words as values.')
    return {_whole(key): _whole(value) for key, value in found.items()}


def codebook(data: bytes, *, called: str, language: str) -> Codebook:
    """Read CODEBOOK.toml. Words without a language are tried in whatever language a reply is."""
    text = _text(data, called)
    found = read(text, UNSAID)
    if found.problems:
        first = found.problems[0]
        about = PROBLEMS.get(first.what, PROBLEMS["form"])
        raise Unreadable(f"{called}, line {first.line}: {about}.")
    return tuple(_in_all(theme, language) for theme in found.codebook)


UNSAID = "und"  # the language of words that stand there without one
PROBLEMS = {
    "toml": "it is not TOML",
    "none": 'it has no theme; one is written [themes.NAME] and words = ["…"] below it',
    "words": "words are not a list of words",
    "form": 'a theme is not as it should be: [themes.NAME] and words = ["…"] below it',
}


def _in_all(theme: Theme, language: str) -> Theme:
    unsaid = theme.words.get(UNSAID, ())
    spoken = dict.fromkeys((language, *words.LANGUAGES, *(code for code in theme.words if code != UNSAID)))
    by_language = {code: (*theme.words.get(code, ()), *unsaid) for code in spoken}
    names = {language if code == UNSAID else code: name for code, name in theme.names.items()}
    return Theme(theme.code, names, {code: found for code, found in by_language.items() if found})


def language_of(asked: str | None) -> str | None:
    """Return the language that was asked for, if it is one that we know something of."""
    code = None if asked is None else _language("language", asked)
    if code is not None and code not in words.LANGUAGES:
        raise Unreadable(f"--language {asked}: I know {', '.join(words.LANGUAGES)}.")
    return code


def main_language(found: Sequence[Line]) -> str:
    """Return the language in which most replies are: as they say, or as their words let one guess."""
    said = Counter(line.lang for line in found)
    known = {code: said[code] for code in words.LANGUAGES if said[code]}
    counts = known or Counter(words.guess(line.text, words.LANGUAGES) or words.LANGUAGES[0] for line in found)
    ranked = sorted(counts, key=lambda code: (-counts[code], code))
    return ranked[0] if ranked else words.LANGUAGES[0]


# Together -------------------------------------------------------------------------------------------------------


def together(
    found: Sequence[Line], known: Meta, themes: Codebook, *, language: str, seats: int, now: datetime
) -> Given:
    """Return the material of a digest. Nothing in it depends on the order of the lines."""
    by_line = [_role(line, known) for line in found]
    people = dict(known.people)
    for line, role in zip(found, by_line, strict=True):
        people.setdefault(str(line.author), role)
    codes, named = roles.groups([*by_line, *people.values()], language)
    numbers = {author: number for number, author in enumerate(sorted(people, key=natural), 1)}
    prompts = _prompts(found, known)
    places = {prompt: number for number, prompt in enumerate(prompts, 1)}
    stars = _stars(found)
    replies = tuple(
        Reply(
            id=number,
            prompt=places[str(line.prompt)],
            member=numbers[str(line.author)],
            group=codes[role],
            place="private",
            chat=None,
            kind="text",
            text=line.text,
            attribution="role",
            name="",
            consents=(consents.TAKE_PART, consents.QUOTE) if line.consent else (consents.TAKE_PART,),
            arrived_at=line.at or now,
            starred=number in stars,
            reacted=tuple(sorted(_reacted(line, people, codes))),
            language=line.lang,
        )
        for number, (line, role) in enumerate(zip(found, by_line, strict=True), 1)
    )
    moments = [line.at for line in found if line.at is not None]
    material = Material(
        chain="meeting",  # two pages in print
        number=0,
        prompts=tuple(Asked(places[prompt], asked) for prompt, asked in prompts.items()),
        replies=replies,
        groups=dict(sorted(Counter(codes[role] for role in people.values()).items())),
        k=K,
        publish_at=max(moments, default=now),
        named=named,
        language=language,
        codebook=themes,
        seats=seats,
    )
    return Given(material, dict(enumerate(found, 1)), dict(enumerate(by_line, 1)), now)


def _role(line: Line, known: Meta) -> str:
    role = line.role if line.role and line.role.strip() else known.people.get(str(line.author))
    if role is None or not role.strip():
        raise Unreadable(
            f'Line {line.number}: "role" is missing. Write it there, or give "{line.author}" one in the people of META.'
        )
    return role


def _prompts(found: Sequence[Line], known: Meta) -> dict[str, str]:
    """Return prompts by their id: META's first, in its order, then those it doesn't know, under their id."""
    used = {str(line.prompt) for line in found}
    unknown = sorted(used - known.prompts.keys(), key=natural)
    asked = {prompt: question for prompt, question in known.prompts.items() if prompt in used}
    return {**asked, **{prompt: prompt for prompt in unknown}}


def _stars(found: Sequence[Line]) -> set[int]:
    """Return the numbers of the replies whose star counts: each author has two."""
    used: Counter[str] = Counter()
    starred = set()
    for number, line in enumerate(found, 1):
        if line.starred and used[str(line.author)] < STARS:
            used[str(line.author)] += 1
            starred.add(number)
    return starred


def _reacted(line: Line, people: Mapping[str, str], codes: Mapping[str, str]) -> Iterator[str]:
    who = {str(one) for names in line.reactions.values() for one in names} - {str(line.author)}
    yield from {codes[people[one]] for one in who if one in people}
