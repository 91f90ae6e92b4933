"""What the driver's people can do; each gesture is one line of a story."""

from typing import Any

from bot.sandbox import media_of, membership, people, render
from bot.sandbox.model import Chat, Json, Query, Topic, User
from bot.sandbox.state import State
from bot.sandbox.transcript import Message


class Gestures:
    """People's actions, over a state."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def _put(
        self,
        user: User,
        body: Json,
        chat: Chat | None,
        to: Message | None = None,
        thread: Topic | int | None = None,
    ) -> Message:
        number = thread.id if isinstance(thread, Topic) else thread
        if to is not None and chat is None:
            chat = to.chat
        reply = None if to is None else to.entry
        return Message(people.write(self.state, user, body, chat=chat, reply_to=reply, thread=number))

    # words

    async def send(
        self, user: User, text: str, *, chat: Chat | None = None, thread: Topic | int | None = None
    ) -> Message:
        """Write something, in private with the bot unless told otherwise."""
        return await self._put(user, people.text_body(text), chat, None, thread)

    async def reply(
        self,
        user: User,
        *,
        to: Message,
        text: str,
        chat: Chat | None = None,
        thread: Topic | int | None = None,
    ) -> Message:
        """Answer a message; in another `chat` or `thread` the answer quotes it from outside."""
        return await self._put(user, people.text_body(text), chat, to, thread)

    async def edit(self, user: User, message: Message, text: str) -> Message:
        """Change one's own message."""
        return Message(people.edit(self.state, user, message.entry, text))

    async def delete(self, message: Message) -> None:
        """Delete a message; the bot is not told."""
        people.delete(self.state, message.entry)

    async def start(self, user: User, payload: str = "") -> Message:
        """Press Start, or open a link with a payload."""
        return Message(people.start(self.state, user, payload))

    async def follow(self, user: User, url: str, *, group: Chat | None = None) -> Message | None:
        """Open a link: start the bot, add it to `group`, join by invite; None if nothing is written by that."""
        entry = people.follow(self.state, user, url, group=group)
        return None if entry is None else Message(entry)

    # reactions, buttons, votes

    async def react(self, user: User, message: Message, *emoji: str, anonymous: bool = False) -> None:
        """React to a message, replacing earlier reactions."""
        people.react(self.state, user, message.entry, *emoji, anonymous=anonymous)

    async def unreact(self, user: User, message: Message) -> None:
        """Take one's reactions back."""
        people.react(self.state, user, message.entry)

    async def press(self, user: User, message: Message, what: str) -> str:
        """Press a button by label or data; returns the query's id, or what became of a link."""
        result = people.press(self.state, user, message.entry, what)
        if isinstance(result, Query):
            return result.id
        return result if isinstance(result, str) else str(result.body.get("text"))

    async def forge(self, user: User, message: Message, data: str) -> str:
        """Send callback data that no button has."""
        return people.send_query(self.state, user, message.entry, data).id

    async def vote(self, user: User, message: Message, *options: int) -> None:
        """Vote by the positions of options; none takes the vote back."""
        people.vote(self.state, user, message.entry, list(options))

    # files and other things

    async def _file(self, user: User, kind: str, given: dict[str, Any]) -> Message:
        where = {name: given.pop(name, None) for name in ("chat", "to", "thread")}
        return await self._put(user, media_of.body(self.state, kind, **given), **where)

    async def photo(self, user: User, caption: str | None = None, **given: Any) -> Message:
        """Send a picture; like all of these with `chat`, `to`, `thread`, `data`, `name`, `size`."""
        return await self._file(user, "photo", {"caption": caption, **given})

    async def voice(self, user: User, caption: str | None = None, **given: Any) -> Message:
        """Speak for `duration` seconds."""
        return await self._file(user, "voice", {"caption": caption, **given})

    async def document(self, user: User, caption: str | None = None, **given: Any) -> Message:
        """Send a file."""
        return await self._file(user, "document", {"caption": caption, **given})

    async def video(self, user: User, caption: str | None = None, **given: Any) -> Message:
        """Send a film."""
        return await self._file(user, "video", {"caption": caption, **given})

    async def video_note(self, user: User, **given: Any) -> Message:
        """Send a round film."""
        return await self._file(user, "video_note", given)

    async def sticker(self, user: User, emoji: str = "👍", **given: Any) -> Message:
        """Send a sticker."""
        return await self._file(user, "sticker", {"emoji": emoji, **given})

    async def album(
        self, user: User, count: int = 3, caption: str | None = None, **given: Any
    ) -> list[Message]:
        """Send several pictures at once: as many updates, the caption with the first."""
        group = str(13_500_000_000_000_000 + self.state.number("file"))
        sent = []
        for number in range(count):
            words = None if number else caption
            sent.append(await self.photo(user, words, media_group_id=group, **given))
        return sent

    async def contact(self, user: User, *, chat: Chat | None = None) -> Message:
        """Send one's telephone number."""
        contact = {"phone_number": "+3120000000", "first_name": user.first_name, "user_id": user.id}
        return await self._put(user, {"contact": contact}, chat)

    async def location(self, user: User, *, chat: Chat | None = None) -> Message:
        """Send one's place."""
        return await self._put(user, {"location": {"latitude": 52.0, "longitude": 5.1}}, chat)

    async def dice(self, user: User, *, chat: Chat | None = None) -> Message:
        """Throw the dice."""
        return await self._put(
            user, {"dice": {"emoji": "🎲", "value": self.state.random.randint(1, 6)}}, chat
        )

    async def forward(
        self, user: User, message: Message, *, chat: Chat | None = None, thread: Topic | int | None = None
    ) -> Message:
        """Forward a message."""
        number = thread.id if isinstance(thread, Topic) else thread
        return Message(people.forward(self.state, user, message.entry, chat=chat, thread=number))

    # in other names

    async def send_anonymously(
        self, user: User, text: str, chat: Chat, *, to: Message | None = None
    ) -> Message:
        """Write as an administrator who hides behind the group."""
        as_group = {"sender_chat": render.chat(chat), **people.text_body(text)}
        return await self._put(self.state.anonymous, as_group, chat, to)

    async def send_as_channel(
        self, title: str, text: str, chat: Chat, *, to: Message | None = None
    ) -> Message:
        """Write in a channel's name."""
        channel = {"id": -1009000000001, "type": "channel", "title": title}
        return await self._put(
            self.state.channel_bot, {"sender_chat": channel, **people.text_body(text)}, chat, to
        )

    async def post_from_channel(self, title: str, text: str, chat: Chat) -> Message:
        """Let a linked channel's post arrive in its discussion group, from 777000."""
        channel = {"id": -1009000000001, "type": "channel", "title": title}
        origin = {"type": "channel", "chat": channel, "message_id": 1, "date": self.state.seconds()}
        body = {"sender_chat": channel, "is_automatic_forward": True, "forward_origin": origin}
        return await self._put(self.state.telegram, {**body, **people.text_body(text)}, chat)

    # coming and going

    async def join(
        self, user: User, chat: Chat, *, link: Json | str | None = None, by: User | None = None
    ) -> None:
        """Come into a group, by an invite link or brought by somebody."""
        self.state.act()
        if isinstance(link, str):
            link = next(one for one in chat.links if one["invite_link"] == link)
        membership.set_status(self.state, chat, user, "member", by=by, link=link)

    async def leave(self, user: User, chat: Chat) -> None:
        """Go out of a group."""
        self.state.act()
        membership.set_status(self.state, chat, user, "left")

    async def remove(self, user: User, chat: Chat, *, by: User | None = None) -> None:
        """Be thrown out of a group."""
        self.state.act()
        membership.set_status(self.state, chat, user, "kicked", by=by or self._owner(chat))

    async def promote(self, user: User, chat: Chat, *, anonymous: bool = False) -> None:
        """Become administrator of a group."""
        self.state.act()
        by = self._owner(chat)
        membership.set_status(self.state, chat, user, "administrator", by=by, anonymous=anonymous)

    async def demote(self, user: User, chat: Chat) -> None:
        """Be administrator no more."""
        self.state.act()
        membership.set_status(self.state, chat, user, "member", by=self._owner(chat))

    def _owner(self, chat: Chat) -> User:
        return next(
            (m.user for m in chat.members.values() if m.status == "creator"),
            next(iter(self.state.users.values())),
        )

    async def add_bot(
        self,
        user: User,
        chat: Chat,
        *,
        start: str | None = None,
        admin: bool = False,
        rights: dict[str, bool] | None = None,
    ) -> None:
        """Add the bot to a group, perhaps by a startgroup link, perhaps with administrator rights."""
        self.state.act()
        membership.set_bot(self.state, chat, user, "member")
        if admin or rights:
            membership.set_bot(self.state, chat, user, "administrator", rights)
        if start is not None:
            await self.send(user, f"/start@{self.state.bot.username} {start}", chat=chat)

    async def promote_bot(
        self, chat: Chat, rights: dict[str, bool] | None = None, *, by: User | None = None
    ) -> None:
        """Make the bot administrator; rights that are not named are granted."""
        self.state.act()
        membership.set_bot(self.state, chat, by or self._owner(chat), "administrator", rights)

    async def demote_bot(self, chat: Chat, *, by: User | None = None) -> None:
        """Make the bot an ordinary member."""
        self.state.act()
        membership.set_bot(self.state, chat, by or self._owner(chat), "member")

    async def remove_bot(self, chat: Chat, *, by: User | None = None) -> None:
        """Throw the bot out."""
        self.state.act()
        membership.set_bot(self.state, chat, by or self._owner(chat), "kicked")

    async def block(self, user: User) -> None:
        """Block the bot in private."""
        self.state.act()
        membership.set_blocked(self.state, user, True)

    async def unblock(self, user: User) -> None:
        """Let the bot write again."""
        self.state.act()
        membership.set_blocked(self.state, user, False)

    async def migrate(self, chat: Chat, *, by: User | None = None) -> Chat:
        """Upgrade a basic group to a supergroup and return that."""
        self.state.act()
        return membership.migrate(self.state, chat, by or self._owner(chat))
