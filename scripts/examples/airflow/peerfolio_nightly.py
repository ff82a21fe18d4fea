"""A run of Peerfolio on every working day, as a task of Apache Airflow 2 or 3.

The worker has the program, its configuration and a password file, as any machine that runs Peerfolio; a run takes
seconds to minutes and under a gigabyte for a million clients. Where `peerfolio schedule` is running as well, write
"request" for "run" in COMMAND: the scheduler then runs it, and the task follows it to its end, with the same exit codes.
"""

from __future__ import annotations

import subprocess
from datetime import timedelta

import pendulum

try:
    from airflow.sdk import dag, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

COMMAND = ["/usr/local/bin/peerfolio", "run", "--config", "/etc/peerfolio/peerfolio.yaml"]

# Configuration (64), refused data (65) and a bug (70) stay as they are until somebody looks at them. An unavailable
# database (69), another run that is going on or a lock (75), and a process that was killed may be over in a while.
PERMANENT = {64, 65, 70}


def run_to_its_end(command: list[str]) -> int:
    """Runs a command, whose output becomes the task's log; gives it time to clean up if the task is stopped."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            for line in process.stdout:
                print(line, end="")
            return process.wait()
        except BaseException:
            # What Airflow raises when the task is cleared, marked as failed, or out of time.
            process.terminate()
            process.wait(timeout=90)
            raise


@task(
    retries=5,
    retry_delay=timedelta(minutes=5),
    retry_exponential_backoff=True,
    max_retry_delay=timedelta(hours=1),
    execution_timeout=timedelta(hours=3),
)
def score(params: dict | None = None) -> None:
    """Scores all clients and publishes; `as_of`, a day such as 2026-06-30, may be given when the DAG is triggered."""
    day = (params or {}).get("as_of")
    code = run_to_its_end(COMMAND + (["--as-of", day] if day else []))
    if code in PERMANENT:
        raise AirflowFailException(f"peerfolio ended with {code}: trying again does not help; the log above says why")
    if code != 0:
        raise AirflowException(f"peerfolio ended with {code}; it is tried again")


@dag(
    schedule="30 5 * * 1-5",
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Lisbon"),
    catchup=False,
    max_active_runs=1,
    params={"as_of": ""},
    tags=["peerfolio"],
)
def peerfolio_nightly():
    score()


peerfolio_nightly()
