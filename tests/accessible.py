"""What makes a message hard to use for somebody who sees badly, has large letters, or listens to it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.core.letters import MAX_LABEL, SHORT_LABEL, plain, utf16_length
from bot.sandbox.model import CallRecord

SHORT = 600  # UTF-16 units of a message with which somebody has to do something
# The subjects in which members act; drafts and plans of facilitators are longer. One more: its name.
MEMBERS = {
    *("joining", "consents", "appear", "answering", "asks", "telling", "contributions", "media", "hearing"),
    *("me", "mine", "quiet", "pause", "catchup", "talk", "danger", "mydata", "leaving", "erasing", "persons"),
    *("votes", "about", "stars"),
}
STATES = "☐☑☒✓✔✗✘✅❌⬜"  # a state is a word
PICTURES = ("sendPhoto", "sendVideo", "sendAnimation")


def problems(calls: Iterable[CallRecord]) -> list[str]:
    """Return what is wrong with what was sent."""
    return [wrong for call in calls for wrong in (*_labels(call), *_length(call), *_picture(call))]


def too_much(html: str, buttons: list[str]) -> list[str]:
    """Return what is wrong with a message that has these buttons; one alone leaves nothing to decide."""
    length = utf16_length(plain(html))
    return [f"{length} units: {plain(html)[:60]!r}"] if len(buttons) > 1 and length > SHORT else []


def wrong_label(label: str) -> list[str]:
    """Return what is wrong with a button's words."""
    found = [] if len(label) <= MAX_LABEL else [f"long label {label!r}"]
    if not any(sign.isalnum() for sign in label):
        found.append(f"label without words {label!r}")
    return found + ([f"a sign for a state {label!r}"] if set(label) & set(STATES) else [])


def _rows(call: CallRecord) -> list[list[Mapping[str, Any]]]:
    markup = call.params.get("reply_markup") or {}
    if isinstance(markup, str):
        markup = json.loads(markup)
    rows: list[list[Mapping[str, Any]]] = markup.get("inline_keyboard") or []
    return rows


def _labels(call: CallRecord) -> Iterator[str]:
    for row in _rows(call):
        yield from (wrong for button in row for wrong in wrong_label(button["text"]))
        if len(row) > 1 and any(len(button["text"]) > SHORT_LABEL for button in row):
            yield f"beside each other, though not short: {[button['text'] for button in row]}"


def _length(call: CallRecord) -> Iterator[str]:
    buttons = [button for row in _rows(call) for button in row]
    subjects = {
        str(button.get("callback_data", "")).removeprefix("v1:").partition(".")[0] for button in buttons
    }
    html = call.params.get("text") or call.params.get("caption")
    if isinstance(html, str) and subjects & MEMBERS:
        yield from (f"{sorted(subjects)}: {wrong}" for wrong in too_much(html, [b["text"] for b in buttons]))


def _picture(call: CallRecord) -> Iterator[str]:
    # What somebody gave is shown below words of its own; what we made says itself what it means.
    if call.method in PICTURES and call.files and not call.params.get("caption"):
        yield f"{call.method} without a caption"
