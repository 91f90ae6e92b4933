"""What contributions are about: a network's codebook, and how far its seed words, authors and facilitators say so.

Order of trust: the author's tap, the facilitator's edit, the seed words (../shared/digest.md: clustering finds
nothing in forty replies, a codebook does).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """One theme: what it is called, and the words by which it is recognised, both by language."""

    code: str
    names: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]

    def name(self, language: str) -> str:
        """Return what it is called; in another language if there is no name in this one."""
        return self.names.get(language) or next(iter(self.names.values()), self.code)


Codebook = tuple[Theme, ...]
# How well a text fits each theme (by code, 0 left out), in its language: another one can be tried in its place.
Scorer = Callable[[Codebook, str, str], Mapping[str, float]]
