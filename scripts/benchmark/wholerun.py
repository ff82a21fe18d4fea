"""Whole runs of `peerfolio run` on a throwaway server, and the yardstick for them; to be run by scripts/with-postgres.

    wholerun.py demo|million PROGRAM WORKLOADS ROUNDS quick|full

Prints one line of JSON. A run counts from the start of its process to the end of the publishing transaction: the
moment that the server's clock, which is this machine's, has recorded for the publication, plus the publish phase. What
the process does afterwards, comparing and sweeping, is in `wall`. The yardstick is the bare binary COPY of the same
source rows out of the server and of what the run says of every client, row by row, into plain tables with primary keys.
A run itself stores less than that, since clients whom it offers the same share a list.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from machine import log
from workloads import matrix_file

MILLION_CONFIGURATION = """\
holdings: { relation: source.holdings, client: client_id, product: product_id, amount: amount }
clients: { relation: source.clients, id: client_id }
products: { relation: source.products, id: product_id, name: name, available: is_available }
"""

MILLION_TABLES = """\
create schema source;
create table source.holdings (
    client_id bigint, product_id bigint, amount double precision not null, primary key (client_id, product_id));
create table source.clients (client_id bigint primary key);
create table source.products (product_id bigint primary key, name text not null, is_available boolean not null);
"""

# Of each table that a run reads or writes, the columns that it reads or writes.
DEMO_SOURCES = {
    "demo.client_holdings": "client_id, product_id, market_value, valid_from, valid_to",
    "demo.clients": "client_id, manager",
    "demo.products": "product_id, name, is_available",
    "demo.exclusions": "client_id, product_id, reason",
}
MILLION_SOURCES = {
    "source.holdings": "client_id, product_id, amount",
    "source.clients": "client_id",
    "source.products": "product_id, name, is_available",
}


@dataclass(frozen=True)
class Result:
    """A part of what a run says, row by row, as reports see it: no list is shared."""

    rows: str
    key: str
    # The columns besides the key that are never null.
    facts: tuple[str, ...]


RESULTS = {
    "recommendations": Result(
        """\
select p.live_slot as slot, r.run_id, r.client_id, r.rank, r.product_id, r.score, r.peers, r.peers_holding, r.reason_code,
       r.propensity, r.signal_scores
from peerfolio_bi.recommendations r join peerfolio.publication p on p.live_run_id = r.run_id""",
        key="slot, run_id, client_id, rank",
        facts=("product_id", "score", "peers", "peers_holding", "reason_code"),
    ),
    "clients": Result(
        """\
select p.live_slot as slot, c.run_id, c.client_id, c.status, c.portfolio_size, c.peers, c.kth_distance, c.manager
from peerfolio_bi.clients c join peerfolio.publication p on p.live_run_id = c.run_id""",
        key="slot, run_id, client_id",
        facts=("status", "portfolio_size", "peers"),
    ),
}


def sql(script: str) -> str:
    """Runs a script in one session and returns what it prints, unaligned and without headings."""
    command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    done = subprocess.run(command, input=script, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def timed(script: str) -> float:
    """Runs a script in one session and returns the seconds of its statements, without the client's start."""
    output = sql("\\timing on\n" + script)
    return sum(float(milliseconds) for milliseconds in re.findall(r"^Time: ([0-9.]+) ms", output, re.MULTILINE)) / 1000


@dataclass(frozen=True)
class Run:
    """One run: seconds from the start of the process, and what it said about itself."""

    published: float
    wall: float
    peak_mb: float
    summary: dict[str, Any]


def measured_run(program: str, configuration: Path) -> Run:
    sql("checkpoint")
    progress_file = configuration.with_name("progress")
    progress = progress_file.open("w")
    started_at, start = time.time(), time.perf_counter()
    process = subprocess.Popen(
        [program, "run", "--json", "--config", str(configuration)],
        stdout=subprocess.PIPE,
        stderr=progress,
        text=True,
    )
    peak = _watch_memory(process)
    wall = time.perf_counter() - start
    progress.close()
    output, _ = process.communicate()
    if process.returncode != 0:
        log(progress_file.read_text())
        raise SystemExit(f"error: peerfolio run ended with exit code {process.returncode}")
    summary = json.loads(output)
    moment = sql(f"select extract(epoch from published_at) from peerfolio.runs where run_id = {summary['run_id']}")
    return Run(float(moment) - started_at + summary["phases_ms"]["publish"] / 1000, wall, peak, summary)


def _watch_memory(process: subprocess.Popen[str]) -> float:
    """Waits for a process; returns its peak of resident memory in MB.

    The kernel's own mark of the process is read while it runs: what wait4 returns includes the caller's memory from
    before exec.
    """
    peak = 0.0
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        try:
            mark = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(), re.MULTILINE)
        except OSError:
            mark = None
        if mark:
            peak = max(peak, int(mark[1]) * 1024 / 1e6)
        time.sleep(0.01)
    return peak


def write_binary_copy(file: Path, *columns: np.ndarray) -> None:
    """Writes rows of 8-byte numbers in PostgreSQL's binary COPY format."""
    fields: list[Any] = [("fields", ">i2")]
    for number, column in enumerate(columns):
        fields += [(f"length{number}", ">i4"), (f"value{number}", column.dtype.newbyteorder(">"))]
    rows = np.empty(len(columns[0]), np.dtype(fields))
    rows["fields"] = len(columns)
    for number, column in enumerate(columns):
        rows[f"length{number}"] = 8
        rows[f"value{number}"] = column
    with file.open("wb") as output:
        output.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        rows.tofile(output)
        output.write(b"\xff\xff")


def load_million(cache: Path, scratch: Path, configuration: Path, *, quick: bool) -> dict[str, str]:
    """Loads w5 as a warehouse would have it, long holdings, clients and products; returns what a run reads of it."""
    configuration.write_text(MILLION_CONFIGURATION)
    matrix = np.load(matrix_file(cache, "w5", quick=quick))
    clients, products = np.nonzero(matrix)
    holdings, everybody = scratch / "holdings", scratch / "clients"
    amounts = matrix[clients, products].astype(np.float64)
    write_binary_copy(holdings, clients.astype(np.int64), products.astype(np.int64), amounts)
    write_binary_copy(everybody, np.arange(len(matrix), dtype=np.int64))
    sql(
        MILLION_TABLES
        + f"""
\\copy source.holdings from '{holdings}' with (format binary)
\\copy source.clients from '{everybody}' with (format binary)
insert into source.products select id, 'Product ' || id, true from generate_series(0, {matrix.shape[1] - 1}) as id;
vacuum analyze;
"""
    )
    holdings.unlink()
    return MILLION_SOURCES


def copy_out(sources: dict[str, str]) -> float:
    """Returns the seconds that the bare COPY of the source rows takes."""
    return timed(
        "".join(
            f"\\copy (select {columns} from {table}) to '/dev/null' with (format binary)\n"
            for table, columns in sources.items()
        )
    )


def dump_results(scratch: Path, summary: dict[str, Any]) -> None:
    """Writes what a run, which is live, says of every client to files, in the order of their keys."""
    for table, result in RESULTS.items():
        rows = sql(
            # A table, because \copy takes no more than one line.
            f"create table public.{table} as {result.rows} where run_id = {summary['run_id']};\n"
            f"select count(*) from public.{table};\n"
            f"\\copy (select * from public.{table} order by {result.key})"
            f" to '{scratch / table}' with (format binary)\n"
            f"drop table public.{table};\n"
        )
        if rows != str(summary[table]):
            raise SystemExit(f"error: the run counts {summary[table]} {table}, and reports see {rows}")


def copy_in(scratch: Path, *, keys_first: bool) -> float:
    """Returns the seconds that the bare COPY of what a run says takes, the keys included."""
    for table, result in RESULTS.items():
        facts = ", ".join(f"alter {column} set not null" for column in result.facts)
        sql(f"create table public.{table} as {result.rows} with no data; alter table public.{table} {facts}")
    keys = "".join(f"alter table public.{table} add primary key ({result.key});\n" for table, result in RESULTS.items())
    copies = "".join(f"\\copy public.{table} from '{scratch / table}' with (format binary)\n" for table in RESULTS)
    if keys_first:
        sql(keys)
    sql("checkpoint")
    seconds = timed(copies if keys_first else copies + keys)
    # Autovacuum would look at them during the next run.
    sql("".join(f"drop table public.{table};" for table in RESULTS))
    return seconds


def load_demo(program: str, configuration: Path, *, quick: bool) -> dict[str, str]:
    """Loads the demo warehouse; returns what a run reads of it."""
    text = subprocess.run([program, "demo", "--print-config"], stdout=subprocess.PIPE, text=True, check=True).stdout
    configuration.write_text(text)
    size = ["--clients", "3000"] if quick else []
    subprocess.run([program, "demo", "--config", str(configuration), *size], stdout=sys.stderr, check=True)
    sql("vacuum analyze")
    return DEMO_SOURCES


def summary_of(name: str, runs: list[Run], yardsticks: list[dict[str, float]]) -> dict[str, Any]:
    def yardstick(copy_in: str) -> float:
        return statistics.median(copies["out"] + copies[copy_in] for copies in yardsticks)

    published = statistics.median(run.published for run in runs)
    counts = ("clients", "products", "holdings", "distinct_portfolios", "recommendations", "kernel")
    return {
        "name": name,
        **{key: runs[0].summary[key] for key in counts},
        "published": published,
        "search": statistics.median(run.summary["phases_ms"]["search"] / 1000 for run in runs),
        "peak_mb": max(run.peak_mb for run in runs),
        "yardstick": yardstick("in"),
        "yardstick_keys_after": yardstick("in_keys_after"),
        "ratio": published / yardstick("in"),
        "ratio_keys_after": published / yardstick("in_keys_after"),
        "runs": [asdict(run) for run in runs],
        "yardsticks": yardsticks,
    }


def main() -> None:
    which, program, cache, rounds, extent = sys.argv[1:]
    quick = extent == "quick"
    sql("create database benchmark")
    os.environ["PGDATABASE"] = "benchmark"
    with tempfile.TemporaryDirectory(prefix="peerfolio-bench.") as folder:
        scratch = Path(folder)
        configuration = scratch / "peerfolio.yaml"
        log(f"whole run, {which}: loading")
        if which == "demo":
            sources = load_demo(program, configuration, quick=quick)
        else:
            sources = load_million(Path(cache), scratch, configuration, quick=quick)
        subprocess.run([program, "migrate", "up", "--config", str(configuration)], stdout=sys.stderr, check=True)
        runs: list[Run] = []
        yardsticks: list[dict[str, float]] = []
        if which == "demo":
            measured_run(program, configuration)  # A warm-up; a large run is one to itself.
        for number in range(int(rounds)):
            runs.append(measured_run(program, configuration))
            if not yardsticks:
                dump_results(scratch, runs[0].summary)
            copies = {
                "out": copy_out(sources),
                "in": copy_in(scratch, keys_first=True),
                "in_keys_after": copy_in(scratch, keys_first=False),
            }
            yardsticks.append(copies)
            bare = copies["out"] + copies["in"]
            log(f"whole run, {which}: round {number + 1}: {runs[-1].published:.3f} s, bare COPY {bare:.3f} s")
    print(json.dumps(summary_of(which, runs, yardsticks)))


if __name__ == "__main__":
    main()
