"""/helptext: given by those who lead, never set by itself, and looked at twice a year."""

from datetime import timedelta

from bot.actions import helptext
from bot.actions.which import Leader
from storage import networks
from storage.db import Database
from tests.troubled import DESK, HELP, NIGHT, Room, dialog, play

# /helptext --------------------------------------------------------------------------------------------------------


def leader(here: Room) -> Leader:
    return Leader(here.db, here.person("Frida"), networks.found(here.db, here.network), DESK, here.now)


async def test_a_help_text_is_given_by_buttons_or_in_one_line(database: Database) -> None:
    def story(here: Room) -> None:
        shown = here.keep(helptext.begin(leader(here), ""))
        assert "088 0767 000" in shown[0].params["text"]
        asked_for = here.press("Frida", shown, "Nederlands") or []
        assert "A suggestion, not checked for you" in asked_for[0].params["text"]
        assert networks.found(here.db, here.network).help == HELP  # nothing is set by itself
        here.keep(
            helptext.typed(
                here.db, here.person("Frida"), dialog(here, "Frida"), "bel iemand", DESK, now=here.now
            )
        )
        assert "at least one telephone number" in here.said("Frida")[-1]
        here.press("Frida", here.letters("Frida"), "Use the suggestion")
        assert "De Luisterlijn, 088" in (networks.found(here.db, here.network).help or {})["nl"]
        here.keep(helptext.begin(leader(here), "sv | 1177, dygnet runt"))
        here.keep(helptext.begin(leader(here), "hours | 8:00 | 16:00"))
        here.keep(helptext.begin(leader(here), "words nl | het kanaal, insuline"))
        network = networks.found(here.db, here.network)
        assert (network.help or {})["sv"] == "1177, dygnet runt"
        assert (network.office_from, network.office_to) == ("08:00", "16:00")
        assert network.danger == {"nl": ["het kanaal", "insuline"]}
        assert here.press("Anna", shown, "Nederlands") is None

    await play(database, story)


async def test_after_six_months_somebody_looks_whether_it_is_right_and_else_the_coordinator_hears(
    database: Database,
) -> None:
    def story(here: Room) -> None:
        half_a_year = NIGHT + timedelta(days=184)
        here.now = half_a_year
        assert helptext.ask_again(here.db, DESK, now=half_a_year) == 1
        here.arrive()
        assert "Are these still right?" in here.said("Frida")[-1]
        assert helptext.ask_again(here.db, DESK, now=half_a_year + timedelta(days=6)) == 0
        assert here.said("Cora") == []
        assert helptext.ask_again(here.db, DESK, now=half_a_year + timedelta(days=7)) == 1
        assert len(here.said("Cora")) == 1
        here.now = half_a_year + timedelta(days=8)
        here.press("Frida", here.letters("Frida"), "Still right")
        assert helptext.ask_again(here.db, DESK, now=half_a_year + timedelta(days=30)) == 0

    await play(database, story)
