"""What a network needs before people can join it, where a test is about what comes after."""

from datetime import datetime

from storage import members, networks, people
from storage.db import Connection

PRIVACY = {
    "controller": "Zorgbelang Utrecht",
    "contact": "030 299 19 70",
    "officer": "none",
    "processor": "Zorgbelang Utrecht",
    "authority": "Autoriteit Persoonsgegevens",
    "last_day": "2028-12-31",
}
ENVIRON = {f"BLN_BOT__PRIVACY__{name.upper()}": value for name, value in PRIVACY.items()}
HELP = {"en": "Someone to talk to: 088 0767 000, day and night."}
MOHAMMED = 990


def get_ready(db: Connection, network_id: int, *, now: datetime, telegram_id: int = MOHAMMED) -> int:
    """Give a network a help text and a stand-in; return that person's id."""
    person = people.keep(db, telegram_id, name="Mohammed", username=None, language="en", now=now)
    member = members.keep(db, network_id, person.id, circle="core", now=now)
    members.change(db, member.id, state="active", joined_at=now)
    networks.change(db, network_id, help=HELP, stand_in=person.id)
    return person.id
