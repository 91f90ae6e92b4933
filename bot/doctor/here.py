"""What this machine knows: the settings, the disk, the fonts."""

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from bot.config import Privacy, Settings
from bot.core.privacy import NAMES
from bot.doctor.finding import Finding, fault, ok, size, warning
from bot.doctor.patient import Patient

FULL, SCARCE = 100e6, 1e9
SECONDS = 10
FONTS = (  # what a PDF is written with: name, a pattern of fontconfig, Debian's package
    ("text", ":lang=sv:lang=nl", "fonts-dejavu-core"),
    ("emoji", ":charset=1f642", "fonts-noto-color-emoji"),
)


def configuration(patient: Patient) -> list[Finding]:
    """Whether the settings can be read, every mistake in them, and whether others can read them."""
    if patient.mistakes:
        return [_mistake(line) for line in patient.mistakes]
    where = patient.path or "the environment"
    if patient.path is not None and _open_to_all(patient.path) and _has_secrets(patient.settings):
        words = f"{where} holds secrets and everybody on this machine can read it"
        return [warning("configuration", words, f"chmod 640 {where}, and see that the bot still can")]
    return [ok("configuration", f"{where} is in order")]


def _mistake(line: str) -> Finding:
    what, _, todo = line.rpartition(" · ")
    return fault("configuration", (what or todo).replace(" · ", " "), todo if what else "")


def _open_to_all(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)


def _has_secrets(settings: Settings) -> bool:
    """Whether secrets stand in the settings rather than in files of their own."""
    password = "@" in settings.database.url.get_secret_value()
    token, phrase = settings.telegram.token_file is None, settings.backup.passphrase_file is None
    return token or password or (phrase and bool(settings.backup.passphrase.get_secret_value()))


def promises(patient: Patient) -> list[Finding]:
    """Whether people who join can be told who answers for what is stored, and until when."""
    return judge_promises(patient.settings.privacy, today=patient.now.date())


def judge_promises(privacy: Privacy, *, today: date) -> list[Finding]:
    """Say what is left open."""
    missing = [f"privacy.{name}" for name in NAMES if not getattr(privacy, name)]
    if missing:
        words = f"{', '.join(missing)} {'are' if len(missing) > 1 else 'is'} not filled in"
        todo = "write it, or each network says it with /ready: before nobody can join, who has a right to know it"
        return [warning("promises", words, todo)]
    if privacy.last_day is not None and privacy.last_day < today:
        words = f"privacy.last_day ({privacy.last_day}) has passed, and what members gave is erased"
        return [warning("promises", words, "stop the bot; for a new project set a new day")]
    return [ok("promises", f"members are told who answers, and that all is erased on {privacy.last_day}")]


# Disk -------------------------------------------------------------------------------------------------------


def disk(patient: Patient) -> list[Finding]:
    """Whether there is room where the bot writes, and whether it may write there."""
    places: dict[str, Path] = {}
    needed = 0
    with contextlib.suppress(Exception):  # what is wrong with the database is for another check to say
        if patient.file is not None:
            places["database"] = patient.file
        needed = patient.look.size if patient.look else 0
    if patient.settings.backup.folder is not None:
        places["backups"] = patient.settings.backup.folder
    found = [finding for what, path in places.items() for finding in _space(what, path, needed)]
    return found or [ok("disk", "nothing is written on this machine")]


def _space(what: str, path: Path, needed: int) -> list[Finding]:
    path = path.resolve()
    folder = path if path.is_dir() else path.parent
    while not folder.exists():
        folder = folder.parent
    writable = os.access(folder, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
    if not writable:
        todo = "give it to the bot's user (chown), or run this command as that user"
        return [fault("disk", f"{what}: whoever runs this command can't write in {folder}", todo)]
    return [judge_space(what, folder, shutil.disk_usage(folder).free, needed)]


def judge_space(what: str, folder: Path, free: float, needed: float) -> Finding:
    """Say whether that is enough for a database of this size: a copy before an upgrade needs as much again."""
    words = f"{what}: {size(free)} free in {folder}"
    if free < FULL:
        return fault("disk", words, "make room now: a full disk stops the bot")
    if free < max(SCARCE, 2 * needed):
        return warning("disk", words, "make room: an upgrade copies the database, and so does a backup")
    return ok("disk", words)


# Fonts ------------------------------------------------------------------------------------------------------


def fonts(patient: Patient) -> list[Finding]:
    """Whether there are letters and emoji to write a PDF with."""
    command = shutil.which("fc-list", path=patient.environ.get("PATH"))
    if command is None:
        packages = " ".join(package for _, _, package in FONTS)
        words = "can't be looked for without fontconfig; PDFs may lack emoji"
        return [warning("fonts", words, f"apt-get install fontconfig {packages}")]
    missing = [(name, pack) for name, pattern, pack in FONTS if not _fonts(command, pattern, patient.environ)]
    if not missing:
        return [ok("fonts", "for text and emoji are there")]
    return [
        warning("fonts", f"for {name} are missing: PDFs will lack it", f"apt-get install {package}")
        for name, package in missing
    ]


def _fonts(command: str, pattern: str, environ: Mapping[str, str]) -> bool:
    done = subprocess.run(  # noqa: S603 - fc-list, with a pattern of ours
        [command, pattern, "family"],
        env=dict(environ),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return bool(done.stdout.strip())
