"""What in a text seems to tell who somebody is: a name, an address, a telephone number, an e-mail address, a number.

Precision before recall: a hint that is wrong tires. What it finds and misses is measured in tests/core/test_persons.py
and told in docs/privacy-hints.md. One more kind: a function that yields places in `FINDERS`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot.core import diagnoses, identifiers
from bot.core.first_names import NAMES, ORDINARY, RARELY

Kind = Literal["email", "number", "phone", "address", "name", "diagnosis"]
Span = tuple[int, int]
MOST = 4096  # characters that are looked at


@dataclass(frozen=True)
class Passage:
    """A place in a text, by code points, and what seems to stand there."""

    kind: Kind
    start: int
    end: int

    def of(self, text: str) -> str:
        """Return its words."""
        return text[self.start : self.end]


# Names ----------------------------------------------------------------------------------------------------------

TITLES = """
mevrouw mevr mw meneer mijnheer menheer dhr heer dokter dr drs zuster juffrouw tante oom opa oma
fru herr fröken doktor syster sköterskan tant farbror morbror faster moster mormor morfar farmor farfar
mr mrs ms miss mister doctor nurse aunt auntie uncle grandma grandpa granny nan
"""
RELATIONS = """
man vrouw moeder vader zoon dochter dochtertje zoontje broer broertje zus zusje schoonmoeder schoonvader schoonzus
schoonzoon schoondochter zwager neef nicht buurvrouw buurman vriendin vriend partner echtgenoot echtgenote cliënt
patiënt bewoner bewoonster collega kleinzoon kleindochter mama papa
make maka mannen maken frun hustru mamma pappa mor far son dotter bror svärmor svärfar svärson svärdotter svägerska
svåger granne väninna vän sambo särbo klient patient brukare kollega sonen dottern brodern
husband wife mother father mum mom dad son daughter brother sister cousin niece nephew grandson granddaughter neighbour
neighbor friend client resident colleague
"""
# Capitalised after those, and no name.
NEVER = """
i i'm i've i'd i'll he she they we you it
ik hij zij wij je jij u het de een en maar want dus die dat
jag han hon vi ni du det den och men att som
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
october november december god jesus jezus lord christmas easter kerst pasen jul påsk
nederlands nederlandse nederland engels engelse duits turks marokkaans surinaams zweeds pools arabisch hollands fries
svensk svenska sverige finsk finska engelsk arabisk arabiska persiska norsk dansk tysk
english dutch british swedish german turkish polish indian irish welsh scottish scots american african european chinese
gp ggz wmo wlz pgb ciz nhs lss ivo facebook whatsapp google zoom teams messenger telegram
"""
BEFORE_NO_PERSON = """
sint st sankt sankta s:t s:ta saint santa prins prinses prinsessan prinsen koningin koning drottning drottningen kung
kungen queen king prince princess stichting stiftelsen huize villa café hotel hospice kliniek the
"""
AFTER_NO_PERSON = """
ziekenhuis kinderziekenhuis hospital hospice sjukhus sjukhuset kliniek clinic kerk kyrka kyrkan church school skola
skolan college universiteit university universitet centrum centre center stichting stiftelsen foundation fonds fonden
straat laan weg plein park parken hof huis house hall stadion arena institute instituut institutet hemmet street road
avenue trust surgery court care
"""
PHRASES = re.compile(
    r"\b(?:Albert Heijn|Johan Cruij?ff|John Lewis|Marie Curie|Sue Ryder|Florence Nightingale|Anna Freud|Mona Lisa"
    r"|Astrid Lindgrens? (?:barnsjukhus|värld)|Admiral Nurses?|Age UK|Martin Luther King|Rosa Spier"
    r"|Kung Carl|Carl XVI Gustaf|Jan Modaal|Max Planck|Harry Potter|Barbara Stok|Jan Linders|Dr(?:\.|octor) Who)\b"
)


def _any(words: str) -> str:
    return "|".join(sorted(map(re.escape, words.split()), key=len, reverse=True))


CAPITAL = "A-ZÀ-ÖØ-Þ"
WORD = rf"[{CAPITAL}][^\W\d_]*(?:['’][{CAPITAL}][^\W\d_]+)?(?:-(?:(?:van|de|den|der)[ ]){{0,2}}[{CAPITAL}][^\W\d_]+)*"
INFIX = r"(?:van|de|der|den|het|'t|ten|ter|te|von|af|la|le|el|al|bin|ben|da|dos)"
SURNAME = rf"(?:[ ]+{INFIX}){{0,3}}[ ]+{WORD}"

TOKEN = re.compile(rf"(?<![\w@#./-]){WORD}(?![\w@])")
FAMILY = re.compile(rf"((?:[ ]+{INFIX}){{0,3}})[ ]+({WORD})")
TITLED = re.compile(
    rf"(?<![\w-])(?i:{_any(TITLES)})\.?((?:[ ]+{INFIX}){{0,3}}[ ]+({WORD})(?:{SURNAME})?)(?!\w)"
)
RELATED = re.compile(rf"(?<![\w-])(?i:{_any(RELATIONS)}),?[ ]+([^\W\d_]{{2,}}(?:-[^\W\d_]+)?)(?!\w)")
BEGINS = re.compile(r"(?:^|[.!?…:;\n\"“”„»«(]|[-–—•*])[\s\"“”'‘’„»«(\-–—•*]*$")
LAST_WORD = re.compile(r"([^\s]+)[ ]+$")
NEXT_WORD = re.compile(r"[ ]+([^\W\d_]+)(?:[ ]+([^\W\d_]+))?")

WITH_ME = re.compile(r"[ ]+(?:and I|en ik|och jag)\b")

NOT_NAMES = frozenset(NEVER.split())
INSTITUTION_BEFORE = frozenset(BEFORE_NO_PERSON.split())
INSTITUTION_AFTER = frozenset(AFTER_NO_PERSON.split())
LOWER = frozenset(name.lower() for name in NAMES - ORDINARY - RARELY if len(name) > 3)


def names(text: str, known: Collection[str] = ()) -> Iterator[Span]:
    """Yield where names of persons stand; `known` are further first names, such as those of a network's members."""
    closed = [match.span() for match in PHRASES.finditer(text)]
    for start, end in (*_titled(text), *_related(text), *_listed(text, frozenset(known))):
        if not any(start < until and since < end for since, until in closed):
            yield start, end


def _titled(text: str) -> Iterator[Span]:
    """`mevrouw de Vries`, `fru Lindgren`, `Mrs Smith`: the title stays readable."""
    for match in TITLED.finditer(text):
        if _may_be_name(match[2]):
            start = match.start(1) + len(match[1]) - len(match[1].lstrip())
            yield start, _without_last(text, start, match.end(1))


def _without_last(text: str, start: int, end: int) -> int:
    """A second word that can't be a name is none of its family name: `mevrouw Jansen Dinsdag`."""
    words = text[start:end].split(" ")
    return end if _may_be_name(words[-1]) else end - len(words[-1]) - 1


def _related(text: str) -> Iterator[Span]:
    """`mijn man Henk`, `min mamma Ulla`, `my husband Peter`; in small letters only names of the list."""
    for match in RELATED.finditer(text):
        word = match[1]
        if (
            word[0].isupper()
            and not word.isupper()
            and _may_be_name(word)
            and _no_institution(text, match.span(1))
        ):
            yield match.start(1), _with_family(text, match.end(1))
        elif word in LOWER:
            yield match.span(1)


def _listed(text: str, known: frozenset[str]) -> Iterator[Span]:
    for match in TOKEN.finditer(text):
        found = _first_name(match[0], known)
        if found is None or not _no_institution(text, match.span()):
            continue
        name, length = found
        end = match.start() + length
        whole = _with_family(text, end) if end == match.end() else end
        if whole > end or WITH_ME.match(text, end) or _meant(text, match.start(), name, known):
            yield match.start(), whole


def _meant(text: str, start: int, name: str, known: frozenset[str]) -> bool:
    """Whether a word that may be a name is one here, without a family name behind it."""
    if name in RARELY and name not in known:
        return False
    return name not in ORDINARY or BEGINS.search(text[max(0, start - 12) : start]) is None


def _first_name(token: str, known: frozenset[str]) -> tuple[str, int] | None:
    """Return the name that a word is, and how much of it: `Henks` and `Anna's` have one, too."""
    word = token.title() if token.isupper() and len(token) > 3 else token
    whole, *more = re.split(r"['’-]", word)
    if any(part in NAMES for part in more) and whole in NAMES:
        return word, len(token)  # `Jan-Willem`, though neither would do alone
    for name, length in ((word, len(token)), (whole, len(token)), (word[:-1], len(token) - 1)):
        if (name in NAMES or name in known) and (name != word[:-1] or word.endswith("s")):
            return name, length
    return None


def _with_family(text: str, end: int) -> int:
    """Where a name ends with the family name behind it; two capitalised words are the most."""
    for number in range(2):
        match = FAMILY.match(text, end)
        if match is None or not _may_be_name(match[2]) or match[2].isupper() or (number and match[1]):
            break
        if match[2].lower() in INSTITUTION_AFTER:
            break
        end = match.end()
    return end


def _may_be_name(word: str) -> bool:
    low = word.lower()
    return low not in NOT_NAMES and len(word) > 1 and not diagnoses.is_one(low)


def _no_institution(text: str, span: Span) -> bool:
    """Whether it is not the name of a hospital, a church or a king."""
    before = LAST_WORD.search(text[max(0, span[0] - 40) : span[0]])
    if before is not None and before[1].lower().strip(".,(\"'") in INSTITUTION_BEFORE:
        return False
    after = NEXT_WORD.match(text, span[1])
    return after is None or not any(word and word.lower() in INSTITUTION_AFTER for word in after.groups())


# Addresses ------------------------------------------------------------------------------------------------------

STREET_ENDS = (
    "straat|laan|weg|plein|gracht|kade|dijk|singel|steeg|dreef|plantsoen|markt|hof|pad|baan|wal|park|ring|veld|kamp"
    "|gatan|vägen|gränd|torget|stigen|allén|backen|leden|gatan|gården|liden"
)
NUMBER = r"\d{1,4}(?:[ ]?[A-Za-z](?![\w]))?(?:[-/]\d{1,3})?"
STREETS = re.compile(
    rf"(?<![\w])[{CAPITAL}][\w'’-]*(?:[ ][{CAPITAL}][\w'’-]*)?(?:{STREET_ENDS})[ ]{NUMBER}(?![\w%€]|[.,:]\d)"
    rf"|(?<![\w])(?:{_any('Laan Weg Plein')})[ ](?:van|van de|van der|der)[ ]{WORD}[ ]{NUMBER}(?![\w%€]|[.,:]\d)"
    rf"|(?<![\w.,:])\d{{1,4}}[A-Za-z]?[ ](?:[{CAPITAL}][a-z'’]+[ ]){{1,3}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Close|Drive|Crescent|Court|Gardens|Terrace|Way|Place|Square|Grove|Hill|Mews)\b"
)
NOT_POSTAL = "SA|SD|SS|KG|KM|CM|MM|EU|NL|UU|UK|TV|WK|EK|PM|AM|ML|MG"
POSTAL = re.compile(
    rf"(?<![\w.,-])[1-9]\d{{3}}[ ]?(?!{NOT_POSTAL})[A-Z]{{2}}(?![\w])"
    rf"|(?<![\w.,-])[1-9]\d{{2}}[ ]\d{{2}}[ ][{CAPITAL}][^\W\d_]+(?![\w])"
    r"|(?<![\w])(?:[A-Z]{1,2}\d[A-Z\d]?)[ ]\d[A-Z]{2}(?![\w])"
)
YEAR = re.compile(r"(?:19|20)\d\d[ ]")  # `2027 HV`: rather a year than a place on the Dutch coast


def addresses(text: str) -> Iterator[Span]:
    """Yield where a street with its number stands, or a postal code."""
    for match in STREETS.finditer(text):
        yield match.span()
    for match in POSTAL.finditer(text):
        if not YEAR.match(match[0]):
            yield match.span()


# All of it ------------------------------------------------------------------------------------------------------

# The first one that claims a place has it: a personal number looks like a telephone number, a street like a name.
FINDERS: tuple[tuple[Kind, Callable[[str], Iterable[Span]]], ...] = (
    ("email", identifiers.emails),
    ("number", identifiers.numbers),
    ("phone", identifiers.phones),
    ("address", addresses),
)


def find(text: str, *, known: Collection[str] = (), spare: Collection[str] = ()) -> tuple[Passage, ...]:
    """Return what seems to tell who somebody is, in the order of the text.

    `known` are first names to look for besides those of the lists; `spare` are those that may be said: the author's
    own, and of those who lead the network.
    """
    text = text[:MOST]
    found: list[Passage] = []
    for kind, finder in FINDERS:
        _add(found, kind, finder(text))
    spared = {name.casefold() for name in spare}
    for start, end in names(text, known):
        if first(text[start:end]).casefold() not in spared:
            _add(found, "name", [(start, end)])
    return tuple(sorted(found, key=lambda one: one.start))


def _add(found: list[Passage], kind: Kind, spans: Iterable[Span]) -> None:
    for start, end in spans:
        if all(end <= one.start or one.end <= start for one in found):
            found.append(Passage(kind, start, end))


def first(name: str) -> str:
    """Return the first name of a name, without what a language hangs on it: `Anna's`."""
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", name)
    return words[0] if words else ""


def callable_names(full: Iterable[str]) -> frozenset[str]:
    """Return the first names among what people call themselves on Telegram."""
    firsts = (first(name) for name in full)
    return frozenset(name for name in firsts if len(name) > 2 and name[0].isupper() and not name.isupper())


# What a facilitator should look at ------------------------------------------------------------------------------


def outside(text: str, subject: Iterable[str]) -> Iterator[Passage]:
    """Yield diagnoses that are not what a network talks about."""
    for start, end in diagnoses.outside(text[:MOST], subject):
        yield Passage("diagnosis", start, end)


def flags(text: str, *, known: Collection[str], spare: Collection[str], subject: Iterable[str]) -> list[Kind]:
    """Return the kinds of what stands in a text, each once, the most telling first."""
    there = {one.kind for one in (*find(text, known=known, spare=spare), *outside(text, subject))}
    return [kind for kind in KINDS if kind in there]


KINDS: tuple[Kind, ...] = ("number", "phone", "email", "address", "name", "diagnosis")
