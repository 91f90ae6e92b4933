"""Sharing out seats, so that as many as possible get one that they wish for."""

from collections.abc import Collection, Mapping


def matched(wishes: Mapping[str, Collection[int]], free: Mapping[int, int]) -> int:
    """Return how many can have one of the places that they wish for, if it is done as well as it can be."""
    seats = {(prompt, number): "" for prompt, count in free.items() for number in range(count)}

    def seated(code: str, tried: set[tuple[int, int]]) -> bool:
        for seat in seats:
            if seat[0] in wishes[code] and seat not in tried:
                tried.add(seat)
                if not seats[seat] or seated(seats[seat], tried):
                    seats[seat] = code
                    return True
        return False

    return sum(seated(code, set()) for code in wishes)
