"""What Alembic runs for each migration; the connection and its transaction are `storage/migrate.py`'s."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from storage.tables import metadata
from storage.types import Json, Key, Moment

NAMES = ((Key, "Key"), (Json, "Json"))


def named(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Write our own column types by their names; False leaves the rest to Alembic."""
    if kind != "type":
        return False
    if isinstance(item, Moment):
        return "Moment()"
    return next((name for known, name in NAMES if item is known), False)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column only by rebuilding its table
    render_item=named,
)
with context.begin_transaction():
    context.run_migrations()
