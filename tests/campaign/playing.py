"""Playing a scenario from its beginning to its line in the table."""

import asyncio
import logging
import re
import tempfile
import traceback
import uuid
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.campaign import verdict
from tests.campaign.databases import in_folder, on_server, server
from tests.campaign.faults import FAULTS, Fault
from tests.campaign.stage import Broken, Stage, stage
from tests.campaign.verdict import Row

ACTS = ("questions", "digests")


async def play(
    faults: list[Fault], url: str, folder: Path, *, seed: int, short: bool = False, own_server: Any = None
) -> Row:
    """Let the faults come one after the other, in both acts; what is not as promised stands in the row."""
    name, database = " · ".join(one.name for one in faults), url.split(":")[0].split("+")[0]
    async with stage(url, folder, faults[0].setting, seed=seed, short=short, server=own_server) as made:
        failures = await _failures(faults, made)
        await made.close()
        if orphans := await made.orphans():
            failures.append(f"{orphans} processes lived on after the bot had ended")
        found = await made.database.read(verdict.find)
        return verdict.judge(made, found, fault=name, database=database, failures=failures)


async def _failures(faults: list[Fault], made: Stage) -> list[str]:
    try:
        await made.begin()
        for act in ACTS:
            if act != ACTS[0]:
                await made.to_the_digests()
            for one in faults:
                await one.play(made)
                made.telegram.no_faults()
        await made.finish()
    except (Broken, AssertionError) as error:  # a sandbox that waits in vain raises the latter
        where = traceback.extract_tb(error.__traceback__)[-1]
        return [f"{error} ({where.name})"]
    return []


def alone(name: str, database: str, shared: str, seed: int, short: bool, logs: Path | None) -> Row:
    """Play one fault on a new database, in a process of its own; `shared`: a server for those that don't stop it."""
    warnings.simplefilter("ignore")
    logging.disable()
    fault = FAULTS[name]
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="bln-campaign-")))
        own = held.enter_context(server()) if database == "postgresql" and fault.own_server else None
        if database == "sqlite":
            url = in_folder(folder)
        else:
            url = on_server(shared if own is None else own.get_uri(), f"bln_{uuid.uuid4().hex}")
        try:
            row = asyncio.run(play([fault], url, folder, seed=seed, short=short, own_server=own))
        except Exception as error:  # of the campaign itself: the other scenarios go on
            row = Row(name, database, broken=(f"{type(error).__name__}: {error}".replace("\n", " "),))
        if logs is not None and row.broken:
            for log in folder.glob("*.log"):
                words = f"{fault.name}-{database}-{log.stem}"
                (logs / f"{re.sub('[^a-z0-9]+', '-', words)}.log").write_bytes(log.read_bytes())
        return row
