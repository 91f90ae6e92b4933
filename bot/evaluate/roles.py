"""What people call their role, and which of our stakeholder groups that is; any other is a group of its own.

One more word for a group: here, in small letters.
"""

from collections.abc import Iterable

from bot.core.groups import BROAD, Groups, Named

CALLED = {
    "carer": "carer|carers|family carer|family carers|informal carer|caregiver|family caregiver|unpaid carer"
    "|mantelzorger|mantelzorgers|anhörig|anhöriga|anhörigvårdare|närstående|pflegende angehörige"
    "|pflegende|angehörige|angehöriger|caregiver familiare|familiare|svojec|neformalni oskrbovalec",
    "cared_for": "cared for|cared-for|person cared for|care recipient|patient|patients|zorgvrager|zorgvragers"
    "|cliënt|patiënt|vårdtagare|brukare|omsorgsmottagare|pflegebedürftige|patientin|assistito|paziente|oskrbovanec",
    "carer_organisation": "carer organisation|carers organisation|carer organization|carers' organisation"
    "|association|carers association|mantelzorgorganisatie|belangenorganisatie|patiëntenvereniging"
    "|mantelzorgsteunpunt|anhörigförening|anhörigorganisation|förening|verband|verein|associazione|društvo",
    "volunteer": "volunteer|volunteers|vrijwilliger|vrijwilligers|volontär|volontärer|frivillig|ehrenamtliche"
    "|freiwillige|volontario|volontaria|prostovoljec|prostovoljka",
    "practitioner": "practitioner|practitioners|professional|health professional|care professional|care worker"
    "|zorgprofessional|zorgprofessionals|professional in de zorg|hulpverlener|vårdpersonal|personal"
    "|vård- och omsorgspersonal|fachkraft|pflegekraft|professionista|operatore|strokovnjak|strokovni delavec",
    "care_manager": "care manager|care managers|manager|zorgmanager|leidinggevende in de zorg|teammanager"
    "|enhetschef|verksamhetschef|vårdchef|pflegeleitung|pflegedienstleitung|coordinatore|vodja",
    "decision_maker": "decision maker|decision-maker|decision makers|policy maker|policymaker|civil servant"
    "|beleidsmaker|beleidsmedewerker|beslisser|beslutsfattare|tjänsteman|tjänsteperson|entscheider"
    "|entscheidungsträger|decisore|odločevalec",
    "politician": "politician|politicians|councillor|politicus|raadslid|wethouder|politiker|kommunpolitiker"
    "|ratsmitglied|politico|politik",
    "researcher": "researcher|researchers|onderzoeker|onderzoekers|forskare|forscher|forscherin|wissenschaftler"
    "|ricercatore|ricercatrice|raziskovalec|raziskovalka",
    "other": "other|others|overig|overige|anders|annan|övrig|övriga|andere|sonstige|altro|drugo",
}
KNOWN = {word: code for code, called in CALLED.items() for word in (code, *called.split("|"))}
CARER = "carer"


def usual(role: str) -> str:
    """Return a role as it is compared: whatever its capitals and the space around it."""
    return " ".join(role.casefold().replace("_", " ").split())


def groups(roles: Iterable[str], language: str) -> tuple[dict[str, str], Groups]:
    """Return the group of each role, and these groups.

    Two roles are two groups, even where one of ours would do for both: who tells them apart has a reason. Only
    carers are carers, whatever they are called, for the first seat is theirs.
    """
    codes: dict[str, str] = {}
    own: list[Named] = []
    by_role: dict[str, str] = {}
    for role in sorted(set(roles), key=lambda role: (_guess(role) is None, len(role), role)):
        same = usual(role)
        if same not in by_role:
            guess = _guess(role)
            if guess is not None and (guess == CARER or guess not in by_role.values()):
                by_role[same] = guess
            else:
                name = " ".join(role.split())
                own.append(Named(f"own_{len(own) + 1}", BROAD.get(guess or ""), {language: (name, name)}))
                by_role[same] = own[-1].code
        codes[role] = by_role[same]
    return codes, Groups(tuple(own), language)


def _guess(role: str) -> str | None:
    same = usual(role)
    return KNOWN.get(same) or KNOWN.get(same.replace(" ", "_"))
