"""Words of six languages: stems, stop words, how common a word is, and which words come back.

Everything is loaded when it is first asked for. A language more: its stemmer in `STEMMERS`, chat fillers in `FILLERS`
and a file in bot/words (how they are made stands there); a language without them works, less well.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources

from bot.core.first_names import NAMES, ORDINARY

LANGUAGES = ("en", "sv", "nl", "de", "it", "sl")
STEMMERS = {"en": "english", "sv": "swedish", "nl": "dutch", "de": "german", "it": "italian"}
COMPOUNDS = ("nl", "sv", "de")  # where "mantelzorgpauze" is one word
TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")

FILLERS = {
    "en": "yeah yep nope ok okay hi hello thanks thank please bye lol haha hmm well really just actually basically"
    " maybe stuff things thing bit lot kind sort guys honestly anyway sorry dear regards etc",
    "sv": "ja jo nej nä ok okej hej hejsan tack tackar snälla hälsningar haha hmm liksom typ alltså faktiskt bara"
    " kanske lite mycket grejer grej sak saker väl nog ju kram mvh osv förlåt",
    "nl": "ja jawel nee ok oké hoi hallo dag bedankt dank dankjewel alsjeblieft groet groeten groetjes haha hmm"
    " gewoon eigenlijk echt best wel even misschien beetje dingen ding zeg sorry toch hoor enzo enz mvg",
    "de": "ja jo nein nee ok okay hallo hi danke bitte gruß grüße tschüss haha hmm halt eben eigentlich wirklich"
    " einfach vielleicht bisschen sachen sache ding dinge mal doch schon sorry usw lg naja",
    "it": "sì si no ok okay ciao salve grazie prego favore saluti haha ah eh boh beh insomma cioè proprio davvero"
    " magari forse po cose cosa tipo comunque scusa scusate ecc allora buongiorno buonasera",
    "sl": "ja ne ok okej živjo zdravo hvala prosim lp pozdrav pozdravi haha hm no pač kar res čisto mogoče malo"
    " stvari stvar torej nekako oprostite oprosti itd no pa dober dan zdaj",
}

COMMON = 5.4  # Zipf frequency from which a word says nothing by itself
MOST = 7.2  # the most common words of any language
RARE = 2.8  # what is in no list
BACK = 2  # people who use a word before it "comes back"
SHORT = 3  # letters that a word has at least

Said = tuple[int, str, str]  # who, what, in which language


def tokens(text: str) -> list[str]:
    """Return the words of a text in small letters, in their order; numbers and signs are none."""
    return TOKEN.findall(unicodedata.normalize("NFC", text).casefold().replace("’", "'"))


def content(text: str, language: str) -> list[str]:
    """Return the words of a text that mean something by themselves."""
    stop = stop_words(language)
    return [word for word in tokens(text) if len(word) >= SHORT and word not in stop]


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the words of a language that say nothing by themselves; none of a language we don't know."""
    from stopwordsiso import stopwords

    return frozenset(map(str.casefold, stopwords(language))) | frozenset(FILLERS.get(language, "").split())


@lru_cache(2**15)
def stem(word: str, language: str) -> str:
    """Return what a word in small letters has in common with its other forms."""
    if language == "sl":
        return _cut(word)
    return _stemmer(language)(word)


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    if language not in STEMMERS:
        return str
    import snowballstemmer

    stems: Callable[[str], str] = snowballstemmer.stemmer(STEMMERS[language]).stemWord
    return stems


def _cut(word: str) -> str:
    """Slovenian, for which there is no stemmer: short words without their last vowel, long ones cut."""
    if len(word) <= 5:
        return word.rstrip("aeiou") if len(word.rstrip("aeiou")) >= SHORT else word
    return word[:5] if len(word) <= 7 else word[:6]


def guess(text: str, languages: Iterable[str]) -> str | None:
    """Return in which of these languages a text is, by its stop words; None where none of them stands in it."""
    said = set(tokens(text))
    found = {language: len(said & stop_words(language)) for language in languages}
    best = max(found, key=lambda language: found[language], default=None)
    return best if best is not None and found[best] else None


@lru_cache(3)
def frequencies(language: str) -> Mapping[str, float]:
    """Return the Zipf frequency of the 25,000 most common words of a language; nothing of one we don't know."""
    file = resources.files("bot") / "words" / f"{language}.txt"
    if language not in LANGUAGES or not file.is_file():
        return {}
    lines = (line.partition(" ") for line in file.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    return {word: float(zipf) for zipf, _, found in lines for word in found.split()}


def returning(said: Iterable[Said], *, most: int = 10) -> tuple[str, ...]:
    """Return the words that come back with several people, what is said by most and is least common first.

    They are shown in the form that most people used, names of persons never. Words, not findings: one in four is odd.
    """
    users: dict[tuple[str, str], dict[str, set[int]]] = {}  # stem and language → form → people
    for who, text, language in said:
        for word in content(text, language):
            if word not in NAMED:
                users.setdefault((stem(word, language), language), {}).setdefault(word, set()).add(who)
    weighed: dict[str, float] = {}
    for (_, language), forms in users.items():
        people = set().union(*forms.values())
        zipf = max(frequencies(language).get(form, RARE) for form in forms)
        if len(people) >= BACK and zipf < COMMON:
            shown = min(forms, key=lambda form: (-len(forms[form]), form))
            weighed[shown] = max(weighed.get(shown, 0), len(people) * (MOST - zipf))
    return tuple(sorted(weighed, key=lambda word: (-weighed[word], word))[:most])


NAMED = frozenset(map(str.casefold, NAMES - ORDINARY))
