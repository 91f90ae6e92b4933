"""A request to be contacted with what belongs to it: who asked, who may be asked, and telling the one who waits."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import standing_in
from bot.actions.unit import Desk
from bot.core import dates, mail
from bot.core import talk as rules
from bot.core.letters import Keyboard
from bot.core.mail import Letter, To
from bot.core.settings import wall
from bot.core.texts import Markup, Text
from storage import members, networks, people, talks
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.people import Person
from storage.talks import Talk


@dataclass(frozen=True)
class Helper:
    """Somebody who may be asked; `member` None: a coordinator."""

    person_id: int
    name: str
    member: Member | None

    @property
    def to(self) -> To:
        """The private chat."""
        return To(person=self.person_id)


@dataclass(frozen=True)
class Case:
    """A request with what belongs to it, at one moment."""

    db: Connection
    talk: Talk
    network: Network
    asker: Person
    desk: Desk
    now: datetime

    @property
    def text(self) -> Text:
        """The texts in the language of who asked."""
        return self.desk.text(self.asker.language)

    @property
    def to(self) -> To:
        """Who asked."""
        return To(person=self.asker.id)

    def full(self, moment: datetime, text: Text) -> str:
        """Return day and hour on the network's clock."""
        return dates.full(moment, ZoneInfo(self.network.timezone), text.language, now=self.now)

    @property
    def stamp(self) -> int:
        """What makes the key of a letter one of this moment."""
        return int(self.now.timestamp() * 1000)

    def again(self, **values: object) -> "Case":
        """Change the request and return it as it is then."""
        talks.change(self.db, self.talk.id, **values)
        case = case_of(self.db, self.talk.id, self.desk, now=self.now)
        assert case is not None
        return case


def case_of(db: Connection, talk_id: int, desk: Desk, *, now: datetime) -> Case | None:
    """Return a request with what belongs to it."""
    talk = talks.get(db, talk_id)
    asker = None if talk is None else people.get(db, talk.person_id)
    if talk is None or asker is None:
        return None
    return Case(db, talk, networks.found(db, talk.network_id), asker, desk, now)


# Who may be asked -------------------------------------------------------------------------------------------------


def helpers(db: Connection, network: Network, person_id: int, *, now: datetime) -> list[Helper]:
    """Return who may be asked: who leads and is there, and the stand-in; where nobody is, the coordinators."""
    found = [
        Helper(one.person_id, one.name, one)
        for one in standing_in.here(db, network, now=now, with_stand_in=True)
        if one.person_id != person_id
    ]
    if found:
        return found
    return [Helper(one.id, one.name, None) for one in standing_in.coordinators(db, but=[person_id])]


def others(case: Case) -> list[Helper]:
    """Return who has not been asked yet."""
    asked = {alert.person_id for alert in talks.alerts(case.db, case.talk.id)}
    return [
        one
        for one in helpers(case.db, case.network, case.asker.id, now=case.now)
        if one.person_id not in asked and one.person_id != case.talk.to_person
    ]


def until(network: Network, *, now: datetime) -> datetime:
    """Return by when somebody who is asked now is to have answered."""
    return rules.promised(now, ZoneInfo(network.timezone), wall(network.office_from), wall(network.office_to))


# Telling ----------------------------------------------------------------------------------------------------------


def tell(case: Case, html: Markup, keyboard: Keyboard | None = None) -> list[Letter]:
    """Tell who asked how it stands; at once, as they wait for it, in their quiet hours without sound."""
    member = members.who(case.db, case.network.id, case.asker.id)
    silent = member is not None and standing_in.rests(member, case.network, now=case.now)
    key = f"talk:{case.talk.id}:told:{case.talk.state}:{case.stamp}"
    return mail.say(case.to, html, keyboard, key=key, silent=silent, unsure="repeat")


def numbers_of(network: Network, text: Text) -> Markup:
    """Return which numbers answer now."""
    return rules.numbers(network.help, text, network.language)
