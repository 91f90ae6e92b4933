"""The files of contributions: held until their sender was asked, fetched with consent, erased on a *no*."""

import hashlib
from datetime import datetime

from bot.actions import receipts
from bot.actions.answer import Answer
from bot.actions.contributions import erase, own
from bot.actions.receipts import Receipt, Screen
from bot.actions.unit import Desk
from bot.core import consents, mail, stripping
from bot.core.contributions import LOUD, File, medium_state
from bot.core.mail import Letter, To
from storage import contributions, members, outbox
from storage.contributions import Contribution, Medium
from storage.db import Connection
from storage.members import Member
from storage.people import Person

FETCH = "file"  # the kind of the question that brings the bytes
SEALED = "sealed"  # kept for its author alone: what its device wrote into it can't be taken out


def keep(
    db: Connection, kept: Contribution, member: Member, files: tuple[File, ...], *, now: datetime
) -> list[Letter]:
    """Write files down, and fetch those that may be kept."""
    if not files:
        return []
    there = contributions.media_of(db, kept.id)
    consent = consents.may(members.consent(db, member.id), consents.MEDIA)
    consent = consent or any(medium.state in ("wanted", "kept") for medium in there)  # of the same album
    letters = []
    for file in files:
        state = medium_state(file, media_consent=consent)
        made = contributions.add_medium(
            db,
            contribution_id=kept.id,
            kind=file.kind,
            file_id=file.file_id,
            name=file.name,
            mime=file.mime,
            size=file.size,
            duration=file.duration,
            state=state,
            at=now,
        )
        if state == "wanted":
            letters.append(_fetch(made, file.file_id))
    return letters


def differs(db: Connection, kept: Contribution, files: tuple[File, ...]) -> bool:
    """Whether an edit brought another file; Telegram may give the same one another id."""
    there = contributions.media_of(db, kept.id)
    if kept.album is not None or not files:
        return False
    if not there:
        return kept.kind == "text"  # else its author said no to the file
    return [(medium.kind, medium.mime, medium.size, medium.duration) for medium in there] != [
        file.looks for file in files
    ]


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    contribution_id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for one that means nothing (any more)."""
    receipt = own(db, person, contribution_id, desk)
    if receipt is None or not receipt.media:
        return None
    letters: list[Letter] = []
    match verb:
        case "this":
            letters = _want(db, receipt.media, just_this=True)
        case "always":
            _agree(db, receipt.member, now=now)
            letters = _want(db, contributions.held_by(db, receipt.member.id))
        case "no":
            return _delete(db, receipt, message_id, desk, now=now)
        case "people" if nonce in ("nobody", "agreed", "hidden"):
            contributions.change(db, contribution_id, picture=nonce)
        case _:
            return None
    kept = contributions.get(db, contribution_id)
    assert kept is not None
    screen = receipts.screen(receipts.of(db, receipt.member, kept, desk))
    return [*receipts.show(person.id, message_id, screen), *letters]


def _agree(db: Connection, member: Member, *, now: datetime) -> None:
    if not consents.may(members.consent(db, member.id), consents.MEDIA):
        language, version = member.language, consents.version(consents.MEDIA, member.language)
        members.agree(db, member.id, consents.MEDIA, True, version=version, language=language, now=now)


def _want(db: Connection, media: list[Medium], *, just_this: bool = False) -> list[Letter]:
    """Fetch what was held. A voice that is kept without a consent to all is kept until somebody has listened."""
    held = [medium for medium in media if medium.state == "held"]
    for medium in held:
        until_heard = just_this and medium.kind in LOUD
        contributions.change_medium(db, medium.id, state="wanted", just_this=until_heard)
    return [_fetch(medium.id, medium.file_id) for medium in held]


def _fetch(medium_id: int, file_id: str) -> Letter:
    return mail.ask(
        FETCH, To(), "getFile", {"file_id": file_id}, about={"medium": medium_id}, key=f"file:{medium_id}"
    )


def _delete(
    db: Connection, receipt: Receipt, message_id: int | None, desk: Desk, *, now: datetime
) -> list[Letter]:
    """Erase the files. Without words nothing is left, and nothing counts."""
    text, person_id = receipt.text, receipt.member.person_id
    if not receipt.kept.text.strip():
        letters = erase(db, receipt.kept, "taken_back", desk, now=now)
        return [*receipts.show(person_id, message_id, Screen(text("media.deleted"))), *letters]
    contributions.forget_media(db, receipt.kept.id)
    shown = Screen(text("media.deleted_words"), receipts.buttons(receipt))
    return receipts.show(person_id, message_id, shown)


def fetched(db: Connection, answer: Answer) -> None:
    """Keep the bytes, if they are still wanted."""
    medium = contributions.medium(db, int(answer.about["medium"]))
    if medium is None or medium.state != "wanted":
        return
    data = getattr(answer.outcome, "data", None)
    if data is None:
        _lost(db, medium, answer)
        return
    clean = stripping.cleaned(medium.kind, data)
    kept = data if clean is None else clean
    values = {"bytes": kept, "sha256": hashlib.sha256(kept).hexdigest(), "size": medium.size or len(kept)}
    contributions.change_medium(db, medium.id, state="kept" if clean is not None else SEALED, **values)
    if clean is None:
        _tell(db, medium, answer, "media.sealed", key=f"sealed:{medium.id}")


def _lost(db: Connection, medium: Medium, answer: Answer) -> None:
    """Say that a file could not be had: whoever sent it thinks that it is safe."""
    too_big = "too big" in getattr(answer.outcome, "reason", "")
    contributions.change_medium(db, medium.id, state="too_big" if too_big else "gone")
    _tell(db, medium, answer, "media.too_big" if too_big else "media.lost", key=f"lost:{medium.id}")


def _tell(db: Connection, medium: Medium, answer: Answer, id: str, *, key: str) -> None:
    """Tell whoever sent a file what became of it."""
    kept = contributions.get(db, medium.contribution_id)
    member = None if kept is None else members.get(db, kept.member_id)
    if member is None or not member.reachable:
        return
    said = answer.desk.text(member.language)(id)
    outbox.write(db, mail.say(To(person=member.person_id), said, key=key, silent=True), now=answer.now)
