"""Telegram's formatting: HTML to text with entities and back, and the entities it finds by itself.

The rules and the words of the errors are those of tdlib's MessageEntity.cpp. A new tag: a line in SIMPLE,
or a branch in `_kind`. Known to be looser than Telegram: top-level domains are not looked up in its list,
and a bold range is not cut where a link begins.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from typing import Any
from urllib.parse import urlsplit

Entity = dict[str, Any]
Users = Callable[[int], Entity | None]

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
TAGS = {*SIMPLE, "a", "tg-emoji", "tg-time", "pre", "code", "blockquote"}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

SPLITTABLE = ("bold", "italic", "underline", "strikethrough", "spoiler")
QUOTES = ("blockquote", "expandable_blockquote")
AUTOMATIC = ("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number")
# Which of two entities with the same range stands outside: Telegram sorts them like this.
ORDER = (
    *QUOTES,
    "pre",
    "code",
    "text_link",
    "text_mention",
    *AUTOMATIC,
    *SPLITTABLE,
    "custom_emoji",
    "date_time",
)

SPACES = " \t\r\n\0\v"
END = "\0"  # stands behind the text, as in C, so that reading never needs a length


class EntityError(ValueError):
    """Telegram would refuse this text; the message is its own, without `Bad Request: `."""


def units(text: str) -> int:
    """Return the length in UTF-16 units, in which Telegram counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def parse_html(text: str, *, users: Users | None = None, auto: bool = False) -> tuple[str, list[Entity]]:
    """Return what a message shows, and its entities; `auto`: with those that Telegram finds by itself.

    `users` tells who a `tg://user` link means; somebody Telegram does not know is not mentioned.
    """
    return tidy(*_Html(text, users).parse(), auto=auto)


def tidy(text: str, entities: Iterable[Entity], *, auto: bool = False) -> tuple[str, list[Entity]]:
    """Return text and entities as Telegram keeps them: cleaned, trimmed, merged, sorted."""
    text, found = _cleaned(text, entities)
    text, found = _trimmed(text, found)
    found = _merged(found, text)
    return text, _with_automatic(text, found) if auto else found


def auto_entities(text: str) -> list[Entity]:
    """Return what Telegram finds by itself in plain text: mentions, hashtags, commands, links, addresses."""
    units_before = [0, *accumulate(1 + (character > "\uffff") for character in text)]
    found: list[Entity] = []
    taken_until = 0
    for start, end, kind in sorted(_automatic_ranges(text), key=lambda hit: (hit[0], -hit[1])):
        if start >= taken_until:
            taken_until = end
            offset = units_before[start]
            found.append({"type": kind, "offset": offset, "length": units_before[end] - offset})
    return found


def to_html(text: str, entities: Iterable[Entity]) -> str:
    """Return the HTML from which `parse_html` makes this text and these entities."""
    marks: list[tuple[int, int, int, str]] = []  # position, closing first, then inside out, what stands there
    for entity in entities:
        before, after = _tags(entity)
        if before:
            start, end = entity["offset"], entity["offset"] + entity["length"]
            rank = ORDER.index(entity["type"])
            marks.append((start, 1, -1000 * entity["length"] + rank, before))
            marks.append((end, 0, 1000 * entity["length"] - rank, after))
    data = text.encode("utf-16-le", "surrogatepass")
    pieces, at = [], 0
    for position, _, _, mark in [*sorted(marks), (len(data) // 2, 2, 0, "")]:
        pieces += [escape(data[at * 2 : position * 2].decode("utf-16-le"), quote=False), mark]
        at = position
    return "".join(pieces)


# --- HTML ---


@dataclass(frozen=True)
class _Open:
    """A tag that waits for its end."""

    tag: str
    argument: str
    format: str  # of tg-time only
    offset: int
    begins: int


class _Html:
    """Reads HTML once, from left to right, as Telegram does."""

    def __init__(self, text: str, users: Users | None) -> None:
        self.text = text.replace(END, " ") + END
        self.at = 0
        self.users = users
        self.shown: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.found: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            raise EntityError("strings must be encoded in UTF-8") from error
        while self.at < len(self.text) - 1:
            if self.text[self.at] == "<":
                self._end_tag() if self.text[self.at + 1] == "/" else self._start_tag()
            else:
                self._show(self._reference() or self._take())
        if self.open:
            raise self._error(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.shown), self.found

    def _error(self, words: str, at: int | None = None, after: str = "") -> EntityError:
        where = "" if at is None else f" at byte offset {len(self.text[:at].encode())}"
        return EntityError(f"can't parse entities: {words}{where}{after}")

    def _take(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def _show(self, character: str) -> None:
        self.shown.append(character)
        self.offset += units(character)

    def _skip_spaces(self) -> None:
        while self.text[self.at] != END and self.text[self.at] in SPACES:
            self.at += 1

    def _until(self, stops: str) -> str:
        begin = self.at
        while self.text[self.at] not in stops:
            self.at += 1
        return self.text[begin : self.at]

    def _reference(self) -> str:
        """Step over a reference like `&lt;` and return what it stands for; empty if there is none."""
        match = re.compile(r"&(?:#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,8}))|([a-zA-Z]+));?").match(
            self.text, self.at
        )
        if match is None:
            return ""
        code = int(match[1], 16) if match[1] else int(match[2] or 0)
        character = NAMED.get(match[3] or "", "") or (chr(code) if 0 < code < 0x10FFFF else "")
        if 0xD800 <= code <= 0xDFFF:
            raise EntityError("strings must be encoded in UTF-8")
        if character:
            self.at = match.end()
        return character

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = _lower(self._until(SPACES + ">"))
        if self.text[self.at] == END:
            raise self._error("Unclosed start tag", begin)
        if tag not in TAGS:
            raise self._error(f'Unsupported start tag "{tag}"', begin)
        attributes = self._attributes(tag, begin)
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"', begin)
        argument, form = _argument(tag, attributes), attributes.get("format", "")
        self.open.append(_Open(tag, argument, form, self.offset, len(self.shown)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._skip_spaces()
            if self.text[self.at] == ">":
                return attributes
            name = self._until(SPACES + "=>/\"'")
            if not name:
                raise self._error(f'Empty attribute name in the tag "{tag}"', begin)
            self._skip_spaces()
            if self.text[self.at] not in ("=", END):
                attributes[name] = "1"
                continue
            self.at += self.text[self.at] == "="
            self._skip_spaces()
            if self.text[self.at] == END:
                raise self._error(f'Unclosed start tag "{tag}"', begin)
            attributes[name] = self._value()
            if self.text[self.at] == END:
                raise self._error("Unclosed start tag", begin)

    def _value(self) -> str:
        begin = self.at
        if self.text[self.at] not in "\"'":
            value = re.compile(r"[A-Za-z0-9.-]*").match(self.text, self.at)
            self.at = value.end() if value else self.at
            if self.text[self.at] not in SPACES + ">":
                raise self._error("Unexpected end of name token", begin)
            return _lower(self.text[begin : self.at])
        quote, value_parts = self._take(), []
        while self.text[self.at] not in (quote, END):
            value_parts.append(self._reference() or self._take())
        self.at += self.text[self.at] == quote
        return "".join(value_parts)

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise self._error("Unexpected end tag", begin)
        self.at += 2
        name = _lower(self._until(SPACES + ">"))
        self._skip_spaces()
        if self.text[self.at] != ">":
            raise self._error("Unclosed end tag", begin)
        self.at += 1
        opened = self.open.pop()
        if name not in ("", opened.tag):
            expected = f', expected "</{opened.tag}>", found "</{name}>"'
            raise self._error("Unmatched end tag", begin, after=expected)
        if self.offset > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        """Note the entity that ends here; a `code` with a language and the `pre` around it are one."""
        place = {"offset": opened.offset, "length": self.offset - opened.offset}
        last = self.found[-1] if self.found else {}
        same = all(last.get(key) == value for key, value in place.items())
        if opened.tag == "pre" and same and last["type"] == "code" and "language" in last:
            last["type"] = "pre"
        elif opened.tag == "code" and same and last["type"] == "pre" and opened.argument:
            last["language"] = opened.argument
        else:
            kind = self._kind(opened)
            if kind is not None:
                self.found.append({**kind, **place})

    def _kind(self, opened: _Open) -> Entity | None:
        match opened.tag:
            case "a":
                return self._link(opened.argument or "".join(self.shown[opened.begins :]))
            case "pre":
                return {"type": "pre"}
            case "code":
                return {"type": "code", **({"language": opened.argument} if opened.argument else {})}
            case "blockquote":
                return {"type": "expandable_blockquote" if opened.argument else "blockquote"}
            case "tg-emoji":
                if not re.fullmatch(r"-?[0-9]{1,19}", opened.argument) or int(opened.argument) == 0:
                    raise self._error("Invalid custom emoji identifier specified")
                return {"type": "custom_emoji", "custom_emoji_id": opened.argument}
            case "tg-time":
                return _date_time(opened.argument, opened.format)
            case _:
                return {"type": SIMPLE[opened.tag]}

    def _link(self, url: str) -> Entity | None:
        """Return a link, or a mention for `tg://user`; Telegram drops what leads nowhere, silently."""
        person = re.fullmatch(r"tg:(?://)?user\?id=([0-9]{1,15})", url, re.IGNORECASE)
        if person is None:
            checked = checked_link(url)
            return {"type": "text_link", "url": checked} if checked else None
        number = int(person[1])
        user = (
            self.users(number) if self.users else {"id": number, "is_bot": False, "first_name": str(number)}
        )
        return {"type": "text_mention", "user": user} if user else None


def _lower(name: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)


def _argument(tag: str, attributes: dict[str, str]) -> str:
    """Return what the tag's entity needs to know."""
    given = attributes.get
    match tag:
        case "a":
            return given("href", "")
        case "code":
            language = given("class", "")
            return language.removeprefix("language-") if language.startswith("language-") else ""
        case "tg-emoji":
            return given("emoji-id", "")
        case "tg-time":
            return given("unix", "")
        case "blockquote":
            return "1" if "expandable" in attributes else ""
        case _:
            return ""


def _date_time(unix: str, form: str) -> Entity | None:
    if not re.fullmatch(r"[0-9]{1,10}", unix) or not re.fullmatch(r"r|w?[dD]?[tT]?", form):
        return None
    return {"type": "date_time", "unix_time": int(unix), "date_time_format": form}


def checked_link(url: str) -> str:
    """Return the address as Telegram keeps it, or nothing if it can't be one."""
    url = url.strip()
    if re.match(r"(tg|ton|tonsite):", url, re.IGNORECASE):
        return url
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", url):
        url = "http://" + url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return ""
    if (
        parts.scheme.lower() not in ("http", "https")
        or "." not in host.strip(".")
        or re.search(r"\s", parts.netloc)
    ):
        return ""
    return parts._replace(path=parts.path or "/").geturl()


def _tags(entity: Entity) -> tuple[str, str]:
    """Return the tags around an entity; none for what Telegram finds by itself."""
    kind = entity["type"]
    match kind:
        case "bold" | "italic" | "underline" | "strikethrough":
            return f"<{kind[0]}>", f"</{kind[0]}>"
        case "spoiler":
            return "<tg-spoiler>", "</tg-spoiler>"
        case "code":
            return "<code>", "</code>"
        case "pre" if entity.get("language"):
            return f'<pre><code class="language-{escape(entity["language"])}">', "</code></pre>"
        case "pre":
            return "<pre>", "</pre>"
        case "blockquote":
            return "<blockquote>", "</blockquote>"
        case "expandable_blockquote":
            return "<blockquote expandable>", "</blockquote>"
        case "text_link":
            return f'<a href="{escape(entity["url"])}">', "</a>"
        case "text_mention":
            return f'<a href="tg://user?id={entity["user"]["id"]}">', "</a>"
        case "custom_emoji":
            return f'<tg-emoji emoji-id="{entity["custom_emoji_id"]}">', "</tg-emoji>"
        case "date_time":
            form = escape(entity["date_time_format"])
            return f'<tg-time unix="{entity["unix_time"]}" format="{form}">', "</tg-time>"
        case _:
            return "", ""


# --- tidying ---

_DROPPED = {"\r", *(chr(code) for code in range(0x2028, 0x202F)), "\u0333", "\u033f", "\u030a"}


def _cleaned(text: str, entities: Iterable[Entity]) -> tuple[str, list[Entity]]:
    """Return text without the signs that Telegram takes out, and entities moved with it."""
    text = "".join(" " if letter < " " and letter not in "\n\r" else letter for letter in text)
    found = [dict(entity) for entity in entities if entity["length"] > 0]
    dropped, offset = [], 0
    for letter in text:
        if letter in _DROPPED:
            dropped.append(offset)
        offset += units(letter)
    if dropped:
        text = "".join(letter for letter in text if letter not in _DROPPED)
        for entity in found:
            start, end = entity["offset"], entity["offset"] + entity["length"]
            before = bisect_right(dropped, start - 1)
            entity["offset"] = start - before
            entity["length"] = end - start - (bisect_right(dropped, end - 1) - before)
    return text, [entity for entity in found if entity["length"] > 0]


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Return text without space around it, and no entity that begins with space or is nothing else."""
    letters = text.encode("utf-16-le")
    blank = (b" \0", b"\n\0")
    first = len(text) - len(text.lstrip(" \n"))
    last = units(text.rstrip(" \n"))
    kept = []
    for entity in entities:
        start, end = entity["offset"], min(entity["offset"] + entity["length"], last)
        while start < end and letters[start * 2 : start * 2 + 2] in blank:
            start += 1
        if start < end:
            kept.append({**entity, "offset": start - first, "length": end - start})
    return text.strip(" \n"), kept


def _merged(entities: list[Entity], text: str) -> list[Entity]:
    """Return entities that nest and never cross: none in code, no link in a link, no quote in a quote."""
    quotes = _apart(entity for entity in entities if entity["type"] in QUOTES)
    solid = _apart(e for e in entities if e["type"] not in (*QUOTES, *SPLITTABLE))
    solid = [entity for entity in solid if not any(_crosses(entity, quote) for quote in quotes)]
    code = [_range(entity) for entity in solid if entity["type"] in ("code", "pre")]
    styles = [
        {"type": kind, "offset": start, "length": end - start}
        for kind in SPLITTABLE
        for start, end in _without(_union(e for e in entities if e["type"] == kind), code)
        if text.encode("utf-16-le")[start * 2 : end * 2].decode("utf-16-le").strip(" \n")
    ]
    for entity in solid:
        if entity["type"] == "code":
            entity.pop("language", None)  # only a `pre` keeps it
    return sorted([*quotes, *solid, *styles], key=_order)


def _with_automatic(text: str, entities: list[Entity]) -> list[Entity]:
    """Return the entities and what Telegram finds between them."""
    solid = [entity for entity in entities if entity["type"] not in (*QUOTES, *SPLITTABLE)]
    quotes = [entity for entity in entities if entity["type"] in QUOTES]
    found = [
        entity
        for entity in auto_entities(text)
        if not any(_overlap(entity, other) for other in solid)
        and not any(_crosses(entity, quote) for quote in quotes)
    ]
    return sorted([*entities, *found], key=_order)


def _order(entity: Entity) -> tuple[int, int, int]:
    return entity["offset"], -entity["length"], ORDER.index(entity["type"])


def _range(entity: Entity) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _overlap(one: Entity, other: Entity) -> bool:
    (a, b), (c, d) = _range(one), _range(other)
    return a < d and c < b


def _crosses(inner: Entity, quote: Entity) -> bool:
    (a, b), (c, d) = _range(inner), _range(quote)
    return _overlap(inner, quote) and not (c <= a and b <= d)


def _apart(entities: Iterable[Entity]) -> list[Entity]:
    """Return those that do not touch one that begins before them."""
    kept: list[Entity] = []
    for entity in sorted(entities, key=_order):
        if not kept or not _overlap(kept[-1], entity):
            kept.append(entity)
    return kept


def _union(entities: Iterable[Entity]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(map(_range, entities)):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _without(ranges: list[tuple[int, int]], holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    for low, high in holes:
        ranges = [
            (start, end)
            for a, b in ranges
            for start, end in ((a, min(b, low)), (max(a, high), b))
            if start < end
        ]
    return ranges


# --- what Telegram finds by itself ---

_WORD = r"[^\W_]"
_DOMAIN = rf"(?:{_WORD}(?:[\w-]*{_WORD})?\.)+(?:[^\W\d_]{{2,}}|xn--[a-z0-9]+)"
_PATTERNS = [
    ("email", re.compile(rf"(?<![\w.+@/-])[\w.+-]{{1,64}}@{_DOMAIN}(?![\w@-])")),
    (
        "url",
        re.compile(
            rf"(?<![\w@.])(?:(?:https?|ftp|tonsite)://(?:{_DOMAIN}|localhost|\d{{1,3}}(?:\.\d{{1,3}}){{3}})|"
            rf"(?<![-/]){_DOMAIN})(?::\d{{1,5}})?(?:[/?#][^\s<>\"«»“”|]*)?(?![\w@-])",
            re.IGNORECASE,
        ),
    ),
    ("url", re.compile(r"(?<!\w)(?:tg|ton)://[^\s<>\"«»“”]+", re.IGNORECASE)),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z0-9_]{2,32}(?![\w@])", re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("hashtag", re.compile(r"(?<![\w#@])#(?=\w*[^\W\d])[\w·]{1,256}(?:@[A-Za-z0-9_]{3,32})?(?![\w#])")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{3,8}(?![\w$])")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d(?:[ \-()]?\d){6,14}(?!\w)")),
]
# A link ends before the sign that ends the sentence.
_TAIL = re.compile(r"[.,:;!?'\")\]}…]+$")


def _automatic_ranges(text: str) -> Iterable[tuple[int, int, str]]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            end = match.end()
            if kind == "url":
                end = match.start() + len(_without_tail(match[0]))
            yield match.start(), end, kind


def _without_tail(url: str) -> str:
    """Return a link without what ends its sentence; a bracket that was opened in it belongs to it."""
    tail = _TAIL.search(url)
    while tail is not None and not (url[-1] == ")" and url.count("(") >= url.count(")")):
        url = url[:-1]
        tail = _TAIL.search(url)
    return url
