"""Calculates when cron expressions are due, apart from the Swift code, and writes Goldens/moments.tsv.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install cronsim==2.8 croniter==7.0.0 tzdata==2026.6
    /tmp/venv/bin/python Tests/SchedulingTests/crosscheck.py

CrossCheckTests compares `Schedule` with every line of the file: the expression, the time zone, a moment to start after,
and the first eight moments at which something is due after that, all in seconds since 1970-01-01 00:00 UTC.

What is due on the wall comes from cronsim, with times that have no zone. The rules for days on which clocks are changed
are ours, so they are here once more, by zoneinfo and the PyPI package tzdata: a time that comes twice is due the first
time (fold=0), one that is skipped at the first moment after the gap, and what falls on one moment is due once.

croniter is a second opinion on what is due on the wall, except where it means something else: with `*/2` or the like in
one day field and anything but `*` in the other it takes either day, where cronsim and we (and Vixie's cron) take both.
Nicknames are spelled out for both. Not used because the libraries and we differ: `5-5/10`, which cronsim takes for
`5/10`, and `5/2` as a day of week, where croniter ends at 6 and we at 7.

The zones are such that Foundation (Swift 6.3.1 brings the IANA database 2025b) and tzdata 2026.6 agree on all of the
moments. What is in the future is a forecast: when a zone gets new rules, drop it or write the file again. The same
versions write the same file.
"""

import importlib.metadata
import random
import sys
import zoneinfo
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from croniter import croniter
from cronsim import CronSim

zoneinfo.reset_tzpath(to=[])  # The package tzdata, not the system's files.

FILE = Path(__file__).parent / "Goldens" / "moments.tsv"
MOMENT_COUNT = 8
FROM_2024, TO_2036 = 1704067200, 2114380800

ZONES = [
    "Africa/Cairo", "America/Chicago", "America/Halifax", "America/Los_Angeles", "America/New_York", "America/Nuuk",
    "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "Antarctica/Troll", "Asia/Beirut", "Asia/Jerusalem",
    "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran", "Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe",
    "Europe/Athens", "Europe/Berlin", "Europe/Dublin", "Europe/Lisbon", "Europe/London", "Pacific/Apia",
    "Pacific/Auckland", "Pacific/Chatham", "UTC",
]  # fmt: skip

NICKNAMES = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip

# Due on most days: about changes of the clocks.
FREQUENT = [
    "* * * * *", "*/15 * * * *", "*/20 0-3 * * *", "0 * * * *", "30 * * * *", "@hourly", "@daily", "@midnight",
    "30 0 * * *", "0 1 * * *", "30 1 * * *", "15,45 1 * * *", "0 2 * * *", "15 2 * * *", "30 2 * * *", "0 3 * * *",
    "59 23 * * *", "1-59/29 0-4/2 * * *", "45 1,2,3 * * *", "10/25 2 * * 6-7", "0 0 * * MON-fri", "*/7 1-3 * * 0",
    "30 0-3 * mar,APR,Oct,nov *", "0 */2 * * *", "50 23,0,1 * * *", "20/20 22/1 * * *", "5 0 * * sat,sun",
    "0 2 */2 * *", "30 2 * * */2", "30 1 1-31/2 * sun-sat/2", "0-59/13 0 * * *", "*/30 1-2 * * sun",
]  # fmt: skip

# Due some days a month or a year.
SPARSE = [
    "0 0 31 * *", "59 23 28-31 * *", "0 12 30 * *", "30 2 29 * *", "0 0 1 * *", "@monthly", "@weekly", "@yearly",
    "@annually", "0 6 1,15 * mon", "15 2 8-14 mar sun", "0 0 13 * fri", "0 0 1 jan *", "45 1 */10 4,10 *",
    "0 3 * 1-12/5 tue", "0 9 * */3 1-5/2", "0 0 25-31 mar,oct *", "30 2 * * Sat,Sun", "0 8-18/5 */2 * mon",
    "0 6 1-7 * */7", "0 0 1,*/10 * wed", "30 1 1-7 nov-dec 7", "0 0 20/3 JUN-aug *", "0 2 24-31 3,10 0",
    "5 4 31 1,3,5 thu", "0 0 */15 */2 *", "0 23 28 2 *",
]  # fmt: skip

# Due when there is a 29 February, or about it.
LEAP = [
    "0 0 29 2 *", "30 2 29 feb *", "59 23 29 2 *", "0 12 29 2 */2", "0 12 29 2 mon", "0 0 29-31 feb *",
    "0 0 29 2,8 */3",
]  # fmt: skip


def coincides_with_croniter(fields: str) -> bool:
    """Whether the days mean the same to croniter."""
    days = [fields.split()[2], fields.split()[4]]
    return "*" in days or not any(day.startswith("*") for day in days)


def wall_times(expression: str, start: datetime) -> Iterator[datetime]:
    """The due minutes after a time on the wall, by both libraries where they mean the same."""
    fields = NICKNAMES.get(expression, expression)
    second = croniter(fields, start, ret_type=datetime) if coincides_with_croniter(fields) else None
    for time in CronSim(fields, start):
        if second is not None and (other := second.get_next()) != time:
            sys.exit(f"{expression} after {start}: cronsim says {time}, croniter {other}")
        yield time


def shown(moment: int, zone: zoneinfo.ZoneInfo) -> datetime:
    """What clocks show."""
    return datetime.fromtimestamp(moment, timezone.utc).astimezone(zone).replace(tzinfo=None, fold=0)


def moment_of(time: datetime, zone: zoneinfo.ZoneInfo) -> int:
    """When clocks show a time first, or the first later one if they skip it."""
    moments = [int(time.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1)]
    if shown(moments[0], zone) == time:
        return moments[0]
    # In a gap, fold=1 takes the offset after it: a moment before the gap, from which on each minute is tried.
    moment = moments[1]
    while shown(moment, zone) < time:
        moment += 60
    return moment


def due_moments(expression: str, zone: zoneinfo.ZoneInfo, start: int) -> list[int]:
    """The first moments after another, ascending."""
    moments: list[int] = []
    # Of what clocks have shown two days ago, nothing is due any more.
    for time in wall_times(expression, shown(start, zone) - timedelta(days=2)):
        moment = moment_of(time, zone)
        if moment > start and moment not in moments:
            moments.append(moment)
        if len(moments) == MOMENT_COUNT:
            break
    return moments


def changes(zone: zoneinfo.ZoneInfo) -> list[int]:
    """The moments from 2010 to 2037 at which clocks are changed, to the minute."""
    found = []
    first, last = (int(datetime(year, 1, 1, tzinfo=timezone.utc).timestamp()) for year in (2010, 2038))

    def offset(moment: int) -> timedelta | None:
        return datetime.fromtimestamp(moment, zone).utcoffset()

    for day in range(first, last, 86400):
        if offset(day) != offset(day + 86400):
            found.append(next(moment for moment in range(day, day + 86401, 60) if offset(moment) != offset(day)))
    return found


def main() -> None:
    """Writes the file."""
    generator = random.Random(20260329)
    lines = set()

    def add(expression: str, name: str, start: int) -> None:
        moments = due_moments(expression, zoneinfo.ZoneInfo(name), start)
        lines.add("\t".join([expression, name, str(start), *map(str, moments)]))

    for name in ZONES:
        # Where clocks are never changed, any moment does.
        found = changes(zoneinfo.ZoneInfo(name)) or [generator.randint(FROM_2024, TO_2036)]
        chosen = generator.sample(found, min(6, len(found)))
        if name == "Pacific/Apia":  # The day that Samoa skipped.
            chosen[0] = int(datetime(2011, 12, 30, 10, tzinfo=timezone.utc).timestamp())
        for change in chosen:
            for expression in generator.sample(FREQUENT, 13):
                # From days before to within the hour that comes twice; often whole minutes before or after the change.
                distance = generator.choice([generator.randint(-172800, 10800), 60 * generator.randint(-90, 90), 0, -1])
                add(expression, name, change + distance)
        for expression in SPARSE:
            add(expression, name, generator.randint(FROM_2024, TO_2036))
    for expression in LEAP:
        for name in generator.sample(ZONES, 8):
            for year in (generator.randint(2024, 2032), generator.randint(2088, 2097)):
                start = int(datetime(year, generator.randint(1, 12), 1, tzinfo=timezone.utc).timestamp())
                add(expression, name, start + generator.randint(0, 86400 * 27))

    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("cronsim", "croniter", "tzdata"))
    header = [
        f"# Written by crosscheck.py with {versions}.",
        "# expression, zone, start, first eight moments after it; seconds since 1970-01-01 00:00 UTC",
    ]
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text("\n".join(header + sorted(lines)) + "\n")
    print(f"{len(lines)} lines, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
