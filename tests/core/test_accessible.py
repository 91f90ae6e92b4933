"""What somebody must act on is short, and its buttons can be read whole, in every language and for every group."""

from dataclasses import replace

import pytest

from bot import catalogues
from bot.core import groups
from bot.core.joining import SCREENS, Scene
from bot.core.letters import Button, Keyboard, callback, shortened
from bot.core.texts import LANGUAGES
from tests.accessible import too_much, wrong_label

TEXTS = catalogues.load(strict=True)
ALL = dict.fromkeys(groups.FINE, 3)
LONG = "Regionaal Steunpunt Mantelzorg"


def scene(language: str) -> Scene:
    """A network with everything that makes screens long: three who lead it, two circles, a last day."""
    return Scene(
        text=TEXTS.of(language),
        member_id=2**40,
        name="Annemarie",
        network="Samen zorgen in de wijk",
        circle="core",
        circles="both",
        weekly_cap=2,
        facilitators=["Frida Jansen", "Mohammed", "Annelies"],
        controller=LONG,
        last_day="2028-12-31",
        keep_months=12,
        sizes=ALL,
        origin="g",
        next_question="Tuesday 3 November 2026 at 10:00",
        next_meeting="Thursday 12 November 2026 at 17:30",
        place="Bibliotheek Neude, Utrecht",
        open_posting=7,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "step", [step for step in SCREENS if step != "more"]
)  # /privacy: to be read, nothing to do
def test_every_step_of_joining_is_short(step: str, language: str) -> None:
    screen = SCREENS[step](replace(scene(language), group="carer"))
    assert too_much(screen.html, [button.label for button in screen.buttons]) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sizes", [ALL, {}, dict.fromkeys(groups.FINE, 1)], ids=["all", "alone", "broad"])
def test_every_button_of_joining_can_be_read_whole(language: str, sizes: dict[str, int]) -> None:
    wrong = [
        f"{step}, {group}: {found}"
        for group in groups.FINE
        for step, make in SCREENS.items()
        for button in make(replace(scene(language), group=group, sizes=sizes)).buttons
        for found in wrong_label(button.label)
    ]
    assert wrong == []


def test_a_name_that_is_too_long_for_a_button_is_cut_and_short_ones_are_not() -> None:
    label = "Mantelzorg en professionals in Utrecht-Overvecht"
    shown = Keyboard(((Button(label, callback("me.show", 1)),),)).markup()["inline_keyboard"][0][0]["text"]
    assert shown == "Mantelzorg en professio…"
    assert shortened("Mantelzorg Utrecht") == "Mantelzorg Utrecht"
