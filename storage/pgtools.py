"""PostgreSQL's own programs `pg_dump` and `pg_restore`: finding one that fits the server, and running it."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from bot.config import Mistake

DEBIAN = Path("/usr/lib/postgresql")  # its versions stand side by side, and only the newest is on PATH


class ToolMissing(Mistake):
    """PostgreSQL's programs are not there, or too old for the server."""


def server(db: Connection) -> int:
    """Return the server's major version."""
    return int(db.execute(text("SHOW server_version_num")).scalar_one()) // 10000


def tool(name: str, major: int) -> Path:
    """Return the program that fits a server of this version best: the oldest that is not older."""
    found = {version: file for file in _places(name) if (version := _version(file)) is not None}
    fitting = sorted(version for version in found if version >= major)
    if fitting:
        return found[fitting[0]]
    have = f"{name} {max(found)} is too old for" if found else f"{name} is needed, and not found, for"
    raise ToolMissing(
        f"{have} the server, which is PostgreSQL {major}: install PostgreSQL's client programs, version {major} "
        f"(postgresql-client-{major}), or put their folder into PATH."
    )


def _places(name: str) -> list[Path]:
    folders = [Path(folder) for folder in os.get_exec_path()]
    control = shutil.which("pg_ctl")
    folders += [Path(control).resolve().parent] if control else []
    folders += sorted(DEBIAN.glob("*/bin"))
    files = [folder / name for folder in reversed(folders)]  # of the same version the first on PATH counts
    return [file for file in files if os.access(file, os.X_OK) and file.is_file()]


@cache
def _version(file: Path) -> int | None:
    try:
        said = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, by its whole path
            [file, "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else None


# Running ----------------------------------------------------------------------------------------------------


@contextmanager
def running(
    program: Path, arguments: Sequence[str], url: URL, *, stdin: int | None = None, stdout: int | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[], None]]]:
    """Run a program on a database; what is yielded besides waits for its end, and raises if it failed.

    Whoever leaves before that ends it, and with it its transaction.
    """
    # The command line is for all to see; the environment is ours.
    password = url.password or url.query.get("password")
    environ = os.environ | {"PGAPPNAME": "bln-bot", "LC_ALL": "C", "PGCONNECT_TIMEOUT": "10"}
    if password is not None:
        environ["PGPASSWORD"] = str(password)
    line = [str(program), "--no-password", f"--dbname={_address(url)}"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - the same, without a shell
            [*line, *arguments],
            env=environ,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.DEVNULL if stdout is None else stdout,
            stderr=errors,
        )

        def ended() -> None:
            if process.wait() != 0:
                raise Mistake(f"{program.name} could not do its work: {_complaint(errors)}")

        try:
            yield process, ended
        finally:
            process.kill()  # nothing happens if it has ended
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):  # what was still to be written has no reader
                        pipe.close()


def _address(url: URL) -> str:
    """The address without its password; `URL.set(password=None)` would leave it in."""
    query = {name: value for name, value in url.query.items() if name != "password"}
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, query)
    return bare.render_as_string(hide_password=False)


def _complaint(errors: IO[bytes]) -> str:
    """The first line that speaks of an error: those below it may show rows."""
    errors.seek(0)
    lines = errors.read(100_000).decode("utf-8", "replace").strip().splitlines()
    said = next(
        (line for line in lines if "error" in line.lower()), lines[0] if lines else "it did not say why"
    )
    return re.sub(r"^\w+: (error: )?", "", said).strip().rstrip(".") + "."
