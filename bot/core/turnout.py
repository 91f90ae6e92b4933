"""Who has written and who has not been heard yet: by group, as far as k lets it be told, and never by name."""

from collections import Counter
from collections.abc import Collection, Mapping

from bot.core import groups
from bot.core.groups import USUAL, Groups


def heard(
    authors: Collection[str | None], sizes: Mapping[str, int], k: int, named: Groups = USUAL
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which groups wrote and which did not, as far as each may be named.

    A broad group stands for its small ones. Beside one of its own large groups it is not named as having
    written: that would tell of the small ones; nor where one of them is silent, unless k others are left. And no group
    is silent of whose cell in the picture somebody wrote: too few would be left to have done so.
    """
    spoke = {code for code in authors if code is not None}
    counted = named.counted(groups.with_strangers(sizes, authors), k)
    drawn = {counted.get(code or "", groups.PARTICIPANT) for code in authors}
    large = [code for code in named.fine if sizes.get(code, 0) >= k]
    wrote = [code for code in large if code in spoke]
    silent = [code for code in large if code not in spoke and counted[code] not in drawn]
    for broad in groups.WIDE:
        fine = [code for code in named.fine if named.broad(code) == broad]
        small = [code for code in fine if code not in large and sizes.get(code, 0)]
        if not small or sum(sizes.get(code, 0) for code in fine) < k:
            continue
        if not any(counted[code] in drawn for code in fine if sizes.get(code, 0)) and not spoke & {*fine}:
            silent = [*[code for code in silent if code not in fine], broad]
        elif not any(code in wrote for code in fine) and spoke.intersection(small):
            left = sum(sizes.get(code, 0) for code in fine if code not in silent)
            wrote += [broad] if left >= k else []
    return tuple(wrote), tuple(silent)


def wrote_by(
    people: Collection[str | None], sizes: Mapping[str, int], k: int, named: Groups = USUAL
) -> dict[str, int]:
    """Return how many people wrote, counted as in the picture, `participant` for the others; `people` are their groups.

    Empty where all would be counted together.
    """
    codes = named.counted(groups.with_strangers(sizes, people), k)
    found = Counter(codes.get(code or "", groups.PARTICIPANT) for code in people)
    order = (*named.fine, *groups.WIDE, groups.PARTICIPANT)
    return {code: found[code] for code in order if found[code]} if len(found) > 1 else {}
