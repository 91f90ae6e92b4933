"""Reading times in three languages, and commands with fields."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core import dates, moments, whens
from bot.core.whens import AroundMeeting, At, Every, Now, Unreadable, UntilMeeting, When

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 24, 11, 3, tzinfo=UTC)  # a Tuesday, 12:03 in Amsterdam
TEN = time(10, 0)
MEETING = UntilMeeting()


def read(text: str, language: str = "en", now: datetime = NOW) -> When | Unreadable:
    return whens.read(text, language=language, zone=AMSTERDAM, now=now)


def once(local: str) -> At:
    return At(datetime.fromisoformat(local))


ENGLISH = {
    "now": Now(),
    "Now": Now(),
    "2026-12-01 10:00": once("2026-12-01 10:00"),
    "2026-12-01T10:00": once("2026-12-01 10:00"),
    "2026-12-01 10": once("2026-12-01 10:00"),
    "1-12-2026 10.00": once("2026-12-01 10:00"),
    "1.12.2026 10:00": once("2026-12-01 10:00"),
    "1/12 10:00": once("2026-12-01 10:00"),
    "1/2 10:00": once("2027-02-01 10:00"),
    "tomorrow 10:00": once("2026-11-25 10:00"),
    "Tomorrow, 10:00.": once("2026-11-25 10:00"),
    "  tomorrow   at 10 ": once("2026-11-25 10:00"),
    "tomorrow morning at 9": once("2026-11-25 09:00"),
    "the day after tomorrow 10am": once("2026-11-26 10:00"),
    "today 15:00": once("2026-11-24 15:00"),
    "15:00": once("2026-11-24 15:00"),
    "10:00": once("2026-11-25 10:00"),
    "at 3pm": once("2026-11-24 15:00"),
    "friday 10:00": once("2026-11-27 10:00"),
    "fri 10am": once("2026-11-27 10:00"),
    "on Friday at 10.00": once("2026-11-27 10:00"),
    "this friday 10 o'clock": once("2026-11-27 10:00"),
    "10:00 friday": once("2026-11-27 10:00"),
    "at 10 on friday": once("2026-11-27 10:00"),
    "10 am on friday": once("2026-11-27 10:00"),
    "friday 12am": once("2026-11-27 00:00"),
    "friday 12pm": once("2026-11-27 12:00"),
    "friday noon": once("2026-11-27 12:00"),
    "friday 3 in the afternoon": once("2026-11-27 15:00"),
    "friday half past 9": once("2026-11-27 09:30"),
    "tuesday 15:00": once("2026-11-24 15:00"),  # still to come today
    "tuesday 10:00": once("2026-12-01 10:00"),  # over today
    "next tuesday at 3pm": once("2026-12-01 15:00"),
    "next friday 10:00": once("2026-12-04 10:00"),
    "friday next week 10:00": once("2026-12-04 10:00"),
    "1 december 10:00": once("2026-12-01 10:00"),
    "december 1st at 10": once("2026-12-01 10:00"),
    "the 1st of december 10:00": once("2026-12-01 10:00"),
    "1 dec 2027 10:00": once("2027-12-01 10:00"),
    "1 march 10:00": once("2027-03-01 10:00"),
    "29 february 10:00": once("2028-02-29 10:00"),
    "friday 27 november at 10:00": once("2026-11-27 10:00"),
    "friday 1 january 10:00": once("2027-01-01 10:00"),
    "friday 2026-11-27 10:00": once("2026-11-27 10:00"),
    "25 december at noon": once("2026-12-25 12:00"),
    "in 3 days 10:00": once("2026-11-27 10:00"),
    "in two weeks at 10": once("2026-12-08 10:00"),
    "2 weeks from now 10:00": once("2026-12-08 10:00"),  # dateparser's
    "in 2 hours": once("2026-11-24 14:03"),
    "in 30 minutes": once("2026-11-24 12:33"),
    "every monday 10:00": Every(0, TEN),
    "every monday 10:00 until meeting": Every(0, TEN, MEETING),
    "Every Monday at 10:00 until the meeting": Every(0, TEN, MEETING),
    "every monday until the meeting at 10": Every(0, TEN, MEETING),
    "every week on friday 10:00 until our next meeting": Every(4, TEN, MEETING),
    "every monday 10:00 until 2026-12-01": Every(0, TEN, date(2026, 12, 1)),
    "each thursday 10:00 until 1 march": Every(3, TEN, date(2027, 3, 1)),
    "3 days before meeting 10:00": AroundMeeting(-3, TEN),
    "three days before the meeting at 10": AroundMeeting(-3, TEN),
    "1 day after meeting 10:00": AroundMeeting(1, TEN),
    "the day before the meeting at 5pm": AroundMeeting(-1, time(17)),
    "a week before our meeting 10:00": AroundMeeting(-7, TEN),
    "the day of the meeting 9:00": AroundMeeting(0, time(9)),
    "10:00 3 days before meeting": AroundMeeting(-3, TEN),
}

DUTCH = {
    "nu": Now(),
    "now": Now(),
    "morgen 10:00": once("2026-11-25 10:00"),
    "morgenochtend 9 uur": once("2026-11-25 09:00"),
    "overmorgen om 10 uur": once("2026-11-26 10:00"),
    "vandaag 15.00": once("2026-11-24 15:00"),
    "vrijdag 10:00": once("2026-11-27 10:00"),
    "Vrijdag om 10.00 uur": once("2026-11-27 10:00"),
    "10 uur vrijdag": once("2026-11-27 10:00"),
    "vr 10u30": once("2026-11-27 10:30"),
    "vrijdag half tien": once("2026-11-27 09:30"),
    "vrijdag om 3 uur 's middags": once("2026-11-27 15:00"),
    "aanstaande vrijdag 10:00": once("2026-11-27 10:00"),
    "volgende week vrijdag 10:00": once("2026-12-04 10:00"),
    "vrijdag 27 november om 10.00 uur": once("2026-11-27 10:00"),
    "1 mrt 10:00": once("2027-03-01 10:00"),
    "over twee dagen om 10:00": once("2026-11-26 10:00"),
    "over 3 uur": once("2026-11-24 15:03"),
    "friday 10:00": once("2026-11-27 10:00"),
    "elke maandag 10:00": Every(0, TEN),
    "elke maandag 10:00 tot de bijeenkomst": Every(0, TEN, MEETING),
    "iedere maandag om 10 uur tot en met 1 december": Every(0, TEN, date(2026, 12, 1)),
    "3 dagen voor de bijeenkomst 10:00": AroundMeeting(-3, TEN),
    "3 dagen vóór de bijeenkomst om 10.00 uur": AroundMeeting(-3, TEN),
    "1 dag na de bijeenkomst 10:00": AroundMeeting(1, TEN),
    "de dag na de bijeenkomst 10": AroundMeeting(1, TEN),
    "op de dag van de bijeenkomst 9:00": AroundMeeting(0, time(9)),
    "een week voor de vergadering 10:00": AroundMeeting(-7, TEN),
    "3 days before meeting 10:00": AroundMeeting(-3, TEN),
}

SWEDISH = {
    "nu": Now(),
    "i morgon 10:00": once("2026-11-25 10:00"),
    "imorgon kl. 10": once("2026-11-25 10:00"),
    "i övermorgon 10.00": once("2026-11-26 10:00"),
    "idag kl 15": once("2026-11-24 15:00"),
    "fredag 10:00": once("2026-11-27 10:00"),
    "på fredag klockan 10": once("2026-11-27 10:00"),
    "fre kl. 10.00": once("2026-11-27 10:00"),
    "lördag halv tio": once("2026-11-28 09:30"),
    "lordag 10:00": once("2026-11-28 10:00"),  # typed without the dots
    "nästa fredag 10": once("2026-12-04 10:00"),
    "fredag 27 november kl. 10.00": once("2026-11-27 10:00"),
    "fredag den 27 november kl. 10": once("2026-11-27 10:00"),
    "om två dagar kl 10": once("2026-11-26 10:00"),
    "om 2 timmar": once("2026-11-24 14:03"),
    "varje måndag 10:00": Every(0, TEN),
    "varje måndag 10:00 till träffen": Every(0, TEN, MEETING),
    "varje måndag kl. 10 till och med 1 december": Every(0, TEN, date(2026, 12, 1)),
    "3 dagar före träffen 10:00": AroundMeeting(-3, TEN),
    "tre dagar innan mötet kl. 10": AroundMeeting(-3, TEN),
    "dagen efter träffen kl. 10": AroundMeeting(1, TEN),
    "samma dag som träffen 9:00": AroundMeeting(0, time(9)),
    "en vecka före mötet 10:00": AroundMeeting(-7, TEN),
}

READABLE = [
    (language, text, when)
    for language, texts in (("en", ENGLISH), ("nl", DUTCH), ("sv", SWEDISH))
    for text, when in texts.items()
]


@pytest.mark.parametrize(("language", "text", "expected"), READABLE)
def test_a_time_is_read_as_it_was_meant(language: str, text: str, expected: When) -> None:
    assert read(text, language) == expected


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_read_in_a_network_of_any_language(text: str) -> None:
    assert read(text, "de") == ENGLISH[text]
    if not text.startswith("1/"):
        assert read(text, "sv-SE") == ENGLISH[text]


@pytest.mark.parametrize(("language", "text", "when"), READABLE)
def test_capitals_make_no_difference(language: str, text: str, when: When) -> None:
    assert read(text.upper(), language) == when


UNREADABLE = {
    "": "unknown",
    "fryday": "unknown",
    "fryday 10:00": "unknown",
    "10": "unknown",
    "10:00 10:00": "unknown",
    "What made this week easier?": "unknown",
    "Do you have time before 10": "unknown",
    "I sat down 10:00": "unknown",
    "what may help 5": "unknown",
    "1 in 5": "unknown",
    "a second 10:00": "unknown",
    "the meeting 10:00": "unknown",
    "2 hours before the meeting": "unknown",
    "3 days before christmas 10:00": "unknown",
    "every day 10:00": "unknown",
    "every fryday 10:00": "unknown",
    "every monday 10:00 until whenever": "unknown",
    "december 10:00": "unknown",
    "friday 10:00 What made this week easier?": "unknown",
    "10:00 " * 50: "unknown",
    "today 9:00": "past",
    "2026-11-01 10:00": "past",
    "2026-11-24 12:03": "past",
    "monday 23 november 10:00": "past",
    "3 days ago 10:00": "past",
    "in 0 minutes": "past",
    "every monday 10:00 until 2026-11-01": "past",
    "2036-12-01 10:00": "far",
    "9999-12-31 23:59": "far",
    "in 5000 days 10:00": "far",
    "9999 weeks before meeting 10:00": "far",
    "friday 25:00": "no_such_time",
    "friday 10:75": "no_such_time",
    "friday 24:00": "no_such_time",
    "friday 14am": "no_such_time",
    "every monday 25:00": "no_such_time",
    "3 days before meeting 25:00": "no_such_time",
    "2026-02-30 10:00": "no_such_date",
    "31 november 10:00": "no_such_date",
    "0000-00-00 10:00": "no_such_date",
    "thursday 27 november 10:00": "no_such_date",
    "2026-02-30": "no_such_date",
    "every monday 10:00 until 31 november": "no_such_date",
    "every monday": "no_time",
    "every monday until the meeting": "no_time",
    "3 days before meeting": "no_time",
    "1 day after the meeting": "no_time",
    "every monday 10:00 until sunday": "empty",
}


@pytest.mark.parametrize(("text", "reason"), UNREADABLE.items())
def test_what_is_no_time_says_why(text: str, reason: str) -> None:
    assert read(text) == Unreadable(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("en", "friday", date(2026, 11, 27)),
        ("nl", "morgen", date(2026, 11, 25)),
        ("sv", "på fredag", date(2026, 11, 27)),
        ("en", "december 1", date(2026, 12, 1)),
        ("en", "2026-12-01", date(2026, 12, 1)),
    ],
)
def test_a_day_without_a_time_is_remembered(language: str, text: str, day: date) -> None:
    assert read(text, language) == Unreadable("no_time", day)


@pytest.mark.parametrize("text", ["Wat maakte deze week makkelijker?", "over de bijeenkomst", "de dag 10:00"])
def test_dutch_sentences_are_no_times(text: str) -> None:
    assert read(text, "nl") == Unreadable("unknown")


@settings(deadline=None)  # the first text may load dateparser
@given(st.text(max_size=60), st.sampled_from(["en", "nl", "sv"]))
def test_any_text_gets_an_answer(text: str, language: str) -> None:
    found = read(text, language)
    if isinstance(found, At):
        assert moments.utc(found.local, AMSTERDAM) > NOW


VOCABULARY = """
    every elke varje monday maandag måndag 10:00 25:00 10 1 12 2026 2026-12-01 until tot till meeting the de
    träffen bijeenkomst 3 days dagen dagar before voor före after in over om next may mei maj at pm half
"""
WORDS = st.lists(st.sampled_from(VOCABULARY.split()), max_size=8).map(" ".join)


@settings(deadline=None)
@given(WORDS, st.sampled_from(["en", "nl", "sv"]))
def test_any_order_of_its_own_words_gets_an_answer(text: str, language: str) -> None:
    found = read(text, language)
    if not isinstance(found, Unreadable):
        assert whens.from_json(whens.to_json(found)) == found


@given(
    st.datetimes(NOW.replace(tzinfo=None) + timedelta(days=1), datetime.fromisoformat("2029-11-01")),
    st.sampled_from(["en", "nl", "sv"]),
)
@example(datetime.fromisoformat("2027-03-28 02:30"), "nl")
def test_what_the_bot_writes_it_can_read(local: datetime, language: str) -> None:
    moment = moments.utc(local.replace(second=0, microsecond=0), AMSTERDAM)
    written = dates.full(moment, AMSTERDAM, language, now=NOW)
    assert read(written, language) == At(moments.local(moment, AMSTERDAM))


def test_the_networks_clock_decides_what_tomorrow_is() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # half past midnight in Amsterdam
    assert read("tomorrow 10:00", now=late) == once("2026-11-26 10:00")


def test_a_meeting_needs_one_date_and_a_time() -> None:
    def meeting(text: str) -> At | Unreadable:
        return whens.read_date_time(text, language="nl", zone=AMSTERDAM, now=NOW)

    assert meeting("12 december 17:30") == once("2026-12-12 17:30")
    assert meeting("2026-12-12 17.30 uur") == once("2026-12-12 17:30")
    assert meeting("12 december") == Unreadable("no_time", date(2026, 12, 12))
    assert meeting("nu") == Unreadable("unknown")
    assert meeting("elke maandag 10:00") == Unreadable("unknown")


def test_a_day_alone_can_be_read_for_the_end_of_a_series() -> None:
    def end(text: str) -> date | Unreadable:
        return whens.read_date(text, language="sv", zone=AMSTERDAM, now=NOW)

    assert end("1 december") == date(2026, 12, 1)
    assert end("december 1") == date(2026, 12, 1)
    assert end("idag") == date(2026, 11, 24)
    assert end("2026-11-01") == Unreadable("past")
    assert end("31 november") == Unreadable("no_such_date")
    assert end("snart") == Unreadable("unknown")


@pytest.mark.parametrize(
    ("when", "doubtful"),
    [
        (once("2026-11-27 00:59"), False),
        (once("2026-11-27 01:00"), True),
        (Every(0, time(3, 30)), True),
        (AroundMeeting(-3, time(3, 31)), False),
        (Now(), False),
    ],
)
def test_hours_at_which_a_clock_may_jump_are_spotted(when: When, doubtful: bool) -> None:
    assert whens.doubtful_hour(when) is doubtful


@pytest.mark.parametrize(
    ("when", "stored"),
    [
        (Now(), {"kind": "now"}),
        (once("2026-12-01 10:00"), {"kind": "at", "local": "2026-12-01T10:00"}),
        (Every(0, TEN), {"kind": "every", "weekday": 0, "time": "10:00", "until": None}),
        (Every(0, TEN, MEETING), {"kind": "every", "weekday": 0, "time": "10:00", "until": "meeting"}),
        (
            Every(6, TEN, date(2026, 12, 1)),
            {"kind": "every", "weekday": 6, "time": "10:00", "until": "2026-12-01"},
        ),
        (AroundMeeting(-3, TEN), {"kind": "around_meeting", "days": -3, "time": "10:00"}),
    ],
)
def test_stored_names_never_change(when: When, stored: dict[str, object]) -> None:
    assert whens.to_json(when) == stored
    assert whens.from_json(stored) == when


def test_what_was_never_stored_is_refused() -> None:
    with pytest.raises(ValueError, match="not a stored time"):
        whens.from_json({"kind": "never"})


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("/prompt", [["prompt"]]),
        ("/prompt@bln_bot", [["prompt"]]),
        ("/prompt friday 10:00", [["prompt", "friday 10:00"]]),
        ("/prompt friday 10:00 |", [["prompt", "friday 10:00"]]),
        ("/prompt friday 10:00 | Why?", [["prompt", "friday 10:00", "Why?"]]),
        ("/PROMPT friday 10:00|Why?", [["prompt", "friday 10:00", "Why?"]]),
        ("/prompt friday 10:00\nWhy?", [["prompt", "friday 10:00", "Why?"]]),
        ("/prompt\nfriday 10:00\nWhy?", [["prompt", "friday 10:00", "Why?"]]),
        ("/prompt now | Tea | or coffee\n\nor water?", [["prompt", "now", "Tea | or coffee\n\nor water?"]]),
        (
            "/prompt now | See /help\n/later is no command",
            [["prompt", "now", "See /help\n/later is no command"]],
        ),
        ("/meeting 1 dec 10:00 | Third | Library", [["meeting", "1 dec 10:00", "Third", "Library"]]),
        ("/meeting 1 dec 10:00 || Library", [["meeting", "1 dec 10:00", "", "Library"]]),
        ("/choice now | Which? | A\nB | C", [["choice", "now", "Which?", "A", "B", "C"]]),
        ("/other a | b", [["other", "a", "b"]]),
        (
            "/prompt friday 10:00 | One\nwith two lines\n\n/prompt saturday 10:00\nTwo\n/meeting 1 dec 10:00",
            [
                ["prompt", "friday 10:00", "One\nwith two lines"],
                ["prompt", "saturday 10:00", "Two"],
                ["meeting", "1 dec 10:00"],
            ],
        ),
        ("no command", []),
        ("", []),
    ],
)
def test_a_message_is_split_into_commands_and_fields(text: str, commands: list[list[str]]) -> None:
    assert whens.split_command(text) == commands


@given(st.text())
def test_the_text_of_a_question_is_kept_whole(text: str) -> None:
    text = "Q " + text.replace("/", "").strip() + " ?"
    assert whens.split_command(f"/prompt now | {text}") == [["prompt", "now", text]]
