"""Reads the catalogues of all languages at start. One more subject: one more `.po` file in each language."""

import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.core.texts import LANGUAGES, SOURCE, Catalogue, Plural, Texts

LOCALES = Path(__file__).parent / "locales"
MESSAGE = re.compile(rb'^msgid "(.+)"', re.MULTILINE)


class CatalogueError(ValueError):
    """A catalogue can't be used as it is."""


def load(*, default: str = SOURCE, strict: bool = False, folder: Path = LOCALES) -> Texts:
    """Return the texts of all languages; `strict` ones raise for a missing id, as the tests want it."""
    read = _ours if folder == LOCALES else partial(_language, folder)
    return Texts({language: read(language) for language in LANGUAGES}, default=default, strict=strict)


def files(language: str, folder: Path = LOCALES) -> list[Path]:
    """The catalogue files of a language, one a subject."""
    return sorted((folder / language / "LC_MESSAGES").glob("*.po"))


def read(path: Path, language: str) -> Catalog:
    """Read one file; an id that stands in it twice is an error, which Babel would hide."""
    ids = MESSAGE.findall(path.read_bytes())
    twice = sorted({id.decode() for id in ids if ids.count(id) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise CatalogueError(f"{path.name} ({language}) has {', '.join(twice)} twice")
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def _ours(language: str) -> Catalogue:
    return _language(LOCALES, language)


def _language(folder: Path, language: str) -> Catalogue:
    messages: dict[str, tuple[str, ...]] = {}
    rules = set()
    for path in files(language, folder):
        catalog = read(path, language)
        rules.add(catalog.plural_expr)
        for id, forms in _forms(catalog):
            if id in messages:
                raise CatalogueError(f"{id} ({language}) stands in {path.name} and in another file")
            messages[id] = forms
    if len(rules) > 1:
        raise CatalogueError(f"The files of {language} disagree about its plural: {', '.join(sorted(rules))}")
    return Catalogue(messages, Plural(rules.pop()) if rules else Plural())


def _forms(catalog: Catalog) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each id with its forms; a text that isn't translated yet is left out, so that English stands in."""
    for message in catalog:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        id = message.id if isinstance(message.id, str) else message.id[0]
        if id and all(forms):
            yield id, tuple(map(str, forms))
