"""Which words go into a digest: whose, and as many as can be read in two minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.core import agreement, cutting, digest, questions, singles, votes
from bot.core import voices as speaking
from bot.core.digest import Choice, Material, heading
from bot.core.voices import Voices

WORDS = 420  # two minutes at most
OURS = 45  # of them: title, headings, dates
COMING = 20  # a meeting: when and where it is; the next question: when it comes
CHARACTERS = 2600  # of members' words and questions; leaves room for ours, and for the draft's own lines
SEATS = 9  # quotes on the phone
OF_A_PROMPT = 3
MORE = 1  # of each prompt, in print only
IN_PRINT = 12  # quotes there, whatever the phone has no room for
LABEL = 4  # words beside a quote: its number, its theme, whom it comes from
COUNTS = 6  # below a prompt's question: how many have answered
AGREED, DIFFERED, RESULT, OPTION = 10, 14, 8, 4  # words of ours beside each of them


@dataclass(frozen=True)
class Size:
    """How much of everything there is room for on the phone."""

    limit: int  # characters of a quote
    questions: int
    brief: int  # sentences that we agree on, that we differ on, points of one person


SIZES = (
    Size(160, 3, 3),
    Size(160, 3, 2),
    Size(130, 3, 2),
    Size(130, 3, 1),
    Size(110, 3, 1),
    Size(110, 2, 1),
    Size(90, 2, 1),
)


def choose(material: Material) -> Choice:
    """Choose questions, quotes and points of one person.

    A full digest first has shorter quotes, then fewer of everything else; only then seats become fewer.
    """
    table = _Table(material)
    if material.seats is not None:  # from a file: whoever asks for so many quotes has room for them
        table.fill(material.seats)
        return table.choice(SIZES[0])
    choice = Choice()
    for total in table.totals:
        table.fill(total)
        for size in SIZES if total == table.totals[0] else SIZES[5:]:
            choice = table.choice(size)
            if table.fits(choice):
                return choice
    return table.shortened(choice)


class _Table:
    """What is chosen from, and how much of it fits."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.replies = {reply.id: reply for reply in material.replies if speaking.quotable(reply)}
        self.about = digest.assigned(material, self.replies.values())
        free = [reply for reply in self.replies.values() if not singles.waits(reply)]
        self.raised = questions.raised(
            (reply for reply in free if reply.id not in material.dropped), most=SIZES[0].questions
        )
        said = {reply.prompt for reply in free}
        asked = [one.id for one in material.prompts if one.id in said]
        if material.seats is None:
            asked = asked[-SEATS:]  # each of the latest ones has a seat
        self.hall = Voices(
            (reply for reply in free if reply.prompt in asked),
            themes=self.about,
            language=material.language,
            number=material.number,
            fine=material.named.fine,
            heard=[self.replies[one.id].member for one in self.raised],
        )
        self.room = self._room()
        self.beside = self._beside()

    @property
    def totals(self) -> Sequence[int]:
        """How many seats there are to be, and how many fewer where they don't fit."""
        usual = min(SEATS, sum(self.room.values()))
        return range(usual, min(usual, len(self.room)) - 1, -1)

    def _room(self) -> dict[int, int]:
        """How many seats each prompt has; where there is one or two of them, every group that spoke has one."""
        prompts = self.hall.said
        if not prompts:
            return {}
        equal = -(-(self.material.seats or SEATS) // len(prompts))
        if self.material.seats is not None:
            return dict.fromkeys(prompts, equal)
        spoke = {prompt: len({speaking.side(one) for one in said}) for prompt, said in prompts.items()}
        return {
            prompt: min(equal, max(OF_A_PROMPT, spoke[prompt] if len(prompts) < 3 else 0))
            for prompt in prompts
        }

    def fill(self, total: int) -> None:
        """Let so many take a seat, then those for whom there is one in print only."""
        self.hall.clear()
        self.hall.fill(self.room, total)
        self.phone = {prompt: list(self.hall.shown(prompt)) for prompt in self.room}
        if self.material.seats is None:
            wider = {prompt: seats + MORE for prompt, seats in self.room.items()}
            self.hall.fill(wider, IN_PRINT)
        seated = {reply.id for quotes in self.phone.values() for reply in quotes}
        self.print = {prompt: self.hall.shown(prompt, but=seated) for prompt in self.room}
        elsewhere = {reply.id for prompt in self.room for reply in self.hall.shown(prompt)}
        self.alone = tuple(
            singles.candidates(
                self.replies.values(),
                about=self.about,
                quoted=elsewhere.union(one.id for one in self.raised),
                language=self.material.language,
            )
        )

    def choice(self, size: Size) -> Choice:
        """Return what was chosen, as far as there is room for it."""
        return Choice(
            questions=tuple(self.raised[: size.questions]),
            prompts=tuple(
                (one.id, tuple(speaking.cut(reply, size.limit) for reply in self.phone.get(one.id, ())))
                for one in self.material.prompts
            ),
            singles=self.alone,
            themes=self.material.theme_order or tuple(theme.code for theme in self.material.codebook),
            more=tuple(
                (prompt, tuple(speaking.cut(reply, cutting.PRINT, cutting.PRINT) for reply in quotes))
                for prompt, quotes in self.print.items()
                if quotes
            ),
            brief=size.brief,
        )

    def fits(self, choice: Choice) -> bool:
        """Tell whether it can be read in two minutes, and sent in one message."""
        hidden = self.material.hidden
        quotes = [chosen for _, of_prompt in choice.prompts for chosen in of_prompt]
        said = [
            *(choice.questions if "questions" not in hidden else ()),
            *(quotes if "voices" not in hidden else ()),
            *(choice.singles[:1] if "singles" not in hidden else ()),
        ]
        words = [cutting.shown(self.replies[one.id].text, one.spans) for one in said]
        prompts = {one.id: heading(one.text) for one in self.material.prompts}
        headings = [prompts[prompt] for prompt, _ in choice.prompts]
        ours = LABEL * len(words) + COUNTS * len(headings) + self.beside[choice.brief]
        return (
            ours + sum(len(one.split()) for one in [*words, *headings]) <= WORDS
            and sum(map(len, [*words, *headings])) <= CHARACTERS
        )

    def _beside(self) -> dict[int, int]:
        """How many words all takes that isn't chosen here: by how much is shown on the phone."""
        material = self.material
        whole: dict[str, Any] = {"sizes": material.groups, "k": material.k, "named": material.named}
        agree, differ = agreement.ground(material.statements, **whole)
        results = votes.results(material.polls, **whole) if "results" not in material.hidden else ()
        own = OURS + COMING * ((material.meeting is not None) + (material.next_question is not None))
        own += sum(_words(words) for words in (material.note or "", *material.own_questions))
        for one in results:
            own += RESULT + _words(one.question) + sum(OPTION + _words(name or "") for name in one.options)
        return {
            size.brief: own
            + sum(AGREED + _words(one.words) for one in agree[: size.brief] if "agree" not in material.hidden)
            + sum(
                DIFFERED + _words(one.words)
                for one in differ[: size.brief]
                if "differ" not in material.hidden
            )
            for size in SIZES
        }

    def shortened(self, choice: Choice) -> Choice:
        """Leave the quotes of the oldest prompts to the print, one after the other, then those prompts out."""
        prompts, printed = list(choice.prompts), dict(choice.more)
        for number in range(len(prompts) - 1):
            if self.fits(replace(choice, prompts=tuple(prompts))):
                break
            prompt, quotes = prompts[number]
            prompts[number] = (prompt, ())
            printed[prompt] = (*quotes, *printed.get(prompt, ()))
        while len(prompts) > 1 and not self.fits(replace(choice, prompts=tuple(prompts))):
            prompts.pop(0)
        more = tuple((prompt, printed[prompt]) for prompt, _ in prompts if printed.get(prompt))
        return replace(choice, prompts=tuple(prompts), more=more)


def _words(text: str) -> int:
    return len(text.split())
