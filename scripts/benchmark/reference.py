"""The k-th distances by brute force in float64, to which every contestant's answers are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Half a unit of the fourth decimal, which is what rounding may change, and what float64 may err.
TOLERANCE = 0.5e-4 + 1e-9


@dataclass(frozen=True)
class Comparison:
    """How answers differ from the reference."""

    largest_error: float
    missing: int
    compared: int

    @property
    def is_off(self) -> bool:
        return self.missing > 0 or self.largest_error > TOLERANCE


def compare(answers: Sequence[float | None], reference: Sequence[float | None]) -> Comparison:
    pairs = list(zip(answers, reference, strict=True))
    errors = [abs(answer - exact) for answer, exact in pairs if answer is not None and exact is not None]
    missing = sum((answer is None) != (exact is None) for answer, exact in pairs)
    return Comparison(max(errors, default=0.0), missing, len(pairs))


def kth_distances(
    vectors: NDArray[np.float64], rows: Sequence[int], distance: str, k: int, *, informative: bool
) -> list[float | None]:
    """Computes the distance of each row's k-th nearest other row, before rounding.

    If informative, only rows count that share a product with the row and hold one that it lacks; the last one is taken
    when there are fewer than k, and None when there is none.
    """
    held = (vectors > 0).astype(np.float32)
    squared_norms = np.einsum("ij,ij->i", vectors, vectors)

    def kth(row: int) -> float | None:
        distances = _distances(vectors, squared_norms, row, distance)
        counts = np.ones(len(vectors), bool)
        counts[row] = False
        if informative:
            counts &= (held @ held[row] > 0) & (held @ (1 - held[row]) > 0)
        eligible = distances[counts]
        place = min(k, len(eligible))
        return float(np.partition(eligible, place - 1)[place - 1]) if place > 0 else None

    return [kth(row) for row in rows]


def _distances(
    vectors: NDArray[np.float64], squared_norms: NDArray[np.float64], row: int, distance: str
) -> NDArray[np.float64]:
    result: NDArray[np.float64]
    match distance:
        case "cosine":
            result = np.maximum(0, 1 - vectors @ vectors[row] / np.sqrt(squared_norms * squared_norms[row]))
        case "manhattan":
            result = np.abs(vectors - vectors[row]).sum(1)
        case "euclidean":
            result = np.sqrt(((vectors - vectors[row]) ** 2).sum(1))
        case _:
            raise ValueError(f"there is no distance {distance}")
    return result
