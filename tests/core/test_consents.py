"""What may be done with somebody's words."""

import pytest

from bot.core import consents


@pytest.mark.parametrize(
    ("agreed", "use", "expected"),
    [
        ({"take_part": True, "quote": True}, "quote", True),
        ({"quote": True}, "quote", False),
        ({"take_part": False, "quote": True}, "quote", False),
        ({"take_part": True}, "quote", False),
        ({"take_part": True}, "media", False),
        ({"take_part": True, "media": True}, "media", True),
        ({"take_part": True, "name": True}, "name", False),
        ({"take_part": True, "quote": True, "name": True}, "name", True),
        ({"take_part": True, "quote": False, "reports": True}, "reports", False),
        ({"take_part": True, "something": True}, "something", False),
    ],
)
def test_only_what_was_agreed_to(agreed: dict[str, bool], use: str, expected: bool) -> None:
    assert consents.may(agreed, use) is expected
