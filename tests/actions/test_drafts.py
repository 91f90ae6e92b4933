"""What those who lead change in a draft, and that each of them sees it; on both databases."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.actions import draft_authors, draft_presses, drafts, mine, told
from bot.actions.draft_press import Reaction
from bot.core.letters import MAX_LABEL, base36
from bot.core.mail import Letter
from bot.core.themes import Theme
from storage import contributions, meetings, networks, themes
from storage.db import Database
from storage.tables import outbox
from tests.drafting import DESK, DRAFT, FRIDAY, MINUTE, MONDAY, Drafting, buttons, pressing, said

ANSWERS = {
    "Anna": "My neighbour came by every evening and sat with him for an hour.",
    "Ben": "A short walk in the morning, before the house wakes up, helped me.",
    "Cleo": "The nurse explained the new pills to us in words we understood.",
    "Dora": "My sister took over on Sunday so that I could sleep a whole night.",
    "Emil": "Somebody at the town hall answered the telephone at the first try.",
    "Fay": "The pharmacist noticed that two of his medicines don't go together at all.",
}
NIGHTS = Theme("nights", {"en": "Nights"}, {"en": ("night", "sleep")})
PILLS = Theme("pills", {"en": "Medicines"}, {"en": ("pills", "medicines", "pharmacist")})


@pytest.fixture
def world(database: Database) -> Drafting:
    return Drafting(database)


def quoted(world: Drafting) -> list[str]:
    """Whose words the draft shows."""
    draft = world.draft()
    return [name for name, text in ANSWERS.items() if text in draft]


# Another quote ----------------------------------------------------------------------------------------------------


def test_a_quote_is_swapped_for_others_of_its_group_and_back(world: Drafting) -> None:
    world.drafted(**ANSWERS)
    before = quoted(world)
    labels = [label for label in buttons(world.press("through").letters) if label.startswith("Swap")]
    assert "Swap 1" in labels
    seen, here = [], before[0]
    for _ in range(4):
        reaction = world.on("swap", here)
        assert reaction.answer == "Done."
        here = next((name for name in quoted(world) if name not in before), before[0])
        seen.append(here)
        if here == before[0]:
            break
    assert seen[-1] == before[0]  # after the last one comes the first again
    assert len(set(seen)) == len(seen) > 1
    assert quoted(world) == before


def test_a_swap_stays_when_the_draft_is_made_again_and_goes_out(world: Drafting) -> None:
    world.drafted(**ANSWERS)
    first, *others = quoted(world)
    world.on("swap", first)
    new = next(name for name in quoted(world) if name not in (first, *others))
    world.answer("Olga", "I read about a course for carers.", at=DRAFT)
    for number in (1, 2):  # the second time from what was kept the first time
        world.press("since")
        world.tick(DRAFT + number * MINUTE)
    assert new in quoted(world)
    assert first not in quoted(world)
    world.press("good", at=DRAFT + 3 * MINUTE)
    world.tick(FRIDAY)
    assert ANSWERS[new] in world.sent()[0]
    assert ANSWERS[first] not in world.sent()[0]


def test_the_other_facilitator_sees_what_was_changed(world: Drafting) -> None:
    world.drafted(**ANSWERS)
    first = quoted(world)[0]
    (waiting,) = world.letters("draft:1:2:1")  # Olga's, on its way
    assert ANSWERS[first] in said([waiting])
    world.on("swap", first)
    (waiting,) = world.letters("draft:1:2:1")
    assert ANSWERS[first] not in said([waiting])
    world.press("leave", "voices")
    (waiting,) = world.letters("draft:1:2:1")
    assert "– a carer" not in said([waiting])


def test_nobody_else_can_swap_and_no_answer_that_is_not_quoted(world: Drafting) -> None:
    world.drafted(**ANSWERS)
    first = quoted(world)[0]
    assert world.on("swap", first, by="Ben").alert
    assert world.press("swap", base36(99)).alert
    assert world.press("swap", "").alert
    assert quoted(world)[0] == first


def test_many_quotes_come_page_by_page(world: Drafting) -> None:
    for name, text in ANSWERS.items():
        world.answer(name, f"{text} Who can tell me more about it?")
    for number in range(2):
        world.asked_again(f"And {number}?")
        for name in ANSWERS:
            world.answer(name, f"{ANSWERS[name]} It was the same in week {number}.")
    world.drafted()
    first = world.press("through").letters
    assert "8. " in said(first)
    assert "9. " not in said(first)
    verb, _, page = pressing(first, "More")
    second = world.press(verb, page).letters
    assert "9. " in said(second)
    verb, _, id = pressing(second, "Hide 9")
    assert "9. <i>(hidden)</i>" in said(world.press(verb, id).letters)  # on the page on which it stands


# Its parts --------------------------------------------------------------------------------------------------------


def test_a_part_is_left_out_and_put_back(world: Drafting) -> None:
    world.drafted(**ANSWERS)
    assert "Who has written" in world.draft()
    listed = world.press("sections").letters
    assert {"Leave out: quotes", "Leave out: who wrote"} <= set(buttons(listed))
    after = world.press("leave", "turnout").letters
    assert "who wrote <i>(left out)</i>" in said(after)
    assert "Who has written" not in world.draft()
    assert world.press("leave", "everything").alert
    world.press("put", "turnout")
    assert "Who has written" in world.draft()
    world.press("leave", "turnout")
    world.press("good")
    world.tick(FRIDAY)
    assert "Who has written" not in world.sent()[0]
    assert all(len(label) <= MAX_LABEL for label in buttons(listed))


def test_words_in_a_part_that_is_left_out_are_not_quoted(world: Drafting) -> None:
    world.drafted(**ANSWERS)
    world.press("leave", "voices")
    world.press("good")
    world.tick(FRIDAY)
    assert world.digest.state == "published"
    assert not any(world.item(name).quoted for name in ANSWERS)


# Themes -----------------------------------------------------------------------------------------------------------


def with_themes(world: Drafting) -> None:
    for theme in (NIGHTS, PILLS):
        world.write(themes.create, world.network, theme)
    world.drafted(**ANSWERS)


def test_themes_stand_in_the_codebooks_order_until_somebody_moves_one(world: Drafting) -> None:
    with_themes(world)
    listed = world.press("themes").letters
    assert "1. Nights" in said(listed)
    verb, _, theme = pressing(listed, "Up: Medicines")
    moved = world.press(verb, theme).letters
    assert "1. Medicines\n2. Nights" in said(moved)
    assert world.digest.kept["theme_order"] == ["pills", "nights"]
    assert world.press("up", "nonsense").alert


def test_all_the_answers_stand_under_their_themes(world: Drafting) -> None:
    with_themes(world)
    shown = said(world.press("all").letters)
    nights, pills, none = (shown.index(f"<b>{name}</b>") for name in ("Nights", "Medicines", "No theme yet"))
    assert nights < shown.index(ANSWERS["Dora"]) < pills < shown.index(ANSWERS["Fay"]) < none
    assert none < shown.index(ANSWERS["Ben"])
    assert shown.count("– ") == len(ANSWERS)
    assert world.digest.kept["read"]  # there was but one page


def test_all_the_answers_are_read_only_when_the_last_page_was_shown(world: Drafting) -> None:
    world.drafted(**{name: f"{text} {'And so on it goes. ' * 40}" for name, text in ANSWERS.items()})
    page = world.press("all").letters
    assert "read" not in world.digest.kept
    while "More" in buttons(page):
        verb, _, number = pressing(page, "More")
        page = world.press(verb, number).letters
    assert world.digest.kept["read"]


# Its hours (design.md §4.5) ---------------------------------------------------------------------------------------


def test_a_weekly_draft_comes_a_day_before_and_is_asked_about_half_a_day_before(world: Drafting) -> None:
    world.answer("Anna", ANSWERS["Anna"])
    world.tick(MONDAY)
    world.tick(DRAFT - MINUTE)
    assert world.letters("draft:") == []
    world.tick(DRAFT)
    assert len(world.letters("draft:")) == 2
    world.tick(FRIDAY - timedelta(hours=12) - MINUTE)
    assert world.letters("look:") == []
    world.tick(FRIDAY - timedelta(hours=12))
    assert len(world.letters("look:")) == 2


def test_a_draft_before_a_meeting_comes_three_days_before_it_and_goes_out_two(world: Drafting) -> None:
    world.write(networks.change, world.network, weekly=False)
    start = MONDAY + timedelta(days=10)
    values = {"title": "Second", "starts_at": start, "created_at": MONDAY}
    world.write(meetings.create, network_id=world.network, **values)
    world.answer("Anna", ANSWERS["Anna"])
    world.tick(MONDAY)
    world.tick(start - timedelta(hours=72) - MINUTE)
    assert world.letters("draft:") == []
    world.tick(start - timedelta(hours=72))
    assert len(world.letters("draft:")) == 2
    world.press("good", at=start - timedelta(hours=71))
    world.tick(start - timedelta(hours=48) - MINUTE)
    assert world.sent() == []
    world.tick(start - timedelta(hours=48))
    assert len(world.sent()) == 1


# What their authors see of it -------------------------------------------------------------------------------------


def state(world: Drafting, name: str, *, at: datetime = DRAFT) -> str:
    """What *My answers* says of somebody's answer."""
    id = world.given[name]
    letters = world.write(mine.pressed, world.person(name), "one", id, "0", message_id=5, desk=DESK, now=at)
    return str(said(letters))


def test_my_answers_say_that_somebody_has_read_them_only_when_it_is_true(world: Drafting) -> None:
    with_themes(world)
    first, *_ = shown = quoted(world)
    other = next(name for name in ANSWERS if name not in shown)
    assert "Read by" not in state(world, first)  # the draft is there; perhaps nobody has opened it
    world.press("good")
    assert "Read by those who lead." in state(world, first)
    assert "Read by" not in state(world, other)  # it is not in the draft they approved
    world.press("all")
    assert "Read by those who lead." in state(world, other)
    world.write(contributions.change, world.given[other], text="Other words.", edited_at=DRAFT + MINUTE)
    assert "Read by" not in state(world, other)


def test_my_answers_say_what_was_counted_under_which_theme_and_quoted_when(world: Drafting) -> None:
    with_themes(world)
    assert "Counted under" not in state(world, "Fay")
    world.press("good")
    world.tick(FRIDAY)
    fay, ben = state(world, "Fay", at=FRIDAY), state(world, "Ben", at=FRIDAY)
    assert "Counted under <i>Medicines</i>." in fay
    assert "Counted under" not in ben
    assert "in the summary of Friday 6 November" in fay


# A long one -------------------------------------------------------------------------------------------------------


def test_a_draft_that_is_too_long_for_a_message_has_two_pages(world: Drafting) -> None:
    world.drafted(**ANSWERS)
    frida = world.digest
    assert frida.state == "draft"
    for name in ANSWERS:
        world.write(contributions.change, world.given[name], danger="held")
    world.write(networks.change, world.network, title="Care " + "and more care " * 300)
    page = world.press("back").letters
    assert "More" in buttons(page)
    verb, _, number = pressing(page, "More")
    assert said(world.press(verb, number).letters) != said(page)


# What reaches the chat --------------------------------------------------------------------------------------------


def edits(world: Drafting) -> int:
    """How many edits of Frida's messages are on their way."""
    frida = world.to("Frida")
    return len([one for one in world.letters("") if one.method == "editMessageText" and one.to == frida])


def stands(world: Drafting, message: int) -> None:
    """The draft has arrived."""
    arrived = {"state": "sent", "message_id": message}
    world.write(lambda db: db.execute(outbox.update().where(outbox.c.kind == drafts.KIND).values(**arrived)))


def test_back_leads_back_each_time(world: Drafting) -> None:
    world.drafted(**ANSWERS)
    stands(world, 5)
    for _ in range(2):
        world.say(world.press("through", message=5).letters)
        before = edits(world)
        world.say(world.press("back", message=5).letters)
        assert edits(world) == before + 1


# What the authors of private answers were asked ---------------------------------------------------------------

HERS = "My neighbour Kenneth Reed sits with him."
HALF_A_DAY = FRIDAY - timedelta(hours=12)
MORNING = FRIDAY - timedelta(hours=9)  # 8:00 there, when the questions come


def asked(world: Drafting) -> Letter:
    """Nobody has looked at the draft, and Anna is asked in the morning whether her words may go out."""
    world.drafted(Anna=HERS, Ben="A walk in the morning helped.")
    world.tick(HALF_A_DAY)
    return next(one for one in world.letters("may:") if one.to == world.to("Anna"))


def arrives(world: Drafting, message: int = 7) -> None:
    """The questions stand in their chats."""
    values = {"message_id": message, "state": "sent"}
    world.write(lambda db: db.execute(update(outbox).where(outbox.c.key.startswith("may:")).values(**values)))


def says(world: Drafting, question: Letter, label: str, *, at: datetime = MORNING) -> Reaction:
    """Anna presses a button of the question, and what follows is done."""
    verb, item, _ = pressing([question], label)
    found: Reaction = world.write(
        draft_authors.answered, world.person("Anna"), verb == "yes", item, 7, DESK, now=at
    )
    world.say(found.letters)
    world.tick(at)
    return found


def masked(world: Drafting, *, at: datetime = MORNING) -> None:
    """Frida masks a name in Anna's words."""
    world.on("mask", "Anna", at=at)
    world.say(world.write(draft_presses.typed, world.person("Frida"), "Kenneth Reed", DESK, now=at))
    world.tick(at)


def approved(world: Drafting, *, at: datetime = MORNING) -> None:
    world.say(world.press("good", at=at).letters)


def is_a_no(world: Drafting, found: Reaction) -> None:
    assert found.answer == ""  # not "too old"
    assert "These words won't be quoted." in said(found.letters)
    assert "My answers" in buttons(found.letters)
    assert world.kept("Anna").may_quote == "no"


@pytest.mark.parametrize("first", [[masked], [approved], [masked, approved], [approved, masked]])
def test_a_no_counts_though_a_facilitator_has_done_something_since(
    world: Drafting, first: list[Callable[..., None]]
) -> None:
    question = asked(world)
    for step in first:
        step(world)
    is_a_no(world, says(world, question, "No"))
    assert "sits with him" not in world.draft(at=MORNING)
    world.tick(FRIDAY)
    assert all("sits with him" not in one for one in world.sent())


def test_a_no_after_the_summary_is_out_takes_the_words_out_of_it(world: Drafting) -> None:
    question = asked(world)
    approved(world)
    world.tick(FRIDAY)
    assert "sits with him" in world.shown()
    is_a_no(world, says(world, question, "No", at=FRIDAY + MINUTE))
    assert "sits with him" not in world.shown()


def test_a_no_after_the_summary_went_out_without_the_words_holds_for_the_next_one(world: Drafting) -> None:
    question = asked(world)
    arrives(world)
    world.answer("Cleo", "The weather.", place="group", chat_id=world.chat)
    world.press("since", at=MORNING)
    world.tick(MORNING)
    world.tick(FRIDAY)
    assert "sits with him" not in world.shown()
    is_a_no(world, says(world, question, "No", at=FRIDAY + MINUTE))
    world.tick(DRAFT + timedelta(weeks=1))
    assert all("sits with him" not in said([one]) for one in world.letters("draft:")[-2:])


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ([masked], "Your answer has changed since I asked"),
        ([approved], "A facilitator has looked at that summary since"),
        ([masked, approved], "A facilitator has looked at that summary since"),
    ],
)
def test_a_late_yes_is_told_what_has_happened_and_changes_nothing(
    world: Drafting, first: list[Callable[..., None]], expected: str
) -> None:
    question = asked(world)
    for step in first:
        step(world)
    before = world.item("Anna").asked
    found = says(world, question, "Yes")
    assert expected in said(found.letters)
    assert list(buttons(found.letters)) == ["Don't quote it", "My answers"]
    assert world.item("Anna").asked == before


def test_a_yes_in_time_counts(world: Drafting) -> None:
    question = asked(world)
    assert "Your words may go out like that." in said(says(world, question, "Yes").letters)
    world.tick(FRIDAY)
    assert "sits with him" in world.shown()


def test_a_yes_after_the_summary_went_out_without_the_words_says_so(world: Drafting) -> None:
    question = asked(world)
    arrives(world)
    world.answer("Cleo", "The weather.", place="group", chat_id=world.chat)
    world.press("since", at=MORNING)
    world.tick(MORNING)
    world.tick(FRIDAY)
    assert "did not go out" in said(says(world, question, "Yes", at=FRIDAY + MINUTE).letters)


def test_nobody_else_answers_the_question(world: Drafting) -> None:
    verb, item, _ = pressing([asked(world)], "No")
    assert verb == "no"
    found = world.write(draft_authors.answered, world.person("Ben"), False, item, 7, DESK, now=MORNING)
    assert found.alert
    assert world.kept("Anna").may_quote is None


def test_an_open_question_says_that_a_facilitator_has_looked_and_keeps_its_no(world: Drafting) -> None:
    question = asked(world)
    arrives(world)
    assert world.letters("closed:") == []
    approved(world)
    closed = [one for one in world.letters("closed:") if one.to == world.to("Anna")]
    assert "A facilitator has looked at that summary since" in said(closed)
    assert list(buttons(closed)) == ["Don't quote it", "My answers"]
    verb, id, nonce = pressing(closed, "Don't quote it")
    pressed = {"message_id": 7, "desk": DESK, "now": MORNING}
    assert world.write(told.pressed, world.person("Anna"), verb, id, nonce, **pressed)
    world.tick(FRIDAY)
    assert all("sits with him" not in one for one in world.sent())
    is_a_no(world, says(world, question, "No", at=FRIDAY))
    assert len([one for one in world.letters("closed:") if one.to == world.to("Anna")]) == 1


def test_what_was_answered_is_not_written_over(world: Drafting) -> None:
    question = asked(world)
    arrives(world)
    says(world, question, "Yes")
    approved(world)
    assert world.to("Anna") not in [one.to for one in world.letters("closed:")]
    assert world.to("Ben") in [one.to for one in world.letters("closed:")]


def test_a_question_that_waits_for_the_morning_is_not_asked_once_somebody_has_looked(world: Drafting) -> None:
    asked(world)
    approved(world, at=HALF_A_DAY)
    assert world.letters("may:") == []
