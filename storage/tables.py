"""Every table. A new column is a line here and an Alembic revision; a new table moreover a file of queries."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.types import Json, Key, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: Any) -> Table:
    """A table whose ids are never given again, as old buttons carry them."""
    return Table(name, metadata, Column("id", Key, primary_key=True), *parts, sqlite_autoincrement=True)


def ref(
    name: str, target: str, *, null: bool = False, delete: str = "CASCADE", index: bool = False
) -> Column[Any]:
    """A reference to the id of another table."""
    return Column(name, Key, ForeignKey(f"{target}.id", ondelete=delete), nullable=null, index=index)


def moment(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Moment, nullable=null)


def words(name: str, *, null: bool = False, default: str | None = None) -> Column[Any]:
    return Column(name, Text, nullable=null, server_default=default)


def flag(name: str, *, default: bool = False) -> Column[Any]:
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def number(name: str, *, null: bool = False, default: int | None = None) -> Column[Any]:
    return Column(
        name, Integer, nullable=null, server_default=None if default is None else text(str(default))
    )


def json(name: str, *, null: bool = True) -> Column[Any]:
    return Column(name, Json, nullable=null)


# Who ----------------------------------------------------------------------------------------------

people = table(
    "people",
    Column("telegram_id", Key, nullable=False, unique=True),
    words("name"),  # Telegram's first name
    words("username", null=True),
    words("language"),
    flag("coordinator"),
    flag("reachable"),  # pressed Start and has not blocked the bot
    number("weekly_asks", default=3),  # at most so many asks and reminders a week, over all networks
    moment("warned_at", null=True),  # last told that an answer seems to hold a name or a number
    moment("created_at"),
)

networks = table(
    "networks",
    words("title"),
    words("language"),
    words("timezone"),  # IANA
    number("weekly_day", default=4),  # Monday is 0
    words("weekly_time", default="17:00"),  # HH:MM on the network's clock
    flag("weekly", default=True),
    number("meeting_hours", default=48),  # the pre-meeting digest goes out so long before
    words("approval", default="open"),  # open, required, trusted
    ref("stand_in", "people", null=True, delete="SET NULL"),
    flag("topic_each"),  # a forum topic for each prompt
    number("weekly_cap", default=2),
    # Who answers for the words of this network; NULL: as the configuration says.
    words("controller", null=True),
    words("contact", null=True),
    words("officer", null=True),  # for data protection; "none" where there need be none
    words("processor", null=True),  # who runs the server
    words("authority", null=True),  # where to complain
    words("last_day", null=True),  # ISO date
    json("help"),  # where somebody in trouble finds help, by language
    moment("help_checked_at", null=True),
    moment("help_asked_at", null=True),  # when somebody was last asked whether the numbers are still right
    words("office_from", default="09:00"),  # when somebody is there, Monday to Friday
    words("office_to", default="17:00"),
    json("danger"),  # further words of the safety list, by language
    json("subject"),  # diagnoses and the like that are this network's own subject: words
    words("state", default="active"),  # active, ended
    moment("warned_at", null=True),  # those who lead it were told that it ends
    moment("ended_at", null=True),
    moment("created_at"),
)

chats = table(
    "chats",
    ref("network_id", "networks", index=True),
    words("circle"),  # core, sounding
    Column("telegram_id", Key, nullable=False, unique=True),
    words("kind"),  # group, supergroup
    words("title"),
    Column("topic_id", Key, nullable=True),  # the topic in which /setup was sent
    words("state", default="active"),  # active, gone
    json("rights"),  # what is missing, as last seen: a list of names
    Column("last_message_id", Key, nullable=False, server_default=text("0")),
    moment("introduced_at", null=True),
    moment("created_at"),
)

chat_ids = table(  # every id Telegram ever gave the chat
    "chat_ids",
    ref("chat_id", "chats", index=True),
    Column("telegram_id", Key, nullable=False, unique=True),
    moment("since"),
)

members = table(
    "members",
    ref("network_id", "networks", index=True),
    ref("person_id", "people", index=True),
    words("group", null=True),  # stakeholder group, a code of bot/core/groups.py
    words("circle"),  # core, sounding
    flag("facilitator"),
    words("attribution", default="role"),  # name, role, none
    words("state", default="joining"),  # joining, active, left, unlinked (nobody: storage/erasing.py)
    moment("left_at", null=True),
    words("left_how", null=True),  # of their words: keep, unnamed, erase; NULL, removed: not decided
    words("quiet_from", default="21:00"),
    words("quiet_to", default="08:00"),
    moment("paused_until", null=True),  # nothing in private
    moment("resting_until", null=True),  # a heavy week: nothing is asked, the rest comes without sound
    flag("listening"),  # summaries and meetings, no asks
    words("shown_alone", null=True),  # below k: role, participant; NULL: not decided
    words("edition", default="group"),  # the summary: in the group only; full or plain: in private as well
    moment("alone_asked_at", null=True),
    words("consent_asked", null=True),  # the version of the consent texts that was last asked about
    moment("secrecy_at", null=True),  # was told that professional secrecy holds here
    moment("looked_at", null=True),  # /catchup
    moment("hinted_at", null=True),
    moment("told_at", null=True),  # the first line about an answer in the group
    moment("joined_at", null=True),
    moment("created_at"),
    UniqueConstraint("network_id", "person_id"),
)

consents = table(  # what a member agreed to, one row a change; the latest of a use counts
    "consents",
    ref("member_id", "members", index=True),
    words("use"),  # take_part, quote, name, media, reports
    flag("granted"),
    words("version"),
    words("language"),
    moment("at"),
)

links = table(  # every ?start= and ?startgroup= parameter but the operator's own
    "links",
    words("token"),  # 16 random bytes, base64url
    words("kind"),  # join, answer, group
    ref("network_id", "networks", null=True, index=True),
    words("circle", null=True),
    Column("posting_id", Key, nullable=True),
    ref("created_by", "people", null=True, delete="SET NULL"),
    number("uses_left", null=True),  # NULL: any number
    # Of a personal invitation: whom it is for, until that person joined or 60 days are over.
    words("name", null=True),
    words("group", null=True),
    words("language", null=True),
    words("role", default="member"),  # member, facilitator, stand_in
    ref("opened_by", "people", null=True, delete="SET NULL"),
    moment("opened_at", null=True),
    moment("reminded_at", null=True),  # who invited was told that nobody has opened it
    moment("expires_at", null=True),
    moment("created_at"),
    UniqueConstraint("token"),
)

network_groups = table(  # what a network calls its stakeholder groups, and those it added
    "network_groups",
    ref("network_id", "networks", index=True),
    words("code"),  # of bot/core/groups.py, or of its own: own_<number>
    words("broad", null=True),  # lived, work, decide; NULL: none
    json("names", null=False),  # {"nl": ["een mantelzorger", "mantelzorgers"]}: one of them, all of them
    flag("offered", default=True),  # at joining
    UniqueConstraint("network_id", "code"),
)

hints = table(  # when somebody who has not joined was last told how; no words, no name
    "hints",
    ref("chat_id", "chats"),
    Column("telegram_id", Key, nullable=False),
    moment("at"),
    UniqueConstraint("chat_id", "telegram_id"),
)

knocks = table(  # came by a forwarded link; a facilitator lets in or not
    "knocks",
    ref("network_id", "networks", index=True),
    ref("person_id", "people"),
    words("circle"),
    words("state", default="asked"),  # asked, let_in, refused
    moment("at"),
    UniqueConstraint("network_id", "person_id"),
)

# What is planned ----------------------------------------------------------------------------------

meetings = table(
    "meetings",
    ref("network_id", "networks", index=True),
    words("title"),
    words("place", default=""),
    moment("starts_at"),
    words("state", default="planned"),  # planned, cancelled
    number("sequence", default=0),  # iCalendar's: grows with every change
    moment("reminded_at", null=True),
    ref("created_by", "people", null=True, delete="SET NULL"),
    moment("created_at"),
)

rsvps = table(
    "rsvps",
    ref("meeting_id", "meetings"),
    ref("member_id", "members", index=True),
    words("answer"),  # yes, no, maybe
    moment("at"),
    UniqueConstraint("meeting_id", "member_id"),
)

prompts = table(
    "prompts",
    ref("network_id", "networks", index=True),
    words("kind"),  # a name of bot/core/prompts.py
    words("text"),
    words("circle", default="core"),  # core, sounding, both
    json("when", null=False),  # bot/core/whens.py to_json
    ref("meeting_id", "meetings", null=True, delete="SET NULL"),
    json("attachments"),  # [{"kind": "photo", "file_id": …}]
    json("form"),  # what can be chosen (bot/core/votes.py): {"options": […], "several": false, "own": true}
    words("state", default="planned"),  # draft, planned, done, deleted
    moment("next_due_at", null=True),
    ref("created_by", "people", null=True, delete="SET NULL"),
    moment("created_at"),
    Index("ix_prompts_due", "state", "next_due_at"),
)

occurrences = table(
    "occurrences",
    ref("prompt_id", "prompts"),
    words("local_key"),  # YYYY-MM-DDTHH:MM on the network's clock: 02:30 exists once
    moment("due_at"),
    words("state"),  # posted, missed, skipped
    moment("at"),
    UniqueConstraint("prompt_id", "local_key"),
)

postings = table(
    "postings",
    ref("occurrence_id", "occurrences"),
    ref("prompt_id", "prompts", index=True),
    ref("network_id", "networks"),
    ref("chat_id", "chats"),
    words("token"),  # in the button's link: recognises the posting before its message id is known
    Column("topic_id", Key, nullable=True),
    Column("message_id", Key, nullable=True),
    moment("posted_at"),
    moment("closes_at"),
    moment("reminded_at", null=True),  # who has not answered was reminded, each once and in private
    UniqueConstraint("occurrence_id", "chat_id"),
    UniqueConstraint("token"),
    Index("ix_postings_message", "chat_id", "message_id"),
    Index("ix_postings_network", "network_id", "posted_at"),  # when was the last one
)

posting_messages = table(  # every message of ours that is the posting: pieces, attachments, a second copy
    "posting_messages",
    ref("posting_id", "postings", index=True),
    ref("chat_id", "chats"),
    Column("message_id", Key, nullable=False),
    UniqueConstraint("chat_id", "message_id"),
)

# What was given -----------------------------------------------------------------------------------

contributions = table(
    "contributions",
    ref("network_id", "networks", index=True),
    ref("posting_id", "postings", index=True),
    ref("member_id", "members", index=True),
    words("place"),  # group, private, room
    ref("chat_id", "chats", null=True, delete="SET NULL"),  # NULL: the private chat
    Column("message_id", Key, nullable=True),
    words("album", null=True),  # Telegram's media_group_id
    words("kind"),  # text, voice, photo, video, document
    words("text", default=""),
    words("attribution", null=True),  # NULL: the member's own
    flag("conversation"),  # a reply to another member: quoted only after its author's yes
    words("may_quote", null=True),  # the author's answer for this one: yes, no
    words(
        "picture", null=True
    ),  # can somebody be recognised in it: nobody, agreed, hidden; NULL: not answered
    flag("late"),
    ref("noted_by", "people", null=True, delete="SET NULL"),  # told to a facilitator, who wrote it down
    # A spoken answer in writing: the words wait here until its author has confirmed them.
    words("heard", null=True),
    ref("heard_by", "people", null=True, delete="SET NULL"),
    words("heard_state", null=True),  # typed, confirmed, refused
    words("masked", null=True),  # its words with […]; they replace `text` when the digest is approved
    ref("masked_by", "people", null=True, delete="SET NULL"),
    json("flags"),  # what a facilitator should look at: name, address, phone, number, diagnosis
    words(
        "danger", null=True
    ),  # hit the safety list: held, out (its author has read so), used (they said so)
    moment("danger_at", null=True),  # those who lead were alerted, and nobody has looked yet
    words("state", default="kept"),  # kept, taken_back, deleted (in Telegram)
    moment("starred_at", null=True),  # its author: this one matters to me
    moment("sent_at"),  # Telegram's date
    moment("edited_at", null=True),
    moment("arrived_at"),
    moment("checked_at", null=True),  # the ✍ was last found in place
    Index("ix_contributions_message", "chat_id", "message_id"),
    Index("ix_contributions_album", "member_id", "album"),
)

# One row a Telegram message, so that an edit or a repeat finds its contribution, albums included.
contribution_messages = table(
    "contribution_messages",
    ref("contribution_id", "contributions", index=True),
    Column("telegram_chat_id", Key, nullable=False),
    Column("message_id", Key, nullable=False),
    UniqueConstraint("telegram_chat_id", "message_id"),
)

contribution_versions = table(  # earlier words, kept until the digest, shown to nobody
    "contribution_versions",
    ref("contribution_id", "contributions", index=True),
    words("text"),
    moment("at"),
)

media = table(
    "media",
    ref("contribution_id", "contributions", index=True),
    words("kind"),
    words("file_id"),
    words("name", null=True),
    words("mime", null=True),
    Column("size", Key, nullable=True),  # of a file that Telegram tells of, fetched or not: up to 4 GB
    number("duration", null=True),  # seconds
    words("sha256", null=True),
    Column("bytes", LargeBinary, nullable=True),
    words(
        "state", default="held"
    ),  # held (no consent yet), wanted, kept, sealed (its author's), too_big, gone
    flag("just_this"),  # kept until somebody has listened, though not all may be kept
    moment("erase_at", null=True),
    moment("at"),
    Index(
        "ix_media_erase", "erase_at"
    ),  # else SQLite reads past all bytes to find the sounds whose time is over
    Index("ix_media_state", "state", "at"),  # else SQLite reads all bytes to find the ones that are held
)

reactions = table(  # the current set of one person on one message
    "reactions",
    ref("network_id", "networks", index=True),
    ref("chat_id", "chats"),
    Column("message_id", Key, nullable=False),
    ref("member_id", "members", index=True),
    json("emojis", null=False),
    moment("at"),
    UniqueConstraint("chat_id", "message_id", "member_id"),
    Index("ix_reactions_at", "at"),
)

reaction_counts = table(  # where Telegram gives only counts
    "reaction_counts",
    ref("chat_id", "chats"),
    Column("message_id", Key, nullable=False),
    json("counts", null=False),
    moment("at"),
    UniqueConstraint("chat_id", "message_id"),
)

asks = table(  # what one member was or will be asked in private about one posting
    "asks",
    ref("posting_id", "postings"),
    ref("member_id", "members", index=True),
    words("state", default="open"),  # open, later (asked for again), declined
    moment("again_at", null=True),  # when it is to be asked again
    moment("reminded_at", null=True),  # the one reminder
    moment("asked_at", null=True),  # the last time, of whatever kind
    UniqueConstraint("posting_id", "member_id"),
    Index("ix_asks_again", "again_at"),
)

tellings = table(  # who would rather tell an answer than write it
    "tellings",
    ref("posting_id", "postings"),
    ref("member_id", "members", index=True),
    words("how"),  # call, meeting
    words("phone", null=True),  # erased after 7 days
    words("state", default="asked"),  # asked, done, dropped
    moment("at"),
    UniqueConstraint("posting_id", "member_id"),
)

talks = table(  # somebody in trouble asked to be contacted; no words of theirs
    "talks",
    ref("network_id", "networks", index=True),
    ref("person_id", "people", index=True),
    ref("to_person", "people"),  # whom they chose
    flag("anyone"),  # whoever is there first, not only whom they chose
    words("how"),  # here, call
    words("phone", null=True),  # erased after 7 days
    words("state", default="asked"),  # asked, taken, nobody, withdrawn, done
    moment("at"),
    moment("due_at"),  # until when somebody is to take it on
    moment("taken_at", null=True),
    ref("taken_by", "people", null=True, delete="SET NULL"),
    Index("ix_talks_due", "state", "due_at"),
)

parcels = table(  # files of our making on their way to somebody; erased when they have arrived
    "parcels",
    ref("person_id", "people", index=True),
    words("name"),
    words("mime"),
    Column("bytes", LargeBinary, nullable=False),
    moment("at"),
)

erasures = table(  # that somebody's words were erased: a keyed hash and a receipt, no person
    "erasures",
    words("mark"),
    words("how"),  # erase, unnamed
    words("receipt"),
    moment("at"),
    UniqueConstraint("receipt"),
)

# What was chosen ----------------------------------------------------------------------------------

votes = table(  # what one member chose; seen by nobody, counted by group
    "votes",
    ref("occurrence_id", "occurrences"),
    ref("member_id", "members", index=True),
    json(
        "picks", null=False
    ),  # numbers of the options, from 0; of a scale one of 1 to 5; [-1]: an own answer
    words("group", null=True),  # as what they chose: who changes it later changes no result that is out
    moment("at"),
    UniqueConstraint("occurrence_id", "member_id"),
)

statements = table(  # sentences of a statements round, to the letter from a contribution
    "statements",
    ref("prompt_id", "prompts", index=True),
    ref("contribution_id", "contributions", index=True),
    json("spans", null=False),  # which words of it, as bot/core/voices.py has them
    words("mark"),  # by which these very words are known again
    number("position"),
    words(
        "state", default="picked"
    ),  # picked, asked (its author), agreed, posted, refused, declined, dropped
    moment("asked_at", null=True),
    UniqueConstraint("prompt_id", "contribution_id", "mark"),
)

stances = table(  # what one member says to a statement; seen by nobody, counted by broad group
    "stances",
    ref("statement_id", "statements"),
    ref("member_id", "members", index=True),
    words("answer"),  # agree, disagree, unsure
    moment("at"),
    UniqueConstraint("statement_id", "member_id"),
)

themes = table(  # the codebook of a network; without a network: of the programme, for all to begin with
    "themes",
    ref("network_id", "networks", null=True, index=True),
    words("code"),
    json("names", null=False),  # {"nl": "Respijt", …}
    json("words", null=False),  # seed words by language: {"nl": ["respijt", …]}
    number("position", default=0),
    moment("removed_at", null=True),  # it can come back for some days
    UniqueConstraint("network_id", "code"),
)

contribution_themes = table(  # what a contribution is about, as its author or a facilitator said
    "contribution_themes",
    ref("contribution_id", "contributions", index=True),
    ref("theme_id", "themes", index=True),
    words("by"),  # author, facilitator
    moment("at"),
    UniqueConstraint("contribution_id", "theme_id", "by"),
)

# What comes back ----------------------------------------------------------------------------------

digests = table(
    "digests",
    ref("network_id", "networks", index=True),
    words("chain"),  # weekly, meeting
    words("occurrence"),  # 2026-W48, meeting:7
    ref("meeting_id", "meetings", null=True, delete="CASCADE"),
    words("state"),  # due, draft, approved, held, published, empty, missed, merged, cancelled
    number("version", default=0),
    moment("draft_at"),
    moment("publish_at"),
    moment("next_at", null=True),  # when something is to be done for it next
    moment("cut_at", null=True),
    moment("approved_at", null=True),
    ref("approved_by", "people", null=True, delete="SET NULL"),
    moment("checked_at", null=True),  # the ✍ check before publishing was begun
    moment("stand_in_at", null=True),  # the stand-in was asked
    moment("published_at", null=True),
    words("note", null=True),  # the facilitator's own words
    ref("note_by", "people", null=True, delete="SET NULL"),
    json("content"),  # what was chosen: ids and numbers, no words
    UniqueConstraint("network_id", "chain", "occurrence"),
    Index("ix_digests_due", "next_at"),
)

digest_items = table(
    "digest_items",
    ref("digest_id", "digests", index=True),
    words("chain"),
    ref("contribution_id", "contributions", index=True),
    flag("quoted"),
    flag("hidden"),  # a facilitator's Hide this
    words("asked", null=True),  # asked, yes or no, and after a colon the mark of the exact words
    # The same of a point that only this person raised; wanted: to be asked in their hours. NULL: not such a one.
    words("single", null=True),
    words("told", null=True),  # the mark of the masked words that its author was told of
    UniqueConstraint("chain", "contribution_id"),
)

agenda = table(  # questions of a digest as proposals for the meeting: a member's, or a facilitator's own
    "agenda",
    ref("digest_id", "digests", index=True),
    ref("contribution_id", "contributions", null=True, index=True),
    words("words", null=True),  # of a facilitator's own; a member's question stays in its contribution
    ref("added_by", "people", null=True, delete="SET NULL"),
    Column("merged_into", Key, nullable=True),  # another one of this table that says the same
    words("state", default="on"),  # on, dropped
    number("position", default=0),
)

interest = table(  # *That one*: who wants to talk about it at the meeting; seen by nobody
    "interest",
    ref("agenda_id", "agenda"),
    ref("member_id", "members", index=True),
    moment("at"),
    UniqueConstraint("agenda_id", "member_id"),
)

corrections = table(  # *Something is wrong*, *my point is missing*, about a digest that is out
    "corrections",
    ref("digest_id", "digests", index=True),
    ref("member_id", "members", index=True),
    words("kind"),  # wrong, missing
    ref("contribution_id", "contributions", null=True, index=True),  # which answer of theirs is missing
    words("words", null=True),  # what they wrote about it
    words("mark", null=True),  # of the words of that answer which who leads was shown
    words("answer", null=True),  # of who leads: the correction as it is shown
    words("state", default="asked"),  # asked, accepted, declined, withdrawn
    ref("settled_by", "people", null=True, delete="SET NULL"),
    moment("at"),
    moment("settled_at", null=True),
)

prints = table(  # pictures and PDFs of a digest on their way; made again from the rows whenever needed
    "prints",
    ref("digest_id", "digests"),
    words("what"),  # chart, sheet, appendix
    words("language"),
    number("edition", default=0),  # of the digest: one that was mended has another
    words("name"),
    words("mime"),
    words("alt", default=""),
    Column("bytes", LargeBinary, nullable=False),
    moment("at"),
    UniqueConstraint("digest_id", "what", "language", "edition"),
)

# What flows ---------------------------------------------------------------------------------------

inbox = Table(
    "inbox",
    metadata,
    Column("seq", Key, primary_key=True),
    Column("update_id", Key, nullable=False, unique=True),
    words("kind"),
    # Where and which message, so that probing skips what others wrote without forwarding it.
    Column("chat_telegram_id", Key, nullable=True),
    Column("message_id", Key, nullable=True),
    words("state", default="new"),  # new, done, parked
    number("attempts", default=0),
    words("error", null=True),  # the type only: a message may hold words
    json("payload"),
    moment("received_at"),
    Index("ix_inbox_state", "state", "seq"),
    Index("ix_inbox_message", "chat_telegram_id", "message_id"),
    sqlite_autoincrement=True,
)

outbox = table(
    "outbox",
    words("key"),
    words("lane"),  # rows of one lane go out one after the other
    ref("chat_id", "chats", null=True),  # one of these three, or none (setMyCommands)
    ref("person_id", "people", null=True, index=True),
    Column("telegram_id", Key, nullable=True, index=True),
    words("kind"),  # which action follows from the answer: a name of bot/actions/answers.py
    words("method"),
    json("params", null=False),  # without chat_id; given up 30 days after delivery
    json("about"),  # {"posting": 17}: what the action needs
    words("unsure", default="repeat"),  # an unknown outcome: repeat, probe, abandon
    words("mark", null=True),  # a piece of the keyboard by which our message is recognised
    words("state", default="pending"),  # pending, sending, sent, failed, unknown, abandoned
    number("attempts", default=0),
    moment("not_before"),
    moment("started_at", null=True),
    moment("created_at"),
    moment("sent_at", null=True),
    Column("floor", Key, nullable=True),  # the newest message id known in the chat when the call began
    Column("message_id", Key, nullable=True),
    words("error", null=True),
    json("result"),
    UniqueConstraint("key"),
    Index("ix_outbox_state", "state", "not_before"),
    Index("ix_outbox_lane", "lane", "state", "id"),
    Index("ix_outbox_message", "chat_id", "message_id"),
    Index("ix_outbox_mark", "mark"),
)

pauses = table(  # Telegram said 429: nothing to this lane's chat before that moment
    "pauses",
    words("target"),  # a Telegram chat id, or "all"
    moment("until"),
    UniqueConstraint("target"),
)

tallies = table(  # how much one person sent lately: numbers alone, forgotten when the window is over
    "tallies",
    Column("telegram_id", Key, nullable=False),
    words("what"),  # a name of bot/core/measure.py
    Column("amount", Key, nullable=False),
    moment("until"),  # the end of the window in which it counts
    UniqueConstraint("telegram_id", "what"),
    Index("ix_tallies_until", "until"),
)

dialogs = table(
    "dialogs",
    ref("person_id", "people"),
    words("kind"),
    words("step"),
    json("data", null=False),
    moment("expires_at"),
    number("version", default=0),
    UniqueConstraint("person_id"),
)

answering = table(  # what somebody answers in private, and words that wait; other dialogs leave it alone
    "answering",
    ref("person_id", "people"),
    json("data", null=False),
    moment("expires_at"),
    UniqueConstraint("person_id"),
)

facts = table(  # what Telegram said of a chat, reused for five minutes; and the bot's own notes
    "facts",
    words("name"),
    json("value"),
    moment("at"),
    UniqueConstraint("name"),
)

audit = table(
    "audit",
    moment("at"),
    words("action"),
    ref("network_id", "networks", null=True, delete="SET NULL"),
    ref("person_id", "people", null=True, delete="SET NULL"),
    json("numbers"),
)
