"""What a group must be like before the bot works in it, from what Telegram says of it."""

from collections.abc import Mapping, Sequence
from typing import Any

MAX_TITLE = 100
ADMINISTRATOR = "administrator"
# What is missing without these is a convenience, and is said; without being administrator nothing works.
RIGHTS = {"delete": "can_delete_messages", "pin": "can_pin_messages"}
ASKED_FOR = "delete_messages+pin_messages+manage_topics"  # ticked for whoever adds the bot by our button
IN_GROUP = ("creator", "administrator", "member", "restricted")


def missing(standing: Mapping[str, Any] | None) -> list[str]:
    """Return what the bot lacks in a group, from its ChatMember there."""
    if standing is None or standing.get("status") not in ("administrator", "creator"):
        return [ADMINISTRATOR]
    return [
        name for name, right in RIGHTS.items() if not standing.get(right, standing["status"] == "creator")
    ]


def inside(standing: Mapping[str, Any] | None) -> bool:
    """Whether somebody with this ChatMember is in the group."""
    status = None if standing is None else standing.get("status")
    if status == "restricted":
        return bool(standing and standing.get("is_member"))
    return status in IN_GROUP


def standing_of(administrators: Sequence[Mapping[str, Any]], telegram_id: int) -> Mapping[str, Any] | None:
    """Return the ChatMember of a user among the administrators."""
    return next(
        (found for found in administrators if (found.get("user") or {}).get("id") == telegram_id), None
    )


def refusal(
    administrators: Sequence[Mapping[str, Any]] | None, chat: Mapping[str, Any] | None, telegram_id: int
) -> str | None:
    """Return why a group can't be set up by this person, as the end of a text id; None if it can.

    Both answers as `kept` leaves them; None where Telegram refused to say.
    """
    if administrators is None or chat is None:
        return "unseen"
    if chat.get("public"):
        return "public"
    if standing_of(administrators, telegram_id) is None:
        return "not_admin"
    return None


def title_of(typed: str) -> str:
    """A title as it is kept: one line, without space around it."""
    return " ".join(typed.split())


def kept(question: str, result: Any) -> Any:
    """Return what is needed of an answer of Telegram's: no names, and not the pinned message's words."""
    match question, result:
        case "administrators", list():
            flags = ("status", *RIGHTS.values())
            return [
                {name: found[name] for name in flags if name in found}
                | {"user": {"id": (found.get("user") or {}).get("id")}}
                for found in result
                if isinstance(found, dict)
            ]
        case "chat", dict():
            public = bool(result.get("username") or result.get("active_usernames"))
            return {"public": public, "has_visible_history": bool(result.get("has_visible_history"))}
        case "count", int():
            return result
    return None
