"""After erasing nothing of a person is left: in no table, in no file, not in SQLite's log; on both databases."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.core import mail
from bot.core.erasing import ERASE, UNNAMED, Words
from bot.core.letters import Button, callback, keyboard_rows
from bot.core.mail import File, To
from storage import erasing, outbox, parcels, tables
from storage.db import Connection, Database, sqlite_file
from storage.erasing import NOBODY, UNLINKED
from tests.searching import everywhere, on_disk

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
WORD = "Schemerlampkapje"
NUMBER = 5_123_456_789  # Telegram's, of Anna
NAME = "Annabeth"
USER = "annabeth_van_dam"
PHONE = "+31 30 299 19 70"
MESSAGE = 991_827
NEEDLES = [WORD, str(NUMBER), NAME, USER, PHONE, str(MESSAGE)]
# As SQLite keeps a number of this size: eight bytes, of which the last six count.
BYTES = NUMBER.to_bytes(6, "big")


def put(db: Connection, table_name: str, /, **values: Any) -> int:
    table = tables.metadata.tables[table_name]
    key = table.primary_key.columns[0]
    made: int = db.execute(table.insert().values(**values).returning(key)).scalar_one()
    return made


class Life:
    """Anna in a network in which she did everything one can do, with Frida who leads it and Bert."""

    def __init__(self, db: Connection, network: int | None = None) -> None:
        self.db = db
        self.network = put(
            db, "networks", title="Care", language="en", timezone="Europe/Amsterdam", created_at=NOW
        )
        self.chat = put(
            db,
            "chats",
            network_id=self.network,
            circle="core",
            telegram_id=-100_500 - self.network,
            kind="supergroup",
            title="Care",
            created_at=NOW,
        )
        put(db, "chat_ids", chat_id=self.chat, telegram_id=-100_500 - self.network, since=NOW)
        self.anna = self.person(NUMBER, NAME, USER)
        self.frida, self.bert = self.person(71, "Frida"), self.person(72, "Bert")
        self.member = self.joins(self.anna)
        self.leader = self.joins(self.frida, facilitator=True)
        self.other = self.joins(self.bert)
        self.posting = self.asked()
        self.given = self.gives(self.member, text=f"My {WORD} stood on all night, said Bert.")
        self.kept = self.gives(self.other, text="A walk in the morning, every day at seven.", message=5)
        self.everything()

    def person(self, telegram_id: int, name: str, username: str | None = None) -> int:
        known = self.db.execute(
            select(tables.people.c.id).where(tables.people.c.telegram_id == telegram_id)
        ).scalar_one_or_none()
        return known or put(
            self.db,
            "people",
            telegram_id=telegram_id,
            name=name,
            username=username,
            language="en",
            coordinator=False,
            reachable=True,
            created_at=NOW,
        )

    def joins(self, person: int, **values: Any) -> int:
        member = put(
            self.db,
            "members",
            network_id=self.network,
            person_id=person,
            group="carer",
            circle="core",
            state="active",
            joined_at=NOW,
            created_at=NOW,
            **values,
        )
        for use in ("take_part", "quote"):
            put(
                self.db,
                "consents",
                member_id=member,
                use=use,
                granted=True,
                version="2026-11",
                language="en",
                at=NOW,
            )
        return member

    def asked(self) -> int:
        prompt = put(
            self.db,
            "prompts",
            network_id=self.network,
            kind="open",
            text="What helped?",
            when={},
            state="done",
            created_by=self.anna,
            created_at=NOW,
        )
        occurrence = put(
            self.db, "occurrences", prompt_id=prompt, local_key="x", due_at=NOW, state="posted", at=NOW
        )
        return put(
            self.db,
            "postings",
            occurrence_id=occurrence,
            prompt_id=prompt,
            network_id=self.network,
            chat_id=self.chat,
            token=f"t{self.network}",
            message_id=4,
            posted_at=NOW,
            closes_at=NOW,
        )

    def gives(self, member: int, *, text: str, message: int = MESSAGE, **values: Any) -> int:
        given = put(
            self.db,
            "contributions",
            network_id=self.network,
            posting_id=self.posting,
            member_id=member,
            place="group",
            chat_id=self.chat,
            message_id=message,
            text=text,
            sent_at=NOW,
            arrived_at=NOW,
            **{"kind": "text", "attribution": "name", "starred_at": NOW, **values},
        )
        place = {"telegram_chat_id": -100_500 - self.network, "message_id": message}
        put(self.db, "contribution_messages", contribution_id=given, **place)
        return given

    def everything(self) -> None:
        """A row in every table that can hold something of hers."""
        db, anna, member, here = self.db, self.anna, self.member, self.network
        put(db, "contribution_versions", contribution_id=self.given, text=f"earlier {WORD}", at=NOW)
        voice = self.gives(
            member, text="", message=MESSAGE * 10, kind="voice", heard=f"heard {WORD}", heard_state="typed"
        )
        put(
            db,
            "media",
            contribution_id=voice,
            kind="voice",
            file_id=f"file-{NUMBER}",
            name=f"{WORD}.ogg",
            sha256="x",
            size=400,
            bytes=f"RIFF {WORD} ".encode() * 30,
            state="kept",
            at=NOW,
        )
        put(
            db,
            "reactions",
            network_id=here,
            chat_id=self.chat,
            message_id=4,
            member_id=member,
            emojis=["❤"],
            at=NOW,
        )
        put(
            db,
            "reactions",
            network_id=here,
            chat_id=self.chat,
            message_id=MESSAGE,
            member_id=self.other,
            emojis=["👍"],
            at=NOW,
        )
        put(db, "reaction_counts", chat_id=self.chat, message_id=MESSAGE, counts={"👍": 1}, at=NOW)
        meeting = put(
            db, "meetings", network_id=here, title="Second", starts_at=NOW, created_by=anna, created_at=NOW
        )
        put(db, "rsvps", meeting_id=meeting, member_id=member, answer="yes", at=NOW)
        theme = put(
            db, "themes", network_id=here, code="night", names={"en": "Night"}, words={"en": ["lamp"]}
        )
        put(db, "contribution_themes", contribution_id=self.given, theme_id=theme, by="author", at=NOW)
        posting = tables.postings.c
        asked = db.execute(select(posting.occurrence_id).where(posting.id == self.posting)).scalar_one()
        for one in (member, self.other):
            put(db, "votes", occurrence_id=asked, member_id=one, picks=[0], group="carer", at=NOW)
        self.sentence = self.says(asked, self.given)
        put(db, "asks", posting_id=self.posting, member_id=member, asked_at=NOW)
        put(db, "tellings", posting_id=self.posting, member_id=member, how="call", phone=PHONE, at=NOW)
        put(
            db,
            "talks",
            network_id=here,
            person_id=anna,
            to_person=self.frida,
            how="call",
            phone=PHONE,
            at=NOW,
            due_at=NOW,
        )
        put(
            db,
            "links",
            token=f"l{here}",
            kind="join",
            network_id=here,
            name=NAME,
            opened_by=anna,
            uses_left=0,
            created_at=NOW,
        )
        put(db, "knocks", network_id=here, person_id=anna, circle="core", at=NOW)
        put(db, "hints", chat_id=self.chat, telegram_id=NUMBER, at=NOW)
        put(db, "tallies", telegram_id=NUMBER, what=f"given{here}", amount=3, until=NOW)
        put(db, "audit", action="joined", network_id=here, person_id=anna, at=NOW)
        put(db, "facts", name=f"administrators:{here}", value={"ids": [NUMBER]}, at=NOW)
        put(db, "facts", name=f"other:{here}", value={"ids": [71]}, at=NOW)
        self.digest = put(
            db,
            "digests",
            network_id=here,
            chain="weekly",
            occurrence="2026-W45",
            state="published",
            draft_at=NOW,
            publish_at=NOW,
            published_at=NOW,
            note=f"I noted {WORD}",
            note_by=anna,
            content={
                "choice": {
                    "questions": [[self.given, [[0, 5]], "m"]],
                    "prompts": [[1, [[self.kept, [[0, 5]], "k"]]]],
                    "singles": [[self.given, [[0, 5]], "m"], [self.kept, [[0, 5]], "k"]],
                    "more": [[1, [[self.given, [[0, 5]], "m"]]]],
                },
                "frozen": {"rounds": [[self.sentence, 1, self.given, "agree", 0, 5, 0, 1, True, {}]]},
                "swapped": {str(self.kept): self.given},
                "drafts": {str(anna): 1, str(self.frida): 1},
            },
        )
        put(
            db, "digest_items", digest_id=self.digest, chain="weekly", contribution_id=self.given, quoted=True
        )
        self.said_of_it()
        if not self.only_once():
            return
        put(db, "dialogs", person_id=anna, kind="x", step="x", data={"words": WORD}, expires_at=NOW)
        put(db, "answering", person_id=anna, data={"waiting": [{"text": WORD}]}, expires_at=NOW)
        parcel = parcels.keep(db, anna, File(f"{WORD}.zip", "application/zip", WORD.encode()), now=NOW)
        outbox.write(db, mail.parcel(To(person=anna), parcel, WORD, key="parcel"), now=NOW)
        self.received()
        self.letters()

    def said_of_it(self) -> None:
        """What she wants to talk about, asked and put right as one who leads, and what she says is wrong."""
        db, here = self.db, {"digest_id": self.digest}
        put(db, "agenda", **here, contribution_id=self.given, position=1)
        own = put(db, "agenda", **here, words=f"Who asks {WORD}?", added_by=self.anna, position=2)
        put(db, "interest", agenda_id=own, member_id=self.member, at=NOW)
        of_her = {"member_id": self.member, "kind": "wrong", "words": f"Not {WORD}", "at": NOW}
        put(db, "corrections", **here, **of_her)
        of_another = {"member_id": self.other, "kind": "wrong", "state": "accepted", "at": NOW}
        put(
            db,
            "corrections",
            **here,
            **of_another,
            answer=f"It was {WORD}",
            settled_by=self.anna,
            settled_at=NOW,
        )

    def says(self, occurrence: int, given: int) -> int:
        """A sentence of a statements round, and what two say to it."""
        prompt = tables.occurrences.c
        of_round = select(prompt.prompt_id).where(prompt.id == occurrence)
        sentence = put(
            self.db,
            "statements",
            prompt_id=self.db.execute(of_round).scalar_one(),
            contribution_id=given,
            spans=[[0, 5]],
            mark="m",
            position=1,
            state="posted",
            asked_at=NOW,
        )
        for one in (self.member, self.other):
            put(self.db, "stances", statement_id=sentence, member_id=one, answer="agree", at=NOW)
        return sentence

    def only_once(self) -> bool:
        return self.db.execute(select(tables.dialogs.c.id)).first() is None

    def received(self) -> None:
        """Updates: one that was handled, one that nobody could handle, and another's that repeats her words."""
        chat = {"id": NUMBER, "first_name": NAME}
        update = {"message": {"from": chat, "chat": chat, "text": WORD, "message_id": MESSAGE}}
        put(
            self.db,
            "inbox",
            update_id=1,
            kind="message",
            chat_telegram_id=NUMBER,
            message_id=MESSAGE,
            state="done",
            received_at=NOW,
        )
        put(self.db, "inbox", update_id=2, kind="message", state="parked", payload=update, received_at=NOW)
        reply = {"from": {"id": 72}, "text": "Yes", "reply_to_message": {"from": chat, "text": WORD}}
        put(
            self.db,
            "inbox",
            update_id=3,
            kind="message",
            state="parked",
            payload={"message": reply},
            received_at=NOW,
        )
        place = {"chat_telegram_id": -100_500 - self.network, "message_id": MESSAGE}
        put(self.db, "inbox", update_id=4, kind="message", state="done", received_at=NOW, **place)
        bert = {"message": {"from": {"id": 72}, "text": "Something else"}}
        put(self.db, "inbox", update_id=5, kind="message", state="parked", payload=bert, received_at=NOW)

    def letters(self) -> None:
        """On their way and sent: to her, about what she gave, repeating it, and with her name on a button."""
        quoted = f"«My {WORD} stood on all night, said Bert»"
        back = keyboard_rows([Button("Take it back", callback("contributions.back", self.given))])
        named = keyboard_rows([Button(f"{NAME}, a carer", callback("members.show", self.member))])
        about = {"contribution": self.given}
        sent = [
            *mail.say(To(person=self.anna), f"May I quote {quoted}?", back, key="may"),
            *mail.say(To(telegram=NUMBER), "Welcome", key="visitor"),
            *mail.say(To(person=self.frida), f"In the draft: {quoted}", key="page"),
            *mail.say(To(person=self.frida), "To listen to", back, key="listen", about=about),
            *mail.say(To(person=self.frida), "Who is in", named, key="who"),
            *mail.say(To(chat=self.chat), f"The week: {quoted}", key="digest", kind="digest"),
            *mail.say(To(chat=self.chat), "Something else", key="question"),
            mail.react(To(chat=self.chat), MESSAGE, "✍", key=f"mark:{self.given}", about=about),
            mail.react(To(chat=self.chat), MESSAGE, None, key=f"unmark:{self.given}"),
            mail.ask(
                "membership",
                To(chat=self.chat),
                "getChatMember",
                {"user_id": NUMBER},
                {"telegram": NUMBER},
                "ask",
            ),
        ]
        outbox.write(self.db, sent, now=NOW)
        for key in ("listen", "who"):
            row = outbox.by_key(self.db, key)
            assert row is not None
            outbox.sent(self.db, row, 44, None, now=NOW)


def _erase(db: Connection, person: int, how: str, members: Sequence[int] | None = None) -> None:
    trace = erasing.gather(db, person, members)
    assert trace is not None
    erasing.erase(db, trace, how, now=NOW)


def _erased(database: Database, how: str) -> Life:
    life = database.write_now(Life)
    assert database.tidy_now()  # so that the words stand in the file itself, not in the log alone
    missing = [needle for needle in NEEDLES if not database.read_now(everywhere, [needle])]
    folder = _disk(database)
    if folder is not None:
        missing += [needle for needle in (WORD, USER, PHONE) if not on_disk(folder, [needle])]
        missing += [] if any(BYTES in file.read_bytes() for file in folder.iterdir()) else ["the number"]
    assert missing == []  # else nothing would be shown by not finding it
    database.write_now(_erase, life.anna, how)
    return life


def _disk(database: Database) -> Path | None:
    file = sqlite_file(database.url)
    return None if file is None else file.parent


@pytest.mark.parametrize("how", [ERASE, UNNAMED])
def test_nothing_of_a_person_is_left(database: Database, how: str) -> None:
    folder = _disk(database)
    life = _erased(database, how)
    assert database.tidy_now()  # else it stands in the log
    needles = NEEDLES if how == ERASE else [one for one in NEEDLES if one != WORD]
    assert database.read_now(everywhere, needles) == []
    if folder is not None:
        assert on_disk(folder, needles) == []
        assert [file.name for file in folder.iterdir() if BYTES in file.read_bytes()] == []
    left = database.read_now(_left)
    assert left["contributions"] == (
        ["A walk in the morning, every day at seven."] if how == ERASE else left["contributions"]
    )
    assert sorted(left["letters"]) == [
        "question",
        "who",
    ]  # and the one to Frida has no name on its button any more
    assert left["facts"] == [f"other:{life.network}"]
    assert left["people"] == (["Frida", "Bert"] if how == ERASE else ["Frida", "Bert", ""])


def _left(db: Connection) -> dict[str, list[Any]]:
    def column(column: Any) -> list[Any]:
        return list(db.execute(select(column).order_by(column.table.c.id)).scalars())

    return {
        "contributions": column(tables.contributions.c.text),
        "letters": column(tables.outbox.c.key),
        "facts": column(tables.facts.c.name),
        "people": column(tables.people.c.name),
    }


def test_words_without_a_link_belong_to_nobody_and_lead_nowhere(database: Database) -> None:
    life = _erased(database, UNNAMED)
    [kept] = database.read_now(_of_nobody)
    assert kept["text"] == f"My {WORD} stood on all night, said Bert."
    assert kept["attribution"] == "none"
    assert kept["message_id"] is None
    assert kept["sent_at"] == NOW.replace(hour=0)  # the day, not the minute
    assert kept["starred_at"] is None
    assert database.read_now(_named) == [("night", NOW.replace(hour=0))]  # the theme stays, its minute goes
    assert kept["state"] == UNLINKED
    assert kept["telegram_id"] == NOBODY
    assert kept["group"] is None
    assert (
        database.read_now(everywhere, [f"heard {WORD}", f"earlier {WORD}"]) == []
    )  # nobody has confirmed the one
    digest = database.read_now(_digest, life.digest)
    assert digest.content["choice"]["questions"] == [[life.given, [[0, 5]], "m"]]
    assert digest.content["drafts"] == {str(life.frida): 1}
    # The sentence they said yes to stays, without the hour; what they said to it goes, and only that.
    assert database.read_now(_sentences) == [(life.sentence, None, 1)]


def _of_nobody(db: Connection) -> list[Any]:
    joined = tables.contributions.join(tables.members).join(
        tables.people, tables.people.c.id == tables.members.c.person_id
    )
    names = ("text", "attribution", "message_id", "sent_at", "starred_at")
    wanted = [tables.contributions.c[name] for name in names]
    query = select(*wanted, tables.members.c.state, tables.members.c.group, tables.people.c.telegram_id)
    return [
        row._mapping
        for row in db.execute(query.select_from(joined).where(tables.people.c.telegram_id == NOBODY))
    ]


def _sentences(db: Connection) -> list[tuple[int, datetime | None, int]]:
    joined = tables.statements.outerjoin(tables.stances)
    answers = func.count(tables.stances.c.id)
    query = select(tables.statements.c.id, tables.statements.c.asked_at, answers).select_from(joined)
    return [
        tuple(row) for row in db.execute(query.group_by(tables.statements.c.id, tables.statements.c.asked_at))
    ]


def _named(db: Connection) -> list[tuple[str, datetime]]:
    joined = tables.contribution_themes.join(tables.themes)
    query = select(tables.themes.c.code, tables.contribution_themes.c.at).select_from(joined)
    return [(code, at) for code, at in db.execute(query)]


def _digest(db: Connection, id: int) -> Any:
    return db.execute(select(tables.digests).where(tables.digests.c.id == id)).one()


def test_a_digest_keeps_nothing_of_what_it_chose_and_is_gone(database: Database) -> None:
    life = _erased(database, ERASE)
    digest = database.read_now(_digest, life.digest)
    assert digest.note is None
    kept = [life.kept, [[0, 5]], "k"]
    left = {"questions": [], "prompts": [[1, [kept]]], "singles": [kept], "more": [[1, []]]}
    assert digest.content["choice"] == left
    assert digest.content["swapped"] == {}
    assert digest.content["frozen"] == {"rounds": []}


def test_one_network_is_left_alone_when_another_is_erased(database: Database) -> None:
    def one_of_two(db: Connection) -> tuple[Life, Life]:
        there = Life(db)
        here = Life(db)
        _erase(db, here.anna, ERASE, [here.member])
        return there, here

    there, here = database.write_now(one_of_two)
    left = database.read_now(everywhere, [WORD])
    assert [line for line in left if f"'network_id': {here.network}," in line] == []
    assert database.read_now(_texts, there.network)[0] == f"My {WORD} stood on all night, said Bert."
    assert database.read_now(_texts, here.network) == ["A walk in the morning, every day at seven."]
    assert len(database.read_now(_people)) == 3


@pytest.mark.parametrize("opened", ["here", "there"])
def test_what_waits_for_another_network_stays_until_that_one_is_left_too(
    database: Database, opened: str
) -> None:
    def answering(db: Connection) -> Any:
        return db.execute(select(tables.answering.c.data)).scalar_one_or_none()

    def one_of_three(db: Connection) -> tuple[dict[str, Life], Any, Any]:
        lives = {name: Life(db) for name in ("there", "here", "left")}
        before = {"posting": lives[opened].posting, "until": NOW.isoformat(), "waiting": [{"text": "Whose?"}]}
        db.execute(tables.answering.update().values(data=before))
        _erase(db, lives["here"].anna, ERASE, [lives["here"].member])
        return lives, before, answering(db)

    lives, before, after = database.write_now(one_of_three)
    assert after == (before if opened == "there" else {**before, "posting": None, "until": None})

    def another(db: Connection) -> Any:
        out = tables.members.c.id == lives["left"].member
        db.execute(tables.members.update().where(out).values(state="left"))
        _erase(db, lives["there"].anna, ERASE, [lives["there"].member])
        return answering(db)

    assert database.write_now(another) is None  # she takes part nowhere: it can be no answer any more


def _texts(db: Connection, network: int) -> list[str]:
    of_it = tables.contributions.c.network_id == network
    return list(
        db.execute(
            select(tables.contributions.c.text).where(of_it).order_by(tables.contributions.c.id)
        ).scalars()
    )


def _people(db: Connection) -> list[int]:
    return list(db.execute(select(tables.people.c.id)).scalars())


@pytest.mark.parametrize(
    ("given", "said", "found"),
    [
        ("The night nurse comes at six.", "A carer: “The night nurse comes at six.”", True),
        (
            "I have been up since four and then the nurse came.",
            "been up since four and then, said somebody",
            True,
        ),
        ("I have been up since four and then the nurse came.", "I was up since four", False),
        ("My neighbour", "«My neighbour»", True),
        ("Yes", "Yes, please", False),
        ("Mantelzorgmakelaar", "De mantelzorgmakelaar kwam", True),
        ("", "Anything", False),
    ],
)
def test_words_are_known_again_where_others_repeat_them(given: str, said: str, found: bool) -> None:
    assert Words((given,)).stand_in(said) is found


def test_who_repeats_the_question_has_not_made_it_theirs() -> None:
    question = "What helped you most in this long week?"
    words = Words((f"{question} My neighbour, who came by every single day.", "this long week"), (question,))
    assert not words.stand_in(f"Open until Sunday: {question}")
    assert not words.stand_in("In this long week nothing was said.")
    assert words.stand_in("She wrote: My neighbour, who came by every single day")


def test_large_files_go_in_portions(database: Database) -> None:
    def many(db: Connection) -> tuple[int, list[int]]:
        life = Life(db)
        for _ in range(5):
            put(
                db,
                "media",
                contribution_id=life.given,
                kind="photo",
                file_id="f",
                sha256="x",
                size=9_000_000,
                state="kept",
                at=NOW,
            )
        return life.anna, [life.member]

    anna, _ = database.write_now(many)

    def portion(db: Connection) -> int:
        trace = erasing.gather(db, anna)
        assert trace is not None
        return erasing.files(db, trace)

    counts = [database.write_now(portion) for _ in range(8)]
    assert sum(counts) == 6
    assert max(counts) < 6
    assert counts[-1] == 0
