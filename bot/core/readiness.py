"""What a network still lacks before anybody can join it."""

from collections.abc import Mapping
from datetime import date

from babel.core import get_global

from bot.core import privacy
from bot.core.privacy import Privacy

# In the order in which they are asked for.
NAMES = (*privacy.NAMES, "help", "stand_in")


def missing(answerable: Privacy, help: Mapping[str, str] | None, *, stood_in_for: bool) -> tuple[str, ...]:
    """Return the names of what is missing; `help` is the text for somebody in trouble, by language."""
    there = {name: bool(getattr(answerable, name).strip()) for name in privacy.NAMES}
    there["help"] = any(text.strip() for text in (help or {}).values())
    there["stand_in"] = stood_in_for
    return tuple(name for name in NAMES if not there[name])


# What is suggested and what can be typed --------------------------------------------------------------------------

MAX = 200  # characters of an answer: it stands in messages that must stay short
YEARS = (1, 2, 3)  # the ends of years that are offered as the last day
AUTHORITIES = {  # where to complain, by country; elsewhere it is typed
    "NL": "Autoriteit Persoonsgegevens, autoriteitpersoonsgegevens.nl",
    "SE": "Integritetsskyddsmyndigheten (IMY), imy.se",
    "GB": "Information Commissioner's Office (ICO), ico.org.uk",
    "IT": "Garante per la protezione dei dati personali, garanteprivacy.it",
    "SI": "Informacijski pooblaščenec, ip-rs.si",
}


def home(zone: str) -> str | None:
    """Return the country of a time zone, if its authority is known."""
    country = get_global("zone_territories").get(zone)
    return country if country in AUTHORITIES else None


def countries(zone: str) -> list[str]:
    """Return the countries whose authority is known, the time zone's own first."""
    return sorted(AUTHORITIES, key=lambda country: country != home(zone))


def last_days(today: date, latest: str) -> list[str]:
    """Return the days that are offered as the last one: ends of years, none after `latest` (ISO, or empty)."""
    days = [date(today.year + ahead, 12, 31).isoformat() for ahead in YEARS]
    return [day for day in days if not latest or day < latest] + ([latest] if latest else [])


def accepted(typed: str) -> str | None:
    """Return what was typed as it is kept, in one line; None if it is nothing, or too long."""
    words = " ".join(typed.split())
    return words if 1 < len(words) <= MAX else None
