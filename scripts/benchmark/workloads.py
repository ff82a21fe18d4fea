"""The workloads: matrices of clients x products with fixed seeds, kept as .npy files of float32."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

# How many products a client holds: the probability of 1, 2, 3, ...
FEW_HELD = np.array([0.20, 0.22, 0.18, 0.14, 0.10, 0.07, 0.05, 0.04])
UP_TO_20_HELD = 1 / np.arange(2, 22)


@dataclass(frozen=True)
class Population:
    """Where clients are drawn from: segments that differ in what is popular."""

    products: int
    segments: int
    size_probabilities: NDArray[np.float64]
    popularity_exponent: float

    def shares(self, clients: int, seed: int) -> Matrix:
        """Draws clients; each row sums to 1. Workloads over one population differ in seed and size alone."""
        population = np.random.default_rng(1000 + self.products * 10 + self.segments)
        base = 1.0 / np.arange(1, self.products + 1) ** self.popularity_exponent
        popularity = base * np.exp(population.normal(0, 1.2, (self.segments, self.products)))
        log_popularity = np.log(popularity / popularity.sum(1, keepdims=True))
        log_amount = population.normal(0, 1.0, self.products)
        segment_sizes = population.dirichlet(np.full(self.segments, 4.0))

        draw = np.random.default_rng(seed)
        most_held = len(self.size_probabilities)
        segment = draw.choice(self.segments, clients, p=segment_sizes)
        held_count = draw.choice(
            np.arange(1, most_held + 1), clients, p=self.size_probabilities / self.size_probabilities.sum()
        )
        matrix = np.zeros((clients, self.products), np.float32)
        step = max(1, 20_000_000 // self.products)
        for start in range(0, clients, step):
            end = min(clients, start + step)
            # The highest keys with Gumbel noise are a sample without replacement, weighted by popularity.
            keys = log_popularity[segment[start:end]] + draw.gumbel(size=(end - start, self.products))
            order = np.argsort(-keys, axis=1)[:, :most_held]
            held = np.arange(most_held)[None, :] < held_count[start:end, None]
            amounts = np.exp(draw.normal(0, 1.0, held.shape) + log_amount[order]) * held
            amounts /= amounts.sum(1, keepdims=True)
            rows = np.repeat(np.arange(start, end), most_held).reshape(held.shape)
            matrix[rows[held], order[held]] = amounts[held].astype(np.float32)
        return matrix


NARROW = Population(products=31, segments=6, size_probabilities=FEW_HELD, popularity_exponent=1.1)
WIDE = Population(products=800, segments=12, size_probabilities=UP_TO_20_HELD, popularity_exponent=1.0)

CLIENTS = {"w1": 30_000, "w4": 300_000, "w5": 1_000_000, "w6": 1_000_000, "w7": 30_000, "w8": 30_000}
QUICK_CLIENTS = {"w1": 3_000, "w4": 6_000, "w5": 12_000, "w6": 12_000, "w7": 3_000, "w8": 3_000}


def _generate(workload: str, clients: int) -> Matrix:
    match workload:
        case "w1" | "w4" | "w5":
            return NARROW.shares(clients, seed=int(workload[1:]))
        case "w6":
            return NARROW.shares(clients, seed=5)
        case "w7":
            return np.abs(np.random.default_rng(7).normal(size=(clients, 31))).astype(np.float32)
        case "w8":
            return WIDE.shares(clients, seed=8)
    raise ValueError(f"there is no workload {workload}")


def matrix_file(folder: Path, workload: str, *, binary: bool = False, quick: bool = False) -> Path:
    """Returns the file with the matrix of a workload, generated first if it is not there; 0 and 1 if binary."""
    clients = (QUICK_CLIENTS if quick else CLIENTS)[workload]
    file = folder / f"{workload}-{clients}{'-binary' if binary else ''}.npy"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        matrix = _generate(workload, clients)
        unfinished = file.with_suffix(".tmp")
        with unfinished.open("wb") as output:
            np.save(output, (matrix > 0).astype(np.float32) if binary else matrix)
        unfinished.rename(file)
    return file
