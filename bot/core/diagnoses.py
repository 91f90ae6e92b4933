"""Diagnoses by name, in the languages we speak. One more: a line in `CONCEPTS`.

They are no hint to anybody: carers can't write without the illness of the person they care for. A facilitator is shown
those that are not what the network is about.
"""

import re
from collections.abc import Iterable, Iterator

Span = tuple[int, int]

# By concept: the beginnings of its words, or whole words ending in a full stop. The first one names it.
CONCEPTS: dict[str, str] = {
    "dementia": "dementia demens dementie alzheimer lewy",
    "parkinson": "parkinson",
    "cancer": "cancer kanker tumör tumor tumour leukemi leukaemi leukemie lymfom lymphom melano metasta uitzaai",
    "stroke": "stroke. beroerte herseninfarct hersenbloeding tia. cva.",
    "als": "als-sjuk. als-patiënt. motor-neuron mnd.",
    "ms": "multiple-sclerosis multipele-sclerose multipel-skleros multiple-skleros",
    "diabetes": "diabetes diabetic diabetiker suikerziekte",
    "depression": "depressi depression. depressief. depressed.",
    "bipolar": "bipolar bipolair bipolär manisch manisk manic. manodepressi",
    "psychosis": "psychosis psychose psychot psykos schizo schizofren",
    "borderline": "borderline persoonlijkheidsstoornis personlighetsstörning",
    "autism": "autis asperger",
    "adhd": "adhd. adhd-diagnos add-diagnos",
    "addiction": "alcoholi alkoholis alkoholist verslaafd verslaving missbruk addict. addicted. addiction",
    "hiv": "hiv. hiv-positi aids.",
    "hepatitis": "hepatit",
    "epilepsy": "epilep",
    "copd": "copd. kol-sjuk. emfyseem emphysema",
    "kidney": "nierfalen njursvikt dialys kidney-failure",
    "heart": "hartfalen hjärtsvikt heart-failure hartinfarct hjärtinfarkt heart-attack",
    "anorexia": "anorexi bulimi eetstoornis ätstörning eating-disorder",
    "ptsd": "ptsd. ptss. trauma-diagnos posttrauma",
    "huntington": "huntington",
    "down": "downsyndroom downs-syndrom down-syndrome down's-syndrome",
    "cerebral palsy": "cerebral-pares cp-skad cerebral-palsy spastisch",
    "disability": "verstandelijke-beperking utvecklingsstörning intellectual-disability learning-disability",
    "brain injury": "hersenletsel hjärnskad brain-injury nah.",
    "rheumatism": "reuma reumati rheuma",
    "crohn": "crohn colitis. ulcerös-kolit",
    "burnout": "burn-out burnout utmattningssyndrom",
    "abortion": "abortus. abort. abortion",
    "suicide": "suïcid zelfmoord självmord suicid",
}


def _pattern(words: str) -> str:
    return "|".join(_beginning(word) for word in words.split())


def _beginning(word: str) -> str:
    whole = word.endswith(".")
    body = re.escape(word.rstrip(".")).replace(r"\-", r"[ -]")
    return body + (r"(?!\w)" if whole else r"\w*")


PATTERNS = {
    concept: re.compile(rf"(?<!\w)(?:{_pattern(words)})", re.IGNORECASE)
    for concept, words in CONCEPTS.items()
}
ANY = re.compile("|".join(f"(?:{pattern.pattern})" for pattern in PATTERNS.values()), re.IGNORECASE)


START = re.compile(r"(?<!\w)\w{1,3}")
STARTS = frozenset(
    re.split(r"[-.']", word)[0][:3].casefold() for words in CONCEPTS.values() for word in words.split()
)


def is_one(word: str) -> bool:
    """Whether a word names a diagnosis."""
    return ANY.match(word) is not None


def concepts(words: Iterable[str]) -> set[str]:
    """Return the diagnoses of which some words speak."""
    said = "\n".join(words)
    return {concept for concept, pattern in PATTERNS.items() if pattern.search(said)}


def outside(text: str, subject: Iterable[str]) -> Iterator[Span]:
    """Yield where diagnoses are named other than those that `subject` speaks of."""
    # Most texts name none, and thirty patterns at each place take their time.
    if not any(match[0].casefold() in STARTS for match in START.finditer(text)):
        return
    ours = concepts(subject)
    for concept, pattern in PATTERNS.items():
        if concept not in ours:
            for match in pattern.finditer(text):
                yield match.span()
