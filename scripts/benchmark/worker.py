"""The process of one peer: loads, warms up, then runs when told to.

    worker.py PEER DISTANCE MATRIX K LIMIT

Speaks like `peerfolio-bench search --worker`: a line of JSON when it is ready, then one for every line of standard
input, which is "run" or "check ROW...". A run that would take longer than LIMIT seconds searches a sample of the rows
instead; its seconds are then those that all rows would take, and `searched` says how many rows they come from.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import threadpoolctl

from peers import PEERS, Peer, Rows

# Too few rows make an estimate too high, too many take long where one is needed most.
PILOT_SIZES = (256, 2048)


def sample_rows(count: int, size: int) -> Rows:
    return np.sort(np.random.default_rng(99).choice(count, size, replace=False))


def timed_run(peer: Peer, rows: Rows | None) -> dict[str, float]:
    """Runs once; `seconds` is for all rows, whatever was searched."""
    count = len(peer.matrix)
    searched = count if rows is None else len(rows)
    start = time.perf_counter()
    peer.prepare()
    prepared = time.perf_counter()
    answer = peer.search(rows)
    end = time.perf_counter()
    del answer
    search = (end - prepared) * (count / searched)
    prepare = prepared - start
    return {"prepare": prepare, "search": search, "seconds": prepare + search, "measured": end - start}


def chosen_rows(peer: Peer, limit: float) -> Rows | None:
    """Returns the rows to search: all (None), or so many that a run takes a quarter of the limit."""
    count = len(peer.matrix)
    for size in PILOT_SIZES:
        if size >= count:
            return None
        seconds = timed_run(peer, sample_rows(count, size))["seconds"]
        if seconds <= limit:
            return None
    return sample_rows(count, max(PILOT_SIZES[0], int(count * limit / 4 / seconds)))


def main() -> None:
    name, distance, file, k, limit = sys.argv[1:]
    np.seterr(all="ignore")
    peer = PEERS[name](np.load(file), distance, int(k))
    threadpoolctl.threadpool_limits(peer.blas_threads, user_api="blas")
    peer.prepare()
    peer.search(sample_rows(len(peer.matrix), 64))
    rows = chosen_rows(peer, float(limit))
    searched = len(peer.matrix) if rows is None else len(rows)
    print(json.dumps({"searched": searched, "extrapolated": rows is not None}), flush=True)
    for line in sys.stdin:
        match line.split():
            case ["run"]:
                reply: object = timed_run(peer, rows)
            case ["check", *wanted]:
                reply = {"kth_distances": peer.kth_distances(np.array(wanted, np.int64))}
            case _:
                raise SystemExit(f"error: unknown request {line!r}")
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
