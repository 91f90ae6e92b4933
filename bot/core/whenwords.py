"""The words in which people write a time, one row a language; add a language by adding a row.

Each field is a regular expression, in small letters and without accents (people leave them out on a phone).
Names of days and months come from Babel, so that what `dates` writes can always be read back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from babel.dates import get_day_names, get_month_names


@dataclass(frozen=True)
class Words:
    """How one language says a time."""

    locale: str
    now: str
    today: str
    tomorrow: str
    overmorrow: str  # the day after tomorrow
    every: str
    until: str
    before: str
    after: str
    same_day: str  # what stands before "meeting" for the day of the meeting itself
    meeting: str
    minute: str
    hour: str
    day: str
    week: str
    inside: str  # "in" 3 days
    this: str  # may stand before a day and says nothing
    next: str
    next_week: str
    of: str  # may stand between a day and its month
    ordinal: str  # may stand behind a day's number
    at: str  # may stand before a time
    clock: str  # may stand behind a time
    am: str
    pm: str
    noon: str
    half: tuple[str, int]  # "half ten", and its minutes from the hour that is named
    numbers: str  # one to twelve
    one: str = "(?!)"  # an article that means one
    more_days: Mapping[str, int] | None = None

    @cached_property
    def weekday(self) -> dict[str, int]:
        """Return every way to name a day of the week, Monday being 0."""
        names = {
            fold(name): number
            for width in ("wide", "abbreviated", "short")
            for context in ("format", "stand-alone")
            for number, name in get_day_names(width, context, self.locale).items()
        }
        return {**names, **(self.more_days or {})}

    @cached_property
    def month(self) -> dict[str, int]:
        """Return every way to name a month, January being 1."""
        return {
            fold(name): number
            for width in ("wide", "abbreviated")
            for context in ("format", "stand-alone")
            for number, name in get_month_names(width, context, self.locale).items()
        }

    @cached_property
    def number(self) -> dict[str, int]:
        """Return the numbers that have a word."""
        return {word: n for n, word in enumerate(self.numbers.split(), start=1)}


def fold(text: str) -> str:
    """Return `text` in small letters, without accents, with single spaces: as the words here are written."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return re.sub(r"[\s,]+", " ", bare).strip(" .;!?")


ENGLISH = Words(
    locale="en_GB",
    now="now|right now|immediately",
    today="today",
    tomorrow="tomorrow(?: morning)?",
    overmorrow="(?:the )?day after tomorrow",
    every="(?:every|each)(?: week(?: on)?)?",
    until="until|till?|up to",
    before="before",
    after="after",
    same_day="(?:on )?(?:the )?day of",
    meeting="(?:the |our )?(?:next )?meeting",
    minute="minutes?|mins?",
    hour="hours?",
    day="days?",
    week="weeks?",
    inside="in",
    this="(?:on )?(?:this |the coming |coming )?(?:the )?",
    next="(?:on )?next",
    next_week="next week",
    of="(?:of )?",
    ordinal="(?:st|nd|rd|th)?",
    at="(?:at |@ ?)?",
    clock="(?: ?(?:h|hrs|o'clock|hours))?",
    am="a\\.?m\\.?|in the morning",
    pm="p\\.?m\\.?|in the afternoon|in the evening",
    noon="noon|midday",
    half=("half past", 30),
    numbers="one two three four five six seven eight nine ten eleven twelve",
    one="a|an|the",
    more_days={"tues": 1, "thur": 3, "thurs": 3},
)

DUTCH = Words(
    locale="nl",
    now="nu|nu meteen|meteen|direct|nu direct",
    today="vandaag",
    tomorrow="morgen(?:ochtend|vroeg)?",
    overmorrow="overmorgen",
    every="(?:elke|iedere)(?: week(?: op)?)?",
    until="tot aan|tot en met|tot|t/m",
    before="voor",
    after="na",
    same_day="(?:op )?(?:de )?dag van",
    meeting="(?:de |het |onze )?(?:volgende )?(?:bijeenkomst|vergadering|ontmoeting|meeting)",
    minute="minuut|minuten|min",
    hour="uur|uren",
    day="dagen|dag",
    week="weken|week",
    inside="over",
    this="(?:op )?(?:deze |komende |aanstaande |a\\.?s\\.? ?)?(?:de )?",
    next="(?:op )?volgende",
    next_week="volgende week",
    of="(?:van )?",
    ordinal="(?:e|ste|de)?",
    at="(?:om )?",
    clock="(?: ?(?:u\\.?|uur|h))?",
    am="'s morgens|'s ochtends",
    pm="'s middags|'s avonds",
    noon="(?!)",
    half=("half", -30),
    numbers="een twee drie vier vijf zes zeven acht negen tien elf twaalf",
    one="de|een|1",
)

SWEDISH = Words(
    locale="sv",
    now="nu|genast|direkt|nu direkt",
    today="i ?dag",
    tomorrow="i ?morgon(?: bitti)?",
    overmorrow="i ?overmorgon",
    every="(?:varje|var)(?: vecka(?: pa)?)?",
    until="fram till|till och med|t\\.?o\\.?m\\.?|tills|till",
    before="fore|innan",
    after="efter",
    same_day="(?:pa )?samma dag som|(?:pa )?dagen for",
    meeting="(?:vart |var )?(?:nasta )?(?:traff(?:en)?|mote(?:t)?|meeting)",
    minute="minuter|minut|min",
    hour="timmar|timme|tim",
    day="dagar|dagen|dag|dygn",
    week="veckor|veckan|vecka",
    inside="om",
    this="(?:nu )?(?:pa )?(?:den )?(?:har )?",
    next="nasta",
    next_week="nasta vecka",
    of="",
    ordinal="(?::?[ea])?",
    at="(?:vid )?(?:kl\\.? ?|klockan )?",
    clock="",
    am="pa morgonen|pa formiddagen",
    pm="pa eftermiddagen|pa kvallen|e\\.?m\\.?",
    noon="(?!)",
    half=("halv", -30),
    numbers="ett tva tre fyra fem sex sju atta nio tio elva tolv",
    one="en",
)

WORDS = {"en": ENGLISH, "nl": DUTCH, "sv": SWEDISH}
