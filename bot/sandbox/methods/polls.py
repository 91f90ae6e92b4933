"""Polls: sending and stopping them."""

from datetime import UTC, datetime

from bot.sandbox import access, markup, render, sending, texts
from bot.sandbox.errors import bad
from bot.sandbox.methods import Method
from bot.sandbox.model import Json, Poll
from bot.sandbox.params import Params
from bot.sandbox.state import State

LONGEST = 2_628_000


def _option(number: int, given: object) -> Json:
    text = str(given.get("text", "") if isinstance(given, dict) else given).strip()
    if not 1 <= texts.units(text) <= 100:
        raise bad("poll options length must not exceed 100" if text else "poll option must be non-empty")
    return {"persistent_id": f"o{number}", "text": text, "voter_count": 0}


def _closes(state: State, params: Params) -> Json:
    period, date = params.number("open_period"), params.number("close_date")
    if period is not None and not 5 <= period <= LONGEST:
        raise bad("can't use the given open period")
    if period is not None:
        return {"open_period": period, "close_date": state.seconds() + period}
    return {"close_date": date} if date is not None else {}


def send_poll(state: State, params: Params) -> Json:
    """Send a poll."""
    where = sending.place(state, params)
    question = params.text("question").strip()
    if not question:
        raise bad("poll question must be non-empty")
    if texts.units(question) > 300:
        raise bad("poll question length must not exceed 300")
    options = params.nested("options")
    if not isinstance(options, list) or not options:
        raise bad("poll must have at least 1 option")
    if len(options) > 12:
        raise bad("poll can't have more than 12 options")
    several = params.flag("allows_multiple_answers")
    body: Json = {
        "id": str(5_300_000_000_000_000_000 + state.number("query")),
        "question": question,
        "options": [_option(number, option) for number, option in enumerate(options)],
        "total_voter_count": 0,
        "is_closed": params.flag("is_closed"),
        "is_anonymous": params.text("is_anonymous", "true").lower() != "false",
        "type": params.text("type", "regular") or "regular",
        "allows_multiple_answers": several,
        "allows_revoting": params.text("allows_revoting", "true").lower() != "false",
        "members_only": params.flag("members_only"),
        **_closes(state, params),
    }
    if params.has("description"):
        body["description"] = params.text("description")
    entry = sending.send(state, params, {"poll": body}, where)
    poll = state.polls[body["id"]] = Poll(body, entry)
    if "close_date" in body:
        state.clock.at(datetime.fromtimestamp(body["close_date"], UTC), lambda: close(state, poll))
    return render.message(entry)


def close(state: State, poll: Poll) -> None:
    """Close a poll; the bot is told the result."""
    if not poll.body["is_closed"]:
        poll.body["is_closed"] = True
        tell(state, poll)


def tell(state: State, poll: Poll) -> None:
    """Tell the bot how a poll stands."""
    state.queue.push("poll", dict(poll.body), chat_id=None)
    state.changes.fire()


def count(poll: Poll) -> None:
    """Write the votes into the poll."""
    for option in poll.body["options"]:
        option["voter_count"] = sum(option["persistent_id"] in chosen for chosen in poll.votes.values())
    poll.body["total_voter_count"] = len(poll.votes)


def stop_poll(state: State, params: Params) -> Json:
    """Stop a poll of the bot's own and return how it ended."""
    chat = access.reach(state, params)
    entry = access.message(chat, params, "message with poll to stop not found")
    if "poll" not in entry.body:
        raise bad("message is not a poll")
    if not entry.sent_by_bot or "forward_origin" in entry.body:
        raise bad("poll can't be stopped")
    poll = state.polls[entry.body["poll"]["id"]]
    if poll.body["is_closed"]:
        raise bad("poll has already been closed")
    inline, _ = markup.split(chat, params.nested("reply_markup"))
    if inline is not None:
        entry.body["reply_markup"] = inline
    else:
        entry.body.pop("reply_markup", None)
    close(state, poll)
    return dict(poll.body)


METHODS: dict[str, Method] = {"sendPoll": send_poll, "stopPoll": stop_poll}
