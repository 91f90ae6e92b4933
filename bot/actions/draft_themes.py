"""What the answers of a draft are about: those who lead say it where the words were read wrongly.

What an author said of an answer goes first. A button is an entry of `VERBS`.
"""

from collections.abc import Sequence

from bot.actions import drafts, material
from bot.actions.about import named, toggle
from bot.actions.draft_press import Press, Reaction, Verbs, stale
from bot.core import dates
from bot.core import digest as core
from bot.core.letters import (
    Button,
    Keyboard,
    base36,
    callback,
    from_base36,
    keyboard_rows,
    member_words,
    page_of,
)
from bot.core.texts import Markup
from bot.core.themes import Codebook, assign
from bot.render import chat
from storage import audit, contributions, digests, themes
from storage.themes import FACILITATOR

PAGE = 6  # answers on a page
EXCERPT = 220  # characters of each
LONGEST = 2000  # of one alone


def offered(press: Press) -> list[Button]:
    """Return the way here, where the network has themes."""
    if not themes.entries(press.db, press.scene.network.id):
        return []
    return [_button(press, press.text.plain("themes.button.draft"), "sorts")]


def _button(press: Press, label: str, verb: str, nonce: str = "") -> Button:
    return Button(label, callback(f"digests.{verb}", press.digest.id, nonce))


def _list(press: Press) -> Reaction:
    """List the answers with their themes, those without one first."""
    whole = material.standing(press.db, press.again())
    about = assign(whole.replies, whole.codebook, whole.language)
    quotes = sorted(core.said(whole), key=lambda quote: (bool(about.get(quote.id)), quote.id))
    page = page_of(press.nonce) if page_of(press.nonce) * PAGE < len(quotes) else 0
    text = press.text
    lines, buttons = [text("themes.draft")], []
    for number, quote in list(enumerate(quotes, 1))[page * PAGE : (page + 1) * PAGE]:
        words = quote.words if len(quote.words) <= EXCERPT else f"{quote.words[:EXCERPT]} […]"
        label = chat.label(quote, text, whole.named)
        line = text("digests.one", number=str(number), words=member_words(words), label=label)
        called = _called(press, whole.codebook, about.get(quote.id, ()))
        lines.append(text("themes.draft_line", line=line, themes=called))
        of = text.plain("themes.button.of", number=str(number))
        buttons.append(_button(press, of, "sort", base36(quote.id)))
    if (page + 1) * PAGE < len(quotes):
        buttons.append(_button(press, text.plain("about.button.more"), "sorts", str(page + 1)))
    buttons.append(drafts.button(press.scene, text, "back"))
    return press.show("\n\n".join(lines), Keyboard(tuple((button,) for button in buttons)))


def _called(press: Press, codebook: Codebook, codes: Sequence[str]) -> str:
    names = {theme.code: theme.name(press.text.language) for theme in codebook}
    found = [names[code] for code in codes if code in names]
    return dates.joined(found, press.text.language) if found else press.text.plain("themes.draft_none")


def _one(press: Press) -> Reaction:
    """Show an answer and all themes."""
    whole = material.standing(press.db, press.again())
    id = _contribution(press, press.nonce)
    quote = next((one for one in core.said(whole) if one.id == id), None)
    if quote is None:
        return stale(press.text)
    reply = next(one for one in whole.replies if one.id == quote.id)
    about = assign([reply], whole.codebook, whole.language)[quote.id]
    words = Markup(f"<blockquote>{member_words(quote.words[:LONGEST])}</blockquote>")
    how = "themes.draft_author" if reply.tapped else "themes.draft_one"
    html = press.text(how, words=words, themes=_called(press, whole.codebook, about))
    buttons = [
        _button(
            press, entry.theme.name(press.text.language), "sorted", f"{base36(quote.id)}.{base36(entry.id)}"
        )
        for entry in themes.entries(press.db, press.scene.network.id)
    ]
    back = _button(press, press.text.plain("common.button.back"), "sorts")
    return press.show(html, keyboard_rows([*buttons, back]))


def _sort(press: Press) -> Reaction:
    """Say that an answer is about a theme, or that it isn't; the others who lead see it in their draft."""
    digits, _, theme = press.nonce.partition(".")
    id = _contribution(press, digits)
    entry = named(themes.entries(press.db, press.scene.network.id), theme)
    kept = None if id is None else contributions.get(press.db, id)
    if kept is None or entry is None or kept.state != "kept":
        return stale(press.text)
    now = press.scene.now
    toggle(press.db, kept.id, entry, FACILITATOR, now=now)
    by = {"network_id": kept.network_id, "person_id": press.person.id}
    audit.note(press.db, "answer.sorted", now=now, **by, contribution=kept.id)
    here = _one(Press(press.db, press.again(), press.person, press.text, digits, press.message_id))
    desk, digest = press.scene.desk, press.digest.id
    others = drafts.refresh(press.db, digest, desk, now=now, but=[press.person.id])
    return Reaction([*here.letters, *others], press.text.plain("digests.done"))


def _contribution(press: Press, digits: str) -> int | None:
    """Return an answer of this digest by what a button says."""
    try:
        id = from_base36(digits)
    except ValueError:
        return None
    return id if id in digests.items(press.db, press.digest.id) else None


VERBS: Verbs = {
    "sorts": (drafts.SHOWN, _list),
    "sort": (drafts.SHOWN, _one),
    "sorted": (drafts.SHOWN, _sort),
}
