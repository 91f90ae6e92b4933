"""`/object`: somebody says that an answer is about them. Whoever leads the network hears it once, in their own words.

Anybody may, and nothing is kept of it: neither who it was, nor what they wrote once it has been passed on.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.actions import privacy, standing_in, visitors
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import mail
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import Letter, To
from bot.core.texts import Markup
from storage import dialogs, members, networks, outbox
from storage.db import Connection
from storage.networks import Network
from storage.people import Person

KIND = "objecting"  # of the dialog, for whom one can be kept; a stranger replies to the question
STOP = "objecting.no"  # the button by which the question is known again
LASTS = timedelta(hours=1)
LONGEST = 1000  # characters
A_DAY = 5  # for one network: nobody can flood those who lead it


def begin(
    db: Connection, visitor: Visitor, person: Person | None, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """`/object`, with what is to be passed on or without it."""
    if words:
        return pass_on(db, visitor, person, words, desk, now=now)
    to, text = visitors.reader(visitor, person, desk)
    if person is not None:
        dialogs.put(db, person.id, KIND, "words", now=now, lasts=LASTS)
    stop = Button(text.plain("objecting.button.stop"), callback(STOP, 0))
    return mail.say(to, text("objecting.ask"), keyboard_rows([stop]))


def stop(
    db: Connection,
    visitor: Visitor,
    person: Person | None,
    message_id: int | None,
    desk: Desk,
) -> list[Letter]:
    """Somebody rather leaves it."""
    to, text = visitors.reader(visitor, person, desk)
    if person is not None:
        dialogs.leave(db, person.id, KIND)
    return [] if message_id is None else [mail.edit(to, message_id, text("objecting.stopped"))]


# Passing it on --------------------------------------------------------------------------------------------------


def pass_on(
    db: Connection, visitor: Visitor, person: Person | None, words: str, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Tell whoever leads the network that is meant, once; where that is not known, who knows all networks."""
    to, text = visitors.reader(visitor, person, desk)
    words = words.strip()
    if not any(sign.isalnum() for sign in words):
        return mail.say(to, text("objecting.ask"))
    if len(words) > LONGEST:
        return mail.say(to, text("objecting.too_long", most=LONGEST))
    own = [] if person is None else [one.network_id for one in members.of_person(db, person.id)]
    network = _meant(db, own, words)
    if network is None and own:
        titles = Markup(", ".join(member_words(networks.found(db, one).title) for one in own))
        return mail.say(to, text("objecting.which", networks=titles))
    if person is not None:
        dialogs.leave(db, person.id, KIND)
    letters = _heard(db, network, words, desk, now=now)
    contact = privacy.of(network, desk).contact
    id = "objecting.passed" if letters else "objecting.not_passed"
    return [*letters, *mail.say(to, text(id, contact=contact))]


def _meant(db: Connection, own: list[int], words: str) -> Network | None:
    """Return the network that is meant: the only one, or the one whose title stands in the words."""
    among = [one for one in networks.active(db) if not own or one.id in own]
    if len(among) == 1:
        return among[0]
    said = " ".join(words.casefold().split())
    named = [one for one in among if " ".join(one.title.casefold().split()) in said]
    return named[0] if len(named) == 1 else None


def _heard(db: Connection, network: Network | None, words: str, desk: Desk, *, now: datetime) -> list[Letter]:
    """Return the letters to those who hear it; none, where nobody is there or too many came today."""
    place = "all" if network is None else str(network.id)
    keys = (f"object:{place}:{now.date().isoformat()}:{number}" for number in range(1, A_DAY + 1))
    key = next((one for one in keys if not outbox.of_prefix(db, f"{one}:")), None)
    if key is None:
        return []
    letters: list[Letter] = []
    for person_id, language, hour in _readers(db, network, now=now):
        text = desk.text(language)
        title = text.plain("objecting.some_network") if network is None else network.title
        said = text("objecting.heard", network=title, words=member_words(words))
        letters += mail.say(To(person=person_id), said, key=f"{key}:{person_id}", not_before=hour)
    return letters


def _readers(
    db: Connection, network: Network | None, *, now: datetime
) -> list[tuple[int, str, datetime | None]]:
    """Those who lead the network, in their own hours; of no known one, those who know all networks."""
    if network is None:
        return [(one.id, one.language, None) for one in standing_in.coordinators(db)]
    there = [one for one in members.facilitators(db, network.id) if one.reachable]
    second = standing_in.stand_in(db, network)
    if not there and second is not None and second.reachable:
        there = [second]
    zone = ZoneInfo(network.timezone)
    return [(one.person_id, one.language, undisturbed(one, zone, now=now)) for one in there]
