"""Who answers for what members give, as a network or the person running the bot says it; and what everybody is told.

One more page of `/privacy`: its name in `PAGES`, and its texts `privacy.<name>` and `privacy.button.<name>`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from babel.dates import format_date

from bot.core import dates
from bot.core.texts import Markup, Text

NO_OFFICER = "none"  # an organisation that need not have one says so; an empty field would be forgotten


@dataclass(frozen=True)
class Privacy:
    """Everybody is told these before they give anything; empty: nobody has said it yet."""

    controller: str = ""
    contact: str = ""
    officer: str = ""  # the data-protection officer, or NO_OFFICER
    processor: str = ""  # who runs the server
    authority: str = ""  # where to complain
    last_day: str = ""  # ISO date

    @property
    def has_officer(self) -> bool:
        """Whether there is somebody to be named as data-protection officer."""
        return self.officer.strip().casefold() not in ("", NO_OFFICER)


NAMES = tuple(field.name for field in fields(Privacy))


def laid_over(below: Privacy, above: Mapping[str, str | None]) -> Privacy:
    """Return what a network says of itself (`above`), and what it leaves open as the configuration has it.

    The configuration's last day is for all networks, so that one of them can only have an earlier day.
    """
    said = {name: value for name in NAMES if (value := above.get(name))}
    if below.last_day and said.get("last_day", "") > below.last_day:
        said["last_day"] = below.last_day
    return replace(below, **said)


# What `/privacy` says --------------------------------------------------------------------------------------------

PAGES = ("purpose", "readers", "long", "rights", "telegram", "outside", "described")


@dataclass(frozen=True)
class About:
    """Of what `/privacy` speaks: a network and who leads it, or (no title) whatever is kept here."""

    privacy: Privacy
    keep_months: int
    network: str = ""
    facilitators: Sequence[str] = ()
    stranger: bool = False


def first(text: Text, about: About) -> Markup:
    """Who answers, and that all is in one's own hands; the pages say the rest."""
    answers = text(
        "privacy.answers_in" if about.network else "privacy.answers",
        controller=_controller(text, about),
        network=about.network,
    )
    standing = text("privacy.stranger" if about.stranger else "privacy.member")
    return Markup(f"{answers} {_contact(text, about)}\n\n{text('privacy.agreed')} {standing}")


def page(text: Text, name: str, about: About) -> Markup:
    """One page of what is told further on."""
    answerable = about.privacy
    leaders = dates.joined(about.facilitators, text.language)
    match name:
        case "readers":
            who = leaders or text("privacy.leaders")
            runs = answerable.processor or text("privacy.server")
            return text("privacy.readers", count=len(about.facilitators) or 2, leaders=who, processor=runs)
        case "long":
            return text("privacy.long", until=_until(text, about))
        case "rights":
            lines = [text("privacy.rights", contact=_contact(text, about))]
            if answerable.has_officer:
                lines.append(text("privacy.officer", officer=answerable.officer))
            complain = answerable.authority or text("privacy.authority")
            lines.append(text("privacy.complain", authority=complain))
            return Markup(" ".join(lines))
        case "described":
            return text("privacy.described", contact=_contact(text, about))
    return text(f"privacy.{name}")


def whole(text: Text, about: About) -> Markup:
    """All of it, for whoever wants to read before agreeing."""
    return Markup("\n\n".join([first(text, about), *(page(text, name, about) for name in PAGES)]))


def day_in_words(text: Text, iso: str) -> str:
    """The date until which words are kept at the latest; empty if none was decided."""
    try:
        return str(format_date(date.fromisoformat(iso), "d MMMM y", locale=text.locale)) if iso else ""
    except ValueError:
        return ""


def _controller(text: Text, about: About) -> str:
    return about.privacy.controller or text("privacy.unnamed")


def _contact(text: Text, about: About) -> Markup:
    contact = about.privacy.contact
    return text("privacy.contact", contact=contact) if contact else text("privacy.no_contact")


def _until(text: Text, about: About) -> Markup:
    day = day_in_words(text, about.privacy.last_day)
    end = text("privacy.months", count=about.keep_months) if about.keep_months else text("privacy.end")
    return Markup(f"{end} {text('privacy.latest', day=day)}") if day else end
