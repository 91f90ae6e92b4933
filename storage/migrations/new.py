"""Writes the next revision from the difference between the tables and the latest revision: `… .new <word>`.

As long as nothing is released: `rm storage/migrations/versions/0001_first.py`, then `… .new first`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from storage.db import normal, sqlite_writer
from storage.migrate import known, migrate, settings


def main(word: str) -> None:
    """Write `versions/<next number>_<word>.py`; read it before you trust it."""
    from alembic import command

    revisions = known()
    name = f"{len(revisions) + 1:04}_{word}"
    with tempfile.TemporaryDirectory() as folder:
        url = normal(f"sqlite:///{folder}/new.db")
        if revisions:
            migrate(url)
        engine = sqlite_writer(url, patience=1)
        with engine.begin() as connection:
            config = settings(connection)
            config.set_main_option("file_template", "%%(rev)s")
            command.revision(config, message=word.capitalize(), rev_id=name, autogenerate=True)
        engine.dispose()
    file = Path(__file__).parent / "versions" / f"{name}.py"
    for order in (["check", "--fix", "--quiet", "--select", "F401,I", str(file)], ["format", str(file)]):
        subprocess.run([sys.executable, "-m", "ruff", *order], check=True)  # noqa: S603 - our own words


if __name__ == "__main__":
    main(sys.argv[1])
