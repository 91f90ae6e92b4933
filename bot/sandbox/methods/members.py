"""Who is in a chat, and sending somebody away."""

from bot.sandbox import access, membership, render
from bot.sandbox.errors import bad
from bot.sandbox.methods import Method
from bot.sandbox.model import Chat, Json, Member
from bot.sandbox.params import Params
from bot.sandbox.state import State


def _group(state: State, params: Params, refusal: str) -> Chat:
    chat = access.reach(state, params)
    if chat.is_private:
        raise bad(refusal)
    return chat


def get_member(state: State, params: Params) -> Json:
    """Say how a user stands in a chat; of others only an administrator can be sure to hear."""
    chat = access.reach(state, params)
    wanted = access.user_id(state, params)
    if chat.is_private:
        if wanted not in (chat.id, state.bot.id):
            raise bad("member not found")
        return render.member(Member(state.bot if wanted == state.bot.id else state.users[wanted]))
    member = chat.members.get(wanted)
    if member is None:
        if not membership.met(state, wanted):
            raise bad("PARTICIPANT_ID_INVALID")
        member = Member(state.users[wanted], "left")
    return render.member(member)


def get_administrators(state: State, params: Params) -> list[Json]:
    """Return the administrators that are people, and this bot if it is one."""
    chat = _group(state, params, "there are no administrators in the private chat")
    bots = params.flag("return_bots")
    return [
        render.member(member)
        for member in chat.present()
        if member.is_admin and (bots or not member.user.is_bot or member.user.id == state.bot.id)
    ]


def get_count(state: State, params: Params) -> int:
    """Return how many are in the chat, bots included."""
    chat = access.reach(state, params)
    return 2 if chat.is_private else len(chat.present())


def _target(state: State, params: Params) -> tuple[Chat, Member]:
    chat = _group(state, params, "can't ban members in private chats")
    access.right(state, chat, "can_restrict_members", "not enough rights to restrict/unrestrict chat member")
    user = access.user_id(state, params)
    member = chat.members.get(user) or Member(state.users[user], "left")
    if member.status == "creator":
        raise bad("can't remove chat owner")
    if member.is_admin:
        raise bad("user is an administrator of the chat")
    return chat, member


def ban(state: State, params: Params) -> bool:
    """Remove a member for good."""
    chat, member = _target(state, params)
    membership.set_status(state, chat, member.user, "kicked", by=state.bot)
    return True


def unban(state: State, params: Params) -> bool:
    """Let somebody come back; it removes a member who is there, unless told otherwise."""
    chat, member = _target(state, params)
    if member.status == "kicked" or (member.present and not params.flag("only_if_banned")):
        membership.set_status(state, chat, member.user, "left", by=state.bot)
    return True


METHODS: dict[str, Method] = {
    "getChatMember": get_member,
    "getChatAdministrators": get_administrators,
    "getChatMemberCount": get_count,
    "banChatMember": ban,
    "unbanChatMember": unban,
}
