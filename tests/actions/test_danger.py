"""An answer that sounds like danger: what its author sees, what those who lead see, and when nobody looks."""

from dataclasses import replace
from datetime import timedelta

from bot.actions import alerts, taking
from bot.actions.contributions import erase
from storage import chats, contributions, digests, members, networks
from storage.db import Database
from tests.troubled import DESK, NIGHT, Room, given, labels, play

# An answer that sounds like danger -------------------------------------------------------------------------------


async def test_who_writes_it_gets_help_and_nothing_goes_into_a_summary(database: Database) -> None:
    def story(here: Room) -> None:
        kept = here.answer("Some days I can't go on.")
        told = here.said("Anna")
        assert len(told) == 1  # instead of the usual line
        assert "It won't be in a summary unless you say so" in told[0]
        assert "call 112" in told[0]
        assert "088 0767 000" in told[0]
        alert = here.said("Frida")
        assert len(alert) == 1
        assert "Anna" not in alert[0]
        assert "go on" not in alert[0]
        assert here.said("Mohammed") == []  # Frida is there
        assert digests.waiting(here.db, here.network, "weekly", cut=here.now) == []
        assert contributions.held_back(here.db, here.network, since=None) == (1, 0)
        offered = here.press("Anna", here.letters("Anna"), "Yes, please") or []
        assert labels(offered)[:2] == ["Frida", "Mohammed"]
        assert contributions.get(here.db, kept).danger == "out"  # type: ignore[union-attr]

    await play(database, story)


async def test_its_author_may_let_it_be_used(database: Database) -> None:
    def story(here: Room) -> None:
        here.answer("The forms: I can't take it anymore.")
        here.press("Anna", here.letters("Anna"), "No, thank you")
        assert "088 0767 000" in here.said("Anna")[-1]  # the numbers stay
        here.press("Anna", here.letters("Anna"), "It may be used")
        assert "If it is quoted" in here.said("Anna")[-1]
        assert len(digests.waiting(here.db, here.network, "weekly", cut=here.now)) == 1
        assert "use it" in here.said("Frida")[-1]

    await play(database, story)


async def test_those_who_lead_see_the_words_and_no_more_of_the_author_than_was_chosen(
    database: Database,
) -> None:
    def story(here: Room) -> None:
        kept = here.answer("He hits me <b>at night</b>")
        shown = here.press("Frida", here.letters("Frida"), "Show me") or []
        assert "He hits me &lt;b&gt;at night" in shown[0].params["text"]
        assert "Anna" not in shown[0].params["text"]
        assert "danger_shown" in here.audited()
        what = here.press("Frida", shown, "What can I do?") or []
        assert "Your organisation named Mohammed" in what[0].params["text"]
        assert here.press("Anna", shown, "What can I do?") is None  # does not lead
        row = contributions.get(here.db, kept)
        assert row is not None
        here.keep(erase(here.db, row, "taken_back", DESK, now=here.now))
        assert "its author took it back" in here.said("Frida")[-1]
        assert here.press("Frida", shown, "What can I do?") is None

    await play(database, story)


async def test_an_edit_and_a_group_answer_are_looked_at_too(database: Database) -> None:
    def story(here: Room) -> None:
        chat = chats.by_telegram_id(here.db, -1001)
        member = members.who(here.db, here.network, here.people["Anna"].id)
        assert chat is not None
        assert member is not None
        members.change(here.db, member.id, told_at=NIGHT)  # usual answers in a group bring no line any more
        here.answer("All is well", place=chat.id)
        assert here.said("Anna") == []
        changed = replace(given(here, "Anna", "All is not well. I want to die"), message_id=77)
        here.keep(taking.edit(here.db, changed, DESK, edited_at=here.now, now=here.now))
        assert "It sounds hard" in here.said("Anna")[-1]
        assert len(here.said("Frida")) == 1
        here.answer("I want to die", place=chat.id, number=78)
        assert len(here.said("Anna")) == 2

    await play(database, story)


async def test_an_alert_that_nobody_opens_reaches_the_coordinator_after_a_day(database: Database) -> None:
    def story(here: Room) -> None:
        here.answer("I want to die")
        assert alerts.remind(here.db, DESK, now=NIGHT + timedelta(hours=23)) == 0
        later = NIGHT + timedelta(hours=25)
        assert alerts.remind(here.db, DESK, now=later) == 1
        assert alerts.remind(here.db, DESK, now=later) == 0
        here.arrive()
        assert "one answer is left out" in here.said("Mohammed")[-1]  # and the stand-in may look
        assert len(here.said("Frida")) == 1
        (told,) = here.said("Cora")
        assert "Care partnership" in told
        assert "Anna" not in told
        assert "die" not in told
        opened = here.answer("She hits me", number=80)
        here.press("Frida", here.letters("Frida"), "Show me")
        assert contributions.get(here.db, opened).danger_at is None  # type: ignore[union-attr]
        assert alerts.remind(here.db, DESK, now=later + timedelta(days=3)) == 0

    await play(database, story)


async def test_a_network_s_own_words_count(database: Database) -> None:
    def story(here: Room) -> None:
        networks.change(here.db, here.network, danger={"en": ["the canal"]})
        here.answer("I stood at the canal again")
        assert "It sounds hard" in here.said("Anna")[-1]

    await play(database, story)


async def test_a_facilitator_s_own_answer_alerts_another_one(database: Database) -> None:
    def story(here: Room) -> None:
        people_ids = here.people
        here.people = {**people_ids, "Anna": people_ids["Frida"], "Frida": people_ids["Anna"]}
        here.answer("I want to die")
        here.people = people_ids
        assert "one answer is left out" in here.said("Mohammed")[-1]
        assert "It sounds hard" in here.said("Frida")[-1]

    await play(database, story)
