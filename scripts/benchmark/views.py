"""The time of every view of a published run, by question; to be run by scripts/with-postgres.

    views.py PROGRAM ROUNDS quick|full

Prints one line of JSON. The warehouse is the demo with a million clients. Each question is asked once to warm up, then
ROUNDS times; the figure is the median of the whole statement, all rows fetched and thrown away.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import log
from wholerun import sql, timed

LIMIT_OF_ONE = 1.0
LIMIT_OF_ALL = 4.0
MOST = "order by score desc, client_id limit 20"


def questions(client: str, manager: str, product: str) -> list[tuple[str, str, str, float]]:
    """Returns a question's scope, its view and query, and the seconds that it may take."""
    one_client, one_manager = f"client_id = {client}", f"manager = '{manager}'"
    one_product = f"product_id = '{product}'"
    scopes = [("one client", one_client), ("one manager", one_manager), ("one product", one_product)]
    columns = {
        "recommendations": {"one client", "one product"},
        "clients": {"one client", "one manager"},
        "top_suggestions": {"one client", "one manager", "one product"},
        "client_suggestions": {"one client", "one manager"},
        "product_demand": {"one product"},
    }
    single = [
        (scope, view, f"select * from peerfolio_bi.{view} where {condition}", LIMIT_OF_ONE)
        for view, known in columns.items()
        for scope, condition in scopes
        if scope in known
    ]
    of_one = [
        (f"top 20 of {scope}", "top_suggestions", f"select * from peerfolio_bi.top_suggestions where {condition} {MOST}",
         LIMIT_OF_ONE)
        for scope, condition in scopes[1:]
    ]  # fmt: skip
    of_all = [
        ("top 20", "recommendations", f"select * from peerfolio_bi.recommendations {MOST}", LIMIT_OF_ALL),
        ("total by product", "product_demand", "select * from peerfolio_bi.product_demand", LIMIT_OF_ALL),
        ("total by product", "recommendations",
         "select product_id, count(*), avg(score) from peerfolio_bi.recommendations group by 1", LIMIT_OF_ALL),
        ("total by manager", "top_suggestions",
         "select manager, count(*), avg(score) from peerfolio_bi.top_suggestions where rank = 1 group by 1", LIMIT_OF_ALL),
        ("total by status", "clients", "select status, count(*) from peerfolio_bi.clients group by 1", LIMIT_OF_ALL),
        ("clients", "client_suggestions",
         "select count(suggestion_1) from peerfolio_bi.client_suggestions", LIMIT_OF_ALL),
    ]  # fmt: skip
    log_views = [
        ("everything", view, f"select * from peerfolio_bi.{view}", LIMIT_OF_ONE)
        for view in ("run_history", "run_findings", "run_health", "model_quality", "score_calibration")
    ]
    mine = [
        ("one manager", view, f"select * from peerfolio_bi.{view}", LIMIT_OF_ONE) for view in ("my_clients", "my_suggestions")
    ]
    return single + of_one + of_all + log_views + mine


def main() -> None:
    program, rounds, extent = sys.argv[1:]
    sql("create database benchmark")
    os.environ["PGDATABASE"] = "benchmark"
    with tempfile.TemporaryDirectory(prefix="peerfolio-bench.") as folder:
        configuration = Path(folder) / "peerfolio.yaml"
        text = subprocess.run([program, "demo", "--print-config"], stdout=subprocess.PIPE, text=True, check=True).stdout
        configuration.write_text(text)
        size = "3000" if extent == "quick" else "1000000"
        log(f"views: loading {size} clients")
        for command in (["demo", "--clients", size], ["migrate", "up"], ["run"]):
            subprocess.run([program, *command, "--config", str(configuration)], stdout=sys.stderr, check=True)
    client, manager, product = sql(
        """
        select max(client_id), max(manager), (select product_id from peerfolio_bi.product_demand
                                              order by suggested_clients desc limit 1)
        from peerfolio_bi.clients
        """
    ).split("|")
    sql(f"insert into peerfolio.managers values (current_user, '{manager}')")
    answers = []
    for scope, view, query, limit in questions(client, manager, product):
        script = f"\\o /dev/null\n{query};"
        timed(script)
        answers.append(
            {
                "view": view,
                "question": scope,
                "seconds": statistics.median(timed(script) for _ in range(int(rounds))),
                "limit": limit,
                "rows": int(sql(f"select count(*) from ({query}) q")),
            }
        )
    print(json.dumps({"clients": int(size), "answers": answers}))


if __name__ == "__main__":
    main()
