"""Commands of facilitators: who may, and for which of their networks. The answer comes in private.

`HANDLERS = [which.command("prompts", run), …]`, where `run(leader, asked)` returns letters. Whoever leads several
networks is asked which one is meant; the command is kept and runs after the choice.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.actions import unit, which
from bot.actions.which import Leader
from bot.core import mail
from bot.core.mail import Letter, To
from handlers.aside import led_aside, private, visitor
from handlers.buttons import stale
from handlers.context import Context, is_person, press, pressed_message, who
from handlers.contributions import given
from storage import chats, dialogs


@dataclass(frozen=True)
class Asked:
    """A command as it was given: the whole message, the files sent with it, and the circle of the group."""

    command: str
    text: str
    files: list[dict[str, Any]] = field(default_factory=list)  # as prompts.attachments
    album: str | None = None
    circle: str = "core"

    @property
    def behind(self) -> str:
        """What stands behind the command, on its line and below."""
        return "".join(self.text.split(maxsplit=1)[1:]).strip()


Run = Callable[[Leader, Asked], Iterable[Letter] | None]
RUNS: dict[str, Run] = {}

SENDABLE = ("photo", "video", "document", "voice", "audio", "animation")
COMMAND = re.compile(r"\s*/(\w+)(?:@(\w+))?(?=\s|\Z)")


class commanded(filters.MessageFilter):
    """Lets messages through that begin with this command, below a picture too, which CommandHandler overlooks."""

    def __init__(self, name: str) -> None:
        super().__init__(name=f"commanded({name})")
        self._name = name

    def filter(self, message: Message) -> bool:
        """Read its beginning; a command for another bot is none."""
        found = COMMAND.match(message.text or message.caption or "")
        if found is None or found[1].lower() != self._name:
            return False
        return found[2] is None or found[2].lower() == unit.current().desk.bot_username.lower()


def command(name: str, run: Run) -> BaseHandler[Any, Any, Any]:
    """Return the handler of the command `/name`."""
    RUNS[name] = run

    async def on_command(update: Update, context: Context) -> None:
        _begin(update, context, name)

    return MessageHandler(filters.UpdateType.MESSAGE & commanded(name), on_command)


def words_and_files(message: Message, context: Context) -> tuple[str, list[dict[str, Any]]]:
    """Return what a message says, and what is sent along with it as a prompt keeps it."""
    found = given(message, context.raw.get("message") or {})
    files = [{"kind": file.kind, "file_id": file.file_id} for file in found.files if file.kind in SENDABLE]
    return found.text, files


def _begin(update: Update, context: Context, name: str) -> None:
    message, chat_seen = update.effective_message, update.effective_chat
    if message is None or chat_seen is None:
        return
    chat = None if private(update) else chats.by_telegram_id(context.db, chat_seen.id)
    if not private(update) and chat is None:
        _no_network(update, context, message)
        return
    person = led_aside(update, context)
    if person is None:
        guest = visitor(update) if private(update) else None
        if guest is not None:
            context.say(mail.say(guest.to, guest.text(context.desk)("error.not_allowed")))
        return
    text, files = words_and_files(message, context)
    asked = Asked(
        command=name,
        text=text,
        files=files,
        album=message.media_group_id,
        circle="core" if chat is None else chat.circle,
    )
    found = which.network(context.db, person, None if chat is None else chat_seen.id)
    if isinstance(found, list):
        dialogs.put(context.db, person.id, which.KIND, name, {"asked": asdict(asked)}, now=context.now)
        context.say(which.question(person, found, context.desk))
    elif found is None:
        refused = context.desk.text(person.language)("error.not_allowed")
        context.say(mail.say(To(person=person.id), refused))
    else:
        context.say(RUNS[name](Leader(context.db, person, found, context.desk, context.now), asked))


def _no_network(update: Update, context: Context, message: Message) -> None:
    if is_person(update):
        user = update.effective_user
        text = context.desk.texts.of(user.language_code if user else None)
        to = To(telegram=message.chat_id)
        context.say(mail.say(to, text("error.no_network_here"), reply_to=message.message_id, silent=True))


async def on_choice(update: Update, context: Context) -> None:
    """Run the kept command for the network that was chosen."""
    pressed, person = press(update), who(update, context)
    if pressed is None or person is None:
        stale(context, person)
        return
    leader = which.leader(context.db, person, pressed.id, context.desk, now=context.now)
    dialog = dialogs.of(context.db, person.id, now=context.now)
    run = RUNS.get(dialog.step) if dialog is not None and dialog.kind == which.KIND else None
    if leader is None or dialog is None or run is None:
        stale(context, person)
        return
    dialogs.close(context.db, person.id)
    context.answer()
    message_id = pressed_message(update)
    if message_id is not None:
        chosen = leader.text("which.chosen", network=leader.network.title)
        context.say(mail.edit(leader.to, message_id, chosen))
    context.say(run(leader, Asked(**dialog.data["asked"])))


HANDLERS: list[BaseHandler[Any, Any, Any]] = [CallbackQueryHandler(on_choice, pattern=r"^v1:which\.")]
