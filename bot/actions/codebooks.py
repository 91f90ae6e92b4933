"""Where a network's themes begin: a codebook of ours, the programme's, or a file; and the file they leave as.

One more of ours: a file in bot/codebooks, in the format of bot/core/codebooks.py, with its title.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from importlib import resources
from zoneinfo import ZoneInfo

from bot.actions import standing_in, which
from bot.actions.answer import Answer
from bot.actions.joining import write_after
from bot.actions.resting import undisturbed
from bot.actions.unit import Desk
from bot.actions.which import Leader
from bot.core import codebooks as rules
from bot.core import mail
from bot.core.codebooks import Problem, Read
from bot.core.contributions import Given
from bot.core.letters import Button, callback, keyboard_rows, member_words
from bot.core.mail import File, Letter, To
from bot.core.texts import LANGUAGES, Markup, Text
from bot.core.themes import Codebook, Theme
from storage import audit, contributions, dialogs, facts, networks, outbox, people, themes
from storage.db import Connection
from storage.networks import Network
from storage.people import Person
from storage.themes import Entry

KIND = "themes"  # the dialog, shared with what is typed
FETCH = "codebook"  # the kind of the question that brings a file
FILE, PREVIEW = "file", "preview"
OPEN_FOR = timedelta(hours=1)  # after that, what is written in private is no list of words, but an answer
OURS = ("care_partnership", "wellbeing", "dementia")
PROGRAMME = "programme"
PROBLEMS = 10  # in a message
SHOWN = 3  # words of each theme, where all themes are shown
ENOUGH = 8  # answers, before a network is asked whether it wants themes
OFFERED = "themes_offered:"  # the fact that it was, by its id


@dataclass(frozen=True)
class Editor:
    """Somebody who may change a codebook: of a network they lead or, as a coordinator, the programme's (None)."""

    db: Connection
    person: Person
    network: Network | None
    desk: Desk
    now: datetime

    @cached_property
    def text(self) -> Text:
        """The texts in their language."""
        return self.desk.text(self.person.language)

    @property
    def network_id(self) -> int | None:
        """Whose codebook it is."""
        return None if self.network is None else self.network.id

    @property
    def about(self) -> int:
        """The id that buttons carry: 0 is no network's."""
        return self.network_id or 0

    @property
    def language(self) -> str:
        """In which language most of it is written."""
        return self.desk.text(None if self.network is None else self.network.language).language

    @property
    def languages(self) -> tuple[str, ...]:
        """All languages, that one first."""
        return tuple(dict.fromkeys((self.language, *LANGUAGES)))

    @property
    def entries(self) -> list[Entry]:
        """The themes as they are now."""
        return themes.entries(self.db, self.network_id)

    @property
    def codebook(self) -> Codebook:
        """The same as values."""
        return tuple(entry.theme for entry in self.entries)

    def show(self, html: str, buttons: Sequence[Button] = (), message_id: int | None = None) -> list[Letter]:
        """Say something, in place of the pressed message if there is one."""
        to, keyboard = To(person=self.person.id), keyboard_rows(buttons) if buttons else None
        if message_id is None:
            return mail.say(to, html, keyboard)
        return [mail.edit(to, message_id, html, keyboard)]

    def button(self, id: str, verb: str, nonce: str = "") -> Button:
        """Return a button about the whole codebook."""
        return Button(self.text.plain(id), callback(f"themes.{verb}", self.about, nonce))

    def wait_for(self, step: str, **data: object) -> None:
        """Take what is written next for this step."""
        known = {"network": self.about, **data}
        dialogs.put(self.db, self.person.id, KIND, step, known, now=self.now, lasts=OPEN_FOR)

    def note(self) -> None:
        """Write down who changed it."""
        by = {"network_id": self.network_id, "person_id": self.person.id}
        audit.note(self.db, "themes", now=self.now, **by)


def of_leader(leader: Leader) -> Editor:
    """Return who leads a network as editor of its codebook."""
    return Editor(leader.db, leader.person, leader.network, leader.desk, leader.now)


def editor(db: Connection, person: Person, network_id: int, desk: Desk, *, now: datetime) -> Editor | None:
    """Return the person as editor of that codebook; None for who may not. Every press asks this."""
    if not network_id:
        return Editor(db, person, None, desk, now) if person.coordinator else None
    leader = which.leader(db, person, network_id, desk, now=now)
    return None if leader is None else of_leader(leader)


# To begin with ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Starting:
    """A codebook of ours."""

    title: Mapping[str, str]
    codebook: Codebook


@cache
def starting(name: str) -> Starting:
    """Return one of `OURS`."""
    text = (resources.files("bot") / "codebooks" / f"{name}.toml").read_text(encoding="utf-8")
    found = rules.read(text, "en", strict=True)
    if found.problems:
        raise ValueError(f"{name}: {found.problems}")
    return Starting(tomllib.loads(text)["title"], found.codebook)


def choices(editor: Editor) -> list[Button]:
    """Return a button for each codebook that one can begin with."""
    language = editor.text.language
    found = [
        Button(starting(name).title[language], callback("themes.look", editor.about, name)) for name in OURS
    ]
    if editor.network is not None and themes.entries(editor.db, None):
        found.append(editor.button("themes.button.programme", "look", PROGRAMME))
    return found


def offered(editor: Editor, name: str) -> Codebook | None:
    """Return the codebook that a button names."""
    if name == PROGRAMME and editor.network is not None:
        return themes.codebook(editor.db, None) or None
    return starting(name).codebook if name in OURS else None


def look(editor: Editor, name: str, message_id: int | None) -> list[Letter] | None:
    """Show what one begins with, before anything is changed."""
    found = offered(editor, name)
    if found is None:
        return None
    go = editor.button("themes.button.take", "take", name)
    back = editor.button("common.button.back", "start")
    return editor.show(preview(editor, found), [go, back], message_id)


def preview(editor: Editor, codebook: Codebook) -> Markup:
    """The themes, with some of the words of each; what becomes of those there are."""
    text = editor.text
    parts = [text("themes.preview"), Markup("\n".join(lines(codebook, editor)))]
    if editor.entries:
        parts.append(text("themes.replaces"))
    return Markup("\n\n".join(parts))


def lines(codebook: Sequence[Theme], editor: Editor, first: int = 1) -> list[Markup]:
    """A line for each theme: what it is called, and the first of its words."""
    found = []
    for number, theme in enumerate(codebook, first):
        words = theme.words.get(editor.language) or next(iter(theme.words.values()), ())
        name = member_words(theme.name(editor.text.language))
        shown = ", ".join(words[:SHOWN]) + (" …" if len(words) > SHOWN else "")
        said = f": {member_words(shown)}" if words else ""
        found.append(Markup(f"{number}. <b>{name}</b>{said}"))
    return found


def use(editor: Editor, codebook: Codebook) -> None:
    """Let this be the codebook from now on."""
    found = rules.matched(codebook, editor.codebook)
    themes.replace(editor.db, editor.network_id, found, now=editor.now)
    editor.note()


# As a file --------------------------------------------------------------------------------------------------------


def as_file(editor: Editor) -> list[Letter]:
    """Send the codebook, and ask for one."""
    editor.wait_for(FILE)
    text, there = editor.text, editor.codebook
    example = there or (Theme("respite", {editor.language: text.plain("themes.example_name")}, {}),)
    file = File("themes.toml", "application/toml", rules.written(example).encode())
    back = editor.button("common.button.back", "show")
    to = To(person=editor.person.id)
    return mail.document(to, file, text("themes.file"), keyboard_rows([back]), silent=True)


def given(editor: Editor, said: Given) -> list[Letter]:
    """A file, or the same as text, came while one was expected."""
    if not said.files:
        found = rules.decoded(said.text.encode(), editor.language) if said.text.strip() else None
        return as_file(editor) if found is None else shown(editor, found)
    file = said.files[0]
    if file.kind != "document":
        return editor.show(editor.text("themes.no_file"))
    if (file.size or 0) > rules.MAX_BYTES:
        return shown(editor, Read(problems=(Problem(1, "big"),)))
    about = {"person": editor.person.id, "network": editor.about}
    return [mail.ask(FETCH, To(), "getFile", {"file_id": file.file_id}, about=about)]


def fetched(db: Connection, answer: Answer) -> None:
    """The file is here: read it, and show what is in it."""
    person = people.get(db, int(answer.about["person"]))
    network_id = int(answer.about["network"])
    found = None if person is None else editor(db, person, network_id, answer.desk, now=answer.now)
    if found is None:
        return
    data = getattr(answer.outcome, "data", None)
    if data is None:
        write_after(db, answer, found.show(found.text("themes.lost_file")))
    else:
        write_after(db, answer, shown(found, rules.decoded(data, found.language)))


def shown(editor: Editor, found: Read) -> list[Letter]:
    """Show what a file holds, or what can't be read in it; nothing is changed before a tap."""
    if found.problems:
        return editor.show(_problems(editor, found.problems))
    editor.wait_for(PREVIEW, codebook=rules.written(found.codebook))
    go = editor.button("themes.button.take", "use")
    leave = editor.button("common.button.leave_it", "show")
    return editor.show(preview(editor, found.codebook), [go, leave])


def sent(editor: Editor) -> Codebook | None:
    """Return the codebook of the file that was shown; None if that was too long ago."""
    dialog = dialogs.of(editor.db, editor.person.id, now=editor.now)
    if dialog is None or (dialog.kind, dialog.step, dialog.data["network"]) != (KIND, PREVIEW, editor.about):
        return None
    return rules.read(dialog.data["codebook"], editor.language).codebook


def _problems(editor: Editor, problems: Sequence[Problem]) -> Markup:
    text = editor.text
    found = []
    for one in problems[:PROBLEMS]:
        why = text(
            f"themes.problem_{one.what}",
            value=one.value[:60],
            most_themes=str(rules.MAX_THEMES),
            most_name=str(rules.MAX_NAME),
            most_words=str(rules.MAX_WORDS),
            languages=", ".join(LANGUAGES),
        )
        found.append(text("themes.problem", line=str(one.line), why=why))
    if len(problems) > PROBLEMS:
        found.append(text("themes.problem_more"))
    return text("themes.problems", lines=Markup("\n".join(found)))


# Whether a network wants themes -----------------------------------------------------------------------------------


def offer(db: Connection, desk: Desk, *, now: datetime) -> int:
    """Ask those who lead whether they want themes, once: when there are answers to sort; return how many networks."""
    asked = 0
    for network in networks.active(db):
        if facts.get(db, f"{OFFERED}{network.id}") is not None or themes.entries(db, network.id):
            continue
        if len(contributions.since(db, network.id, now - timedelta(days=365))) < ENOUGH:
            continue
        facts.put(db, f"{OFFERED}{network.id}", {}, now=now)
        outbox.write(db, _offers(db, network, desk, now=now), now=now)
        asked += 1
    return asked


def _offers(db: Connection, network: Network, desk: Desk, *, now: datetime) -> list[Letter]:
    letters: list[Letter] = []
    whom = (one for one in standing_in.here(db, network, now=now) if one.facilitator)
    for member in whom:
        person = people.get(db, member.person_id)
        if person is None:
            continue
        one = Editor(db, person, network, desk, now)
        go, later = one.button("themes.button.choose", "start"), one.button("common.button.not_now", "later")
        html = one.text("themes.offer", network=network.title)
        hour = undisturbed(member, ZoneInfo(network.timezone), now=now)
        key = f"{OFFERED}{network.id}:{person.id}"
        letters += mail.say(
            To(person=person.id), html, keyboard_rows([go, later]), key=key, not_before=hour, silent=True
        )
    return letters
