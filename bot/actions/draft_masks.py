"""Masking: passages of answers that those who lead put a […] in place of, reached from a draft and from a summary that
is out. A button is an entry of `VERBS`.

Who is quoted with a […] hears of it before the summary goes out (`told`); what others read of an answer stands in
*My answers*.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.actions import contributions as giving
from bot.actions import digests as publishing
from bot.actions import drafts, masking, material, persons, singles, told
from bot.actions.draft_press import BELOW, Press, Reaction, Verbs, stale, wait_for
from bot.core import corrections as points
from bot.core import digest as core
from bot.core import masking as rules
from bot.core.danger import KEPT_OUT
from bot.core.groups import Groups
from bot.core.letters import Button, Keyboard, base36, callback, fits, from_base36, member_words, page_of
from bot.core.mail import Letter, edit, say
from bot.core.persons import outside
from bot.core.texts import Markup
from bot.core.voices import Chosen
from bot.render import chat
from storage import audit, contributions, corrections, dialogs, digests, networks, postings
from storage.contributions import Contribution
from storage.digests import Digest

STEP = "mask"  # of the dialog in which a passage is typed
STATES = (*drafts.SHOWN, "published")
PAGE = 6  # answers on a page
EXCERPT = 220  # characters of each
OFFERED = 6  # passages
LONGEST = 3000  # characters of an answer that are shown
OUT = ("published",)


# All answers ----------------------------------------------------------------------------------------------------


def _list(press: Press) -> Reaction:
    """List the answers to mask in: what is quoted, then what was flagged, then the others."""
    if press.nonce == BELOW:
        press = replace(press, message_id=None, nonce="")
    quotes, named = _ordered(press)
    page = page_of(press.nonce)
    here = list(enumerate(quotes, 1))[page * PAGE : (page + 1) * PAGE]
    text = press.text
    lines: list[str] = [text("masking.title")]
    rows: list[tuple[Button, ...]] = []
    kept = contributions.many(press.db, [quote.id for _, quote in here])
    for number, quote in here:
        lines.append(_entry(press, number, quote, named, kept[quote.id]))
        label = text.plain("masking.button.mask_in", number=str(number))
        rows.append((_button(press, label, "mask", base36(quote.id)),))
    if (page + 1) * PAGE < len(quotes):
        rows.append((_button(press, text.plain("digests.button.more"), "masks", str(page + 1)),))
    rows.append((drafts.button(press.scene, text, "back"),))
    return press.show("\n\n".join(lines), Keyboard(tuple(rows)), quotes=[quote.id for _, quote in here])


def _ordered(press: Press) -> tuple[list[core.Quote], Groups]:
    scene = press.again()
    whole = material.standing(press.db, scene)
    shown = [quote.id for quote in core.compose(whole, scene.choice).quotes]
    flagged = {reply.id for reply in whole.replies if reply.flagged}

    def turn(quote: core.Quote) -> tuple[int, int]:
        if quote.id in shown:
            return 0, shown.index(quote.id)
        return (1 if quote.id in flagged else 2), quote.id

    return sorted(core.said(whole), key=turn), whole.named


def _entry(press: Press, number: int, quote: core.Quote, named: Groups, kept: Contribution) -> str:
    words = quote.words if len(quote.words) <= EXCERPT else f"{quote.words[:EXCERPT]} […]"
    label = chat.label(quote, press.text, named)
    line = press.text("digests.one", number=str(number), words=member_words(words), label=label)
    flags = masking.to_look_at(kept.flags, press.text)
    return f"{line}\n{flags}" if flags else line


def _button(press: Press, label: str, verb: str, nonce: str = "") -> Button:
    return Button(label, callback(f"digests.{verb}", press.digest.id, nonce))


# One answer -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """An answer of this digest, with the digests it stands in: at most one of each chain."""

    kept: Contribution
    digests: tuple[Digest, ...]

    @property
    def settled(self) -> bool:
        """Whether somebody approved it, or it went out: then the original is not kept."""
        return any(one.approved_at is not None or one.state in OUT for one in self.digests)


def _answer(press: Press, nonce: str) -> Answer | None:
    try:
        number = from_base36(nonce.partition(".")[0])
    except ValueError:
        return None
    here = number in digests.items(press.db, press.digest.id)
    found = contributions.get(press.db, number) if here else None
    if found is None or found.state != "kept" or found.danger in KEPT_OUT:
        return None
    held = [digests.get(press.db, one) for one in digests.stand_in(press.db, [found.id])]
    return Answer(found, tuple(one for one in held if one is not None))


def _one(press: Press) -> Reaction:
    """Show an answer with what could be masked in it; anything else can be typed."""
    answer = _answer(press, press.nonce)
    return stale(press.text) if answer is None else _shown(press, answer)


def _shown(press: Press, answer: Answer, news: str = "") -> Reaction:
    html, keyboard = _screen(press, answer, news)
    wait_for(press, STEP, about=base36(answer.kept.id))
    return press.show(html, keyboard)


def _screen(press: Press, answer: Answer, news: str = "") -> tuple[str, Keyboard]:
    text, kept = press.text, answer.kept
    id, suggested = base36(kept.id), _suggested(press, kept)
    rows = [
        (_button(press, _label(press, passage), "cover", f"{id}.{mark_of(passage)}"),)
        for passage in suggested
    ]
    ask = "masking.choose" if suggested else "masking.type"
    lines = [text("masking.words", words=member_words(kept.read[:LONGEST])), text(ask)]
    flags = masking.to_look_at(kept.flags, text)
    if flags:
        lines.insert(1, flags)
    if answer.settled:
        lines.append(text("masking.for_good"))
    if kept.masked is not None:
        rows.append((_button(press, text.plain("masking.button.undo"), "unmask", id),))
        rows.append((_button(press, text.plain("masking.button.original"), "original", id),))
    for word in _illnesses(press, kept):
        label = text.plain("masking.button.subject", word=word)
        rows.append((_button(press, label, "ours", f"{id}.{mark_of(word)}"),))
    rows.append((_button(press, text.plain("masking.button.others"), "masks"),))
    return "\n\n".join([news, *lines] if news else lines), Keyboard(tuple(rows))


def _suggested(press: Press, kept: Contribution) -> list[str]:
    found = persons.found_in(press.db, kept, kept.read)
    return list(dict.fromkeys(one.of(kept.read) for one in found))[:OFFERED]


def _illnesses(press: Press, kept: Contribution) -> list[str]:
    network = networks.found(press.db, kept.network_id)
    about = masking.subject(network, postings.get(press.db, kept.posting_id))
    found = (one.of(kept.read) for one in outside(kept.read, about))
    return list(dict.fromkeys(word for word in found if fits(_subject_label(press, word))))[:2]


def _subject_label(press: Press, word: str) -> str:
    return press.text.plain("masking.button.subject", word=word)


def _label(press: Press, passage: str) -> str:
    return press.text.plain("masking.button.cover", words=" ".join(passage.split()))


def mark_of(passage: str) -> str:
    """By what a passage is known again: a place would be another one after the next press."""
    return hashlib.sha256(passage.encode()).hexdigest()[:8]


# Masking --------------------------------------------------------------------------------------------------------


def _cover(press: Press) -> Reaction:
    """Mask a suggested passage, wherever it stands in the answer."""
    answer = _answer(press, press.nonce)
    if answer is None:
        return stale(press.text)
    wanted = press.nonce.partition(".")[2]
    passage = next((one for one in _suggested(press, answer.kept) if mark_of(one) == wanted), None)
    letters = None if passage is None else cover(press, answer, passage)
    if letters is None:
        return stale(press.text)
    again = _answer(press, press.nonce)
    assert again is not None
    here = _shown(press, again)
    return Reaction([*here.letters, *letters], press.text.plain("digests.done"))


def cover(press: Press, answer: Answer, passage: str) -> list[Letter] | None:
    """Mask a passage in all summaries that the answer stands in; None if it isn't in it."""
    db, kept = press.db, answer.kept
    spans = rules.places(kept.read, passage)
    if not spans:
        return None
    words = rules.hide(kept.read, spans)
    contributions.change(db, kept.id, masked=words, masked_by=press.person.id)
    corrections.masked(db, kept.id, points.mark(kept.read), points.mark(words))
    if answer.settled:
        contributions.settle(db, [kept.id])
    masking.flag(db, replace(kept, masked=words))
    _note(press, "answer.masked", kept)
    letters: list[Letter] = []
    for digest in answer.digests:
        _move(press, digest, kept, spans)
        letters += singles.ask(
            db, digest.id, press.scene.desk, now=press.scene.now
        )  # of other words than before
        if digest.state in OUT:
            letters += publishing.mend(db, digest.id, press.scene.desk, now=press.scene.now)
        else:
            letters += _others(press, digest.id)
        letters += _authors(press, digest)
    return letters


def _authors(press: Press, digest: Digest) -> list[Letter]:
    """Tell whoever is quoted so, once somebody has looked, or nobody in time."""
    scene = material.scene(press.db, digest.id, press.scene.desk, now=press.scene.now)
    late = digest.state in ("approved", *OUT) or digest.stand_in_at is not None
    return told.tell(press.db, scene) if late and scene is not None else []


def _move(press: Press, digest: Digest, kept: Contribution, spans: Sequence[rules.Span]) -> None:
    """Let a summary quote the same words as before, with […] among them."""
    choice = core.from_json(digest.kept.get("choice"))
    marks: dict[str, str] = {}

    def again(chosen: tuple[Chosen, ...]) -> tuple[Chosen, ...]:
        found = []
        for one in chosen:
            moved = rules.moved(one, kept.read, spans) if one.id == kept.id else one
            if moved is not None:
                marks[one.mark] = moved.mark
                found.append(moved)
        return tuple(found)

    digests.change(press.db, digest.id, content={**digest.kept, "choice": core.to_json(choice.over(again))})
    item = digests.items(press.db, digest.id).get(kept.id)
    if item is None:
        return
    # Out is out: a yes to the words holds for fewer of them. Before that, its author said yes to other ones.
    after = marks if digest.state in OUT else {}
    values = {"asked": _still(item.asked, after), "single": _still(item.single, after)}
    digests.change_item(press.db, item.id, **values)


def _still(said: str | None, marks: Mapping[str, str]) -> str | None:
    """What an author said of words that are masked now: nothing, unless they have a new mark; a no stays."""
    if said is None or ":" not in said:
        return said
    answer, _, mark = said.partition(":")
    return f"{answer}:{marks[mark]}" if mark in marks else None


def _others(press: Press, digest_id: int) -> list[Letter]:
    """Everybody else's message of a draft follows; in this chat, something else stands in its place."""
    desk, now = press.scene.desk, press.scene.now
    letters = drafts.refresh(press.db, digest_id, desk, now=now)
    letters += drafts.refresh_older(press.db, digest_id, desk, now=now)  # in which the words stand, too
    return [one for one in letters if one.to != press.to or one.params.get("message_id") != press.message_id]


def _note(press: Press, action: str, kept: Contribution) -> None:
    audit.note(
        press.db,
        action,
        now=press.scene.now,
        network_id=kept.network_id,
        person_id=press.person.id,
        contribution=kept.id,
    )


def _unmask(press: Press) -> Reaction:
    """Show the whole answer again; the draft is made anew, as other words may be quoted now."""
    answer = _answer(press, press.nonce)
    if answer is None or answer.kept.masked is None:
        return stale(press.text)
    kept = answer.kept
    contributions.change(press.db, kept.id, masked=None, masked_by=None)
    masking.flag(press.db, replace(kept, masked=None))
    _note(press, "answer.unmasked", kept)
    changed = giving.changed(press.db, kept.id, press.scene.desk, now=press.scene.now)
    here = _shown(press, Answer(replace(kept, masked=None), answer.digests))
    return Reaction([*here.letters, *changed], press.text.plain("digests.done"))


def _original(press: Press) -> Reaction:
    """Show what is masked; that somebody looked is written down."""
    answer = _answer(press, press.nonce)
    if answer is None or answer.kept.masked is None:
        return stale(press.text)
    _note(press, "answer.original", answer.kept)
    words = member_words(answer.kept.text[:LONGEST])
    back = _button(press, press.text.plain("common.button.back"), "mask", base36(answer.kept.id))
    return press.show(press.text("masking.original", words=words), Keyboard(((back,),)))


def _ours(press: Press) -> Reaction:
    """This illness is what the network talks about: it is no reason to look any more."""
    answer = _answer(press, press.nonce)
    if answer is None:
        return stale(press.text)
    wanted = press.nonce.partition(".")[2]
    word = next((one for one in _illnesses(press, answer.kept) if mark_of(one) == wanted), None)
    if word is None:
        return stale(press.text)
    known = press.scene.network.subject or ()
    masking.talk_of(press.db, answer.kept.network_id, [*known, word], now=press.scene.now)
    again = _answer(press, press.nonce)
    assert again is not None
    fresh = replace(press, scene=press.again())
    return replace(_shown(fresh, again), answer=press.text.plain("digests.done"))


def typed(press: Press, words: str) -> list[Letter]:
    """Mask the passage that was typed, if it stands in the answer; the answer comes at the end of the chat."""
    answer = _answer(press, press.nonce)
    if answer is None:
        dialogs.close(press.db, press.person.id)
        return say(press.to, press.text("digests.over"))
    old = replace(press, message_id=None)
    letters = cover(old, answer, words.strip())
    if letters is None:
        return say(press.to, press.text("masking.not_there", typed=words.strip()[:60]))
    again = _answer(press, press.nonce)
    assert again is not None
    html, keyboard = _screen(old, again)
    wait_for(old, STEP, about=base36(answer.kept.id))
    closed: list[Letter] = []
    if press.message_id is not None:  # the answer stood there, with the words that are masked now
        closed = [edit(press.to, press.message_id, press.text("masking.below"))]
    about = {"contribution": answer.kept.id}
    return [*closed, *letters, *say(press.to, html, keyboard, about=about)]


# From the draft -------------------------------------------------------------------------------------------------


def flags_of(press: Press, quotes: Sequence[tuple[int, core.Quote]]) -> Markup | None:
    """Return which of the numbered quotes should be looked at, and whether other answers should."""
    kept = contributions.many(press.db, list(digests.items(press.db, press.digest.id)))
    lines = []
    for number, quote in quotes:
        flags = masking.to_look_at(kept[quote.id].flags, press.text) if quote.id in kept else None
        if flags:
            lines.append(f"{number}: {flags}")
    quoted = {quote.id for _, quote in quotes}
    if any(one.flags and one.state == "kept" and one.id not in quoted for one in kept.values()):
        lines.append(press.text("masking.others_too"))
    return Markup("\n".join(lines)) if lines else None


VERBS: Verbs = {
    "masks": (STATES, _list),
    "mask": (STATES, _one),
    "cover": (STATES, _cover),
    "unmask": (drafts.SHOWN, _unmask),
    "original": (STATES, _original),
    "ours": (STATES, _ours),
}
