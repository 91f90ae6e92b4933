"""The quotes of a draft, one by one: left out, shown again, or another of the same group in their place.

Points that wait for their author's yes stand among them, so that those who lead have seen what may come in.
"""

from dataclasses import dataclass, replace

from bot.actions import draft_authors, draft_masks, draft_pictures, draft_sections, drafts, material, told
from bot.actions.draft_press import Press, Reaction, Verbs, stale
from bot.core import arranging
from bot.core import digest as core
from bot.core.digest import Choice, Material, Quote
from bot.core.letters import Button, Keyboard, base36, callback, from_base36, member_words, page_of
from bot.core.mail import Letter
from bot.core.texts import Markup
from bot.render import chat
from storage import digests

PAGE = 8  # quotes


@dataclass(frozen=True)
class Line:
    """A quote as it is listed.

    `waits`: for its author's yes; `others`: another one can take its place; `printed`: there is room in print only.
    """

    number: int
    quote: Quote
    hidden: bool
    waits: bool
    others: bool
    printed: bool


def _lines(whole: Material, choice: Choice) -> list[Line]:
    hidden = {reply.id for reply in whole.replies if reply.hidden}
    waiting = {reply.id for reply in whole.replies if (reply.single or "").startswith("asked:")}
    printed = {one.id for _, quotes in choice.more for one in quotes}
    digest = core.compose(_all_of_it(whole, choice), choice)
    return [
        Line(
            number,
            quote,
            hidden=quote.id in hidden,
            waits=quote.id in waiting,
            others=_has_others(whole, choice, quote.id),
            printed=quote.id in printed,
        )
        for number, quote in enumerate(chat.once(digest), 1)
    ]


def _all_of_it(whole: Material, choice: Choice) -> Material:
    """The material as if nothing was left out, and as if who was asked had said yes."""
    asked = {f"asked:{one.mark}": f"yes:{one.mark}" for one in choice.singles}
    replies = (replace(reply, single=asked.get(reply.single or "", reply.single)) for reply in whole.replies)
    return material.without_hidden(replace(whole, replies=tuple(replies), hidden=frozenset()))


def _has_others(whole: Material, choice: Choice, id: int) -> bool:
    return any(reply.id != id for reply in arranging.turns(whole, choice, id))


def _through(press: Press) -> Reaction:
    """List the quotes, page by page, each with what can be done with it."""
    return _listed(press, page_of(press.nonce))


def _listed(press: Press, page: int) -> Reaction:
    scene, text = press.again(), press.text
    whole = material.standing(press.db, scene)
    lines = _lines(whole, scene.choice)
    here = lines[page * PAGE : (page + 1) * PAGE]
    rows = [_buttons(press, line) for line in here]
    if (page + 1) * PAGE < len(lines):
        rows.append((drafts.button(scene, text, "through_more", str(page + 1)),))
    rows += [(button,) for button in draft_pictures.offered(press)]
    verbs = [
        "agenda",
        *draft_sections.offered(whole, scene.choice),
        "masks",
        "all",
        "since",
        "word",
        "hour",
        "back",
    ]
    if scene.digest.state == "held":
        verbs.remove("hour")
    rows += [(drafts.button(scene, text, verb),) for verb in verbs]
    said = [text("digests.through"), *(_said(press, whole, line) for line in here)]
    flags = draft_masks.flags_of(press, [(line.number, line.quote) for line in here])
    said += [] if flags is None else [flags]
    return press.show("\n\n".join(said), Keyboard(tuple(rows)))


def _said(press: Press, whole: Material, line: Line) -> Markup:
    text = press.scene.text  # as members will read it
    words = text("digests.is_hidden") if line.hidden else member_words(line.quote.words)
    label = chat.label(line.quote, text, whole.named)
    said = text("digests.one", number=str(line.number), words=words, label=label)
    if line.waits:
        return Markup(f"{said}\n{press.text('drafts.waits')}")
    return Markup(f"{said}\n{press.text('drafts.printed')}") if line.printed else said


def _buttons(press: Press, line: Line) -> tuple[Button, ...]:
    """Two in a row: both are short in every language."""
    found = [_button(press, "show" if line.hidden else "hide", line)]
    return (*found, _button(press, "swap", line)) if line.others and not line.hidden else tuple(found)


def _button(press: Press, verb: str, line: Line) -> Button:
    label = press.text.plain(drafts.LABELS[verb], number=str(line.number))
    return Button(label, callback(f"digests.{verb}", press.digest.id, base36(line.quote.id)))


# One of them ------------------------------------------------------------------------------------------------------


def _id(press: Press) -> int | None:
    try:
        found = from_base36(press.nonce)
    except ValueError:
        return None
    return found if found in digests.items(press.db, press.digest.id) else None


def _hide(press: Press) -> Reaction:
    return _hidden(press, True)


def _show(press: Press) -> Reaction:
    return _hidden(press, False)


def _hidden(press: Press, hidden: bool) -> Reaction:
    id = _id(press)
    if id is None:
        return stale(press.text)
    page = _page(press, id)
    digests.change_item(press.db, digests.items(press.db, press.digest.id)[id].id, hidden=hidden)
    press.change()
    return _changed(press, page)


def _swap(press: Press) -> Reaction:
    """Put the next one of the same group in its place; after the last one comes the first again."""
    scene, id = press.again(), _id(press)
    found = None if id is None else arranging.swap(material.standing(press.db, scene), scene.choice, id)
    if id is None or found is None:
        return stale(press.text)
    page = _page(press, id)
    choice, swapped = found
    kept = {"choice": core.to_json(choice), "swapped": {str(one): other for one, other in swapped.items()}}
    press.change(content={**scene.digest.kept, **kept})
    return _changed(press, page, _authors(press))


def _authors(press: Press) -> list[Letter]:
    """Whoever has to be asked or told of words that were chosen late."""
    scene = press.again()
    if scene.digest.state == "approved":
        return told.tell(press.db, scene)
    late = scene.digest.state == "draft" and scene.digest.stand_in_at is not None
    return [*draft_authors.ask(press.db, scene), *told.tell(press.db, scene)] if late else []


def _page(press: Press, id: int) -> int:
    scene = press.again()
    lines = _lines(material.standing(press.db, scene), scene.choice)
    return next((line.number - 1 for line in lines if line.quote.id == id), 0) // PAGE


def _changed(press: Press, page: int, letters: list[Letter] | None = None) -> Reaction:
    """The list follows, and so does everybody else's message."""
    here = _listed(press, page)
    return Reaction([*here.letters, *press.others(), *(letters or [])], press.text.plain("digests.done"))


VERBS: Verbs = {
    "through": (drafts.SHOWN, _through),
    "through_more": (drafts.SHOWN, _through),
    "hide": (drafts.SHOWN, _hide),
    "show": (drafts.SHOWN, _show),
    "swap": (drafts.SHOWN, _swap),
}
