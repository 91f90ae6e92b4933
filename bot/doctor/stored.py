"""What the database knows: its version, who works on it, what waits, the last backup."""

from datetime import datetime, timedelta
from pathlib import Path

import httpx

from bot.config import Backup, Web
from bot.core.privacy import NAMES, Privacy, laid_over
from bot.core.readiness import missing
from bot.doctor.finding import Finding, fault, ok, size, span, warning
from bot.doctor.patient import Patient
from storage import pgtools, vitals
from storage.db import normal, trouble
from storage.facts import Fact
from storage.mistakes import Unusable, advice
from storage.vitals import Look, Standing

SECONDS = 5
WHAT = {  # as the person at the server reads it
    **{name: f"privacy.{name}" for name in NAMES},
    "help": "a help text (/helptext)",
    "stand_in": "a stand-in",
}
PATIENCE = timedelta(minutes=10)  # longer than limits and pauses of Telegram's keep anything


def database(patient: Patient) -> list[Finding]:
    """Whether the database answers, and which version it is of."""
    try:
        place = vitals.place_of(patient.url)
        look = patient.look
    except Unusable as error:
        return [fault("database", "can't be used", str(error))]
    except Exception as error:
        if not trouble(error) and not isinstance(error, OSError):
            raise
        words = advice(error, normal(patient.url))
        if words is not None:
            return [fault("database", place, words)]
        reason = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
        return [fault("database", f"{place}: {reason[0]}", "look at database.url, and whether it runs")]
    if look is None:
        return [warning("database", f"{place} is not there yet", "start the bot once, which makes it")]
    return [judge_version(look)]


def judge_version(look: Look) -> Finding:
    """Say whether this code and that database fit."""
    what = f"{look.place}, {size(look.size)}"
    if look.newer:
        todo = "install the newer bln-bot again, or restore a backup (docs/ops.md, Going back)"
        return fault("database", f"{what}, is of a newer bln-bot: {look.revision}", todo)
    if look.revision is None:
        return warning("database", f"{what}, is empty", "start the bot once, which makes the tables")
    if look.revision != look.newest:
        todo = f"make a backup, then start the bot, which brings it to {look.newest}"
        return warning("database", f"{what}, is of an older bln-bot: {look.revision}", todo)
    return ok("database", f"{what}, at {look.revision}")


def running(patient: Patient) -> list[Finding]:
    """Whether a bot works on this database."""
    try:
        runs = patient.look is not None and patient.look.running
    except Exception:
        return []
    if not runs:
        return [warning("bot", "does not run", "start it: bln-bot run, or systemctl start bln-bot")]
    return [ok("bot", "is running on this database"), *readiness(patient.settings.web)]


def readiness(web: Web) -> list[Finding]:
    """What the bot says of itself, where it has a web server."""
    if not web.port:
        return []
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(web.host, web.host)  # noqa: S104 - nothing is bound
    place = f"[{host}]:{web.port}" if ":" in host else f"{host}:{web.port}"
    try:
        # The certificate is for the name that the internet knows; here it is looked at by nobody.
        scheme = "https" if web.certificate else "http"
        answer = httpx.get(f"{scheme}://{place}/readyz", timeout=SECONDS, verify=False, trust_env=False)  # noqa: S501
    except httpx.HTTPError as error:
        todo = "see that it runs on this machine with these settings (web.host, web.port)"
        return [warning("bot", f"{place} does not answer ({type(error).__name__})", todo)]
    troubles = [
        line.removeprefix("FAULT: ") for line in answer.text.splitlines() if line.startswith("FAULT: ")
    ]
    if answer.status_code == 200:
        return [ok("bot", "says that it is ready")]
    words = f"says that it is not ready: {', '.join(troubles) or answer.status_code}"
    return [fault("bot", words, "look into its log; if it stays so, restart it")]


def inbox(patient: Patient) -> list[Finding]:
    """Whether what came in is handled."""
    found = patient.vitals
    if found is None:
        return []
    lines: list[Finding] = []
    if found.parked:
        todo = "look for its cause in the log, upgrade, then: bln-bot retry"
        lines.append(warning("inbox", f"{found.parked} updates could not be handled and wait", todo))
    if found.since is not None and patient.now - found.since > PATIENCE:
        words = f"{found.waiting} updates wait, the first for {_since(found.since, patient.now)}"
        lines.append(warning("inbox", words, "see that the bot runs, and look into its log"))
    return lines or [
        ok("inbox", f"{found.waiting} updates wait" if found.waiting else "everything is handled")
    ]


def outbox(patient: Patient) -> list[Finding]:
    """Whether what is to be said goes out."""
    found = patient.vitals
    if found is None:
        return []
    if found.due is not None and patient.now - found.due > PATIENCE:
        words = f"{found.unsent} messages are due, the first for {_since(found.due, patient.now)}"
        return [warning("outbox", words, "see that the bot runs and reaches Telegram, and look into its log")]
    return [ok("outbox", f"{found.unsent} messages are due" if found.unsent else "everything has gone out")]


def _since(moment: datetime, now: datetime) -> str:
    return span((now - moment).total_seconds())


def joining(patient: Patient) -> list[Finding]:
    """Whether people can join each network: who answers, where to find help and who stands in must be said before."""
    found = patient.vitals
    if found is None:
        return []
    privacy = patient.settings.privacy
    day = privacy.last_day.isoformat() if privacy.last_day else ""
    given = {name: getattr(privacy, name) for name in NAMES} | {"last_day": day}
    lines = [finding for one in found.networks if (finding := judge_joining(Privacy(**given), one))]
    return lines or [ok("joining", "every network can take members" if found.networks else "no network yet")]


def judge_joining(below: Privacy, standing: Standing) -> Finding | None:
    """Say what a network lacks; None if people can join."""
    network = standing.network
    own = {name: getattr(network, name) for name in NAMES}
    lacking = missing(laid_over(below, own), network.help, stood_in_for=standing.stood_in_for)
    if not lacking:
        return None
    words = f"nobody can join {network.title}: {', '.join(WHAT[name] for name in lacking)} missing"
    return warning(
        "joining", words, "who leads it sends /ready to the bot, or fill in [privacy] for all networks"
    )


def backup(patient: Patient) -> list[Finding]:
    """Whether there is a copy of everything, and how old it is."""
    settings, found, look = patient.settings.backup, patient.vitals, patient.look if patient.vitals else None
    if settings.folder is None:
        todo = "name a folder in backup.folder, best on another disk, or call `bln-bot backup` by a timer"
        return [warning("backup", "nobody makes any", todo)]
    last = judge_backup(settings, found.backup if found else None, newest(settings.folder), now=patient.now)
    return [*judge_tools(look.server if look else None), last]


def judge_tools(server: int | None) -> list[Finding]:
    """Say whether a PostgreSQL server of this version can be copied from here."""
    try:
        if server is not None:
            pgtools.tool("pg_dump", server)
    except pgtools.ToolMissing as error:
        return [fault("backup", "PostgreSQL's programs are needed for it", str(error))]
    return []


def newest(folder: Path) -> datetime | None:
    """Return when the latest backup in a folder was written."""
    try:
        times = [file.stat().st_mtime for file in folder.glob("*.bln.tar")]
    except OSError:  # that it can't be read or is not there is for another check to say
        return None
    return datetime.fromtimestamp(max(times)).astimezone() if times else None


def judge_backup(settings: Backup, noted: Fact | None, newest: datetime | None, *, now: datetime) -> Finding:
    """Say how old the last copy is: as the bot noted it, or else by the files."""
    if noted is not None and not noted.value.get("ok"):
        words = f"the last attempt, {_since(noted.at, now)} ago, failed"
        return fault("backup", words, "look into the log, at backup.folder and the space there")
    at = noted.at if noted else newest
    if at is None:
        todo = "let the bot run: it makes the first one soon; if not, look into its log"
        return warning("backup", f"there is none in {settings.folder}", todo)
    words = f"the last one is {_since(at, now)} old"
    if now - at > 2 * timedelta(hours=settings.every_hours):
        todo = f"see that the bot runs (one is due every {settings.every_hours} h), and look into its log"
        return warning("backup", words, todo)
    return ok("backup", words)
