"""How alike texts are: the cosine of their letters, four and five at a time, the rare ones weighing more.

Inside of words, so that "mantelzorg" is like "mantelzorgers" and "avlösning" like "avlösningen" without a dictionary.
Every pair is looked at: for some hundreds of texts, not for thousands.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import log, sqrt

SIZES = (4, 5)  # letters


def between(texts: Sequence[Iterable[str]]) -> list[dict[int, float]]:
    """Return for each text, given as its words, how alike the others are, by place; itself is 1, 0 is left out."""
    counted = [Counter(gram for word in words for gram in grams(word)) for words in texts]
    spread = Counter(gram for found in counted for gram in found)
    holders: dict[str, list[tuple[int, float]]] = {}
    for number, weighed in enumerate(_weighed(found, spread, len(texts)) for found in counted):
        for gram, weight in weighed.items():
            holders.setdefault(gram, []).append((number, weight))
    rows: list[dict[int, float]] = [{} for _ in texts]
    for held in holders.values():
        for place, (one, weight) in enumerate(held):
            row = rows[one]
            for other, its in held[place + 1 :]:
                row[other] = row.get(other, 0.0) + weight * its
    for one, row in enumerate(rows):  # both ways
        for other, value in row.items():
            if other > one:
                rows[other][one] = value
        row[one] = 1.0
    return rows


def grams(word: str) -> Iterator[str]:
    """Yield the pieces of a word; where it begins and ends counts as a letter, a short word is a piece itself."""
    padded = f" {word} "
    for size in SIZES:
        for start in range(max(1, len(padded) - size + 1)):
            yield padded[start : start + size]


def _weighed(found: Counter[str], spread: Counter[str], texts: int) -> dict[str, float]:
    """What a text is made of, the rare pieces weighing more; of length 1."""
    weights = {gram: count * (1 + log((1 + texts) / (1 + spread[gram]))) for gram, count in found.items()}
    length = sqrt(sum(weight * weight for weight in weights.values()))
    return {gram: weight / length for gram, weight in weights.items()}
