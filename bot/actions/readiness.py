"""What a network needs before anybody can join it: said to those who lead it, and asked for step by step."""

from bot.actions import privacy
from bot.actions.unit import Desk
from bot.core import readiness as rules
from bot.core.privacy import NAMES
from storage import members
from storage.db import Connection
from storage.networks import Network


def missing(db: Connection, network: Network, desk: Desk) -> tuple[str, ...]:
    """Return the names of what is missing (see `bot.core.readiness`); with nothing missing people can join."""
    there = members.stood_in_for(db, network.id, network.stand_in)
    return rules.missing(privacy.of(network, desk), network.help, stood_in_for=there)


def unsaid(network: Network, desk: Desk) -> tuple[str, ...]:
    """Return the names of what nobody could be told who is asked for consent: neither now nor as the first ones."""
    answerable = privacy.of(network, desk)
    return tuple(name for name in NAMES if not getattr(answerable, name).strip())
