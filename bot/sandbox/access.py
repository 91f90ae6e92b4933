"""Where the bot may speak: finding a chat, and the refusals for blocked, kicked, gone and moved."""

from bot.sandbox import membership
from bot.sandbox.errors import bad, forbidden
from bot.sandbox.model import Chat, Entry, Member
from bot.sandbox.params import Params
from bot.sandbox.state import State


def find(state: State, params: Params, name: str = "chat_id") -> Chat:
    """Return the chat a request names, whether or not the bot may do anything there."""
    wanted = params.text(name).strip()
    if not wanted:
        raise bad(f"{name} is empty")
    if wanted.startswith("@"):
        for chat in state.chats.values():
            if chat.username and chat.username.lower() == wanted[1:].lower():
                return chat
        raise bad("chat not found")
    try:
        found = state.chats.get(int(wanted))
    except ValueError:
        found = None
    if found is None:
        raise bad("chat not found")
    return found


def reach(state: State, params: Params, name: str = "chat_id") -> Chat:
    """Return a chat in which the bot is."""
    chat = find(state, params, name)
    if chat.is_private:
        _check_private(state, chat)
    else:
        _check_group(state, chat)
    return chat


def _check_private(state: State, chat: Chat) -> None:
    assert chat.user is not None
    if chat.user.deactivated:
        raise forbidden("user is deactivated")
    if chat.user.is_bot:
        raise forbidden("bot can't send messages to bots")
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if not chat.started:
        if not membership.met(state, chat.user.id):
            raise bad("chat not found")
        raise forbidden("bot can't initiate conversation with a user")


def _check_group(state: State, chat: Chat) -> None:
    if chat.migrated_to is not None:
        raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
    if chat.deleted:
        raise forbidden("the group chat was deleted")
    member = state.membership(chat)
    what = f"{chat.kind} chat"
    if member is not None and member.status == "kicked":
        raise forbidden(f"bot was kicked from the {what}")
    if member is None or not member.present:
        # a group that the bot has never been in is unknown to it, unless everybody can find it
        if member is None and not chat.username:
            raise bad("chat not found")
        raise forbidden(f"bot is not a member of the {what}")


def speak(state: State, params: Params, name: str = "chat_id") -> Chat:
    """Return a chat in which the bot may send messages."""
    chat = reach(state, params, name)
    member = state.membership(chat)
    if member is not None and not member.is_admin and not (chat.members_may_send and member.can_send):
        raise bad("not enough rights to send text messages to the chat")
    return chat


def own(state: State, chat: Chat) -> Member:
    """Return the bot's own standing in a group it is in."""
    member = state.membership(chat)
    assert member is not None
    return member


def right(state: State, chat: Chat, name: str, refusal: str) -> None:
    """Refuse unless the bot has a right in a group."""
    if chat.is_private or not own(state, chat).may(name):
        raise bad(refusal)


def message(chat: Chat, params: Params, refusal: str, name: str = "message_id") -> Entry:
    """Return an existing message of a chat."""
    entry = chat.entry(params.integer(name))
    if entry is None:
        raise bad(refusal)
    return entry


def user_id(state: State, params: Params) -> int:
    """Return a user id that Telegram knows."""
    wanted = params.integer("user_id")
    if wanted != state.bot.id and wanted not in state.users:
        raise bad("user not found" if wanted else "invalid user_id specified")
    return wanted
