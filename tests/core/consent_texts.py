"""The texts somebody reads before agreeing, as they stand in the catalogues: for their pins and for docs/reading.md.

`python -m tests.core.consent_texts` prints today's pins, with `figures` behind it the table of docs/reading.md.
"""

import hashlib
import re
import sys
from functools import cache

import textstat

from bot import catalogues
from bot.core.consents import LANGUAGES, TEXTS, VERSIONS
from bot.core.letters import plain
from bot.core.texts import PLACEHOLDER

BOUND = 40.0  # LIX: "easy" ends at 40, where ordinary newspaper prose begins
SAMPLES = {  # what stands in the gaps when somebody reads it
    "count": "12",
    "controller": "Zorgbelang",
    "facilitators": "Frida",
    "until": "31 December 2028",
    "keeper": "Zorgbelang",
    "network": "Samen",
    "circles": "",
    "often": "",
    "lines": "",
    "readers": "",
    "role": "",
    "label": "",
    "name": "Anna",
    "led": "",
}
JOINING = ("joining.hello", "joining.group", "joining.secrecy", "joining.done", "consents.again")


@cache
def forms(language: str) -> dict[str, tuple[str, ...]]:
    """The forms of each text, as written."""
    return dict(catalogues.load(strict=True).catalogues[language].messages)


def digest(use: str, language: str) -> str:
    """What all the texts of a question say in a language, in twelve signs."""
    written = "\n".join(f"{id}\t" + "\t".join(forms(language)[id]) for id in TEXTS[use])
    return hashlib.sha256(written.encode()).hexdigest()[:12]


def prose(ids: tuple[str, ...], language: str) -> str:
    """Whole sentences as somebody reads them: no buttons, no markup, gaps filled."""
    found = []
    for id in ids:
        if ".button." in id:
            continue
        filled = PLACEHOLDER.sub(lambda gap: SAMPLES.get(gap[1], ""), forms(language)[id][-1])
        found += [line.strip() for line in plain(filled).splitlines() if len(line.split()) > 2]
    return " ".join(line if re.search(r"[.?:]$", line) else f"{line}." for line in found)


def lix(ids: tuple[str, ...], language: str) -> float:
    """Björnsson's readability index: words a sentence, plus the share of words of more than six letters."""
    return round(float(textstat.textstat.lix(prose(ids, language))), 1)


def figures() -> dict[str, dict[str, float]]:
    """LIX of what is read before each answer, and of the rest of joining, by language."""
    subjects = {**TEXTS, "joining": JOINING}
    return {name: {language: lix(ids, language) for language in LANGUAGES} for name, ids in subjects.items()}


def table() -> str:
    """The figures as docs/reading.md shows them."""
    lines = ["| text | " + " | ".join(LANGUAGES) + " |", "|---|" + "---|" * len(LANGUAGES)]
    for name, found in figures().items():
        lines.append(f"| `{name}` | " + " | ".join(f"{found[language]:.1f}" for language in LANGUAGES) + " |")
    return "\n".join(lines)


def pins() -> str:
    """What tests/core/consent_pins.txt says when everything is as it should be."""
    lines = [
        f"{use} {language} {VERSIONS[use][language]} {digest(use, language)}"
        for use in TEXTS
        for language in LANGUAGES
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table() + "\n" if sys.argv[1:] == ["figures"] else pins())
