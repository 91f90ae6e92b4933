"""What the bot says, by message id and language. One more text: a line in each catalogue (bot/locales)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from gettext import c2py

from babel import Locale
from babel.numbers import format_decimal

from bot.core.markup import Markup as Markup
from bot.core.markup import clean, plain, safe

LANGUAGES = ("en", "nl", "sv")  # one more: a folder in bot/locales and its code here
SOURCE = "en"  # where a text is taken from that another language lacks
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Value = str | int | float | Decimal


@cache
def _rule(expression: str) -> Callable[[int], int]:
    return c2py(expression)


@dataclass(frozen=True)
class Plural:
    """Which form a number takes: gettext's rule, kept as it is written, so that texts can go to another process."""

    expression: str = "n != 1"

    def __call__(self, number: int) -> int:
        return _rule(self.expression)(number)


@dataclass(frozen=True)
class Catalogue:
    """The texts of one language: for each id its forms, one, or as many as `plural` chooses from."""

    messages: Mapping[str, tuple[str, ...]]
    plural: Callable[[int], int]


class MissingText(LookupError):
    """A text or one of its values is not there; raised only where the catalogues are strict, as in tests."""


class Text:
    """The texts of one language: `text("prompts.planned", when=…)` is HTML, `text.plain(…)` is not."""

    def __init__(self, texts: "Texts", language: str) -> None:
        self.language = language
        self._texts = texts

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(self.language)

    def __call__(self, id: str, /, *, count: int | None = None, **values: Value) -> Markup:
        """Return a text as Telegram HTML. Values are escaped unless they are `Markup`.

        `count` chooses the plural and is a value too. Numbers are written as the language writes them:
        hand over a year, an id or a time as a str.
        """
        return Markup(self._filled(id, count, values, lambda value: safe(self._written(value))))

    def plain(self, id: str, /, *, count: int | None = None, **values: Value) -> str:
        """Return a text for where Telegram reads no HTML: buttons, answers to a press, descriptions."""
        return self._filled(id, count, values, lambda value: _plain(self._written(value)))

    def _filled(
        self, id: str, count: int | None, values: Mapping[str, Value], write: Callable[[Value], str]
    ) -> str:
        given = values if count is None else {**values, "count": count}

        def value(place: re.Match[str]) -> str:
            if place[1] in given:
                return write(given[place[1]])
            self._texts.miss(self.language, f"{id} {place[0]}")
            return ""

        return PLACEHOLDER.sub(value, self._texts.form(self.language, id, count))

    def _written(self, value: Value) -> str:
        return value if isinstance(value, str) else str(format_decimal(value, locale=self.locale))


class Texts:
    """All catalogues. `missing` collects what was asked for in vain, as (language, id)."""

    def __init__(
        self, catalogues: Mapping[str, Catalogue], *, default: str = SOURCE, strict: bool = False
    ) -> None:
        self.catalogues = dict(catalogues)
        self.languages = tuple(code for code in LANGUAGES if code in self.catalogues)
        self.default = best_language(default)
        self.strict = strict
        self.missing: set[tuple[str, str]] = set()
        self._by_language = {language: Text(self, language) for language in self.languages}

    def of(self, language: str | None) -> Text:
        """The texts in `language`, a code as Telegram or a browser gives it, or in the default one."""
        return self._by_language[best_language(language, default=self.default)]

    def form(self, language: str, id: str, count: int | None) -> str:
        """The form of `id` for `count`: in `language`, else in English, else the id itself."""
        for code in (language, SOURCE):
            forms = self.catalogues[code].messages.get(id)
            if forms is None:
                self.miss(code, id)
            elif len(forms) == 1 or count is None:
                if len(forms) > 1:
                    self.miss(code, f"{id} {{count}}")
                return forms[-1]
            else:
                return forms[self.catalogues[code].plural(abs(count))]
        return id

    def miss(self, language: str, what: str) -> None:
        self.missing.add((language, what))
        if self.strict:
            raise MissingText(f"{language}: {what}")


def best_language(code: str | None, *, default: str = SOURCE) -> str:
    """The language of ours for a code like "nl-BE" or "sv_SE"; `default` for one we don't speak."""
    language = re.split("[-_]", (code or "").strip().lower())[0]
    return language if language in LANGUAGES else default


def _plain(value: str) -> str:
    return plain(value) if isinstance(value, Markup) else clean(value)
