"""What networks call their stakeholder groups, and those they added."""

from collections.abc import Mapping

from sqlalchemy import delete, func, select

from bot.core.groups import Groups, Named
from storage.db import Connection, upsert
from storage.tables import members, network_groups, networks

OWN = "own_"  # the codes of groups that a network added: own_<number>


def of(db: Connection, network_id: int) -> Groups:
    """Return the groups of a network."""
    language = select(networks.c.language).where(networks.c.id == network_id)
    columns = [network_groups.c[name] for name in ("code", "broad", "names", "offered")]
    query = select(*columns).where(network_groups.c.network_id == network_id).order_by(network_groups.c.id)
    own = tuple(
        Named(code, broad, _names(names), offered) for code, broad, names, offered in db.execute(query)
    )
    return Groups(own, db.execute(language).scalar_one_or_none() or "en")


def _names(stored: Mapping[str, list[str]]) -> dict[str, tuple[str, str]]:
    return {language: (one, many) for language, (one, many) in stored.items()}


def put(db: Connection, network_id: int, group: Named) -> None:
    """Write down what a group is called, and whether it is offered."""
    values = {
        "network_id": network_id,
        "code": group.code,
        "broad": group.broad,
        "names": {language: list(names) for language, names in group.names.items()},
        "offered": group.offered,
    }
    upsert(db, network_groups, values, conflict=["network_id", "code"])


def new_code(db: Connection, network_id: int) -> str:
    """Return a code for one more group: no number is used twice, as words may still carry it."""
    query = select(network_groups.c.code).where(network_groups.c.network_id == network_id)
    used = select(members.c.group).where(members.c.network_id == network_id, members.c.group.is_not(None))
    codes = {*db.execute(query).scalars(), *db.execute(used).scalars()}
    numbers = [int(code.removeprefix(OWN)) for code in codes if code.removeprefix(OWN).isdecimal()]
    return f"{OWN}{max(numbers, default=0) + 1}"


def remove(db: Connection, network_id: int, code: str) -> None:
    """Forget a network's own name for a group, or a group it added."""
    one = (network_groups.c.network_id == network_id, network_groups.c.code == code)
    db.execute(delete(network_groups).where(*one))


def in_use(db: Connection, network_id: int, code: str) -> bool:
    """Whether somebody speaks, or spoke, as one of them."""
    query = select(func.count()).where(members.c.network_id == network_id, members.c.group == code)
    return db.execute(query).scalar_one() > 0
