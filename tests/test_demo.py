"""The demo as a visitor meets it: a process, a page, and the button *Jump to what comes next*."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import catalogues
from bot.config import Mistake
from bot.demo import child, keeping, script
from bot.demo.cast import Cast
from bot.demo.stage import Stage, next_tap, photo, voice
from bot.sandbox.model import Entry
from bot.sandbox.state import State

LANGUAGES = ("en", "nl", "sv")
SECONDS = 90.0  # until something must have happened, on a machine that has other things to do as well
JUMPS = 90


# --- what people say


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_can_be_played(language: str) -> None:
    played = script.load(language)
    circles = [one.circle for one in played.everybody]
    assert (circles.count("core"), circles.count("board")) == (10, 15)
    assert len(played.answers) >= 40
    assert {act.how for act in played.acts} == set(script.HOWS)
    assert all(14 <= len(act.text.split()) <= 60 for act in played.answers)
    assert sum(act.text.count("!") for act in played.acts) == 0
    assert len({act.text for act in played.answers}) == len(played.answers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_group_but_the_smallest_may_be_named(language: str) -> None:
    groups = [one.group for one in script.load(language).everybody]
    for group in ("carer", "practitioner", "volunteer", "decision_maker", "carer_organisation"):
        assert groups.count(group) >= 3


def test_a_script_that_names_what_is_not_there_is_refused() -> None:
    path = Path(script.__file__).with_name("en.toml")
    broken = path.read_text("utf-8").replace('to = "week.1"', 'to = "weak.1"', 1)
    with pytest.raises(script.Unplayable, match=r"weak\.1 never happens"):
        script.read(script.tomllib.loads(broken), "en")


def test_spans() -> None:
    assert script.span("1d 2h 5m") == timedelta(days=1, hours=2, minutes=5)
    with pytest.raises(script.Unplayable):
        script.span("soon")


def test_a_person_taps_what_they_wish_and_otherwise_the_first_button() -> None:
    imran = script.load("en").person("imran")
    asked = ["v1:joining.quote:5:role.g", "v1:joining.quote:5:none.g"]
    assert next_tap(asked, imran, "en", set()) == asked[0]
    assert (
        next_tap(["v1:joining.lang:5:nl.g", "v1:joining.lang:5:en.g"], imran, "en", set())
        == "v1:joining.lang:5:en.g"
    )
    options = ["v1:joining.done:5:.g", "v1:joining.tap:5:media.g"]
    assert next_tap(options, imran, "en", set()) == options[1]
    assert next_tap(options, imran, "en", {options[1]}) == options[0]


def test_what_is_sent_can_be_opened() -> None:
    assert photo(("MON",))[:2] == b"\xff\xd8"
    assert voice(2)[:4] == b"RIFF"


# --- what a visitor has done for somebody


def draft(stage: Stage, *verbs: str) -> Entry:
    """The bot shows Frida a draft."""
    rows = [[{"text": verb, "callback_data": f"v1:digests.{verb}:2:"}] for verb in verbs]
    body = {"text": "Draft", "reply_markup": {"inline_keyboard": rows}}
    return stage.state.post(stage.private("frida"), stage.state.bot, body)


def looks_good(stage: Stage, shown: Entry) -> list[str]:
    """Frida's moment in the script comes; return what was pressed in all."""
    act = next(one for one in stage.script.acts if (one.by, one.text) == ("frida", "good"))
    Cast(stage)._acting(act, stage.script.facilitator, shown)()
    return [one.data for one in stage.state.queries.values()]


@pytest.fixture
def stage() -> Stage:
    played = script.load("en")
    made = Stage(State(now=played.begins), played)
    made.set_up()
    return made


def test_frida_says_that_a_draft_looks_good(stage: Stage) -> None:
    assert looks_good(stage, draft(stage, "good", "hold")) == ["v1:digests.good:2:"]


def test_what_a_visitor_pressed_for_frida_she_does_not_press_again(stage: Stage) -> None:
    shown = draft(stage, "good", "hold")
    stage.press("frida", shown, "v1:digests.good:2:")
    assert len(looks_good(stage, shown)) == 1  # the bot has not changed the message yet
    draft(stage, "good")  # or it was reminded of in another one
    shown.body = {**shown.body, "reply_markup": {}}
    assert len(looks_good(stage, shown)) == 1


def test_no_button_of_an_older_message_is_pressed_in_place_of_one_that_is_gone(stage: Stage) -> None:
    draft(stage, "good")
    assert looks_good(stage, draft(stage, "undo")) == []


def test_what_a_visitor_chose_for_somebody_stands(stage: Stage) -> None:
    rows = [[{"text": f"{n}", "callback_data": f"v1:votes.pick:5:{n}"} for n in range(3)]]
    group = stage.groups["core"]
    asked = stage.state.post(group, stage.state.bot, {"text": "?", "reply_markup": {"inline_keyboard": rows}})
    act = next(one for one in stage.script.acts if one.text == "pick 1" and one.to == "evening.1")
    stage.press(act.by, asked, "v1:votes.pick:5:0")
    Cast(stage)._acting(act, stage.script.person(act.by), asked)()
    assert [one.data for one in stage.state.queries.values()] == ["v1:votes.pick:5:0"]


# --- what is kept


def test_a_demo_goes_on_where_it_was_left(tmp_path: Path) -> None:
    played = script.load("en")
    stage = Stage(State(now=played.begins), played)
    stage.set_up()
    stage.say("frida", "Hello")
    keeping.save(tmp_path, stage, set_up=True, done={"act1"})
    kept = keeping.load(tmp_path, "en")
    assert kept is not None
    assert kept.done == {"act1"}
    again = Stage(State(now=kept.now), played)
    keeping.restore(kept, again)
    assert [one.body["text"] for one in again.private("frida").entries.values()] == ["Hello"]
    assert again.group_of(played.person("beverley")).title == played.board
    with pytest.raises(Mistake, match="--language en"):
        keeping.load(tmp_path, "sv")


def test_the_child_knows_nothing_of_the_real_bots_settings() -> None:
    real = {"BLN_BOT__TELEGRAM__OPS_CHAT": "-100", "BLN_BOT_CONFIG": "config.toml", "HOME": "/home/a"}
    given = child.environment(real, {"CLOCK__URL": "http://127.0.0.1:1/clock"})
    assert {name: value for name, value in given.items() if name != "PYTHONPATH"} == {
        "HOME": "/home/a",
        "BLN_BOT__CLOCK__URL": "http://127.0.0.1:1/clock",
    }


# --- the whole


class Visitor:
    """Somebody at the page, without a browser."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def views(self, person: int | None = None) -> Iterator[Any]:
        """Return what a person sees, again whenever something changes."""
        with self.http.stream("GET", "page/events", params={"person": person or ""}) as stream:
            for line in stream.iter_lines():
                if line.startswith('data: {"reset"'):
                    yield json.loads(line.removeprefix("data: "))

    def view(self, person: int | None = None) -> Any:
        return next(self.views(person))

    def act(self, kind: str, **details: Any) -> Any:
        data = {"act": json.dumps({"kind": kind, **details})}
        return self.http.post("page/act", data=data, headers={"X-Sandbox": "page"}).json()

    def group(self) -> list[Any]:
        """Return the messages of the core group."""
        view = self.view()
        return list(view["messages"].get(str(view["groups"][0]["id"]), []))

    def wait_for(self, what: Callable[[Any], bool]) -> Any:
        """Wait until what the facilitator sees is so."""
        until = time.monotonic() + SECONDS
        for view in self.views():
            if what(view):
                return view
            assert time.monotonic() < until
        raise AssertionError("the page has gone")

    def jump_until(self, what: Callable[[list[Any]], list[Any]]) -> list[Any]:
        """Press *Jump* until there is something in the group, and return that."""
        for _ in range(JUMPS):
            if found := what(self.group()):
                return found
            self.act("jump")
        raise AssertionError("it did not come")


@contextlib.contextmanager
def running(tmp_path: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        yield process, first.split()[-1]
    finally:
        if process.poll() is None:
            process.terminate()
        process.stdout.close()
        process.wait()


def ours(tmp_path: Path) -> list[str]:
    """Return the bots that run in a folder of this test."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if str(place.readlink()).startswith(str(tmp_path)) and place.parent.name != str(os.getpid()):
                found.append(place.parent.name)
    return found


def test_a_visitor_sees_questions_answers_and_summaries(tmp_path: Path) -> None:
    played = script.load("en")
    about = catalogues.load(default="en").of("en").plain("digests.button.about")

    def postings(group: list[Any]) -> list[Any]:
        return [one for one in group if any("start=p_" in b.get("url", "") for b in buttons(one))]

    def summaries(group: list[Any]) -> list[Any]:
        return [one for one in group if about in [b["text"] for b in buttons(one)]]

    with running(tmp_path) as (process, url):
        visitor = Visitor(url)
        said = next((line for line in process.stdout or () if "set up" in line), "")
        assert "is set up" in said
        question = visitor.jump_until(postings)[0]
        assert played.questions["week"] in question["text"]
        weekly = visitor.jump_until(summaries)[0]
        group = visitor.group()
        given = [one for one in group if one.get("reply") and one["reply"]["id"] == question["id"]]
        assert len(given) >= 5
        assert all("✍" in [r["emoji"] for r in one["reactions"]] for one in given)
        before = visitor.jump_until(lambda group: summaries(group)[1:])[0]
        assert "12 November" in before["text"]
        assert before["text"] != weekly["text"]
        assert before["text"].count("\n– ") >= 4  # Frida has approved it: private answers are in it as well
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert ours(tmp_path) == []
        assert list(tmp_path.glob("bln-demo-*")) == []


def buttons(message: Any) -> list[Any]:
    return [one for row in message.get("buttons", []) for one in row]


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
        ended = subprocess.run(
            [sys.executable, "-m", "bot", "demo", "--port", port],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "--port" in ended.stderr


def test_a_bot_that_dies_is_noticed(tmp_path: Path) -> None:
    with running(tmp_path) as (process, url):
        visitor = Visitor(url)
        visitor.wait_for(lambda view: view["rate"] > 0)
        for pid in ours(tmp_path):
            if pid != str(process.pid) and "run" in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                os.kill(int(pid), signal.SIGKILL)
        assert process.wait(timeout=30) == 1
