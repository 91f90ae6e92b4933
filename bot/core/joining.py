"""The screens of joining (conversations.md), from what is known about network and member. One more: in `SCREENS`.

A screen is words and buttons; the first button goes on. Buttons carry the membership's id and, in the nonce, a value
and the origin (`j.<token>`: a personal link, `g`, `p`: of the group or a posting), so that losing a dialog is harmless.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core import consents, dates, groups
from bot.core.consents import Given
from bot.core.groups import USUAL, Groups
from bot.core.letters import Button, Keyboard, callback, fits, keyboard_rows
from bot.core.markup import safe
from bot.core.privacy import About, Privacy, day_in_words, whole
from bot.core.texts import LANGUAGES, Markup, Text
from bot.core.typed import Label, Level, meant

MAX_TITLE = 100
UNSAID = About(Privacy(), 12)
NAMES = {"en": "English", "nl": "Nederlands", "sv": "Svenska"}  # a language is named in itself


@dataclass(frozen=True)
class Scene:
    """What the screens speak of; `sizes` are the network's groups with this member in it."""

    text: Text
    member_id: int
    name: str
    network: str
    circle: str
    circles: str  # whom summaries go to: core or both
    weekly_cap: int
    facilitators: Sequence[str]
    controller: str = ""
    contact: str = ""
    last_day: str = ""
    keep_months: int = 12
    about: About = UNSAID  # what /privacy says
    group: str | None = None
    invited_group: str | None = None  # what whoever invites thinks of
    role: str = "member"  # for which somebody is invited: member, facilitator, stand_in
    named: Groups = USUAL  # what the groups are called there
    sizes: Mapping[str, int] = field(default_factory=dict)
    k: int = 3
    agreed: Mapping[str, Given] = field(default_factory=dict)
    origin: str = ""
    next_question: str = ""
    next_meeting: str = ""
    place: str = ""
    open_posting: int | None = None

    def button(self, id: str, verb: str, value: str = "") -> Button:
        """A button of this member's joining, with the text `id` on it."""
        return self.labelled(self.text.plain(id), verb, value)

    def labelled(self, label: str, verb: str, value: str) -> Button:
        """A button of this member's joining."""
        nonce = f"{value}.{self.origin}" if self.origin else value
        return Button(label, callback(f"joining.{verb}", self.member_id, nonce))


@dataclass(frozen=True)
class Screen:
    """What is shown: words, and the buttons below them."""

    html: Markup
    buttons: tuple[Button, ...] = ()

    @property
    def keyboard(self) -> Keyboard | None:
        """The buttons as rows."""
        return keyboard_rows(self.buttons) if self.buttons else None


def origin_of(nonce: str) -> tuple[str, str]:
    """Take a nonce apart into value and origin."""
    value, _, origin = nonce.partition(".")
    return value, origin


# Before anything is agreed to -----------------------------------------------------------------------------------


def hello(scene: Scene) -> Screen:
    """Who I am, and in which language we speak; the phone's first."""
    first = scene.text.language
    order = [first, *(code for code in LANGUAGES if code != first)]
    buttons = [
        Button(NAMES[code], callback("joining.lang", scene.member_id, f"{code}.{scene.origin}"))
        for code in order
    ]
    leads = led(scene)
    if scene.role != "member":
        leads = Markup(f"{leads} {scene.text(f'joining.role_{scene.role}')}".strip())
    html = scene.text("joining.hello", name=scene.name, network=scene.network, led=leads)
    return Screen(html, tuple(buttons))


def led(scene: Scene) -> Markup:
    """Who leads the network; nothing if nobody does."""
    if not scene.facilitators:
        return Markup("")
    who = {"facilitators": dates.joined(scene.facilitators, scene.text.language)}
    if scene.controller:
        who["controller"] = scene.controller
    id = "joining.led_for" if scene.controller else "joining.led"
    return scene.text(id, count=len(scene.facilitators), **who)


def what(scene: Scene) -> Screen:
    """What happens here."""
    text = scene.text
    often = "joining.often_sounding" if scene.circle == "sounding" else "joining.often"
    html = text("joining.what", often=text(often, count=scene.weekly_cap))
    return Screen(html, (scene.button("common.button.go_on", "show", "words"), _not_now(scene)))


def words(scene: Scene) -> Screen:
    """What happens to somebody's words, and the one agreement that is needed."""
    lines = [_kept(scene), scene.text("joining.health"), _readers(scene)]
    lines += [scene.text("joining.summaries", circles=scene.text(f"circle.{scene.circles}"))]
    lines += [scene.text("joining.telegram"), scene.text("joining.rights")]
    html = scene.text("joining.words", lines=Markup(" ".join(lines)))
    return Screen(
        html,
        (
            scene.button("joining.button.agree", "agree"),
            scene.button("joining.button.who", "show", "who"),
            scene.button("joining.button.more", "show", "more"),
            _not_now(scene),
        ),
    )


def keeper(text: Text, controller: str) -> Markup:
    """The organisation that is responsible; in other words where the operator has not named one."""
    return Markup(
        text("joining.keeper", controller=controller) if controller else text("joining.keeper_unnamed")
    )


def _kept(scene: Scene) -> Markup:
    until = day_in_words(scene.text, scene.last_day)
    who = keeper(scene.text, scene.controller)
    if not scene.keep_months:  # erased as soon as it has ended
        if until:
            return scene.text("joining.kept_end_until", keeper=who, until=until)
        return scene.text("joining.kept_end", keeper=who)
    if until:
        return scene.text("joining.kept_until", count=scene.keep_months, keeper=who, until=until)
    return scene.text("joining.kept", count=scene.keep_months, keeper=who)


def _readers(scene: Scene) -> Markup:
    if not scene.facilitators:
        return scene.text("joining.server")
    names = dates.joined(scene.facilitators, scene.text.language)
    read = scene.text("joining.readers", count=len(scene.facilitators), facilitators=names)
    return Markup(f"{read} {scene.text('joining.server')}")


def who(scene: Scene) -> Screen:
    """Who takes part: organisations and groups, named from k members on, never numbers."""
    text = scene.text
    named = scene.named
    shown = dict.fromkeys(named.shown(code, scene.sizes, scene.k) for code, n in scene.sizes.items() if n)
    order = [code for code in (*named.fine, *groups.WIDE) if code in shown]
    lines = [f"· {safe(named.many(code, text))}" for code in order]
    if groups.PARTICIPANT in shown or not lines:
        lines.append(f"· {text('joining.who_others')}")
    html = text(
        "joining.who",
        keeper=keeper(text, scene.controller),
        led=led(scene),
        circles=text(f"circle.{scene.circles}"),
        groups=Markup("\n".join(lines)),
    )
    return Screen(html, (scene.button("common.button.go_on", "show", "words"),))


def more(scene: Scene) -> Screen:
    """The whole of it, as /privacy says it."""
    html = whole(scene.text, scene.about)
    return Screen(html, (scene.button("common.button.go_on", "show", "words"),))


def _not_now(scene: Scene) -> Button:
    return scene.button("common.button.not_now", "no")


# After ----------------------------------------------------------------------------------------------------------


def group(scene: Scene) -> Screen:
    """What somebody wants to speak as; first what whoever invites thinks of."""
    first, later = _pages(scene)
    ordered = sorted(first, key=lambda code: code != scene.invited_group)
    return _choices(scene, [*ordered, groups.MORE] if later else ordered)


def further(scene: Scene) -> Screen:
    """The less frequent ones."""
    return _choices(scene, _pages(scene)[1])


def _pages(scene: Scene) -> tuple[list[str], list[str]]:
    """The groups that are offered here: at once, and behind *Something else*."""
    offered, rare = scene.named.offered(), [choice.code for choice in groups.FURTHER]
    later = [code for code in offered if code in rare]
    first = [code for code in offered if code not in rare or code == scene.invited_group]
    return (first, later) if first else (later, [])


def _choices(scene: Scene, codes: Sequence[str]) -> Screen:
    buttons = [
        scene.button("joining.as_more", "show", "further")
        if code == groups.MORE
        else scene.labelled(scene.named.choice(code, scene.text), "as", code)
        for code in codes
    ]
    return Screen(scene.text("joining.group"), tuple(buttons))


def secrecy(scene: Scene) -> Screen:
    """For who works in care."""
    button = scene.button("joining.button.understand", "secrecy")
    return Screen(scene.text("joining.secrecy"), (button,))


def quote(scene: Scene) -> Screen:
    """May answers be quoted, and with which label beside them."""
    named, said = scene.named, scene.text.plain
    readers: str = _reads(scene)
    role = named.label(scene.group, "role", None, scene.sizes, scene.k, scene.text)
    nobody = named.one(groups.PARTICIPANT, scene.text)
    buttons = [
        scene.labelled(said("joining.button.quote_as", label=nobody), "quote", "none"),
        scene.labelled(said("joining.button.quote_later", count=scene.k), "quote", "role"),
    ]
    if role != nobody:
        label = said("joining.button.quote_as", label=role)
        if not fits(label):
            label = said("joining.button.quote_role")
            readers = f"{readers} {scene.text('common.my_role', shown=role)}"
        buttons = [scene.labelled(label, "quote", "role"), buttons[0]]
    buttons.append(scene.button("joining.button.quote_name", "quote", "name"))
    buttons.append(scene.button("joining.button.quote_no", "quote", "no"))
    if role == nobody and scene.group in named.fine:  # who chose *a participant* never becomes more later
        exact = named.one(scene.group or "", scene.text)
        readers = f"{readers} {scene.text('joining.quote_later', role=exact, count=scene.k)}"
    return Screen(scene.text("joining.quote", readers=Markup(readers)), tuple(buttons))


def _reads(scene: Scene) -> Markup:
    if not scene.facilitators:
        return scene.text("joining.unquoted_counted")
    names = dates.joined(scene.facilitators, scene.text.language)
    return scene.text("joining.unquoted", count=len(scene.facilitators), facilitators=names)


def options(scene: Scene) -> Screen:
    """What nobody needs to agree to: off until tapped."""
    buttons = [scene.button("joining.button.continue", "done")]
    for use in consents.OPTIONAL:
        state = "on" if scene.agreed.get(use, False) else "off"
        buttons.append(scene.button(f"joining.button.{use}_{state}", "tap", use))
    return Screen(scene.text("joining.options"), tuple(buttons))


def done(scene: Scene) -> Screen:
    """What comes next."""
    text = scene.text
    lines = [text("joining.done")]
    if scene.next_question:
        lines.append(text("joining.next_question", at=scene.next_question))
    if scene.next_meeting and scene.place:
        lines.append(text("joining.next_meeting_at", at=scene.next_meeting, place=scene.place))
    elif scene.next_meeting:
        lines.append(text("joining.next_meeting", at=scene.next_meeting))
    if len(lines) == 1:
        lines.append(text("joining.nothing_planned"))
    html = Markup(" ".join(lines))
    if scene.origin[:1] in ("g", "p"):
        html = Markup(f"{html}\n\n{text('joining.say_again')}")
    return Screen(html, next_steps(scene))


def already(scene: Scene) -> Screen:
    """For who opens an invitation and is in."""
    return Screen(scene.text("joining.already", network=scene.network), next_steps(scene))


def next_steps(scene: Scene) -> tuple[Button, ...]:
    """The way on for somebody who is in."""
    said = scene.text.plain
    so_far = Button(said("joining.button.so_far"), callback("catchup.show", scene.member_id))
    if scene.open_posting is None:
        return (so_far,)
    return (Button(said("joining.button.answer"), callback("joining.answer", scene.open_posting)), so_far)


SCREENS: dict[str, Callable[[Scene], Screen]] = {
    "hello": hello,
    "what": what,
    "words": words,
    "who": who,
    "more": more,
    "group": group,
    "further": further,
    "secrecy": secrecy,
    "quote": quote,
    "options": options,
    "done": done,
}
OPEN_TO_ALL = ("hello", "what", "words", "who", "more")  # before take_part; the others need it


def language_of(typed: str) -> str | None:
    """Return the language that was named, as it names itself."""
    said = typed.casefold().strip(" .!")
    return next((code for code, name in NAMES.items() if name.casefold() == said), None)


def chosen(screen: Screen, said: str) -> Button | None:
    """Return the button that was meant by a number or by its words."""
    labels = [Label(button.label, button.data, button.url) for button in screen.buttons]
    found = meant(said, labels, Level.NUMBER)
    return screen.buttons[labels.index(found[0])] if len(found) == 1 else None
