"""The questions of a draft, and of a summary that is out, as those who lead see them: leave out, put together, add.

A button is an entry of `VERBS`. Nobody sees who wants to talk about what; how many only where at least k do.
"""

from dataclasses import dataclass, replace

from bot.actions import agenda as proposals
from bot.actions import digests as publishing
from bot.actions import drafts, material
from bot.actions.draft_press import Press, Reaction, Verbs, stale, wait_for
from bot.core import digest as core
from bot.core.letters import MAX_ID, Button, Keyboard, base36, callback, from_base36, member_words
from bot.core.mail import Letter, say
from bot.core.texts import Markup
from bot.render import chat
from storage import agenda, dialogs
from storage.agenda import Entry

STEP = "question"  # of the dialog in which a question is typed
STATES = (*drafts.SHOWN, "published")
LONGEST = 200  # characters of a facilitator's own question
MOST = 8  # own questions of one digest


@dataclass(frozen=True)
class Line:
    """A question as it is listed, with how many want to talk about it (None: too few to say)."""

    entry: Entry
    words: Markup
    wanted: int | None


def _lines(press: Press) -> list[Line]:
    scene = press.again()
    entries = proposals.settle(press.db, scene.digest.id, scene.choice)
    whole = replace(material.standing(press.db, scene), dropped=frozenset(), own_questions=())
    quotes = {quote.id: quote for quote in core.compose(whole, scene.choice).questions}
    wanted = agenda.wanted(press.db, [one.id for one in entries])
    found = []
    for one in entries:
        quote = quotes.get(one.contribution_id or 0)
        if one.words is not None:
            words = Markup(member_words(one.words))
        elif quote is not None:
            label = chat.label(quote, press.text, whole.named)
            words = press.text("agenda.asked", words=member_words(quote.words), label=label)
        else:
            continue  # taken back, or not among those that were chosen
        same = (other.id for other in entries if other.merged_into == one.id)
        people = set().union(wanted.get(one.id, set()), *(wanted.get(other, set()) for other in same))
        found.append(Line(one, words, len(people) if len(people) >= whole.k else None))
    return found


def _list(press: Press, answer: str = "") -> Reaction:
    """List the questions, each with a button that leads to it."""
    text, lines = press.text, _lines(press)
    numbers = {line.entry.id: str(number) for number, line in enumerate(lines, 1)}
    said: list[str] = [text("agenda.title"), text("agenda.k", k=press.scene.desk.k)]
    rows: list[tuple[Button, ...]] = []
    for line in lines:
        number = numbers[line.entry.id]
        said.append(f"{number}. {line.words}{_state(press, line, numbers)}")
        label = text.plain("agenda.button.one", number=number)
        rows.append((_button(press, label, "question", base36(line.entry.id)),))
    if not lines:
        said.append(text("agenda.none"))
    if sum(line.entry.words is not None for line in lines) < MOST:
        rows.append((_button(press, text.plain("agenda.button.add"), "add"),))
    rows.append((drafts.button(press.scene, text, "back"),))
    quotes = [line.entry.contribution_id for line in lines if line.entry.contribution_id is not None]
    return replace(press.show("\n\n".join(said), Keyboard(tuple(rows)), quotes=quotes), answer=answer)


def _state(press: Press, line: Line, numbers: dict[int, str]) -> str:
    text, entry = press.text, line.entry
    if entry.merged_into in numbers:
        return f"\n{text('agenda.is_merged', number=numbers[entry.merged_into])}"
    if entry.state == "dropped":
        return f"\n{text('agenda.is_out')}"
    return "" if line.wanted is None else f"\n{text('agenda.wanted', count=line.wanted)}"


def _button(press: Press, label: str, verb: str, nonce: str = "") -> Button:
    return Button(label, callback(f"digests.{verb}", press.digest.id, nonce))


def _entry(press: Press, nonce: str) -> Entry | None:
    try:
        id = from_base36(nonce)
    except ValueError:
        return None
    found = agenda.get(press.db, id) if id <= MAX_ID else None
    return found if found is not None and found.digest_id == press.digest.id else None


def _one(press: Press) -> Reaction:
    """Show a question with what can be done about it."""
    line = next((one for one in _lines(press) if base36(one.entry.id) == press.nonce), None)
    if line is None:
        return stale(press.text)
    text, entry, id = press.text, line.entry, base36(line.entry.id)
    rows = []
    if not entry.shown:
        rows.append((_button(press, text.plain("agenda.button.put_back"), "q_back", id),))
    else:
        rows.append((_button(press, text.plain("agenda.button.leave_out"), "q_out", id),))
        if _others(press, entry):
            rows.append((_button(press, text.plain("agenda.button.same_as"), "q_same", id),))
    rows.append((_button(press, text.plain("common.button.back"), "agenda"),))
    return press.show(str(line.words), Keyboard(tuple(rows)))


def _others(press: Press, entry: Entry) -> list[Line]:
    return [one for one in _lines(press) if one.entry.id != entry.id and one.entry.shown]


def _same(press: Press) -> Reaction:
    """Ask which other question says the same."""
    entry = _entry(press, press.nonce)
    if entry is None or not entry.shown:
        return stale(press.text)
    text, lines = press.text, _lines(press)
    said: list[str] = [text("agenda.which_same")]
    rows = []
    for number, line in enumerate(lines, 1):
        if line.entry.id == entry.id or not line.entry.shown:
            continue
        said.append(f"{number}. {line.words}")
        nonce = f"{base36(entry.id)}.{base36(line.entry.id)}"
        rows.append((_button(press, text.plain("agenda.button.one", number=str(number)), "q_into", nonce),))
    rows.append((_button(press, text.plain("common.button.back"), "question", base36(entry.id)),))
    return press.show("\n\n".join(said), Keyboard(tuple(rows)))


def _into(press: Press) -> Reaction:
    first, _, second = press.nonce.partition(".")
    entry, other = _entry(press, first), _entry(press, second)
    if entry is None or other is None or entry.id == other.id or not (entry.shown and other.shown):
        return stale(press.text)
    agenda.change(press.db, entry.id, merged_into=other.id)
    for one in agenda.of_digest(press.db, press.digest.id):
        if one.merged_into == entry.id:  # what was one with it is one with the other now
            agenda.change(press.db, one.id, merged_into=other.id)
    return _changed(press)


def _out(press: Press) -> Reaction:
    """Leave a question out; one that a facilitator added is gone."""
    entry = _entry(press, press.nonce)
    if entry is None or not entry.shown:
        return stale(press.text)
    if entry.words is not None:
        agenda.remove(press.db, entry.id)
    else:
        agenda.change(press.db, entry.id, state="dropped")
    return _changed(press)


def _put_back(press: Press) -> Reaction:
    entry = _entry(press, press.nonce)
    if entry is None or entry.shown:
        return stale(press.text)
    agenda.change(press.db, entry.id, state="on", merged_into=None)
    return _changed(press)


def _add(press: Press) -> Reaction:
    """Ask for a question of their own."""
    wait_for(press, STEP)
    back = _button(press, press.text.plain("common.button.back"), "agenda")
    return press.show(press.text("agenda.which_words"), Keyboard(((back,),)))


def typed(press: Press, words: str) -> list[Letter]:
    """Take a facilitator's own question."""
    words = " ".join(words.split())
    if not words:
        return say(press.to, press.text("agenda.which_words"))
    if len(words) > LONGEST:
        return say(press.to, press.text("agenda.too_long", count=len(words), most=LONGEST))
    dialogs.close(press.db, press.person.id)
    agenda.add(press.db, press.digest.id, words=words, added_by=press.person.id)
    below = replace(press, message_id=None)
    return [*_followed(below), *_list(below).letters]


def _changed(press: Press) -> Reaction:
    """Show the list again, and what changed to everybody else."""
    letters = _followed(press)
    here = _list(press, press.text.plain("digests.done"))
    pressed = press.message_id
    others = [one for one in letters if one.to != press.to or one.params.get("message_id") != pressed]
    return Reaction([*here.letters, *others], here.answer)


def _followed(press: Press) -> list[Letter]:
    """Let drafts and the summary that is out follow."""
    scene = press.scene
    if scene.digest.state == "published":
        return list(publishing.mend(press.db, press.digest.id, scene.desk, now=scene.now))
    press.change()
    return list(drafts.refresh(press.db, press.digest.id, scene.desk, now=scene.now))


def _shown(press: Press) -> Reaction:
    return _list(press)


VERBS: Verbs = {
    "agenda": (STATES, _shown),
    "question": (STATES, _one),
    "q_same": (STATES, _same),
    "q_into": (STATES, _into),
    "q_out": (STATES, _out),
    "q_back": (STATES, _put_back),
    "add": (STATES, _add),
}
