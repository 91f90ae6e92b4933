"""Questions that members raised, with and without a question mark: proposals for what to talk about.

Cues are regular expressions by language, in small letters, behind the words of which one must stand there at all.
People mix languages, so all are always looked for. A cue more is a line.
"""

import re
from collections.abc import Iterable

from bot.core.cutting import LIMIT, Span, sentences, shown, words_to
from bot.core.voices import CARER, Chosen, Reply, pick, quotable

LEAD = 8  # a question of fewer words is shown with the sentence before it

# A cue that asks only where a sentence or a part of it begins: "Heeft iemand …", not "fijn als men iemand heeft".
OPENS = r"(?:^|[,;:(–—-] *|\b(?:and|but|so|en|maar|dus|och|men|så) )"
EN = (
    ("wonder", r"(?<!\bno )\bi(?: \w+)? wonder(?:ed|ing)?\b(?! at\b)"),
    ("wondering curious", r"\b(?:i am|i'm|we are|we're)(?: \w+)? (?:wondering|curious)\b"),
    (
        "know ask hear understand",
        r"\b(?:i|we)(?:'d| would)(?: \w+)? (?:like|love|want) to (?:know|ask|hear|understand)\b",
    ),
    (
        "understand see get",
        r"\b(?:i|we) (?:still )?(?:don't|do not|can't|cannot|never|fail to)(?: \w+)? (?:understand|see|get)"
        r" (?:why|how|who|where|what|when|whether)\b",
    ),
    (
        "know",
        r"\b(?:i|we) (?:still )?(?:don't|do not|never)(?: \w+)? know"
        r" (?:who|whom|where|how|what|which|whether)(?: \w+)? (?:to|i should|we should|i can|we can)\b(?! without)",
    ),
    ("sure", r"\b(?:i am|i'm|we are|we're) not sure (?:who|where|when|whether|which|how to|what to)\b"),
    ("does has did is", r"\b(?:does|has|did|is) (?:any(?:one|body)|there any(?:one|body|thing|where)?)\b"),
    ("can could will would", OPENS + r"(?:can|could|will|would) (?:some|any)(?:one|body)\b"),
    ("any", r"\bany(?:one|body)(?: here| else)? (?:who )?(?:knows?|can|could|has|have|got)\b"),
    ("who", OPENS + r"who (?:can|could) (?:tell|explain|say|help)\b"),
    ("question", r"\b(?:my|one|our|a|the) question (?:is|would be|for|to|remains)\b"),
    (
        "why",
        OPENS
        + r"why (?:do|does|did|is|are|was|were|can|can't|don't|doesn't|isn't|aren't|must|should|has|have)\b",
    ),
    (
        "how",
        OPENS + r"how (?:do|does|did|can|could|should|would) (?:i|we|you|they|one|it|he|she|people|others)\b",
    ),
    (
        "who",
        r"^(?:and |but |so )?who (?:pays|decides|calls|arranges|do (?:i|we|you)|should (?:i|we)|is responsible)\b",
    ),
)
NL = (
    (
        "vraag vroeg vragen",
        r"\b(?:vraag|vroeg|vragen|vroegen) (?:ik |wij |we )?(?:me|mij|mezelf|ons)"
        r"(?!(?: \w+){0,2} niet)(?: \w+){0,4} af\b",
    ),
    (
        "benieuwd nieuwsgierig",
        r"\b(?:ik ben|ben ik|ben|wij zijn|we zijn)(?: \w+){0,2} (?:benieuwd|nieuwsgierig)\b",
    ),
    (
        "snap begrijp",
        r"\b(?:snap|begrijp)(?: ik| we| wij)?(?: \w+){0,3} niet(?: \w+){0,2}"
        r" (?:waarom|hoe|wie|waar|wat|wanneer|welke?|of)\b",
    ),
    (
        "weet",
        r"\b(?:ik|we|wij) (?:weet|weten)(?: \w+){0,2} niet(?: \w+)? (?:wie|waar|hoe|welke?|of)(?!.* zonder)"
        r"(?: \w+){0,4} (?:moet|moeten|terechtkan|mag|mogen)\b",
    ),
    ("iemand", OPENS + r"(?:weet|heeft|kent|kan|wil|zou|is)(?: er)?(?: hier)? iemand\b"),
    (
        "zijn is bestaa",
        OPENS
        + r"(?:zijn|is|bestaat|bestaan) er(?: \w+){0,2} (?:mensen|anderen|ergens|iets|iemand|een|zoiets)\b",
    ),
    ("iemand", r"^iemand(?: \w+){0,2} (?:ervaring|ervaringen|idee|ideeën|tip|tips|weet|wel eens)\b"),
    (
        "wie",
        OPENS
        + r"wie (?:weet|kan|kent|heeft)(?: \w+)? (?:hoe|of|waar|wie|wat|waarom|raad|ervaring|uitleggen|vertellen)\b",
    ),
    ("vraag", r"\b(?:mijn|de|onze|een) vraag (?:is|aan|blijft|zou|daarbij)\b"),
    (
        "graag eens",
        r"\b(?:zou|wil|wilde|willen|zouden|hoor)(?: ik| wij| we)?(?: \w+){0,2} (?:graag|wel eens)(?: \w+){0,8}"
        r" (?:weten|horen|vragen|hoe|of|wat)\b",
    ),
    ("duidelijk", r"\b(?:het is|is|blijft)(?: \w+){0,3} (?:niet duidelijk|onduidelijk)\b"),
    (
        "hoe",
        OPENS + r"hoe (?:zit|gaat|moet|kan|krijg|regel|doe|doen|weet|kom|vraag|pak|leg|houd|houden)"
        r" (?:het|dat|dit|ik|je|jullie|we|wij|men|u|die|anderen)\b",
    ),
    (
        "waarom",
        OPENS
        + r"waarom (?:is|zijn|moet|moeten|kan|kunnen|mag|wordt|krijg|krijgt|heeft|hebben|duurt|gaat|doet|komt|belt)\b",
    ),
    (
        "wie",
        r"^(?:en |maar |dus )?wie (?:betaalt|belt|regelt|beslist|bepaalt|moet (?:ik|je|we)|is verantwoordelijk)\b",
    ),
)
SV = (
    ("undra", r"\b(?:jag|vi)(?: \w+)? undrar?(?:de)?\b(?! inte)"),
    (
        "undra",
        r"\bundra(?:r|de) (?:jag|vi|om|hur|varför|vem|vad|när|var|vilka?|också|ibland|bara|fortfarande|ofta)\b"
        r"(?! inte)",
    ),
    ("nyfik", r"\b(?:jag|vi) (?:\w+ )?(?:är|vore) (?:\w+ )?nyfik(?:en|na)\b"),
    (
        "förstår begriper fattar förstod",
        r"\b(?:jag|vi) (?:förstår|begriper|fattar|förstod)(?: \w+)? inte(?: \w+)?"
        r" (?:varför|hur|vem|vart|var|när|vad|vilka?|om)\b",
    ),
    (
        "vet",
        r"\b(?:jag|vi) vet(?: \w+)? inte(?: \w+)? (?:vart|var|vem|hur|vad|vilken|om)"
        r"(?: \w+){0,2} (?:ska|skall|får|bör)\b",
    ),
    (
        "vet har kan känner finns",
        OPENS + r"(?:vet|har|kan|känner|finns)(?: det)? (?:någon|nån|några|ni|något|andra)\b",
    ),
    ("någon nån", r"^(?:någon|nån)(?: \w+){0,2} som (?:vet|har|kan|känner)\b"),
    ("vem", OPENS + r"vem (?:vet|kan) (?:om|hur|var|vem|berätta|förklara|hjälpa|svara)\b"),
    (
        "fråga",
        r"\b(?:min|en|vår) fråga (?:är|till|om|blir|kvarstår)\b|\bfrågan är (?:om|hur|vem|varför|när|vad)\b",
    ),
    (
        "veta fråga höra",
        r"\b(?:skulle|vill|ville|önskar)(?: jag| vi)?(?: \w+){0,2} (?:veta|fråga|höra hur|höra om)\b",
    ),
    (
        "oklart otydligt klart tydligt",
        r"\b(?:är|känns|blev) (?:\w+ )?(?:oklart|otydligt|inte klart|inte tydligt)\b",
    ),
    (
        "hur",
        OPENS
        + r"hur (?:är det med|blir det med|ska|skall|kan|får|gör|når|vet|hittar|orkar|hinner|funkar|fungerar)"
        r" (?:jag|man|vi|ni|de|det|andra|någon|den)\b",
    ),
    (
        "varför",
        OPENS
        + r"varför (?:är|har|kan|får|måste|ska|skall|finns|blir|går|kommer|gör|tar|säger|frågar|ringer|inte)\b",
    ),
    ("vem", r"^(?:och |men |så )?vem (?:ska|ringer|betalar|bestämmer|ansvarar|har ansvar|tar ansvar)\b"),
)

# A question mark that asks: not in an address of the web, and not what somebody else is quoted to ask.
ASKING = re.compile(r"\?(?=[\s\"'”’»)\]?!.…]*(?:$|\s))")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\b\w+\.(?:nl|se|com|org|eu|net|be)/\S*", re.IGNORECASE)
QUOTED = re.compile(r"[\"“”„«»][^\"“”„«»]*\?[\"”“»«]|(?<!\w)'[^?]*\?'(?!\w)")
DOUBTFUL = re.compile(r"\(\?+\)")
TAG = re.compile(  # said to go on, not to be answered
    r"^(?:and |but |so |en |maar |och |men )*(?:"
    r"you know(?: what)?|guess what|see|right|okay?|know what i mean|who cares|so what|why not"
    r"|weet je(?: wat)?|snap je|begrijp je|toch|hè|he|wat dacht je|nou en|waarom niet"
    r"|vet (?:du|ni)(?: vad)?|förstår (?:du|ni)|eller hur|va|okej|varför inte|än sen"
    r"|how are you(?: all| doing)?|hoe gaat het(?: met jullie)?|hur mår (?:ni|du)|hur är läget)[,.]?$",
    re.IGNORECASE,
)
REPLACED = str.maketrans("’‘ʼ", "'''")
CUES = tuple((tuple(words.split()), re.compile(cue)) for words, cue in (*EN, *NL, *SV))


def asks(sentence: str) -> bool:
    """Tell whether a sentence asks something of those who read it."""
    plain = ADDRESS.sub(" ", DOUBTFUL.sub(" ", sentence.translate(REPLACED)))
    plain = " ".join(plain.split())
    if TAG.match(plain.rstrip("?!. …")) is not None:
        return False
    own = QUOTED.sub(" ", plain)
    told = own != plain and sum(sign.isalpha() for sign in own) > 3  # beside it stands who is said to ask
    if ASKING.search(own if told else plain) is not None:
        return True
    return _cued(plain)


def _cued(plain: str) -> bool:
    said = plain.lower().lstrip("-–•*\"“«' ")
    return any(any(word in said for word in words) and cue.search(said) is not None for words, cue in CUES)


def question(text: str, limit: int = LIMIT) -> tuple[Span, ...]:
    """Return the first question of a text, with the sentence before it where it is short; nothing if none is asked."""
    found = list(sentences(text))
    at = next((n for n, (start, end) in enumerate(found) if asks(text[start:end])), None)
    if at is None:
        return ()
    start, end = found[at]
    if at and len(text[start:end].split()) < LEAD:
        led = (found[at - 1][0], end)
        if len(shown(text, [led])) <= limit:
            return (led,)
    if len(shown(text, [(start, end)])) <= limit:
        return ((start, end),)
    return (words_to(text, end, limit),)


def found(replies: Iterable[Reply], *, limit: int = LIMIT) -> list[Chosen]:
    """Return the question of each reply that asks one: carers first, what matters to its author first, then as it came.

    Of each person one comes before anybody's second.
    """
    asked: dict[int, list[tuple[Reply, Chosen]]] = {}
    for reply in sorted(replies, key=lambda one: (not one.starred, one.id)):
        if quotable(reply) and (spans := question(reply.text, limit)):
            asked.setdefault(reply.member, []).append((reply, pick(reply, spans)))
    turns = [
        (turn, reply.group != CARER, not reply.starred, reply.id, chosen)
        for of_one in asked.values()
        for turn, (reply, chosen) in enumerate(of_one)
    ]
    return [chosen for *_, chosen in sorted(turns, key=lambda one: one[:4])]


def raised(replies: Iterable[Reply], *, most: int, limit: int = LIMIT) -> list[Chosen]:
    """Return the questions for the agenda, one of each person."""
    listed = list(replies)
    members = {reply.id: reply.member for reply in listed}
    heard: dict[int, Chosen] = {}
    for chosen in found(listed, limit=limit):
        heard.setdefault(members[chosen.id], chosen)
    return list(heard.values())[:most]
