"""Runs the benchmark; scripts/bench prepares what it needs and calls it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import report
from contests import CHECKED_ROWS, CONTESTS, K, THREADS, run_contest
from machine import describe, use_two_processors

TOP = Path(__file__).resolve().parents[2]
PROGRAMS = TOP / ".build" / "release"
WHOLE_RUNS = {"whole30k": "demo", "whole1m": "million"}
# Runs of a million clients take long, fill a disk, and vary less.
MOST_ROUNDS = {"million": 3}
# The kernel's own tile is timed right after the search that it is the ceiling of.
TILE_WORKLOAD = "w7"
# What a name on the command line stands for.
NAMES = {contest.workload: [contest.workload] for contest in CONTESTS}
NAMES |= {name: [name] for name in WHOLE_RUNS} | {"whole": list(WHOLE_RUNS), "views": ["views"]}

NOTES = """\
Search: medians of {rounds} round(s), at most 3 for a million clients, the contestants taking turns; from the data
in memory to the neighbors' ids and distances: indexing and normalizing included; loading, warming up and compiling not.
{threads} threads each, k = {k}: informative peers for us (plain neighbors where everybody holds everything), plain
neighbors for the others. We hand on each list of peers and drop it, as a run does; the others keep theirs.
~ is extrapolated, linearly, from the rows searched. Others' load is the largest share of the processors that anything
else took during a round. k-th distances: those of {checked} sampled rows against a brute force in float64; off means by
more than half of 0.0001.
Whole runs: from the start of the process to the end of the publishing transaction. Bare COPY, in binary: the same
source rows out of the same server, and what the run says, a row for every client and suggestion and one for every
client, into plain tables with primary keys; the run itself stores shared lists once."""


def main() -> None:
    arguments = _arguments()
    rounds = arguments.rounds or (1 if arguments.quick else 5)
    wanted = {name for word in arguments.workloads or NAMES for name in NAMES[word]}
    use_two_processors()

    contests = []
    tile = None
    for contest in CONTESTS:
        if contest.workload in wanted:
            contests.append(
                run_contest(
                    contest,
                    program=PROGRAMS / "peerfolio-bench",
                    cache=arguments.cache,
                    rounds=rounds,
                    limit=arguments.limit,
                    quick=arguments.quick,
                )
            )
        if contest.workload == TILE_WORKLOAD and contest.workload in wanted:
            tile = _output_of(PROGRAMS / "peerfolio-bench", "tile-rate", "--width", THREADS)
    whole = {
        kind: _whole_run(kind, arguments.cache, min(rounds, MOST_ROUNDS.get(kind, rounds)), quick=arguments.quick)
        for name, kind in WHOLE_RUNS.items()
        if name in wanted
    }

    views = _views(rounds, quick=arguments.quick) if "views" in wanted else None

    machine = describe()
    kernels = {result.kernel for result in contests} | {run["kernel"] for run in whole.values()}
    targets = report.all_targets(contests, tile, whole, views)
    print(report.machine_line(machine, " ".join(kernels)), end="\n\n")
    print(report.targets_table(targets, is_quick=arguments.quick), end="\n\n")
    if contests:
        print(report.contestants_table(contests), end="\n\n")
    print(NOTES.format(rounds=rounds, threads=THREADS, k=K, checked=CHECKED_ROWS))
    if arguments.quick:
        print("QUICK: small sizes, to try the script; the figures say nothing.")
    if arguments.json:
        result = {
            "machine": machine,
            "quick": arguments.quick,
            "rounds": rounds,
            "threads": THREADS,
            "k": K,
            "targets": [asdict(target) for target in targets],
            "contests": [result.as_json() for result in contests],
            "tile": tile,
            "whole": whole,
            "views": views,
        }
        arguments.json.write_text(json.dumps(result, indent=2) + "\n")


class _Parser(argparse.ArgumentParser):
    """Ends with the exit code for usage that all our programs have."""

    def error(self, message: str) -> NoReturn:
        self.exit(64, f"error: {message}; see scripts/bench --help\n")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number of at least 1")
    return int(text)


def _arguments() -> argparse.Namespace:
    parser = _Parser(prog="scripts/bench", add_help=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=_positive)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("workloads", nargs="*")
    arguments = parser.parse_args()
    if unknown := [word for word in arguments.workloads if word not in NAMES]:
        parser.error(f"there is no workload {unknown[0]}; there are {', '.join(NAMES)}")
    return arguments


def _whole_run(kind: str, cache: Path, rounds: int, *, quick: bool) -> dict[str, Any]:
    """Measures whole runs beside a server of their own, which would not see a kernel that is forced by the caller."""
    forced = [f"{name}={os.environ[name]}" for name in ["PEERFOLIO_KERNEL"] if name in os.environ]
    return _output_of(
        TOP / "scripts" / "with-postgres",
        *forced,
        sys.executable,
        Path(__file__).with_name("wholerun.py"),
        kind,
        PROGRAMS / "peerfolio",
        cache,
        rounds,
        "quick" if quick else "full",
    )


def _views(rounds: int, *, quick: bool) -> dict[str, Any]:
    return _output_of(
        TOP / "scripts" / "with-postgres",
        sys.executable,
        Path(__file__).with_name("views.py"),
        PROGRAMS / "peerfolio",
        rounds,
        "quick" if quick else "full",
    )


def _output_of(*command: object) -> dict[str, Any]:
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"error: {Path(str(command[0])).name} ended with exit code {done.returncode}; see above")
    output: dict[str, Any] = json.loads(done.stdout)
    return output


if __name__ == "__main__":
    main()
