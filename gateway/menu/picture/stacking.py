"""Stacks boxes without overlap, each as near as can be to where it would like to stand.

Decides it exactly, for a given order: the sum of the squared distances is the least that is possible (isotonic
regression by pooling adjacent violators; M. Ayer and others, 1955).
"""

from collections.abc import Sequence


def stacked(wishes: Sequence[float], heights: Sequence[int], gap: int) -> list[int]:
    """The tops of boxes from top to bottom, given the tops that they wish for."""
    offsets, below = [], 0
    for height in heights:
        offsets.append(below)
        below += height + gap
    pools: list[tuple[float, int]] = []
    """Boxes that stand shoulder to shoulder: the sum of what they wish, less their offsets, and how many they are."""
    for wish, offset in zip(wishes, offsets, strict=True):
        pools.append((wish - offset, 1))
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            total, count = pools.pop()
            above, more = pools.pop()
            pools.append((above + total, more + count))
    tops = [round(_mean(pool)) for pool in pools for _ in range(pool[1])]
    return [top + offset for top, offset in zip(tops, offsets, strict=True)]


def _mean(pool: tuple[float, int]) -> float:
    return pool[0] / pool[1]
