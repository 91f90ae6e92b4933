"""Forum topics."""

from bot.sandbox import access, delivery
from bot.sandbox.errors import bad
from bot.sandbox.methods import Method
from bot.sandbox.model import Chat, Json, Topic, User
from bot.sandbox.params import Params
from bot.sandbox.state import State

COLOURS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def _forum(state: State, params: Params, refusal: str) -> Chat:
    chat = access.reach(state, params)
    if not chat.forum:
        raise bad("the chat is not a forum")
    access.right(state, chat, "can_manage_topics", refusal)
    return chat


def _topic(chat: Chat, params: Params) -> Topic:
    topic = chat.topics.get(params.integer("message_thread_id"))
    if topic is None or topic.deleted:
        raise bad("TOPIC_ID_INVALID")
    return topic


def create(state: State, params: Params) -> Json:
    """Open a topic."""
    chat = _forum(state, params, "not enough rights to create a topic")
    name = params.text("name").strip()
    if not 1 <= len(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    colour = params.integer("icon_color", COLOURS[0])
    topic = open_topic(state, chat, name, colour=colour, by=state.bot)
    return {"message_thread_id": topic.id, "name": name, "icon_color": colour}


def open_topic(state: State, chat: Chat, name: str, *, by: User, colour: int = COLOURS[0]) -> Topic:
    """Make a topic: a service message whose id is the topic's."""
    body: Json = {"forum_topic_created": {"name": name, "icon_color": colour}}
    entry = state.post(chat, by, body, service=True)
    entry.thread = entry.id
    topic = chat.topics[entry.id] = Topic(entry.id, name, colour)
    delivery.announce(state, entry)
    return topic


def edit(state: State, params: Params) -> bool:
    """Rename a topic."""
    chat = _forum(state, params, "not enough rights to edit the topic")
    topic = _topic(chat, params)
    if params.text("name") == topic.name:
        raise bad("TOPIC_NOT_MODIFIED")
    topic.name = params.text("name")
    state.post(chat, state.bot, {"forum_topic_edited": {"name": topic.name}}, thread=topic.id, service=True)
    return True


def _closing(closed: bool) -> Method:
    def method(state: State, params: Params) -> bool:
        chat = _forum(state, params, "not enough rights to close the topic")
        topic = _topic(chat, params)
        if topic.closed == closed:
            raise bad("TOPIC_NOT_MODIFIED")
        topic.closed = closed
        what = "forum_topic_closed" if closed else "forum_topic_reopened"
        state.post(chat, state.bot, {what: {}}, thread=topic.id, service=True)
        return True

    return method


def delete(state: State, params: Params) -> bool:
    """Delete a topic with all its messages."""
    chat = access.reach(state, params)
    access.right(state, chat, "can_delete_messages", "not enough rights to delete the topic")
    drop(state, chat, _topic(chat, params))
    return True


def drop(state: State, chat: Chat, topic: Topic) -> None:
    """Delete a topic with all its messages; nobody is told."""
    topic.deleted = True
    for entry in chat.entries.values():
        if entry.thread == topic.id:
            entry.deleted = True
    state.changes.fire()


METHODS: dict[str, Method] = {
    "createForumTopic": create,
    "editForumTopic": edit,
    "closeForumTopic": _closing(True),
    "reopenForumTopic": _closing(False),
    "deleteForumTopic": delete,
}
