"""Personal numbers by their check digits, telephone numbers and e-mail addresses: where they stand in a text.

A country more is a pattern and a function in `NUMBERS`, and a region in `REGIONS`.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

Span = tuple[int, int]

REGIONS = ("NL", "SE", "GB")  # whose telephone numbers are found without a country code
ENOUGH = 7  # digits; fewer are no telephone number, and looking for one costs time and memory

NINE = re.compile(
    r"(?<![\w.,+-])\d{4}[ .]?\d{2}[ .]?\d{3}(?![\w-]|[.,]\d)|(?<![\w.,+-])\d{3}[ .]\d{3}[ .]\d{3}(?![\w-])"
)
SWEDISH = re.compile(r"(?<![\w.,+-])(?:\d{2})?(\d{6})[-+ ]?(\d{4})(?![\w-]|[.,]\d)")
TEN = re.compile(r"(?<![\w.,+-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-]|[.,]\d)")
EMAIL = re.compile(
    r"(?<![\w.+-])([A-Za-z0-9](?:[\w.+-]{0,62}[\w+-])?)@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,18}\b"
)
# Addresses of offices, not of a person.
OFFICES = """
info contact post mail office hello help helpdesk support service klantenservice secretariaat receptie balie
kundtjanst kontakt registrator kommun reception admin administratie kansli bokning planning noreply
"""


def bsn(digits: str) -> bool:
    """Whether it passes the eleven-test of Dutch citizen service numbers."""
    if len(digits) != 9 or not _plain(digits) or len(set(digits)) == 1:
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0


def personnummer(digits: str) -> bool:
    """Whether it is a Swedish personal or co-ordination number: a day that there is, and Luhn's check digit."""
    if len(digits) not in (10, 12) or not _plain(digits):
        return False
    years = (digits[:2],) if len(digits) == 12 else ("19", "20")  # which tells only of 29 February
    digits = digits[-10:]
    month, day = int(digits[2:4]), int(digits[4:6])
    day -= 60 if day > 60 else 0
    if not any(_is_day(int(century + digits[:2]), month, day) for century in years):
        return False
    doubled = (int(digit) * (2 - at % 2) for at, digit in enumerate(digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def nhs(digits: str) -> bool:
    """Whether it passes the modulus-11 test of NHS numbers."""
    if len(digits) != 10 or not _plain(digits) or len(set(digits)) == 1:
        return False
    check = 11 - sum((10 - at) * int(digit) for at, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == check % 11  # 10 is no digit: such numbers are not given out


def _plain(digits: str) -> bool:
    return digits.isascii() and digits.isdecimal()


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (SWEDISH, personnummer),
    (NINE, bsn),
    (TEN, nhs),
)


def numbers(text: str) -> Iterator[Span]:
    """Yield where personal numbers stand."""
    for pattern, valid in NUMBERS:
        for match in pattern.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            # What begins with a 0 is rather a telephone number; that is found as such.
            if valid(digits) and not (digits[0] == "0" and valid is not personnummer):
                yield match.span()


def emails(text: str) -> Iterator[Span]:
    """Yield where e-mail addresses of persons stand."""
    for match in EMAIL.finditer(text):
        if match[1].lower().split("+")[0] not in OFFICES.split():
            yield match.span()


def phones(text: str) -> Iterator[Span]:
    """Yield where telephone numbers of persons stand: no free, shared-cost or other service numbers."""
    if sum(sign.isdigit() for sign in text) < ENOUGH:
        return
    import phonenumbers  # here: few texts need it, and it takes some megabytes
    from phonenumbers import Leniency, PhoneNumberMatcher, PhoneNumberType

    ours = {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
    found = [
        ((match.start, match.end), phonenumbers.number_type(match.number) in ours)
        for region in REGIONS
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID)
    ]
    # `088 0767 000` is a helpline at home and could be somebody's telephone abroad.
    offices = {span for span, personal in found if not personal}
    yield from (span for span, personal in found if personal and span not in offices)
