"""Somebody in trouble, whom they ask, and what is told to both: on both databases."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from telegram import Chat, Message, Update, User

import handlers.talk
from bot.actions import answering, erasing, standing_in, talk, talk_requests, talking
from bot.actions.answer import Answer
from bot.actions.unit import Unit, holding
from bot.actions.visitors import Visitor
from bot.core.mail import Letter
from bot.core.outcomes import Refused
from handlers.context import Context
from storage import dialogs, members, networks, outbox, people, postings, talks
from storage.db import Database
from tests.troubled import DESK, MONDAY_NOON, NIGHT, Room, dialog, given, labels, play

# Help, at once ---------------------------------------------------------------------------------------------------


async def test_help_comes_first_and_one_chooses_who_may_get_in_touch(database: Database) -> None:
    def story(here: Room) -> None:
        shown = here.talk("Anna")
        assert "call 112" in shown[0].params["text"]
        assert "088 0767 000" in shown[0].params["text"]
        assert "nobody reads this now" in shown[0].params["text"]
        assert labels(shown) == ["Frida", "Mohammed", "Whoever can first", "No, thank you"]
        how = here.press("Anna", shown, "Frida") or []
        assert "without your name" in how[0].params["text"]
        asked = here.press("Anna", how, "Write to me here") or []
        assert "Friday 27 November at 23:12" in asked[0].params["text"]
        assert "Monday 30 November at 12:00" in asked[0].params["text"]
        assert "you can ask Mohammed." in asked[0].params["text"]
        assert "088 0767 000" in asked[0].params["text"]  # these answer now
        alert = here.letters("Frida")[0]
        assert "Anna" not in str(alert.params)  # a name is seen by who takes it on
        assert "112" not in str(alert.params)
        assert here.said("Mohammed") == []
        assert "talk_asked" in here.audited()

    await play(database, story)


async def test_a_stranger_gets_the_general_line_and_nothing_is_stored(database: Database) -> None:
    def story(here: Room) -> None:
        letters = talk.begin(here.db, Visitor(99, "Eve", None, "nl"), None, DESK, now=NIGHT)
        assert "Bel 112" in letters[0].params["text"]
        assert "088" not in letters[0].params["text"]
        assert labels(letters) == []
        assert people.by_telegram_id(here.db, 99) is None

    await play(database, story)


async def test_who_left_gets_the_general_line(database: Database) -> None:
    def story(here: Room) -> None:
        member = members.who(here.db, here.network, here.people["Anna"].id)
        assert member is not None
        members.change(here.db, member.id, state="left")
        assert labels(here.talk("Anna")) == []

    await play(database, story)


async def test_of_several_networks_one_is_chosen(database: Database) -> None:
    def story(here: Room) -> None:
        other = networks.create(here.db, title="Other", language="nl", timezone="Europe/Amsterdam", now=NIGHT)
        member = members.keep(here.db, other.id, here.people["Anna"].id, circle="core", now=NIGHT)
        members.change(here.db, member.id, state="active", paused_until=NIGHT + timedelta(days=9))
        shown = here.talk("Anna")
        assert "call 112" in shown[0].params["text"]
        assert labels(shown) == ["Care partnership", "Other"]
        there = here.press("Anna", shown, "Other") or []
        assert labels(there) == ["Cora", "No, thank you"]  # nobody leads it: the coordinator is left

    await play(database, story)


async def test_a_press_for_a_network_one_does_not_belong_to_means_nothing(database: Database) -> None:
    def story(here: Room) -> None:
        shown = here.talk("Anna")
        assert here.press("Cora", shown, "Frida") is None
        how = here.press("Anna", shown, "Frida") or []
        here.press("Anna", how, "Write to me here")
        assert here.press("Anna", how, "Write to me here") is None  # asked once
        assert here.press("Mohammed", here.letters("Frida"), "I take it on") is None  # was not asked

    await play(database, story)


# Until somebody takes it on --------------------------------------------------------------------------------------


def asked(here: Room, whom: str = "Frida", how: str = "Write to me here") -> None:
    screens = here.press("Anna", here.talk("Anna"), whom) or []
    here.press("Anna", screens, how)


async def test_nobody_answers_the_person_hears_it_and_asks_the_next_one(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here)
        here.due(MONDAY_NOON - timedelta(minutes=1))
        before = here.last()
        here.due(MONDAY_NOON)
        told = here.said("Anna", before)
        assert "Frida has not answered by Monday 30 November at 12:00" in told[0]
        assert "112" in told[0]
        assert here.request().state == "nobody"
        assert here.said("Mohammed") == []  # only Anna decides who hears of it
        assert [one for one in here.said("Cora", before) if "Anna" in one] == []
        assert len(here.said("Cora", before)) == 1
        here.press("Anna", here.letters("Anna"), "Mohammed")
        assert here.request().state == "asked"
        assert here.request().due_at > here.now
        yours = here.press("Mohammed", here.letters("Mohammed"), "I take it on") or []
        assert "It's Anna" in yours[0].params["text"]
        assert "Mohammed takes it on" in here.said("Anna")[-1]
        assert "Somebody else has taken it on" in here.said("Frida")[-1]
        assert here.press("Frida", [here.letters("Frida")[-1]], "I take it on") is not None
        assert here.request().taken_by == here.people["Mohammed"].id

    await play(database, story)


async def test_where_anybody_may_the_next_one_is_asked_without_waiting(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here, "Whoever can first")
        here.press("Frida", here.letters("Frida"), "I can't")
        assert here.request().to_person == here.people["Mohammed"].id
        assert "Frida can't take it on just now. I have asked Mohammed now" in here.said("Anna")[-1]
        here.due(here.request().due_at)
        assert here.request().state == "nobody"
        assert "there is nobody left to ask" in here.said("Anna")[-1]

    await play(database, story)


async def test_a_downtime_costs_a_request_nothing(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here, "Whoever can first")
        here.due(MONDAY_NOON + timedelta(days=2))
        assert here.request().to_person == here.people["Mohammed"].id
        assert here.request().due_at > here.now
        here.due(NIGHT + timedelta(days=8))
        assert talks.open_of(here.db, here.people["Anna"].id) is None
        assert "A week is over" in here.said("Anna")[-1]

    await play(database, story)


async def test_who_blocked_the_bot_is_not_waited_for(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here)
        row = outbox.by_key(here.db, talks.alert_key(here.request().id, here.people["Frida"].id))
        assert row is not None
        talk_requests.alerted(
            here.db, Answer(row, Refused("bot was blocked by the user", gone=True), DESK, NIGHT)
        )
        assert talk_requests.due(here.db, now=NIGHT) == [here.request().id]

    await play(database, story)


async def test_asking_is_taken_back(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here, "Frida", "Call me")
        here.keep(
            talk.typed(here.db, here.person("Anna"), dialog(here, "Anna"), "06 1234 5678", DESK, now=here.now)
        )
        here.press("Anna", here.letters("Anna"), "Don't ask after all")
        assert talks.open_of(here.db, here.people["Anna"].id) is None
        assert "there is nothing to do" in here.said("Frida")[-1]
        assert talks.get(here.db, 1).phone is None  # type: ignore[union-attr]
        again = here.press("Frida", [here.letters("Frida")[-1]], "I take it on") or []
        assert "Anna" not in str([one.params for one in again])

    await play(database, story)


async def test_a_telephone_number_is_seen_by_who_takes_it_on_and_erased_after_a_week(
    database: Database,
) -> None:
    def story(here: Room) -> None:
        asked(here, "Frida", "Call me")
        wrong = talk.typed(here.db, here.person("Anna"), dialog(here, "Anna"), "tonight", DESK, now=here.now)
        assert "can't read <i>tonight</i>" in wrong[0].params["text"]
        here.keep(
            talk.typed(here.db, here.person("Anna"), dialog(here, "Anna"), "06 1234 5678", DESK, now=here.now)
        )
        assert "0612345678" not in str(here.said("Frida"))
        yours = here.press("Frida", here.letters("Frida"), "I take it on") or []
        assert "Anna:</b> 0612345678" in yours[0].params["text"]
        here.due(NIGHT + timedelta(days=7))
        assert talks.get(here.db, 1).phone is None  # type: ignore[union-attr]
        assert "The number is erased" in here.said("Frida")[-1]  # in place of the message that showed it
        assert "your number is erased here" in here.said("Anna")[-1]

    await play(database, story)


@pytest.mark.parametrize("away", ["paused", "blocked", "left", "alone"])
async def test_nothing_depends_on_the_only_facilitator(database: Database, away: str) -> None:
    def story(here: Room) -> None:
        frida = members.who(here.db, here.network, here.people["Frida"].id)
        assert frida is not None
        if away == "paused":
            members.change(here.db, frida.id, paused_until=NIGHT + timedelta(days=30))
        elif away == "blocked":
            people.change(here.db, frida.person_id, reachable=False)
        else:
            members.change(here.db, frida.id, state="left")
        if away == "alone":
            networks.change(here.db, here.network, stand_in=None)
        network = networks.found(here.db, here.network)
        there = [one.name for one in standing_in.here(here.db, network, now=NIGHT)]
        assert there == ([] if away == "alone" else ["Mohammed"])
        assert labels(here.talk("Anna"))[0] == ("Cora" if away == "alone" else "Mohammed")
        here.answer("Some days I can't go on.")
        assert len(here.said("Cora" if away == "alone" else "Mohammed")) == 1
        assert here.said("Frida") == []

    await play(database, story)


# What is written to each other -----------------------------------------------------------------------------------


async def test_words_go_to_the_right_one_of_several(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here)
        here.press("Frida", here.letters("Frida"), "I take it on")
        anna, frida = here.people["Anna"].id, here.people["Frida"].id
        found = talking.talk_of(here.db, anna, None, now=here.now)
        assert found is not None
        sent = here.keep(
            talking.written(
                here.db, here.person("Anna"), found, given(here, "Anna", "<b>Hi"), DESK, now=here.now
            )
        )
        assert sent[0].to.person == frida
        assert "&lt;b&gt;Hi" in sent[0].params["text"]
        row = outbox.by_key(here.db, sent[0].key)
        assert row is not None
        assert row.message_id is not None
        dialogs.close(here.db, frida)  # she planned a question meanwhile
        assert talking.talk_of(here.db, frida, None, now=here.now) is None
        assert talking.talk_of(here.db, frida, row.message_id, now=here.now) == talks.get(here.db, found.id)
        assert talking.talk_of(here.db, here.people["Mohammed"].id, row.message_id, now=here.now) is None
        here.press("Frida", here.letters("Frida"), "Answer")
        assert talking.talk_of(here.db, frida, None, now=here.now) is not None

    await play(database, story)


async def test_an_answer_can_t_be_begun_in_a_talk(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here)
        posting = postings.open_in(here.db, here.network, now=here.now)[0]
        here.press("Frida", here.letters("Frida"), "I take it on")
        shown = answering.begin(here.db, here.person("Anna"), posting.id, DESK, now=here.now) or []
        assert "You are talking with Frida" in shown[0].params["text"]
        here.press("Anna", shown, "End this")
        assert "This talk has ended" in here.said("Frida")[-1]
        shown = answering.begin(here.db, here.person("Anna"), posting.id, DESK, now=here.now) or []
        assert "Your answer to" in shown[0].params["text"]

    await play(database, story)


async def test_a_talk_in_which_nobody_writes_is_over_and_both_hear_it(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here)
        here.press("Frida", here.letters("Frida"), "I take it on")
        here.due(here.now + timedelta(days=2))
        assert talks.open_of(here.db, here.people["Anna"].id) is None
        assert "Nobody has written for two days" in here.said("Anna")[-1]
        assert "Nobody has written for two days" in here.said("Frida")[-1]
        assert talks.forget_old(here.db, before=here.now + timedelta(days=1)) == 1

    await play(database, story)


@pytest.mark.parametrize("taken", [False, True])
async def test_what_somebody_was_asked_goes_on_when_they_leave(database: Database, taken: bool) -> None:
    def story(here: Room) -> None:
        asked(here)
        if taken:
            here.press("Frida", here.letters("Frida"), "I take it on")
        frida = members.who(here.db, here.network, here.people["Frida"].id)
        assert frida is not None
        members.change(here.db, frida.id, state="left")
        here.keep(talk_requests.gone(here.db, frida, DESK, now=here.now))
        if taken:
            assert "This talk has ended" in here.said("Anna")[-1]
            return
        assert "Frida can't take it on just now. Whom shall I ask now?" in here.said("Anna")[-1]
        people.remove(here.db, frida.person_id)  # erased: the request stands
        here.press("Anna", here.letters("Anna"), "Mohammed")
        assert here.request().to_person == here.people["Mohammed"].id

    await play(database, story)


async def test_who_is_erased_is_asked_for_by_nobody_any_more(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here)
        here.press("Frida", here.letters("Frida"), "I take it on")
        anna = members.who(here.db, here.network, here.people["Anna"].id)
        assert anna is not None
        words = given(here, "Anna", "unmistakable")
        found = talks.under_way(here.db, anna.person_id)
        assert found is not None
        here.keep(talking.written(here.db, here.person("Anna"), found, words, DESK, now=here.now))
        before = here.last()
        here.keep(talk_requests.gone(here.db, anna, DESK, now=here.now, erased=True))
        told = here.said("Frida", before)
        assert any("there is nothing to do" in one for one in told)  # in place of the message with the name
        assert any("What stood here was erased" in one for one in told)
        assert not any("Anna" in one or "unmistakable" in one for one in told)
        assert outbox.of_kind(here.db, talks.KIND, "talk:") == []
        assert talks.open_of(here.db, anna.person_id) is None

    await play(database, story)


# Who goes, and what is left of it ---------------------------------------------------------------------------------


def writes(here: Room, name: str, words: str, number: int = 50) -> None:
    one = here.person(name)
    found = talking.talk_of(here.db, one.id, None, now=here.now)
    assert found is not None
    here.keep(
        talking.written(here.db, one, found, given(here, name, words, number=number), DESK, now=here.now)
    )


def goes(here: Room, name: str) -> None:
    member = members.who(here.db, here.network, here.people[name].id)
    assert member is not None
    members.change(here.db, member.id, state="left")
    here.keep(talk_requests.gone(here.db, member, DESK, now=here.now))


async def test_words_of_a_talk_whose_row_is_gone_are_no_answer(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here)
        here.due(MONDAY_NOON)
        here.press("Anna", here.letters("Anna"), "Mohammed")
        here.press("Frida", [here.letters("Frida")[-1]], "I take it on")  # late, though not too late
        people.remove(here.db, here.people["Mohammed"].id)
        writes(here, "Anna", "Are you there?")  # the talk does not go with who was asked
        frida = here.person("Frida")
        passed = outbox.of_kind(here.db, talks.KIND, "talk:")[0].message_id
        assert not talking.was_talk(here.db, here.people["Cora"].id, passed, now=here.now)
        people.remove(here.db, here.people["Anna"].id)
        assert talking.talk_of(here.db, frida.id, passed, now=here.now) is None

        def takes(replied: int | None) -> list[Letter] | None:
            """What is said to Frida's next words; None: they are not about a talk."""
            place, by = Chat(frida.telegram_id, Chat.PRIVATE), User(frida.telegram_id, "Frida", False)
            before = None if replied is None else Message(replied, here.now, place)
            words = Message(60, here.now, place, from_user=by, text="Yes", reply_to_message=before)
            update, held = Update(1, message=words), Unit(here.db, here.now, "reply:1", DESK)
            with holding(held):
                if not handlers.talk.in_talk().filter(update):
                    return None
                with pytest.raises(StopIteration):  # it waits for nothing
                    handlers.talk.on_words(update, Context(SimpleNamespace())).send(None)  # type: ignore[arg-type]
            return held.letters

        for replied in (None, passed):
            (told,) = takes(replied) or []
            assert "passed nothing on and kept nothing" in told.params["text"]
        assert dialogs.of(here.db, frida.id, now=here.now) is None
        assert takes(None) is None  # from now on an answer is one again

    await play(database, story)


@pytest.mark.parametrize("taken", [False, True])
async def test_what_a_coordinator_was_asked_goes_on_when_they_are_erased(
    database: Database, taken: bool
) -> None:
    def story(here: Room) -> None:
        goes(here, "Frida")
        networks.change(here.db, here.network, stand_in=None)
        asked(here, "Cora")
        if taken:
            here.press("Cora", here.letters("Cora"), "I take it on")
            writes(here, "Cora", "unmistakable")
        cora, before = here.person("Cora"), here.last()
        letters = erasing.pressed(here.db, cora, "erase", 0, "", message_id=5, desk=DESK, now=here.now)
        here.keep(letters)
        told = here.said("Anna", before)
        if taken:
            assert any("This talk has ended" in one for one in told)
            assert any("What stood here was erased" in one for one in told)
            assert "That is over" in here.said("Cora", before)[-1]
        else:
            assert "Cora can't take it on just now" in told[0]
        people.remove(here.db, cora.id)
        still = talks.open_of(here.db, here.people["Anna"].id)
        assert (still is None) == taken

    await play(database, story)


@pytest.mark.parametrize("how", ["called", "left", "silence", "asker", "helper"])
async def test_who_took_it_on_keeps_no_name_and_no_number(database: Database, how: str) -> None:
    def story(here: Room) -> None:
        if how in ("called", "left"):
            asked(here, "Frida", "Call me")
            data = dialog(here, "Anna")
            here.keep(talk.typed(here.db, here.person("Anna"), data, "06 1234 5678", DESK, now=here.now))
        else:
            asked(here)
        alert = talks.alerts(here.db, here.request().id)[0].message_id
        here.press("Frida", here.letters("Frida"), "I take it on")
        here.now += timedelta(minutes=1)
        before = here.last()
        if how == "called":
            here.press("Frida", here.letters("Frida"), "We have spoken")
        elif how == "left":
            goes(here, "Frida")
        elif how == "silence":
            here.due(here.now + timedelta(days=2))
        else:
            here.press("Anna" if how == "asker" else "Frida", here.letters("Frida"), "End this")
        seen = [one for one in here.letters("Frida") if one.params.get("message_id") == alert]
        id = "The number is erased" if how in ("called", "left") else "That is over"
        assert id in seen[0].params["text"]
        assert labels(seen[:1]) == []
        assert "Anna" not in str(here.said("Frida", before))

    await play(database, story)


async def test_words_of_one_keep_the_talk_open_for_the_other(database: Database) -> None:
    def story(here: Room) -> None:
        asked(here)
        here.press("Frida", here.letters("Frida"), "I take it on")
        frida = here.people["Frida"].id
        for number in range(3):
            here.now += timedelta(days=1, hours=20)
            writes(here, "Anna", "Are you there?", 50 + number)
            assert dialog(here, "Frida").expires_at == here.request().due_at
        dialogs.close(here.db, frida)  # as an answer does that she begins
        writes(here, "Anna", "Hello?", 60)
        assert talking.talk_of(here.db, frida, None, now=here.now) is None
        dialogs.put(here.db, frida, talks.KIND, "number", {"talk": here.request().id}, now=here.now)
        writes(here, "Anna", "Hello!", 61)
        assert dialog(here, "Frida").step == "number"

    await play(database, story)
