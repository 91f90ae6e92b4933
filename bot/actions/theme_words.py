"""Words that come back in answers without a theme: each is proposed, and belongs to a theme with two taps."""

import hashlib
from datetime import timedelta

from bot.actions.codebooks import Editor
from bot.core import codebooks as rules
from bot.core import consents
from bot.core.danger import KEPT_OUT
from bot.core.letters import Button, callback
from bot.core.mail import Letter
from bot.core.themes import assign, unassigned
from bot.core.voices import Reply
from storage import contributions, members, themes
from storage.themes import Entry

PROPOSED = 8  # words
LOOKED_AT = timedelta(days=90)  # at answers of so long


def propose(editor: Editor, message_id: int | None, news: str = "") -> list[Letter]:
    """Offer the words."""
    text, words = editor.text, _proposed(editor)
    html = text("themes.found") if words else text("themes.found_none")
    buttons = [Button(word, callback("themes.word", editor.about, _mark(word))) for word in words]
    buttons.append(editor.button("common.button.back", "show"))
    return editor.show(f"{news}\n\n{html}" if news else html, buttons, message_id)


def _proposed(editor: Editor) -> tuple[str, ...]:
    replies = _replies(editor)
    assigned = assign(replies, editor.codebook, editor.language)
    return unassigned(replies, assigned, editor.language, most=PROPOSED)


def _replies(editor: Editor) -> list[Reply]:
    """Recent answers as everybody reads them, of who takes part: for nothing else than sorting them."""
    assert editor.network_id is not None
    db = editor.db
    here = {member.id: member for member in members.active(db, editor.network_id)}
    given = contributions.since(db, editor.network_id, editor.now - LOOKED_AT)
    taps = themes.taps(db, [one.id for one in given])
    found = []
    for one in given:
        if one.member_id not in here or one.danger in KEPT_OUT:
            continue
        tapped, tagged = taps.get(one.id, ((), ()))
        found.append(
            Reply(
                id=one.id,
                prompt=0,
                member=one.member_id,
                group=here[one.member_id].group,
                place=one.place,
                chat=one.chat_id,
                kind=one.kind,
                text=one.read,
                attribution="none",
                name="",
                consents=(consents.TAKE_PART,),
                arrived_at=one.arrived_at,
                tapped=tapped,
                tagged=tagged,
            )
        )
    return found


def _mark(word: str) -> str:
    """By what a word is known again in a button's few bytes."""
    return hashlib.sha256(word.encode()).hexdigest()[:8]


def which(editor: Editor, mark: str, message_id: int | None) -> list[Letter] | None:
    """Ask to which theme a word belongs; None for one that was not proposed."""
    word = next((one for one in _proposed(editor) if _mark(one) == mark), None)
    if word is None:
        return None
    name = editor.text.language
    buttons = [
        Button(entry.theme.name(name), callback("themes.into", entry.id, mark)) for entry in editor.entries
    ]
    buttons.append(editor.button("common.button.back", "found"))
    return editor.show(editor.text("themes.which", word=word), buttons, message_id)


def into(editor: Editor, entry: Entry, mark: str, message_id: int | None) -> list[Letter] | None:
    """Let a word that was proposed belong to a theme; None for one that was not."""
    word = next((one for one in _proposed(editor) if _mark(one) == mark), None) if editor.network else None
    if word is None:
        return None
    had = entry.theme.words
    words = rules.distinct((*had.get(editor.language, ()), word))
    if len(words) > rules.MAX_WORDS:
        full = editor.text("themes.unread_words", count=rules.MAX_WORDS, most=rules.MAX_WORD)
        return editor.show(full, [editor.button("common.button.back", "found")], message_id)
    kept = {one: list(found) for one, found in had.items()}
    themes.change(editor.db, entry.id, words={**kept, editor.language: list(words)})
    editor.note()
    news = editor.text("themes.added", word=word, name=entry.theme.name(editor.text.language))
    return propose(editor, message_id, news)
