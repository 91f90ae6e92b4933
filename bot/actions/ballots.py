"""How a choice or a scale looks: in the group, and in private to the one who chooses. The buttons are `votes.py`."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.actions import open_questions, prompts, receipts
from bot.actions.prompts import Layout
from bot.actions.receipts import Screen
from bot.actions.unit import Desk
from bot.core import dates, forms
from bot.core.contributions import title
from bot.core.forms import Form
from bot.core.letters import Button, Keyboard, callback, keyboard_rows, member_words
from bot.core.prompts import KINDS, excerpt, minutes
from bot.core.texts import Markup, Text
from bot.core.votes import OWN, SCALE, result_of
from bot.render import results as drawn
from storage import groups, members, networks, votes
from storage.db import Connection
from storage.members import Member
from storage.networks import Network
from storage.postings import Posting
from storage.prompts import Prompt

QUESTION = 300  # signs of a question above what can be chosen: the whole of it stands in the group
CHOSEN = 60  # of what was chosen, where a press is answered: 200 signs are shown there


@dataclass(frozen=True)
class Ballot:
    """One member before one choice or scale; `picks`: what they chose so far."""

    member: Member
    posting: Posting
    network: Network
    form: Form
    picks: tuple[int, ...]
    text: Text
    now: datetime

    @property
    def open(self) -> bool:
        """Whether it can still be chosen, and chosen otherwise."""
        return self.now < self.posting.closes_at

    @property
    def scale(self) -> bool:
        """Whether it is a scale."""
        return self.posting.kind == forms.SCALES

    @property
    def until(self) -> str:
        """When it closes, or closed."""
        zone = ZoneInfo(self.network.timezone)
        return dates.full(self.posting.closes_at, zone, self.text.language, now=self.now)

    @property
    def chosen(self) -> str:
        """What was chosen, in words."""
        said = forms.words(self.posting.kind, self.form, self.picks, self.text)
        return dates.joined(said, self.text.language)

    def button(self, label: str, verb: str, nonce: str = "") -> Button:
        """A button about it."""
        return Button(label, callback(f"votes.{verb}", self.posting.id, nonce))


def of(db: Connection, member: Member, posting: Posting, desk: Desk, *, now: datetime) -> Ballot:
    """Return a member's ballot."""
    picks = votes.of(db, posting.occurrence_id, member.id)
    network, text = networks.found(db, posting.network_id), desk.text(member.language)
    return Ballot(member, posting, network, forms.from_json(posting.form), picks, text, now)


# In the group -----------------------------------------------------------------------------------------------------


def layout(
    db: Connection, prompt: Prompt, posting: Posting, network: Network, desk: Desk, *, now: datetime
) -> Layout:
    """The question with what can be chosen; nothing of it ever tells who chose what."""
    text, form = desk.text(network.language), forms.from_json(prompt.form)
    lines = [member_words(prompt.text)]
    if form.options:
        lines.append(listed(form.options))
    words = text(
        "votes.posting",
        heading=text(KINDS[prompt.kind].heading),
        count=minutes(prompt.text) - 1,
        text=Markup("\n\n".join(lines)),
        how=Markup(" ".join([how(prompt.kind, form, text), text("votes.unseen")])),
        until=dates.full(posting.closes_at, ZoneInfo(network.timezone), text.language, now=now),
    )
    rows = options(prompt.kind, form, posting.id, "votes.pick", text).rows
    return Layout(words, Keyboard((*rows, (prompts.privately(posting, text, desk),))))


def listed(found: tuple[str, ...]) -> Markup:
    """Return options with their numbers, whole: on a button a long one is cut."""
    return Markup("\n".join(f"{number}. {member_words(one)}" for number, one in enumerate(found, 1)))


def how(kind: str, form: Form, text: Text) -> Markup:
    """What the buttons mean."""
    if kind == forms.SCALES:
        return text("votes.how_scale")
    return text("votes.how_several") if form.several else text("votes.how_one")


def options(kind: str, form: Form, posting_id: int, action: str, text: Text) -> Keyboard:
    """Return a button for everything that can be chosen; of a scale the ends in words."""
    if kind != forms.SCALES:
        return keyboard_rows(
            Button(one, callback(action, posting_id, str(number))) for number, one in enumerate(form.options)
        )
    ends = {SCALE[0]: text.plain("votes.button.lowest"), SCALE[-1]: text.plain("votes.button.highest")}
    steps = [Button(ends.get(one, str(one)), callback(action, posting_id, str(one))) for one in SCALE]
    return Keyboard(((steps[0],), tuple(steps[1:-1]), (steps[-1],)))


def told(ballot: Ballot) -> str:
    """What is answered to who pressed a button in the group, and to nobody else."""
    if not ballot.open:
        return ballot.text.plain("votes.told_closed", at=ballot.until)
    if not ballot.picks:
        return ballot.text.plain("votes.told_nothing")
    return ballot.text.plain("votes.told", chosen=excerpt(ballot.chosen, CHOSEN), until=ballot.until)


# In private -------------------------------------------------------------------------------------------------------


def screen(db: Connection, ballot: Ballot, desk: Desk, *, asking: bool = False) -> Screen:
    """What can be chosen, or what was; `asking`: the options again, to choose otherwise."""
    if ballot.open and (asking or not ballot.picks):
        return _options(db, ballot)
    return _chosen(db, ballot, desk)


def _head(db: Connection, ballot: Ballot) -> list[Markup]:
    question = member_words(title(ballot.posting.text, QUESTION))
    lines = [ballot.text("answering.to", question=question)]
    if open_questions.several_networks(db, ballot.member.person_id):
        lines.append(ballot.text("answering.of_network", network=ballot.network.title))
    return lines


def _options(db: Connection, ballot: Ballot) -> Screen:
    text, form = ballot.text, ballot.form
    lines = _head(db, ballot)
    if form.options:
        lines.append(listed(form.options))
    lines.append(how(ballot.posting.kind, form, text))
    if ballot.picks:
        lines.append(text("votes.so_far", chosen=ballot.chosen))
    lines.append(text("votes.unseen"))
    lines.append(text("votes.open_until", at=ballot.until))
    rows = list(_choices(ballot).rows)
    further = []
    if form.own and OWN not in ballot.picks:
        further.append(ballot.button(text.plain("votes.button.own"), "own"))
    if ballot.picks:
        further.append(ballot.button(text.plain("votes.button.done"), "card"))
    else:
        further.append(ballot.button(text.plain("common.button.not_now"), "later"))
    further += _others(db, ballot)
    return Screen(
        Markup("\n".join(lines)), Keyboard((*rows, *keyboard_rows(further).rows)), asks=not ballot.picks
    )


def _choices(ballot: Ballot) -> Keyboard:
    """Where several may be chosen, a button says which way it goes: pressed twice it does no more than once."""
    text, form = ballot.text, ballot.form
    if not form.several:
        return options(ballot.posting.kind, form, ballot.posting.id, "votes.choose", text)
    return keyboard_rows(
        ballot.button(one, "off" if number in ballot.picks else "on", str(number))
        for number, one in enumerate(form.options)
    )


def _chosen(db: Connection, ballot: Ballot, desk: Desk) -> Screen:
    text, lines, buttons = ballot.text, _head(db, ballot), list[Button]()
    if ballot.picks:
        lines.append(text("votes.chosen", chosen=ballot.chosen))
    if ballot.open:
        lines += [text("votes.until", at=ballot.until), text("votes.why"), _readers(db, ballot, desk)]
        buttons.append(ballot.button(text.plain("common.button.change"), "change"))
    else:
        lines.append(text("votes.closed", at=ballot.until))
    if ballot.open:
        buttons.append(ballot.button(text.plain("votes.button.results"), "results"))
        buttons.append(ballot.button(text.plain("votes.button.none"), "none"))
    else:
        buttons.append(ballot.button(text.plain("votes.button.results_closed"), "results"))
    buttons += _others(db, ballot)
    return Screen(Markup("\n".join(lines)), keyboard_rows(buttons))


def _readers(db: Connection, ballot: Ballot, desk: Desk) -> Markup:
    """Who reads what is written beside it, and as whose."""
    text, member = ballot.text, ballot.member
    names = [leader.name for leader in members.facilitators(db, member.network_id)]
    if not names:
        return text("votes.private")
    shown, quoted = receipts.seen_as(db, member, desk)
    who = dates.joined(names, text.language)
    if quoted:
        return text("votes.read", count=len(names), facilitators=who, shown=shown)
    return text("votes.read_unquoted", count=len(names), facilitators=who, shown=shown)


def _others(db: Connection, ballot: Ballot) -> list[Button]:
    opened = open_questions.opened(db, ballot.member.person_id, now=ballot.now)
    if not any(other.id != ballot.posting.id for other in opened):
        return []
    label = ballot.text.plain("answering.button.others")
    return [Button(label, callback("answering.other", ballot.posting.id))]


def own(ballot: Ballot) -> Screen:
    """What is written next is their own answer."""
    question = member_words(title(ballot.posting.text, QUESTION))
    lines = [ballot.text("answering.to", question=question), ballot.text("votes.ask_own")]
    return Screen(
        Markup("\n".join(lines)),
        keyboard_rows([ballot.button(ballot.text.plain("common.button.back"), "change")]),
    )


def results(db: Connection, ballot: Ballot, desk: Desk) -> Screen:
    """How many chose what: shown to who has chosen, and to all once it is closed."""
    text, network = ballot.text, ballot.network
    poll = votes.poll(db, ballot.posting.occurrence_id)
    question = member_words(title(ballot.posting.text, QUESTION))
    if ballot.open:
        lines = [text("votes.results", question=question)]
    else:
        lines = [text("votes.results_closed", question=question)]
    shown = None
    if poll is not None:
        sizes, named = members.sizes(db, network.id), groups.of(db, network.id)
        shown = result_of(poll, sizes=sizes, k=desk.k, named=named, growing=ballot.open)
    if shown is None and ballot.open:
        lines.append(text("votes.too_few", count=desk.k))
    elif shown is None:
        lines.append(text("votes.too_few_closed", count=desk.k))
    else:
        lines += drawn.lines(shown, text, groups.of(db, network.id))
        if ballot.open:
            lines.append(text("votes.voters_so_far", count=shown.voters, k=str(desk.k)))
        else:
            lines += [text("votes.voters", count=shown.voters), text("votes.closed", at=ballot.until)]
    back = ballot.button(text.plain("common.button.back"), "card")
    return Screen(Markup("\n".join(lines)), keyboard_rows([back]))


prompts.LAYOUTS[forms.CHOICE] = prompts.LAYOUTS[forms.SCALES] = layout
