"""Being forgotten: what is said, what becomes of drafts and summaries, and who hears of what can't be changed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.actions import drafts, erasing, erasure, leaving, mydata
from bot.actions.answer import Answer
from bot.core import mail
from bot.core.erasing import Safety
from bot.core.mail import File, Letter, To
from bot.core.outcomes import Refused, Sent
from storage import erasures, facts, members, networks, outbox, parcels, people, tables
from storage.db import Connection, Database
from tests.actions.test_digests import DESK, DRAFT, FRIDAY, MONDAY, Bench
from tests.searching import everywhere

NIGHT = "The night nurse comes at six, and then I have been up since four in the morning."
WALK = "A walk in the morning, every day at seven."
LATE = MONDAY.replace(hour=22)  # 23:00 in the network
MORNING = (MONDAY + timedelta(days=1)).replace(hour=7)  # 8:00 there
HOUSE = replace(DESK, safety=Safety(key=b"k"))


class Circle(Bench):
    """A network whose first carer wants to be forgotten."""

    def person(self, author: int = 0) -> Any:
        member = self.write(members.get, self.authors[author])
        return self.write(people.get, member.person_id)

    def presses(self, verb: str, target: int, *, who: Any = None, now: Any = MONDAY, **more: Any) -> Any:
        person = who or self.person()
        return self.write(
            erasing.pressed, person, verb, target, "", message_id=9, desk=HOUSE, now=now, **more
        )

    def forgets(self, verb: str = "erase", *, now: Any = MONDAY) -> list[str]:
        """Press, and let the clock do it; return the keys of all letters that are there then."""
        assert self.presses(verb, self.authors[0], now=now) is not None
        while due := self.database.read_now(erasure.due, now=now):
            self.write(erasure.go_on, due[0], HOUSE, now=now)
        return self.letters()

    def letters(self) -> list[str]:
        return self.write(
            lambda db: list(db.execute(select(tables.outbox.c.key).order_by(tables.outbox.c.id)).scalars())
        )

    def row(self, key: str) -> Any:
        return self.write(outbox.by_key, key)

    def arrives(self, key: str, message_id: int) -> None:
        self.write(lambda db: outbox.sent(db, outbox.by_key(db, key), message_id, None, now=MONDAY))  # type: ignore[arg-type]

    def answered(self, key: str, outcome: Any, *, now: Any = FRIDAY) -> None:
        answer = Answer(self.row(key), outcome, HOUSE, now)
        self.write(erasure.answered, answer)

    def published(self) -> Any:
        self.write(networks.change, self.network, approval="trusted")
        self.given(NIGHT)
        self.given(WALK, author=1)
        self.weeks(FRIDAY + timedelta(minutes=1))
        return self.the("published")


@pytest.fixture
def circle(database: Database) -> Circle:
    return Circle(database)


# Words in drafts and summaries ----------------------------------------------------------------------------------


def test_a_draft_is_rid_of_the_words_wherever_it_stands(circle: Circle) -> None:
    circle.given(NIGHT)
    circle.given(WALK, author=1)
    circle.tick(DRAFT)
    draft = circle.the("draft")
    frida = circle.write(members.get, circle.frida).person_id
    first, second = (f"draft:{draft.id}:{frida}:{number}" for number in (1, 2))
    circle.arrives(first, 31)
    circle.write(
        lambda db: outbox.write(db, drafts.send(db, draft.id, DESK, now=DRAFT, to=[frida]), now=DRAFT)
    )
    assert NIGHT in circle.row(second).params["text"]  # on its way
    circle.forgets(now=DRAFT)
    assert NIGHT not in circle.row(second).params["text"]
    assert WALK in circle.row(second).params["text"]
    older = [circle.row(key) for key in circle.letters() if key.startswith(f"{first}:v")]
    assert [(row.params["message_id"], NIGHT in row.params["text"]) for row in older] == [(31, False)]
    assert "reply_markup" not in older[0].params  # only the newest can be pressed
    circle.tick(DRAFT + timedelta(minutes=1))
    assert circle.database.read_now(everywhere, ["night nurse"]) == []


def test_a_summary_on_its_way_goes_out_without_the_words(circle: Circle) -> None:
    digest = circle.published()
    key = f"digest:{digest.id}:{circle.chat}"
    assert NIGHT in circle.row(key).params["text"]
    circle.forgets(now=FRIDAY)
    row = circle.row(key)
    assert (row.state, NIGHT in row.params["text"], WALK in row.params["text"]) == ("pending", False, True)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("message can't be edited", 1),
        ("bot was kicked from the supergroup chat", 1),
        ("message to edit not found", 0),
    ],
)
def test_those_who_lead_hear_of_a_summary_that_telegram_lets_nobody_change(
    circle: Circle, reason: str, told: int
) -> None:
    digest = circle.published()
    circle.arrives(f"digest:{digest.id}:{circle.chat}", 77)
    [edit] = [
        key for key in circle.forgets(now=FRIDAY) if key.startswith(f"digest:{digest.id}:{circle.chat}:edit")
    ]
    assert NIGHT not in circle.row(edit).params["text"]
    circle.answered(edit, Refused(reason))
    said = [circle.row(key).params["text"] for key in circle.letters() if key.startswith("not_erased:")]
    assert len(said) == told
    for words in said:
        assert "In the summary of Friday 6 November in <i>Care</i>" in words
        assert "Carer" not in words  # not whose
    assert edit not in circle.letters()


def test_what_others_were_shown_of_it_is_replaced_or_deleted(circle: Circle) -> None:
    given = circle.given(NIGHT)
    frida = circle.write(members.get, circle.frida).person_id
    letters: list[Letter] = [
        *mail.say(To(person=frida), NIGHT, key="catchup", about={"quotes": [given]}),
        *mail.media(To(person=frida), "voice", "file", key="voice", about={"contribution": given}),
        *mail.say(To(person=frida), f"She said: {NIGHT}", key="waiting"),
        *mail.say(To(person=frida), "Something else", key="else"),
    ]
    circle.write(outbox.write, letters, now=MONDAY)
    circle.arrives("catchup", 41)
    circle.arrives("voice", 42)
    keys = circle.forgets()
    assert [key for key in keys if key in ("catchup", "voice", "waiting", "else")] == ["else"]
    done = [circle.row(key) for key in keys if key.startswith("erased:")]
    assert [(row.method, row.params["message_id"]) for row in done] == [
        ("editMessageText", 41),
        ("deleteMessage", 42),
    ]
    circle.answered(done[1].key, Refused("message can't be deleted for everyone"))
    [told] = [key for key in circle.letters() if key.startswith("not_erased:")]
    assert circle.row(told).params["reply_parameters"]["message_id"] == 42


def test_nobody_is_woken_because_somebody_else_is_forgotten_at_night(circle: Circle) -> None:
    digest = circle.published()
    circle.arrives(f"digest:{digest.id}:{circle.chat}", 77)
    frida = circle.write(members.get, circle.frida).person_id
    shown = circle.given("Said again")
    letters = mail.media(To(person=frida), "voice", "file", key="voice", about={"contribution": shown})
    circle.write(outbox.write, letters, now=MONDAY)
    circle.arrives("voice", 42)
    late = FRIDAY.replace(hour=22)
    keys = circle.forgets(now=late)
    for key in keys:
        if key.startswith((f"digest:{digest.id}:{circle.chat}:edit", "erased:")):
            circle.answered(key, Refused("it is too late for that"), now=late)
    here, there = (circle.row(key) for key in circle.letters() if key.startswith("not_erased:"))
    here, there = (here, there) if "reply_parameters" in here.params else (there, here)
    assert here.params["disable_notification"]
    assert there.params["disable_notification"]
    assert there.not_before == (FRIDAY + timedelta(days=1)).replace(hour=7)


# The receipt ----------------------------------------------------------------------------------------------------


def test_the_receipt_goes_by_telegrams_number_and_leaves_nothing_when_it_has_arrived(circle: Circle) -> None:
    circle.given(NIGHT)
    number = circle.person().telegram_id
    [receipt] = [key for key in circle.forgets() if key.startswith("receipt:")]
    row = circle.row(receipt)
    assert (row.method, row.telegram_id, row.person_id) == ("editMessageText", number, None)
    assert "<b>Erased</b> on Monday 2 November at 10:00: 1 answer and your profile." in row.params["text"]
    assert "gone by Wednesday 2 December" in row.params["text"]
    [written] = circle.write(erasures.every)
    assert f"Receipt: {written.receipt}." in row.params["text"]
    circle.answered(receipt, Sent(True))
    assert circle.letters() == []
    assert circle.database.read_now(everywhere, [NIGHT, "Carer 11"]) == []


def test_a_receipt_whose_message_is_gone_is_said_instead(circle: Circle) -> None:
    [receipt] = [key for key in circle.forgets() if key.startswith("receipt:")]
    circle.answered(receipt, Refused("message to edit not found"))
    [said] = circle.letters()
    assert (circle.row(said).method, "Erased" in circle.row(said).params["text"]) == ("sendMessage", True)


def test_a_parcel_on_its_way_goes_too(circle: Circle) -> None:
    person = circle.person()
    file = File("mydata.zip", "application/zip", NIGHT.encode())
    circle.write(parcels.keep, person.id, file, now=MONDAY)
    circle.forgets()
    assert (
        circle.write(lambda db: db.execute(select(func.count()).select_from(tables.parcels)).scalar_one())
        == 0
    )


def test_what_mydata_put_together_before_is_not_sent_afterwards(circle: Circle) -> None:
    circle.given(NIGHT)
    person = circle.person()
    circle.write(people.change, person.id, coordinator=True)  # so that the person stays

    def asks(now: Any) -> Any:
        circle.write(mydata.ask, person, HOUSE, now=now)
        return mydata.make(circle.database.read_now(mydata.read, person.id, HOUSE, now=now))

    def on_its_way() -> list[Any]:
        kept = circle.write(lambda db: db.execute(select(tables.parcels.c.name)).scalars().all())
        return [*kept, *(key for key in circle.letters() if key.startswith("mydata:"))]

    circle.write(mydata.write, person.id, HOUSE, now=MONDAY, made=asks(MONDAY))
    assert len(on_its_way()) == 4  # a page and an archive, and a letter for each
    made = asks(MONDAY + timedelta(seconds=1))  # still being made in another process
    circle.forgets()
    assert on_its_way() == []
    circle.write(mydata.write, person.id, HOUSE, now=FRIDAY, made=made)
    assert on_its_way() == []
    again = asks(FRIDAY)
    circle.write(mydata.write, person.id, HOUSE, now=FRIDAY, made=made)
    assert on_its_way() == []
    circle.write(mydata.write, person.id, HOUSE, now=FRIDAY, made=again)
    assert on_its_way() != []


# Who may, and who can't yet -------------------------------------------------------------------------------------


def test_only_ones_own_words_and_only_once(circle: Circle) -> None:
    assert circle.presses("erase", circle.authors[1]) is None  # somebody else's
    assert circle.presses("erase", 999) is None
    assert circle.presses("erase", circle.authors[0]) is not None
    for verb in ("erase", "cut", "ask", "no"):  # it was ordered: nothing stops it, nothing is done twice
        assert circle.presses(verb, circle.authors[0]) is None
    assert circle.write(members.get, circle.authors[0]).state == "left"


def test_who_leads_alone_hands_over_first(circle: Circle) -> None:
    frida = circle.write(people.get, circle.write(members.get, circle.frida).person_id)
    assert circle.presses("erase", circle.frida, who=frida) is None
    [asked] = circle.write(erasing.begin, frida, HOUSE)
    assert "Nobody else leads <i>Care</i>" in asked.params["text"]
    assert "/members" in asked.params["text"]
    assert circle.write(facts.beginning, erasing.FACT) == []


def test_the_stand_in_leads_after_who_led_alone(circle: Circle) -> None:
    stand_in = circle.person(1)
    circle.write(networks.change, circle.network, stand_in=stand_in.id)
    frida = circle.write(people.get, circle.write(members.get, circle.frida).person_id)
    [asked] = circle.write(erasing.begin, frida, HOUSE)
    assert "<i>Care</i> is then led by Carer 12." in asked.params["text"]
    letters = circle.presses("erase", circle.frida, who=frida)
    assert [one.id for one in circle.write(members.facilitators, circle.network)] == [circle.authors[1]]
    assert any(letter.to == To(person=stand_in.id) for letter in letters)


@pytest.mark.parametrize("how", ["forget", "leave"])
def test_the_stand_in_hears_in_the_morning_that_they_lead_now(circle: Circle, how: str) -> None:
    stand_in = circle.person(1)
    circle.write(networks.change, circle.network, stand_in=stand_in.id)
    leader = circle.write(members.get, circle.frida)
    if how == "forget":
        frida = circle.write(people.get, leader.person_id)
        letters = circle.presses("erase", circle.frida, who=frida, now=LATE)
    else:
        letters = circle.write(leaving.left, leader, HOUSE, how="self", now=LATE)
    [told] = [letter.not_before for letter in letters if letter.to == To(person=stand_in.id)]
    assert told == MORNING


def test_a_coordinator_stays_one_when_leaving_a_network(circle: Circle) -> None:
    circle.write(people.change, circle.person().id, coordinator=True)
    [asked] = circle.write(erasing.begin, circle.person(), HOUSE)
    labels = [button["text"] for line in asked.params["reply_markup"]["inline_keyboard"] for button in line]
    assert labels == ["Care", "Everywhere", "Leave it"]
    circle.forgets()
    assert circle.write(people.by_telegram_id, 11) is not None


def test_the_words_that_would_stay_can_be_read_first(circle: Circle) -> None:
    circle.given(NIGHT)
    circle.given("<b>Bold & brave</b>")
    circle.given("Not safe", danger="held")
    [shown] = circle.presses("read", circle.authors[0])
    assert NIGHT in shown.params["text"]
    assert "&lt;b&gt;Bold &amp; brave" in shown.params["text"]
    assert "Not safe" not in shown.params["text"]


def test_words_that_stay_are_quoted_as_a_participants(circle: Circle, database: Database) -> None:
    circle.given(NIGHT)
    circle.given(WALK, author=1)
    circle.forgets("cut")
    circle.write(networks.change, circle.network, approval="trusted")
    circle.weeks(FRIDAY + timedelta(minutes=1))
    [sent] = circle.sent()
    after = sent.partition("night nurse")[2]
    assert after.index("a participant") < (after + "a carer").index("a carer")
    assert database.read_now(everywhere, ["Carer 11"]) == []


def test_who_did_not_want_to_be_quoted_is_not_quoted_without_a_name_either(circle: Circle) -> None:
    def unquoted(db: Connection) -> None:
        members.agree(db, circle.authors[0], "quote", False, version="2", language="en", now=MONDAY)

    circle.write(unquoted)
    circle.given(NIGHT)
    circle.given(WALK, author=1)
    circle.forgets("cut")
    circle.write(networks.change, circle.network, approval="trusted")
    circle.weeks(FRIDAY + timedelta(minutes=1))
    [sent] = circle.sent()
    assert "night nurse" not in sent
    assert "2 replies" in sent
