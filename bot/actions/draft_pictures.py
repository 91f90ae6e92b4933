"""The pictures of a draft, for those who lead: one after the other, with what their authors said about who is in them.

Nobody else is shown one before its author has said that nobody can be recognised in it, or that they agreed.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.actions import drafts, material
from bot.actions.draft_press import Press, Reaction, Verbs, stale
from bot.core import digest as core
from bot.core import mail
from bot.core.contributions import shows_people
from bot.core.letters import Button, Keyboard, callback, page_of
from bot.core.mail import File, Letter
from bot.render import chat
from storage import contributions
from storage.contributions import Medium

KIND = "picture"  # of the letters that bring one
STATES = (*drafts.SHOWN, "published")
SAID = {
    None: "masking.picture_open",
    "nobody": "masking.picture_nobody",
    "agreed": "masking.picture_agreed",
    "hidden": "masking.picture_hidden",
}


def _all(press: Press) -> Iterator[tuple[core.Quote, str | None, Medium]]:
    """Every picture that is kept, with whose it is and what was said about it."""
    whole = material.standing(press.db, press.scene)
    authors = core.authors(whole)
    kept = contributions.many(press.db, list(authors))
    for id, author in authors.items():
        for medium in contributions.media_of(press.db, id):
            if medium.state == "kept" and shows_people(medium.kind, medium.mime):
                yield author, kept[id].picture, medium


def _show(press: Press) -> Reaction:
    """Bring one picture, and the way to the next."""
    found = list(_all(press))
    number = page_of(press.nonce)
    if number >= len(found):
        return stale(press.text)
    quote, said, medium = found[number]
    label = chat.label(quote, press.text, material.standing(press.db, press.scene).named)
    caption = press.text(SAID[said], label=label)
    rows = () if number + 1 == len(found) else ((_button(press, str(number + 1)),),)
    return Reaction([_letter(press, medium, caption, Keyboard(rows) if rows else None)])


def _letter(press: Press, medium: Medium, caption: str, keyboard: Keyboard | None) -> Letter:
    # Telegram has drawn a photo anew, without what its camera wrote; of all else only our bytes are clean.
    if medium.kind == "photo":
        what: File | str = medium.file_id
    else:
        data = contributions.bytes_of(press.db, medium.id) or b""
        what = File(medium.name or medium.kind, medium.mime or "application/octet-stream", data)
    kind: mail.MediaKind = "photo" if medium.kind == "photo" else "document"
    made = mail.media(press.to, kind, what, caption, keyboard, silent=True)[0]
    params = {**made.params, "protect_content": True}  # nobody passes one on by a slip of the thumb
    return replace(made, kind=KIND, about={"contribution": medium.contribution_id}, params=params)


def _button(press: Press, nonce: str = "") -> Button:
    id = "masking.button.picture" if nonce else "masking.button.pictures"
    return Button(press.text.plain(id), callback("digests.pictures", press.digest.id, nonce))


def offered(press: Press) -> list[Button]:
    """Return the way to the pictures, if there are any."""
    return [_button(press)] if any(True for _ in _all(press)) else []


VERBS: Verbs = {"pictures": (STATES, _show)}
