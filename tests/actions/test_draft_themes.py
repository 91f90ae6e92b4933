"""Those who lead say what an answer of a draft is about; what its author said goes first. On both databases."""

from bot.core.themes import Theme
from storage import themes
from storage.themes import AUTHOR
from tests.actions.test_masking import DRAFT, MONDAY, World, buttons, nonce, said, world

__all__ = ["world"]
SLEEP, MONEY = (
    Theme("sleep", {"en": "Sleep"}, {"en": ("sleep",)}),
    Theme("money", {"en": "Money"}, {"en": ("money",)}),
)


def themed(world: World) -> None:
    for theme in (SLEEP, MONEY):
        world.write(themes.create, world.network, theme)


def test_a_facilitator_sorts_an_answer_that_the_words_did_not(world: World) -> None:
    themed(world)
    world.drafted("I never sleep", "The invoices pile up")
    listed = world.press("sorts").letters
    # What has no theme comes first.
    assert said(listed).index("The invoices pile up") < said(listed).index("I never sleep")
    assert "no theme" in said(listed)
    one = world.press("sort", nonce(listed, "Theme of number 1")).letters
    sorted_ = world.press("sorted", nonce(one, "Money")).letters
    assert "<b>Its theme:</b> Money" in said(sorted_)
    assert world.read(themes.taps, [1, 2]) == {2: ((), ("money",))}
    assert "answer.sorted" in world.audited()
    again = world.press("sorted", nonce(sorted_, "Money")).letters
    assert "no theme" in said(again)
    assert world.read(themes.taps, [1, 2]) == {}


def test_what_its_author_said_goes_first(world: World) -> None:
    themed(world)
    world.given("The invoices pile up")
    sleep = world.read(themes.entries, world.network)[0]
    world.write(themes.tap, 1, sleep.id, AUTHOR, now=MONDAY)
    world.tick(MONDAY)
    world.tick(DRAFT)
    listed = world.press("sorts").letters
    one = world.press("sort", nonce(listed, "Theme of number 1")).letters
    assert "<b>Its author says:</b> Sleep" in said(one)
    after = world.press("sorted", nonce(one, "Money")).letters
    assert "<b>Its author says:</b> Sleep" in said(after)


def test_only_who_leads_sorts_and_only_answers_of_this_draft(world: World) -> None:
    themed(world)
    world.drafted("I never sleep")
    assert world.press("sorts", by="Anna").alert
    for forged in ("zz.1", "1.zz", "..", "1", "%"):
        assert world.press("sorted", forged).alert
    world.given("It came later", at=DRAFT)
    assert world.press("sorted", "2.1").alert
    assert world.press("sort", "2").alert
    assert world.read(themes.taps, [1, 2]) == {}
    assert not world.press("sorted", "1.1").alert


def test_without_themes_there_is_nothing_to_sort_by(world: World) -> None:
    world.drafted("I never sleep")
    assert "Themes of the answers" not in buttons(world.press("all").letters)
    themed(world)
    assert "Themes of the answers" in buttons(world.press("all").letters)
