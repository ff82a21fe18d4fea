"""Contests: one workload, one distance, ours and its peers; run in turns, round by round."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import reference
from machine import busy_seconds, log, processor_flags, usable_processors
from workloads import matrix_file

K = 200
THREADS = 2
CHECKED_ROWS = 50
OURS = "Peerfolio"
ARTICLE = "the article's Numba"
DEFAULT_FAISS = "FAISS, default settings"


@dataclass(frozen=True)
class Contest:
    """What is compared with whom."""

    workload: str
    encoding: str
    distance: str
    peers: tuple[str, ...]
    # Rounds of the large workloads, whose times vary less.
    most_rounds: int | None = None

    @property
    def is_informative(self) -> bool:
        # Where everybody holds everything, nobody can teach anybody; plain neighbors are searched then.
        return self.encoding != "amount"

    @property
    def name(self) -> str:
        return f"{self.workload} {self.encoding} {self.distance}"


CONTESTS = (
    Contest("w1", "share", "cosine", ("FAISS", DEFAULT_FAISS, "NumPy", "scikit-learn", "sparse_dot_topn", ARTICLE)),
    Contest("w1", "share", "manhattan", ("FAISS", "scikit-learn", "SciPy cdist")),
    Contest("w1", "share", "euclidean", ("FAISS", DEFAULT_FAISS, "NumPy", "scikit-learn", "SciPy cdist")),
    Contest("w4", "share", "cosine", ("FAISS", DEFAULT_FAISS, "NumPy", "scikit-learn", "sparse_dot_topn")),
    Contest("w5", "share", "cosine", ("FAISS", DEFAULT_FAISS), most_rounds=3),
    Contest("w6", "binary", "cosine", ("FAISS", DEFAULT_FAISS), most_rounds=3),
    Contest("w7", "amount", "cosine", ("FAISS", DEFAULT_FAISS)),
    Contest("w8", "binary", "cosine", ("FAISS", "NumPy", "scikit-learn", "sparse_dot_topn")),
    Contest("w8", "share", "cosine", ("FAISS", "NumPy", "scikit-learn", "sparse_dot_topn")),
)


@dataclass
class Result:
    """What one contestant achieved; seconds are those of every round."""

    name: str
    searched: int
    extrapolated: bool
    seconds: list[float] = field(default_factory=list)
    parts: list[dict[str, float]] = field(default_factory=list)
    # The share of the processors that other processes took during each round.
    others: list[float] = field(default_factory=list)
    largest_error: float = 0
    missing: int = 0
    compared: int = 0
    is_off: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def as_json(self) -> dict[str, Any]:
        figures = {"median": self.median, "min": min(self.seconds), "max": max(self.seconds)}
        return asdict(self) | figures


@dataclass
class ContestResult:
    contest: Contest
    clients: int
    products: int
    kernel: str
    results: list[Result]

    @property
    def ours(self) -> Result:
        return self.results[0]

    def peer(self, name: str) -> Result | None:
        return next((result for result in self.results if result.name == name), None)

    @property
    def fastest_peer(self) -> Result:
        """The fastest of the peers that select neighbors, as all but the article's function do."""
        return min((result for result in self.results[1:] if result.name != ARTICLE), key=lambda result: result.median)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.contest.name,
            "clients": self.clients,
            "products": self.products,
            "encoding": self.contest.encoding,
            "distance": self.contest.distance,
            "informative": self.contest.is_informative,
            "kernel": self.kernel,
            "contestants": [result.as_json() for result in self.results],
        }


class Worker:
    """The process of one contestant: it answers every line with a line of JSON."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str]) -> None:
        self.name = name
        self.process = subprocess.Popen(
            command, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.introduction = self._reply()

    def ask(self, request: str) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return self._reply()

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _reply(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"error: {self.name} ended with exit code {self.process.wait()}; its message is above")
        reply: dict[str, Any] = json.loads(line)
        return reply


def _environment(peer: str) -> dict[str, str]:
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {variable: str(THREADS) for variable in threads}
    # FAISS's BLAS takes AVX2 kernels on some processors with AVX-512 unless told.
    if "avx512f" in processor_flags() and peer != DEFAULT_FAISS:
        environment["OPENBLAS_CORETYPE"] = "SkylakeX"
    return environment


def _our_command(program: Path, contest: Contest, file: Path) -> list[str]:
    options = ["--encoding", contest.encoding, "--distance", contest.distance, "--k", str(K), "--width", str(THREADS)]
    if not contest.is_informative:
        options.append("--all-neighbors")
    return [str(program), "search", str(file), *options, "--worker"]


def run_contest(
    contest: Contest, *, program: Path, cache: Path, rounds: int, limit: float, quick: bool
) -> ContestResult:
    """Runs a contest: all contestants ready at once, then in turns."""
    log(f"{contest.name}: preparing")
    # Peers have no encodings: they get the encoded matrix.
    file = matrix_file(cache, contest.workload, binary=contest.encoding == "binary", quick=quick)
    script = str(Path(__file__).with_name("worker.py"))
    workers: list[Worker] = []
    try:
        workers.append(Worker(OURS, _our_command(program, contest, file), {}))
        for peer in contest.peers:
            command = [sys.executable, script, peer, contest.distance, str(file), str(K), str(limit)]
            workers.append(Worker(peer, command, _environment(peer)))
        introduction = workers[0].introduction
        results = [Result(OURS, introduction["clients"], extrapolated=False)]
        results += [Result(worker.name, **worker.introduction) for worker in workers[1:]]
        for number in range(min(rounds, contest.most_rounds or rounds)):
            for worker, result in zip(workers, results, strict=True):
                _take_turn(worker, result)
            times = ", ".join(f"{result.name} {_seconds(result)}" for result in results)
            log(f"{contest.name}: round {number + 1}: {times}")
        _check(contest, file, workers, results)
    finally:
        for worker in workers:
            worker.stop()
    return ContestResult(contest, introduction["clients"], introduction["products"], introduction["kernel"], results)


def _seconds(result: Result) -> str:
    return f"{'~' if result.extrapolated else ''}{result.seconds[-1]:.3f} s"


def _take_turn(worker: Worker, result: Result) -> None:
    # The threads of the one before may still be spinning.
    time.sleep(0.3)
    start, busy, own = time.perf_counter(), busy_seconds(), worker.processor_seconds()
    reply = worker.ask("run")
    elapsed = time.perf_counter() - start
    others = busy_seconds() - busy - (worker.processor_seconds() - own)
    result.seconds.append(reply.pop("seconds"))
    result.parts.append(reply)
    result.others.append(round(max(0, others) / (elapsed * usable_processors()), 3))


def _check(contest: Contest, file: Path, workers: Sequence[Worker], results: Sequence[Result]) -> None:
    """Compares the k-th distances of some rows with a brute force."""
    matrix = np.load(file).astype(np.float64)
    rows = np.random.default_rng(5).choice(len(matrix), min(CHECKED_ROWS, len(matrix)), replace=False).tolist()
    plain = reference.kth_distances(matrix, rows, contest.distance, K, informative=False)
    if contest.encoding == "share":
        # The shares are rounded to float32: those of a client do not add up to 1 to the last bit.
        matrix /= matrix.sum(1, keepdims=True)
    informative = reference.kth_distances(matrix, rows, contest.distance, K, informative=contest.is_informative)
    request = " ".join(map(str, ["check", *rows]))
    for worker, result in zip(workers, results, strict=True):
        answers = worker.ask(request)["kth_distances"]
        comparison = reference.compare(answers, informative if worker.name == OURS else plain)
        result.largest_error = comparison.largest_error
        result.missing = comparison.missing
        result.compared = comparison.compared
        result.is_off = comparison.is_off
