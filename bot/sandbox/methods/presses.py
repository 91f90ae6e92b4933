"""Answering button presses, and the bot's own reactions."""

import json

from bot.sandbox import access
from bot.sandbox.errors import bad
from bot.sandbox.methods import Method
from bot.sandbox.model import Answer
from bot.sandbox.params import Params
from bot.sandbox.state import State
from bot.sandbox.updates import PRESS

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
ALLOWED = (  # what anybody may react with; without variation selectors
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 "
    "💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 "
    "😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
)
EMOJI = frozenset(ALLOWED.split())


def answer_callback_query(state: State, params: Params) -> bool:
    """Answer a button press, within 150 seconds and once."""
    query = state.queries.get(params.text("callback_query_id"))
    if query is None or query.answered or state.clock.now() - query.at >= PRESS:
        raise bad(TOO_OLD)
    text = params.optional("text")
    if text is not None and len(text) > 200:
        raise bad("MESSAGE_TOO_LONG")
    query.answered = True
    state.answers.append(
        Answer(query.id, query.user.id, text, params.flag("show_alert"), params.optional("url"))
    )
    state.changes.fire()
    return True


def set_message_reaction(state: State, params: Params) -> bool:
    """React to a message; nobody is told when a bot reacts."""
    chat = access.reach(state, params)
    entry = access.message(chat, params, "message to react not found")
    given = params.nested("reaction") or []
    if not isinstance(given, list) or any(not isinstance(one, dict) for one in given):
        raise bad("can't parse reaction types JSON object")
    if len(given) > 1:
        raise bad("REACTIONS_TOO_MANY")
    for one in given:
        if one.get("type") != "emoji" or one.get("emoji") not in EMOJI:
            raise bad("REACTION_INVALID")
    if given:
        entry.reactions[state.bot.id] = json.loads(json.dumps(given))
    else:
        entry.reactions.pop(state.bot.id, None)
    state.changes.fire()
    return True


METHODS: dict[str, Method] = {
    "answerCallbackQuery": answer_callback_query,
    "setMessageReaction": set_message_reaction,
}
