"""What the benchmark ran on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = ("faiss-cpu", "numba", "numpy", "scikit-learn", "scipy", "sparse-dot-topn")
INSTRUCTION_SETS = ("avx2", "fma", "avx512f", "avx512_vpopcntdq", "asimd")


def log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def busy_seconds() -> float:
    """Processor time that all processes of the machine have used since it started."""
    user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text().split(maxsplit=9)[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def usable_processors() -> int:
    return len(os.sched_getaffinity(0))


def use_two_processors() -> None:
    """Confines this process and those it starts to two processors, of different cores where there are two."""
    usable = sorted(os.sched_getaffinity(0))
    cores: dict[str, int] = {}
    for processor in usable:
        siblings = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
        cores.setdefault(siblings.read_text() if siblings.exists() else str(processor), processor)
    chosen = list(cores.values())[:2]
    os.sched_setaffinity(0, chosen if len(chosen) == 2 else usable[:2])


@cache
def _processor_info() -> str:
    return Path("/proc/cpuinfo").read_text()


def processor_flags() -> set[str]:
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", _processor_info(), re.MULTILINE)
    return set(found[1].split()) if found else set()


def _first_line(*command: str) -> str:
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return output.splitlines()[0]


def describe() -> dict[str, Any]:
    model = re.search(r"^model name\s*:\s*(.*)$", _processor_info(), re.MULTILINE)
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": model[1] if model else platform.machine(),
        "processors": os.cpu_count(),
        "processors_used": usable_processors(),
        "instruction_sets": [name for name in INSTRUCTION_SETS if name in processor_flags()],
        "memory_gib": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "versions": {
            "swift": _first_line("swift", "--version").removeprefix("Swift version "),
            "python": platform.python_version(),
            "postgresql": _first_line("psql", "--version").removeprefix("psql (PostgreSQL) "),
            **{library: version(library) for library in LIBRARIES},
        },
    }
