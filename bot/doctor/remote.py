"""What only Telegram knows: the token, the way to it, its clock, the webhook, the rights in the groups."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.config import Telegram as Settings
from bot.core import setup
from bot.doctor.asking import Answer
from bot.doctor.finding import Finding, fault, ok, span, warning
from bot.doctor.patient import Patient, Standing
from bot.webhook import Place, about

SLOW_SECONDS = 3
SKEW_WARNS, SKEW_FAULTS = 5, 60
MANY_PENDING = 100
LATELY_SECONDS = 3600
RIGHTS = {"delete": "Delete messages", "pin": "Pin messages"}  # as Telegram's apps call them


def token(patient: Patient) -> list[Finding]:
    """Whether Telegram knows the token."""
    if not patient.has_token:
        return [fault("token", "there is none", "write it into the settings, see configuration")]
    if patient.me.status in (401, 404):
        todo = "copy it once more from @BotFather; after /revoke the old one is worth nothing"
        return [fault("token", "Telegram does not know it", todo)]
    if patient.me.ok:
        return [ok("token", f"belongs to @{patient.me.result.get('username', '?')}")]
    return []


def reach(patient: Patient) -> list[Finding]:
    """Whether Telegram answers, and how soon."""
    if not patient.has_token:
        return []
    place, me = urlsplit(patient.settings.telegram.base_url).hostname or "Telegram", patient.me
    if me.status == 0:
        todo = "look at the network, a firewall, DNS, or telegram.base_url"
        return [fault("Telegram", f"{place} can't be reached ({me.words})", todo)]
    if me.none:
        return [fault("Telegram", f"{place} answers with {me.status}", "wait a little, then try again")]
    return [judge_speed(place, me.seconds)]


def judge_speed(place: str, seconds: float) -> Finding:
    """Say whether that is soon enough."""
    if seconds > SLOW_SECONDS:
        todo = "look at the network; the bot waits, and what it says comes late"
        return warning("Telegram", f"{place} took {span(seconds)} to answer", todo)
    return ok("Telegram", f"{place} answered in {seconds:.2f} seconds")


def clock(patient: Patient) -> list[Finding]:
    """Whether this machine's clock agrees with Telegram's."""
    if not patient.has_token or patient.me.status == 0:
        return []
    if patient.me.skew is None:
        return [ok("clock", "is not compared: this Bot API server does not tell the time")]
    return [judge_skew(patient.me.skew)]


def judge_skew(seconds: float) -> Finding:
    """Say how wrong the clock is; `seconds` is how far it is ahead."""
    if abs(seconds) <= SKEW_WARNS:
        return ok("clock", "agrees with Telegram's")
    words = f"is {span(abs(seconds))} {'ahead of' if seconds > 0 else 'behind'} Telegram's"
    say = fault if abs(seconds) > SKEW_FAULTS else warning
    return say("clock", words, "let this machine set its clock: timedatectl set-ntp true")


# The webhook ------------------------------------------------------------------------------------------------


def webhook(patient: Patient) -> list[Finding]:
    """Whether what members write comes by the way that the settings name."""
    if not patient.known:
        return []
    info = patient.webhook
    if not info.ok:
        return [fault("webhook", f"Telegram does not say how it delivers ({info.words})", "try again later")]
    expected = _expected(patient.settings.telegram, str(info.result.get("url", "")))
    return judge_webhook(info.result, expected, now=patient.now)


def _expected(settings: Settings, url: str) -> str:
    """Return the address that Telegram should call, as Telegram writes it; none with polling."""
    if settings.mode != "webhook":
        return ""
    place = Place(settings.token.get_secret_value(), settings.webhook_url)
    return url if place.is_ours(url) else place.url


def judge_webhook(info: Mapping[str, Any], expected: str, *, now: datetime) -> list[Finding]:
    """Say whether Telegram delivers where it should, and whether that works; no `expected`: by polling."""
    url, pending = str(info.get("url", "")), int(info.get("pending_update_count", 0))
    found = [_place(url, expected)]
    if pending > MANY_PENDING:
        words = f"{pending} updates wait at Telegram, which keeps them for a day"
        todo = "see that the bot runs" + (" and can be reached from outside" if expected else "")
        found.append(warning("webhook", words, todo))
    ago = now.timestamp() - float(info.get("last_error_date", 0))
    if url and url == expected and ago < LATELY_SECONDS:
        words = f"{span(max(ago, 0))} ago a call failed: {about(str(info.get('last_error_message', '')))}"
        found.append(warning("webhook", words, "look at the reverse proxy, its certificate and web.port"))
    return found


def _place(url: str, expected: str) -> Finding:
    # Never the whole address: who knows its path may knock at the bot's door.
    other = urlsplit(url).hostname
    if url == expected:
        return ok("webhook", f"Telegram calls {other}" if url else "none is set, the bot fetches its updates")
    if not expected:
        todo = "restart the bot, which takes it away; if it comes back, another program uses this token"
        return fault("webhook", f"one is set ({other}), so nothing can be fetched (telegram.mode)", todo)
    if not url:
        return fault("webhook", "none is set, so nothing comes in", "start the bot, which sets it")
    todo = "restart the bot, which sets its own; if it changes again, another program uses this token"
    return fault("webhook", f"Telegram calls another address, at {other}", todo)


# Groups -----------------------------------------------------------------------------------------------------


def groups(patient: Patient) -> list[Finding]:
    """Whether the bot may do in every group what it needs to."""
    if patient.vitals is None or not patient.known:
        return []
    standings, every = patient.standings, patient.vitals.groups
    found = [finding for standing in standings if (finding := judge_standing(standing))]
    unasked = len(every) - sum(not standing.answer.none for standing in standings)
    if unasked:
        words = f"{unasked} of {len(every)} groups could not be asked about ({standings[-1].answer.words})"
        found.append(warning("groups", words, "try again later"))
    if found:
        return found
    return [ok("groups", f"all rights are there in {len(every)}" if every else "there are none yet")]


def judge_standing(standing: Standing) -> Finding | None:
    """Say what the bot lacks in a group; None if nothing, or if it is not known."""
    group, answer = standing.group, standing.answer
    if answer.none:
        return None
    where = f"“{group.title}” of the network “{group.network}”"
    if not answer.ok or not setup.inside(answer.result):
        reason = answer.words if not answer.ok else f"status: {answer.result.get('status')}"
        todo = "ask an administrator of that group to add it again, as administrator"
        # What the bot has noticed its facilitators were told.
        return (warning if group.gone else fault)("groups", f"{where}: the bot is not in it ({reason})", todo)
    missing = setup.missing(answer.result)
    if setup.ADMINISTRATOR in missing:
        todo = "ask an administrator of that group: its name → Edit → Administrators → add the bot"
        return fault("groups", f"{where}: the bot is no administrator, and sees little", todo)
    if missing:
        rights = " and ".join(RIGHTS[name] for name in missing)
        todo = f"ask an administrator of that group to allow the bot: {rights}"
        return warning("groups", f"{where}: the bot may not {rights.lower()}", todo)
    return None


def privacy_mode(patient: Patient) -> list[Finding]:
    """Whether Telegram shows the bot what is said where it is no administrator."""
    if not patient.known:
        return []
    if patient.me.result.get("can_read_all_group_messages"):
        return [ok("privacy mode", "is off")]
    plain = [
        one
        for one in patient.standings
        if one.answer.ok and setup.ADMINISTRATOR in setup.missing(one.answer.result)
    ]
    if not plain:
        return [ok("privacy mode", "is on, which does not matter where the bot is administrator")]
    words = f"is on, so in {len(plain)} groups the bot sees only replies to itself"
    return [warning("privacy mode", words, "make it administrator there, see groups")]


def ops_chat(patient: Patient) -> list[Finding]:
    """Whether the bot can look up lost answers, and tell the operator."""
    chat = patient.settings.telegram.ops_chat
    if not patient.known:
        return []
    if chat is None:
        return [ok("ops chat", "none; a prompt whose fate is unknown is repeated (telegram.ops_chat)")]
    return [judge_ops_chat(patient.in_chat(chat))]


def judge_ops_chat(answer: Answer) -> Finding:
    """Say whether the bot may write there; its own messages it may delete wherever it may write."""
    if answer.none:
        return warning("ops chat", f"could not be asked about ({answer.words})", "try again later")
    if not answer.ok or not setup.inside(answer.result):
        reason = answer.words if not answer.ok else f"status: {answer.result.get('status')}"
        return fault(
            "ops chat", f"the bot is not in it ({reason})", "add it there, or mend telegram.ops_chat"
        )
    if answer.result.get("status") == "restricted" and not answer.result.get("can_send_messages"):
        return fault("ops chat", "the bot may not write there", "let it write, or make it administrator")
    return ok("ops chat", "the bot is in it and may write")
