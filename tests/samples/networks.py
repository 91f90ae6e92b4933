"""The networks of the samples: the written corpora of tests/quality, with votes and statements that go with them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.core import choosing, digest
from bot.core.agreement import Stance, Statement
from bot.core.digest import Digest, Gathering, Material, Quote
from bot.core.votes import Ballot, Poll
from tests.quality.measure import Corpus

NOW = datetime(2026, 11, 10, 16, 30, tzinfo=UTC)
MEETING = datetime(2026, 11, 12, 16, 30, tzinfo=UTC)
STANCES = {"a": "agree", "d": "disagree", "u": "unsure"}


@dataclass(frozen=True)
class Written:
    """What a sample needs besides the answers. In `said` each letter is what a member says to a sentence."""

    title: str
    meeting: str
    place: str
    timezone: str
    choice: tuple[str, ...]
    picks: str
    scale: str
    grades: str
    said: tuple[tuple[str, str], ...]
    own: str
    note: str
    by: str


NETWORKS = {
    "en": Written(
        "Dementia at home",
        "Third meeting",
        "the library, Mill Lane 4",
        "Europe/London",
        (
            "What would you try first?",
            "Three visits after the diagnosis",
            "Company on Saturdays",
            "One number to ring",
        ),
        "0212212021102120212",
        "I know whom to ring when it gets difficult.",
        "1122132214343425335",
        (
            ("Nobody said what the next year would look like.", "aaaaaadaaaaaaauaaaa"),
            ("People can't take it in all in one go anyway.", "aaaauaaaaaaaaaaadaa"),
            ("I know I'm supposed to want a rest from him but I don't.", "adaaudadaaadddddudu"),
        ),
        "Who writes to the health board before January?",
        "I have asked the district nurse to join us for the first half hour.",
        "Frida",
    ),
    "nl": Written(
        "Mantelzorg in het dorp",
        "Derde bijeenkomst",
        "bibliotheek, Molenstraat 4",
        "Europe/Amsterdam",
        ("Waar beginnen we mee?", "Een nachtzorgpool", "Een logeerhuis voor het weekend", "Eén vast gezicht"),
        "0212012021102120212",
        "Ik weet wie ik kan bellen als het moeilijk wordt.",
        "1122132214343425335",
        (
            ("Elk loket heeft gelijk en samen hebben ze ongelijk.", "aaaaaadaaaaaaauaaaa"),
            (
                "Ik ben de enige die weet wat er gisteren is gebeurd, dus ik moet er altijd bij zijn.",
                "aaaauaaaaaaaaaaadaa",
            ),
            ("Altijd moet ik weg om rust te krijgen.", "aadaaadaaaadddddudu"),
        ),
        "Wie schrijft de brief aan de gemeente?",
        "De wijkverpleegkundige is het eerste half uur bij ons.",
        "Frida",
    ),
    "sv": Written(
        "Hem från sjukhuset",
        "Tredje träffen",
        "biblioteket, Kvarngatan 4",
        "Europe/Stockholm",
        (
            "Vad provar vi först?",
            "Ett papper på kylskåpet",
            "Möten på video efter kl. 18",
            "Ett samtal dagen efter",
        ),
        "0212212021102120212",
        "Jag vet vem jag ska ringa när det blir svårt.",
        "1122132214343425335",
        (
            ("Ett papper med stor stil på kylskåpet: vem ringer jag om vad.", "aaaaaadaaaaaaauaaaa"),
            (
                "Om läkemedelslistan kom dagen före skulle vi hinna hitta felen innan någon har svalt dem.",
                "aaaauaaaaaaaaaaadaa",
            ),
            ("Växelvården är min livlina.", "adaaudadaaadddddudu"),
        ),
        "Vem skriver till regionen före jul?",
        "Distriktssköterskan är med oss den första halvtimmen.",
        "Frida",
    ),
}


@dataclass(frozen=True)
class Sample:
    """A network, its digest before a meeting, the one of an ordinary week, and all its answers."""

    written: Written
    before: Digest
    week: Digest
    answers: tuple[Quote, ...]


def sample(language: str) -> Sample:
    """Return the digests of one language, chosen and put together as the bot does it."""
    written = NETWORKS[language]
    given = Corpus.of(language).given("codebook").material
    material = replace(
        given,
        chain="meeting",
        seats=None,
        publish_at=NOW,
        meeting=Gathering(written.meeting, written.place, MEETING),
        next_question=NOW + timedelta(days=7),
        polls=_polls(given, written),
        statements=tuple(
            _statement(given, number, words, said) for number, (words, said) in enumerate(written.said, 1)
        ),
        own_questions=(written.own,),
        note=written.note,
        note_by=written.by,
    )
    last = material.prompts[-1]
    weekly = replace(
        material,
        chain="weekly",
        prompts=(last,),
        replies=tuple(reply for reply in material.replies if reply.prompt == last.id),
        polls=(),
        statements=(),
        own_questions=(),
        note=None,
    )
    return Sample(written, _composed(material), _composed(weekly), digest.said(material))


def _composed(material: Material) -> Digest:
    """A digest for which the first two who were asked about their point have said yes."""
    choice = choosing.choose(material)
    agreed = {chosen.id: f"yes:{chosen.mark}" for chosen in choice.singles[:2]}
    replies = tuple(replace(reply, single=agreed.get(reply.id)) for reply in material.replies)
    return digest.compose(replace(material, replies=replies), choice)


def _members(material: Material) -> list[str | None]:
    return [group for _, group in sorted({reply.member: reply.group for reply in material.replies}.items())]


def _polls(material: Material, written: Written) -> tuple[Poll, ...]:
    question, *options = written.choice

    def ballots(picks: Sequence[int]) -> tuple[Ballot, ...]:
        return tuple(Ballot(group, (pick,)) for group, pick in zip(_members(material), picks, strict=True))

    return (
        Poll(101, "choice", question, tuple(options), ballots([int(pick) for pick in written.picks])),
        Poll(102, "scale", written.scale, (), ballots([int(grade) for grade in written.grades])),
    )


def _statement(material: Material, number: int, words: str, said: str) -> Statement:
    reply = next(reply for reply in material.replies if words in reply.text)
    stances = tuple(
        Stance(material.named.broad(group), STANCES[one])
        for group, one in zip(_members(material), said, strict=True)
    )
    return Statement(number, reply.prompt, reply.id, words, stances, invited=len(stances))
