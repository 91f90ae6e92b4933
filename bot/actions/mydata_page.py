"""The page of /mydata: what is stored about somebody in one network, in their language. A section more: `SECTIONS`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.actions import privacy
from bot.actions.unit import Desk
from bot.core import consents, dates, forms
from bot.core.mydata import Entry, Page, Section
from bot.core.privacy import Privacy
from bot.core.texts import Text
from storage import groups, mine, networks, sentences, themes, votes
from storage import mydata as rows
from storage.db import Connection
from storage.mydata import Record, Whose
from storage.networks import Network
from storage.people import Person
from storage.sentences import POSTED

Found = Mapping[str, Sequence[Record]]
APPEARS = {"name": "mydata.appears_name", "role": "mydata.appears_role", "none": "mydata.appears_none"}
PLACES = {"group": "mydata.place_group", "private": "mydata.place_private", "room": "mydata.place_room"}
COMING = {"yes": "mydata.rsvp_yes", "no": "mydata.rsvp_no", "maybe": "mydata.rsvp_maybe"}
USES = {
    consents.TAKE_PART: "mydata.use_take_part",
    consents.QUOTE: "mydata.use_quote",
    consents.NAME: "mydata.use_name",
    consents.MEDIA: "mydata.use_media",
    consents.REPORTS: "mydata.use_reports",
}
SAID = {  # to a sentence
    "agree": "statements.i_agree",
    "disagree": "statements.i_disagree",
    "unsure": "statements.i_am_unsure",
}
THEMED = {themes.AUTHOR: "mydata.theme_author", themes.FACILITATOR: "mydata.theme_facilitator"}


@dataclass(frozen=True)
class Scene:
    """Whom the page is about, and what was found."""

    db: Connection
    person: Person
    whose: Whose
    found: Found
    desk: Desk
    now: datetime

    @cached_property
    def text(self) -> Text:
        """The texts in the person's language."""
        return self.desk.text(self.person.language)

    @cached_property
    def network(self) -> Network | None:
        """The network, if there is one."""
        return networks.get(self.db, self.whose.network_id)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The network's time zone."""
        return ZoneInfo(self.network.timezone if self.network is not None else self.desk.timezone)

    @cached_property
    def answerable(self) -> Privacy:
        """Who answers for the words of this network."""
        return privacy.of(self.network, self.desk)

    def at(self, moment: datetime) -> str:
        """Return day and hour, with the year if it is far away."""
        return dates.full(moment, self.zone, self.text.language, now=self.now)

    def line(self, id: str, value: object) -> str:
        """Return "label: value"."""
        return f"{self.text.plain(id)}: {value}"


def page(db: Connection, person: Person, whose: Whose, found: Found, desk: Desk, *, now: datetime) -> Page:
    """Return the page about somebody in one network."""
    scene = Scene(db, person, whose, found, desk, now)
    text, answerable = scene.text, scene.answerable
    title = scene.network.title if scene.network is not None else text.plain("mydata.no_network")
    intro = [text.plain("mydata.intro", network=title, at=scene.at(now))]
    if answerable.controller:
        who = text.plain("mydata.controller", controller=answerable.controller, contact=answerable.contact)
        intro.append(who)
    intro.append(text.plain("mydata.change"))
    sections = [
        Section(text.plain(heading), tuple(entries)) for heading, make in SECTIONS if (entries := make(scene))
    ]
    return Page(text.language, text.plain("mydata.title", network=title), tuple(intro), tuple(sections))


# Sections ---------------------------------------------------------------------------------------------------------


def _you(scene: Scene) -> list[Entry]:
    text, [person] = scene.text, scene.found["people"]
    notes = [scene.line("mydata.name", person["name"]), scene.line("mydata.number", person["telegram_id"])]
    if person["username"]:
        notes.append(scene.line("mydata.username", f"@{person['username']}"))
    notes.append(scene.line("mydata.since", scene.at(person["created_at"])))
    if person["coordinator"]:
        notes.append(text.plain("mydata.coordinator"))
    for member in scene.found["members"]:
        notes += _membership(scene, member)
    return [Entry(notes=tuple(notes))]


def _membership(scene: Scene, member: Record) -> list[str]:
    text = scene.text
    notes = [scene.line("mydata.circle", text.plain(f"circle.label.{member['circle']}"))]
    if member["group"]:
        notes.append(
            scene.line("mydata.group", groups.of(scene.db, scene.whose.network_id).one(member["group"], text))
        )
    notes.append(text.plain(APPEARS[member["attribution"]]))
    if member["facilitator"]:
        notes.append(text.plain("mydata.leads"))
    if member["joined_at"]:
        notes.append(scene.line("mydata.joined", scene.at(member["joined_at"])))
    if member["left_at"]:
        notes.append(scene.line("mydata.left", scene.at(member["left_at"])))
    edition = text.plain(f"editions.button.{member['edition']}")
    notes.append(scene.line("mydata.edition", edition))
    notes.append(scene.line("mydata.quiet", f"{member['quiet_from']}–{member['quiet_to']}"))
    return notes


def _agreed(scene: Scene) -> list[Entry]:
    text = scene.text
    return [
        Entry(
            text.plain(USES[one["use"]]),
            notes=(
                text.plain(
                    "mydata.yes" if one["granted"] else "mydata.no",
                    at=scene.at(one["at"]),
                    version=one["version"],
                ),
            ),
        )
        for one in scene.found["consents"]
        if one["use"] in USES
    ]


def _answers(scene: Scene) -> list[Entry]:
    given = scene.found["contributions"]
    asked = mine.questions(scene.db, [one["posting_id"] for one in given])
    return [_answer(scene, one, asked.get(one["posting_id"], "")) for one in given]


def _answer(scene: Scene, one: Record, question: str) -> Entry:
    text, id = scene.text, one["id"]
    notes = [text.plain(PLACES[one["place"]], at=scene.at(one["sent_at"]))]
    if one["edited_at"]:
        notes.append(scene.line("mydata.edited", scene.at(one["edited_at"])))
    if one["state"] != "kept":
        notes.append(text.plain("mydata.taken_back"))
    if one["starred_at"]:
        notes.append(text.plain("mydata.starred"))
    for named in scene.found["contribution_themes"]:
        theme = themes.get(scene.db, named["theme_id"]) if named["contribution_id"] == id else None
        if theme is not None:
            notes.append(scene.line(THEMED[named["by"]], theme.theme.name(text.language)))
    if any(said["contribution_id"] == id and said["state"] == POSTED for said in scene.found["statements"]):
        notes.append(text.plain("mydata.put_to_all"))
    for name, label in (("heard", "mydata.heard"), ("masked", "mydata.masked")):
        if one[name]:
            notes.append(scene.line(label, one[name]))
    for earlier in scene.found["contribution_versions"]:
        if earlier["contribution_id"] == id:
            notes.append(scene.line("mydata.earlier", earlier["text"]))
    for file in scene.found["media"]:
        if file["contribution_id"] == id:
            kept = rows.file_name(file["id"], file["kind"], file["name"], file["mime"])
            notes.append(scene.line("mydata.file", kept))
    return Entry(question, (one["text"],) if one["text"] else (), tuple(notes))


def _summaries(scene: Scene) -> list[Entry]:
    text = scene.text
    lines = [
        text.plain("mydata.quoted" if quoted else "mydata.counted", at=scene.at(at))
        for _, at, quoted in rows.quoting(scene.db, scene.whose.member_id)
    ]
    return [Entry(notes=tuple(lines))] if lines else []


def _reactions(scene: Scene) -> list[Entry]:
    felt = [
        f"{' '.join(one['emojis'])} {scene.at(one['at'])}"
        for one in scene.found["reactions"]
        if one["emojis"]
    ]
    return [Entry(notes=tuple(felt))] if felt else []


def _votes(scene: Scene) -> list[Entry]:
    """What they chose, in words."""
    text, chosen = scene.text, scene.found["votes"]
    asked = votes.asked(scene.db, [one["occurrence_id"] for one in chosen])
    entries = []
    for one in chosen:
        poll = asked[one["occurrence_id"]]
        said = forms.words(poll.kind, forms.from_json(poll.form), one["picks"], text)
        notes = [text.plain("mydata.chose", at=scene.at(one["at"]))]
        if one["group"]:
            named = groups.of(scene.db, scene.whose.network_id)
            notes.append(scene.line("mydata.group", named.one(one["group"], text)))
        entries.append(Entry(poll.text, tuple(said), tuple(notes)))
    return entries


def _stances(scene: Scene) -> list[Entry]:
    """What they said to others' sentences; of one that is gone, that it was something."""
    text, said = scene.text, scene.found["stances"]
    words = sentences.words_of(scene.db, [one["statement_id"] for one in said])
    return [
        Entry(
            words.get(one["statement_id"], ""),
            (text.plain(SAID[one["answer"]]),),
            (text.plain("mydata.chose", at=scene.at(one["at"])),),
        )
        for one in said
    ]


def _requests(scene: Scene) -> list[Entry]:
    """What they said to meetings, and what they asked or were asked for."""
    text = scene.text
    lines = [text.plain(COMING[one["answer"]], at=scene.at(one["at"])) for one in scene.found["rsvps"]]
    for one in scene.found["asks"]:
        if one["asked_at"] or one["reminded_at"]:
            lines.append(text.plain("mydata.was_asked", at=scene.at(one["asked_at"] or one["reminded_at"])))
    for name, id in (("tellings", "mydata.telling"), ("talks", "mydata.talk")):
        for one in scene.found[name]:
            lines.append(text.plain(id, at=scene.at(one["at"])))
            if one["phone"]:
                lines.append(scene.line("mydata.phone", one["phone"]))
    return [Entry(notes=tuple(lines))] if lines else []


def _beside(scene: Scene) -> list[Entry]:
    """What is kept so that the bot works: invitations, letters, what was done when."""
    text = scene.text
    lines = []
    for one in scene.found["links"]:
        if one["opened_at"]:
            lines.append(text.plain("mydata.invited", name=one["name"] or "–", at=scene.at(one["opened_at"])))
    if scene.found["outbox"]:
        lines.append(text.plain("mydata.letters", count=len(scene.found["outbox"])))
    if scene.found["inbox"]:
        lines.append(text.plain("mydata.updates", count=len(scene.found["inbox"])))
    lines.append(text.plain("mydata.all"))
    return [Entry(notes=tuple(lines))]


SECTIONS: tuple[tuple[str, Callable[[Scene], list[Entry]]], ...] = (
    ("mydata.heading_you", _you),
    ("mydata.heading_agreed", _agreed),
    ("mydata.heading_answers", _answers),
    ("mydata.heading_summaries", _summaries),
    ("mydata.heading_reactions", _reactions),
    ("mydata.heading_votes", _votes),
    ("mydata.heading_stances", _stances),
    ("mydata.heading_requests", _requests),
    ("mydata.heading_beside", _beside),
)
