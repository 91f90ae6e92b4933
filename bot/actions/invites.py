"""Invitations: a link and a QR picture, for one person or for everybody in a group."""

from datetime import timedelta

from bot.actions.which import Leader
from bot.core import dates, mail
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import File, Letter
from bot.render import qr
from storage import audit, chats, links

LASTS = timedelta(days=60)
CIRCLES = ("core", "sounding")
# What may stand behind /invite, in the three languages; what is not understood brings the buttons.
WORDS = {
    "person": ("person", "personal", "persoon", "persoonlijk", "personlig"),
    "group": ("group", "groep", "grupp", "gruppen", "everybody", "iedereen", "alla"),
    "core": ("core", "kern", "kerngroep", "kärna", "kärngrupp", "kärngruppen"),
    "sounding": ("sounding", "klankbord", "klankbordgroep", "referens", "referensgrupp", "referensgruppen"),
}


def begin(leader: Leader, typed: str) -> list[Letter]:
    """`/invite`: asks what is not clear yet."""
    said = {word for part in typed.casefold().split() for word, forms in WORDS.items() if part in forms}
    circle = "sounding" if "sounding" in said else "core"
    for what in ("person", "group"):
        if what in said:
            return _make(leader, what, circle)
    return ask(leader)


def ask(leader: Leader, message_id: int | None = None) -> list[Letter]:
    """Ask for whom the invitation is."""
    text, network = leader.text, leader.network
    there = {chat.circle for chat in chats.of_network(leader.db, network.id)}
    offers = [f"person_{circle}" for circle in CIRCLES if circle == "core" or circle in there]
    offers += [f"group_{circle}" for circle in CIRCLES if circle in there]
    buttons = [
        Button(text.plain(f"joining.button.invite_{offer}"), callback("invite.make", network.id, offer))
        for offer in offers
    ]
    return leader.show(text("joining.invite", network=network.title), keyboard_rows(buttons), message_id)


def make(leader: Leader, what: str) -> list[Letter] | None:
    """Make what was chosen, `person_core` or the like; None for what was never offered."""
    kind, _, circle = what.partition("_")
    if kind not in ("person", "group") or circle not in CIRCLES:
        return None
    return _make(leader, kind, circle)


def _make(leader: Leader, kind: str, circle: str) -> list[Letter]:
    """Return the invitation to pass on, and before it what holds for it."""
    db, network, person, text = leader.db, leader.network, leader.person, leader.text
    token = _personal(leader, circle) if kind == "person" else _of_group(leader, circle)
    url = leader.desk.link(token)
    audit.note(db, f"invited_{kind}", now=leader.now, network_id=network.id, person_id=person.id)
    until = dates.day(leader.now + LASTS, leader.zone, text.language, now=leader.now)
    about = text(f"joining.invite_{kind}", circle=text(f"circle.{circle}"), until=until)
    # The second message is for the guest, and is passed on: in the language of the network.
    guests = leader.desk.text(network.language)
    words = guests("joining.invitation", name=person.name, network=network.title, link=url)
    picture = File("invitation.png", "image/png", qr.png(url))
    return [*mail.say(leader.to, about, silent=True), *mail.photo(leader.to, picture, words)]


def _personal(leader: Leader, circle: str) -> str:
    link = links.make(
        leader.db,
        "join",
        now=leader.now,
        network_id=leader.network.id,
        circle=circle,
        created_by=leader.person.id,
        uses_left=1,
        expires_at=leader.now + LASTS,
    )
    return f"j_{link.token}"


def _of_group(leader: Leader, circle: str) -> str:
    return f"g_{links.standing(leader.db, 'group', leader.network.id, circle, now=leader.now).token}"
