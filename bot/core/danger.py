"""The safety list: words that sound like danger, violence, abuse or despair. One more: a line in its language.

It misses things and it hits things that are harmless ("nobody would hit her" is a hit): whoever is hit gets the help
numbers and is asked, nothing else happens to them, and no text may suggest that somebody watches. Talk of illness,
dying and being tired is what a carers' network is for, and is not on it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

BEGINNING = re.compile(r"\b\w")
FIRST = re.compile(
    r"\(((?:[^()]|\([^()]*\))*)\)"
)  # the words that an entry begins with, where there are several
# Of a contribution: hit, and its author has not answered; they left it out; they said that it may be used.
HELD, OUT, USED = "held", "out", "used"
KEPT_OUT = (HELD, OUT)

END = r"(?=\s*(?:[.,;:?!]|$))"  # "I can't go on." is meant, "I can't go on holiday" is not
KIN_EN = (
    "(my|his|her) (husband|wife|son|daughter|partner|father|mother|dad|mum|mom|brother|sister|child|children)"
)
KIN_NL = "(mijn|zijn|haar|m'n|z'n) (man|vrouw|zoon|dochter|partner|vader|moeder|broer|zus|kind|kinderen)"
KIN_SV = (
    "((min|sin|mitt|sitt|mina|sina) (man|fru|son|dotter|sambo|far|mor|bror|syster|barn)|(min )?(mamma|pappa))"
)

# Regular expressions over lower-case words; each begins at a word's beginning, with nothing optional, and ends at a
# word's end.
EN = (
    r"suicid\w*",
    r"(kill|killing|hang|hanging|cut|cutting|harm|harming|hurt|hurting|drown|drowning) (my|him|her|them)sel(f|ves)",
    r"(want|wants|wanted|wish|wishes|rather|ready|going) (to )?(die|be dead)",
    r"wish i (was|were) dead",
    r"(don'?t|do not|didn'?t|doesn'?t) want to (live|be alive|wake up|be here any ?more)",
    r"(can'?t|cannot|can not) (go on|cope|do this|take it|take this)( any ?more| any ?longer| much longer| like this)?"
    + END,
    r"(end|ending|ended) (it all|my life|his life|her life|their life)",
    r"(take|taking|took) (my|his|her|their) own life",
    r"(no|not a) (way out|reason to live|point in living)",
    r"(better|best) off (without me|dead|if i)",
    r"overdos\w+",
    rf"(kill|kills|strangle\w*|choke\w*|smother\w*|stab\w*|poison\w*|murder\w*) (him|her|them|{KIN_EN})",
    rf"(hit|hits|hitting|beats?|beating|beaten|kick\w*|punch\w*|slap\w*|strangle\w*|choke\w*) (me|him|her|{KIN_EN})",
    r"(pushes|pushed|pushing|throws|threw|thrown) (me|him|her) (over|down|around|against)",
    r"(abus(e|es|ed|ing)|molest\w*|raped?|rapes|raping)",
    rf"(afraid|scared|terrified|frightened) of (him|her|them|{KIN_EN})",
    r"(threaten\w*) (me|him|her|us|to kill|to hurt)",
    r"(lock|locks|locked|tie|ties|tied) (me|him|her|them) (in|up|down)",
    r"(i|he|she|they|we) (might|could|will|am going to|'ll) (hurt|harm) (him|her|me|someone|somebody|them)",
    r"(is|was|be|being|gets|got|getting|becomes|became|turns|turned) violent",
    r"domestic violence",
)
NL = (
    r"zelfmoord\w*",
    r"zelfdoding\w*",
    r"su[iï]cid\w*",
    r"(wil|wilde|wou|wens) (ik )?(liever )?(dood|sterven)( zijn)?",
    r"(was|ware) ik (maar )?dood",
    r"dat ik (maar |liever )?dood (was|ben)",
    r"(liever|maar) dood (zijn|ben|was)",
    r"niet meer (leven|verder leven|wakker worden)",
    r"(ik kan|kan ik|we kunnen) (het |echt )?(zo )?niet meer( aan)?" + END,
    r"zie (ik )?het (echt )?niet meer zitten",
    r"een eind(e)? (aan )?(maken|maak|maakte|gemaakt|mijn leven|het leven)",
    r"(mezelf|zichzelf|jezelf|hemzelf|haarzelf|mij|me|haar|hem|zich) (iets|wat) (aan|aan te|aan zou) ?(doen|doet|doe)",
    r"(mezelf|zichzelf|mijzelf) (snijden|snij|pijn doen|verwonden|ophangen|verdrinken)",
    r"beter af zonder (mij|me)",
    r"geen uitweg",
    r"overdosis",
    rf"(slaat|sloeg|slaan|schopt|schopte|schoppen|stompt|knijpt|wurgt|wurgde) (mij|me|haar|hem|{KIN_NL})",
    r"(mij|me|haar|hem|ons) (slaat|sloeg|schopt|schopte|geslagen|geschopt|opsluit|vastbindt)",
    r"(geslagen|mishandel\w*|verkracht\w*|misbruikt\w*|seksueel misbruik|aangerand\w*)",
    rf"bang (voor|van) (hem|haar|{KIN_NL})",
    r"(bedreigt|bedreigde|bedreigd\w*)",
    r"(vermoord\w*|doodmaken|dood maken|doodslaan|wurgen)",
    r"(sluit|sloot|bindt|bond) (haar|hem|mij|me) (op|vast)",
    r"huiselijk geweld",
    r"gewelddadig\w*",
)
SV = (
    r"självmord\w*",
    r"suicid\w*",
    r"(ta|tar|tog|tagit) (livet av|mitt liv|sitt liv|sitt eget liv|mitt eget liv)",
    r"(vill|ville|önskar|skulle vilja) (jag )?(bara )?(dö|vara död)",
    r"önskar att jag (var|vore) död",
    r"(vill|ville|orkar|orkade) (jag )?(inte|ej) (längre )?(leva|vakna|finnas)( längre| mer)?",
    r"(jag orkar|orkar jag|orkar) (bara )?inte (mer|längre)" + END,
    r"göra slut på (allt|det|mitt liv)",
    r"(skada|skadar|skadat|skära|skär|hänga|dränka) (mig|sig|dig) ?(själv)?",
    r"(bättre|lättare) (för alla )?utan mig",
    r"ingen (utväg|mening med livet)",
    r"överdos\w*",
    rf"(slår|slog|slagit|sparkar|sparkade|stryper|ströp|nyper|hotar|hotade|hotat) (mig|henne|honom|{KIN_SV})(?! att)",
    r"(slagen|misshandl\w*|våldta\w*|våldtog\w*|våldtäkt\w*|sexuella övergrepp|övergrepp)",
    rf"rädd för (honom|henne|dem|{KIN_SV})",
    rf"(döda|dödar|strypa|kväva) (mig|honom|henne|{KIN_SV})",
    r"mörda\w*",
    r"(låser|låste|binder|band) (in|fast) (mig|honom|henne)",
    r"våldsam\w*",
    r"våld i (hemmet|nära relationer)",
)


def hits(words: str, own: Mapping[str, Sequence[str]] | None = None) -> bool:
    """Tell whether words hit the list of any language (people mix them), or the network's own words."""
    said = _plain(words)
    return _on_list(said) or any(
        _own(_plain(word)).search(said) is not None for several in (own or {}).values() for word in several
    )


def _plain(words: str) -> str:
    kept = unicodedata.normalize("NFC", words).casefold().replace("\u2019", "'").replace("\u2018", "'")
    return " ".join(kept.split())


@cache
def _listed() -> Mapping[str, re.Pattern[str]]:
    """The list by the letters that its entries begin with: all of it at each word takes ten times as long."""
    by_letter: dict[str, list[str]] = {}
    for pattern in (*EN, *NL, *SV):
        first = FIRST.match(pattern)
        for letter in {one[0] for one in (first[1].split("|") if first else [pattern])}:
            by_letter.setdefault(letter, []).append(pattern)
    return {
        letter: re.compile(rf"(?:{'|'.join(f'(?:{one})' for one in several)})(?!\w)")
        for letter, several in by_letter.items()
    }


def _on_list(said: str) -> bool:
    listed = _listed()
    return any(
        (several := listed.get(found[0])) is not None and several.match(said, found.start()) is not None
        for found in BEGINNING.finditer(said)
    )


def _own(word: str) -> re.Pattern[str]:
    """A word of the network's own, with any ending: who gives *overdose* means *overdoses* too."""
    return re.compile(rf"(?<!\w){re.escape(word)}")
