"""`/statements`: who leads a network chooses the sentences of a round, page by page, then when it goes out."""

from datetime import datetime, timedelta

from bot.actions import candidates, planning, previews, sentences, which
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import statements as core
from bot.core.letters import Button, base36, callback, from_base36, keyboard_rows, member_words, page_of
from bot.core.mail import Letter
from bot.core.statements import LEAST, MOST, Candidate
from bot.core.texts import Markup
from storage import prompts as prompt_rows
from storage import sentences as rows
from storage.db import Connection
from storage.people import Person
from storage.prompts import Prompt
from storage.sentences import Sentence

WINDOW = timedelta(days=60)  # answers that are older are not what is being talked about
PAGE = 5
OFFERED = 60  # sentences to choose from


def begin(leader: Leader) -> list[Letter]:
    """Begin a round, or go on with the one that was begun."""
    offered = _offered(leader, None)
    draft = rows.draft(leader.db, leader.network.id)
    if draft is None and len(offered) < LEAST:
        return leader.show(leader.text("statements.too_few_sentences", count=LEAST))
    prompt = None if draft is None else prompt_rows.get(leader.db, draft)
    return _page(leader, prompt or _create(leader), 0, None)


def _create(leader: Leader) -> Prompt:
    text = leader.desk.text(leader.network.language)
    return prompt_rows.create(
        leader.db,
        network_id=leader.network.id,
        kind=rows.KIND,
        text=text.plain("statements.question"),
        circle="core",
        when=candidates.kept(None, ""),
        attachments=None,
        state="draft",
        created_by=leader.person.id,
        created_at=leader.now,
    )


def _offered(leader: Leader, prompt: Prompt | None) -> list[Candidate]:
    """Return the sentences to choose from: those that stood in a round before do not come again."""
    found = core.candidates(rows.since(leader.db, leader.network.id, leader.now - WINDOW))
    used = rows.posted(leader.db, leader.network.id, but=None if prompt is None else prompt.id)
    return [one for one in found if (one.contribution, one.mark) not in used][:OFFERED]


def pressed(
    db: Connection,
    person: Person,
    verb: str,
    id: int,
    nonce: str,
    *,
    message_id: int | None,
    desk: Desk,
    now: datetime,
) -> list[Letter] | None:
    """Do what a button says; None for one that means nothing (any more)."""
    if verb == "begin":  # a message of its own below the plan
        who = which.leader(db, person, id, desk, now=now)
        return None if who is None else begin(who)
    prompt = prompt_rows.get(db, id)
    leader = None if prompt is None else which.leader(db, person, prompt.network_id, desk, now=now)
    if prompt is None or leader is None or prompt.kind != rows.KIND:
        return None
    if prompt.state not in ("draft", "planned"):
        return None
    match verb:
        case "page":
            planning.close(leader)  # no time is waited for any more
            return _page(leader, prompt, page_of(nonce), message_id)
        case "pick" | "leave":
            return _toggle(leader, prompt, nonce, message_id, take=verb == "pick")
        case "done":
            return _done(leader, prompt, message_id)
    return None


def _page(
    leader: Leader, prompt: Prompt, page: int, message_id: int | None, note: Markup | None = None
) -> list[Letter]:
    """Show some sentences; the buttons take one in, or leave it out again."""
    text = leader.text
    offered = _offered(leader, prompt)
    taken = {(one.contribution_id, one.mark) for one in rows.of_prompt(leader.db, prompt.id)}
    pages = max(1, -(-len(offered) // PAGE))
    page = page % pages
    here = list(enumerate(offered, 1))[page * PAGE : (page + 1) * PAGE]
    lines = [
        text("statements.choose", least=str(LEAST), most=str(MOST)),
        text("statements.chosen", number=str(len(taken))),
    ]
    buttons = []
    for number, one in here:
        is_taken = (one.contribution, one.mark) in taken
        id = "statements.candidate_taken" if is_taken else "statements.candidate"
        lines.append(text(id, number=str(number), words=member_words(one.words)))
        nonce = f"{base36(one.contribution)}.{base36(one.spans[0][0])}.{page}"
        verb = "statements.leave" if is_taken else "statements.pick"
        label = text.plain(
            "statements.button.leave" if is_taken else "statements.button.take", number=str(number)
        )
        buttons.append(Button(label, callback(verb, prompt.id, nonce)))
    if note is not None:
        lines.append(note)
    if pages > 1:
        buttons.append(
            Button(
                text.plain("prompts.button.more"),
                callback("statements.page", prompt.id, str((page + 1) % pages)),
            )
        )
    if len(taken) >= LEAST:
        buttons.append(Button(text.plain("common.button.go_on"), callback("statements.done", prompt.id)))
    if prompt.state == "draft":
        buttons.append(Button(text.plain("prompts.button.never_mind"), callback("prompts.drop", prompt.id)))
    quotes = [one.contribution for _, one in here]
    return leader.show(Markup("\n".join(lines)), keyboard_rows(buttons), message_id, quotes=quotes)


def _toggle(
    leader: Leader, prompt: Prompt, nonce: str, message_id: int | None, *, take: bool
) -> list[Letter] | None:
    """Take a sentence in, or leave it out: a button says which, so that pressed twice it does no more than once."""
    parts = nonce.split(".")
    if len(parts) != 3 or not all(part.isalnum() and part == part.lower() for part in parts):
        return None
    contribution, start, page = (from_base36(part) for part in parts)
    found = next(
        (
            one
            for one in _offered(leader, prompt)
            if (one.contribution, one.spans[0][0]) == (contribution, start)
        ),
        None,
    )
    if found is None:
        return _page(leader, prompt, page, message_id, leader.text("statements.gone"))
    there = rows.of_prompt(leader.db, prompt.id)
    known = _known(there, found)
    if take and known is None:
        if len(there) >= MOST:
            return _page(leader, prompt, page, message_id, leader.text("statements.enough", most=str(MOST)))
        rows.pick(leader.db, prompt.id, found.contribution, found.spans, found.mark)
    elif not take and known is not None:
        rows.unpick(leader.db, known)
    return _page(leader, prompt, page, message_id)


def _known(there: list[Sentence], found: Candidate) -> Sentence | None:
    same = [one for one in there if (one.contribution_id, one.mark) == (found.contribution, found.mark)]
    return same[0] if same else None


def _done(leader: Leader, prompt: Prompt, message_id: int | None) -> list[Letter] | None:
    """They are chosen: when shall it go out? Of a round that is planned the new ones' authors are asked."""
    if len(rows.of_prompt(leader.db, prompt.id)) < LEAST:
        return _page(leader, prompt, 0, message_id)
    if prompt.state == "draft":
        return planning.proceed(leader, candidates.standing(prompt), message_id)
    asked = sentences.ask(leader.db, prompt, leader.desk, now=leader.now)
    return [*previews.tell(leader, [prompt], message_id), *asked]


def _notes(leader: Leader, prompt: Prompt) -> list[Markup]:
    """What is said of a planned round: how many can go out, and nothing of who said what."""
    count = sentences.ready(leader.db, prompt.id)
    return [leader.text("statements.note", count=count), leader.text("statements.note_others")]


planning.PLANNED[rows.KIND] = sentences.ask
previews.NOTES[rows.KIND] = _notes
