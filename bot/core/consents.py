"""What a member may agree to. One more use: a name in `USES`, and its question.

Every use of words asks `may`. Who changes what a question means changes `VERSION`, which is written beside
every answer.
"""

from collections.abc import Mapping

VERSION = "2026-09"
TAKE_PART = "take_part"  # the only one that is needed
QUOTE = "quote"
NAME = "name"
MEDIA = "media"
REPORTS = "reports"
USES = (TAKE_PART, QUOTE, NAME, MEDIA, REPORTS)
OPTIONAL = (MEDIA, REPORTS)  # off until tapped
NEEDS = {NAME: QUOTE, REPORTS: QUOTE}  # who is not quoted is neither named nor quoted further away


def may(member_consents: Mapping[str, bool], use: str) -> bool:
    """Tell whether a member's words may be used so: never without taking part, never unasked."""
    if use not in USES or not member_consents.get(TAKE_PART, False) or not member_consents.get(use, False):
        return False
    return use not in NEEDS or may(member_consents, NEEDS[use])
