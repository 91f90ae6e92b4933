"""Who answers for a network's words, and `/privacy`, which tells everybody: members, and who is none."""

from bot.actions import visitors
from bot.actions.unit import Desk
from bot.actions.visitors import Visitor
from bot.core import mail
from bot.core import privacy as rules
from bot.core.letters import Button, Keyboard, callback, keyboard_rows
from bot.core.mail import Letter
from bot.core.privacy import NAMES, PAGES, About, Privacy, laid_over
from bot.core.texts import Text
from storage import members, networks
from storage.db import Connection
from storage.networks import Network
from storage.people import Person


def of(network: Network | None, desk: Desk) -> Privacy:
    """Return who answers, whom to ask and until when words are kept: of a network, or (None) of the whole bot."""
    below = Privacy(**{name: getattr(desk, name) for name in NAMES})
    return below if network is None else laid_over(below, {name: getattr(network, name) for name in NAMES})


def about(db: Connection, network: Network | None, desk: Desk, *, stranger: bool = False) -> About:
    """Gather what is told."""
    if network is None:
        return About(of(None, desk), desk.keep_months, stranger=stranger)
    leaders = [leader.name for leader in members.facilitators(db, network.id)]
    return About(of(network, desk), desk.keep_months, network.title, leaders, stranger)


# `/privacy` -------------------------------------------------------------------------------------------------------


def begin(db: Connection, visitor: Visitor, person: Person | None, desk: Desk) -> list[Letter]:
    """Tell who answers. Where several organisations do, in different networks, ask which one is meant."""
    own = _networks(db, person)
    to, text = visitors.reader(visitor, person, desk)
    if len({(of(network, desk)) for network in own}) > 1:
        buttons = [Button(network.title, callback("privacy.show", network.id)) for network in own]
        return mail.say(to, text("privacy.which"), keyboard_rows(buttons))
    html, keyboard = _first(db, own[0] if own else None, text, desk)
    return mail.say(to, html, keyboard)


def pressed(
    db: Connection,
    visitor: Visitor,
    person: Person | None,
    verb: str,
    network_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
) -> list[Letter] | None:
    """Turn a page; None for a network that is none of one's own, and for what was never offered."""
    network = next((one for one in _networks(db, person) if one.id == network_id), None)
    if network is None and network_id:
        return None
    to, text = visitors.reader(visitor, person, desk)
    if verb == "show":
        html, keyboard = _first(db, network, text, desk)
    elif verb == "page" and nonce in PAGES:
        told = about(db, network, desk, stranger=network is None)
        html, keyboard = rules.page(text, nonce, told), _around(text, nonce, network_id)
    else:
        return None
    return mail.say(to, html, keyboard) if message_id is None else [mail.edit(to, message_id, html, keyboard)]


def _first(db: Connection, network: Network | None, text: Text, desk: Desk) -> tuple[str, Keyboard]:
    html = rules.first(text, about(db, network, desk, stranger=network is None))
    number = 0 if network is None else network.id
    buttons = [
        Button(text.plain(f"privacy.button.{name}"), callback("privacy.page", number, name)) for name in PAGES
    ]
    return html, keyboard_rows(buttons)


def _around(text: Text, name: str, number: int) -> Keyboard:
    """The next page, and the way back."""
    following = PAGES[PAGES.index(name) + 1 :][:1]
    buttons = [
        Button(text.plain(f"privacy.button.{one}"), callback("privacy.page", number, one))
        for one in following
    ]
    return keyboard_rows(
        [*buttons, Button(text.plain("common.button.back"), callback("privacy.show", number))]
    )


def _networks(db: Connection, person: Person | None) -> list[Network]:
    """The networks that keep something of a person, also of one who began to join or has left."""
    if person is None:
        return []
    found = [networks.get(db, member.network_id) for member in members.all_of_person(db, person.id)]
    return [network for network in found if network is not None]
