"""${message}."""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Key, Moment

revision = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}

# A table that is rebuilt on SQLite forgets AUTOINCREMENT unless told, and with it which ids were erased:
# op.batch_alter_table("…", table_kwargs={"sqlite_autoincrement": True})


def upgrade() -> None:
    """Take the step."""
    ${upgrades if upgrades else "pass"}
