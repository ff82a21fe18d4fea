"""The tables: what had to be reached, and what every contestant took."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contests import ARTICLE, ContestResult, Result
from reference import TOLERANCE


@dataclass(frozen=True, kw_only=True)
class Target:
    """One line of what must be reached; texts as shown. Reached is None where nothing must be."""

    workload: str
    ours: str
    against: str = ""
    its_figure: str = ""
    ratio: str = ""
    must_reach: str = ""
    reached: bool | None = None


def seconds(value: float, *, extrapolated: bool = False) -> str:
    decimals = 3 if value < 10 else 1 if value < 1000 else 0
    return f"{'~' if extrapolated else ''}{value:,.{decimals}f} s"


def times(ratio: float) -> str:
    return f"{ratio:,.1f}x" if ratio < 100 else f"{ratio:,.0f}x"


def _faster(result: ContestResult, peer: Result, least: float | None) -> Target:
    ratio = peer.median / result.ours.median
    return Target(
        workload=f"{result.clients:,} x {result.products}, {result.contest.encoding}, {result.contest.distance}",
        ours=seconds(result.ours.median),
        against=peer.name + (" (answers off)" if peer.is_off else ""),
        its_figure=seconds(peer.median, extrapolated=peer.extrapolated),
        ratio=("~" if peer.extrapolated else "") + times(ratio),
        must_reach="" if least is None else f"{least:g}x faster",
        reached=None if least is None else ratio >= least and not result.ours.is_off,
    )


FASTER_THAN_PEERS = {"w1": 5.0, "w4": 20.0, "w8": 3.0}


def all_targets(
    contests: Sequence[ContestResult],
    tile: dict[str, Any] | None,
    whole: dict[str, dict[str, Any]],
    views: dict[str, Any] | None,
) -> list[Target]:
    lines: list[Target] = []
    for result in contests:
        lines.append(_faster(result, result.fastest_peer, FASTER_THAN_PEERS.get(result.contest.workload)))
        article = result.peer(ARTICLE)
        if article:
            lines.append(_faster(result, article, 500))
    by_name = {result.contest.workload: result for result in contests}
    if "w4" in by_name and "w5" in by_name:
        lines.append(_growth(by_name["w4"], by_name["w5"]))
    if "w7" in by_name and tile:
        lines.append(_tile_share(by_name["w7"], tile))
    return lines + _whole_runs(whole) + _views(views)


def _growth(small: ContestResult, large: ContestResult) -> Target:
    exponent = math.log(large.ours.median / small.ours.median) / math.log(large.clients / small.clients)
    return Target(
        workload=f"search, growth from {small.clients:,} to {large.clients:,}",
        ours=seconds(large.ours.median),
        against="ours, smaller",
        its_figure=seconds(small.ours.median),
        ratio=f"n^{exponent:.2f}",
        must_reach="less than n^1.6",
        reached=exponent < 1.6,
    )


def _tile_share(dense: ContestResult, tile: dict[str, Any]) -> Target:
    rate = 2 * dense.clients**2 * dense.products / dense.ours.median / 1e9
    share = rate / tile["gflops"]
    return Target(
        workload=f"dense {dense.clients:,} x {dense.products}, nothing to skip",
        ours=f"{rate:.1f} GFLOP/s",
        against="the kernel's own tile",
        its_figure=f"{tile['gflops']:.1f} GFLOP/s",
        ratio=f"{share:.0%}",
        must_reach="at least 60%",
        reached=share >= 0.6,
    )


def _whole_runs(whole: dict[str, dict[str, Any]]) -> list[Target]:
    lines = []
    if demo := whole.get("demo"):
        lines.append(_published(demo, must_reach="at most 1.5", reached=demo["ratio"] <= 1.5))
    if million := whole.get("million"):
        name, published, search = _whole_name(million), million["published"], million["search"]
        lines += [
            _published(million, must_reach="at most 1.0", reached=million["ratio"] <= 1),
            Target(
                workload=name,
                ours=seconds(published),
                against="bare COPY, keys built after",
                its_figure=seconds(million["yardstick_keys_after"]),
                ratio=f"{million['ratio_keys_after']:.2f}",
            ),
            Target(
                workload=f"{name}: search",
                ours=seconds(search),
                against="the whole run",
                its_figure=seconds(published),
                ratio=f"{search / published:.1%}",
                must_reach="under 10%",
                reached=search < 0.1 * published,
            ),
            Target(
                workload=f"{name}: memory",
                ours=f"{million['peak_mb']:,.0f} MB",
                must_reach="at most 1,500 MB",
                reached=million["peak_mb"] <= 1500,
            ),
        ]
    return lines


def _whole_name(whole: dict[str, Any]) -> str:
    return f"whole run, {whole['clients']:,} clients"


def _published(whole: dict[str, Any], *, must_reach: str, reached: bool) -> Target:
    return Target(
        workload=_whole_name(whole),
        ours=seconds(whole["published"]),
        against="bare COPY, keys in place",
        its_figure=seconds(whole["yardstick"]),
        ratio=f"{whole['ratio']:.2f}",
        must_reach=must_reach,
        reached=reached,
    )


def _views(views: dict[str, Any] | None) -> list[Target]:
    return [
        Target(
            workload=f"{answer['view']}, {answer['question']}: {answer['rows']:,} rows of {views['clients']:,} clients",
            ours=seconds(answer["seconds"]),
            must_reach=f"{answer['limit']:g} s",
            reached=answer["seconds"] <= answer["limit"],
        )
        for answer in (views["answers"] if views else [])
    ]


def targets_table(lines: Sequence[Target], *, is_quick: bool) -> str:
    verdicts = {True: "yes", False: "NO", None: ""}
    rows = []
    for line in lines:
        # The sizes of a quick run are not those of the targets.
        verdict = "" if is_quick else verdicts[line.reached]
        rows.append([line.workload, line.ours, line.against, line.its_figure, line.ratio, line.must_reach, verdict])
    return table(["workload", "ours", "against", "its figure", "ratio", "must reach", "reached"], rows)


def contestants_table(contests: Sequence[ContestResult]) -> str:
    rows = []
    for result in contests:
        for contestant in result.results:
            mark = contestant.extrapolated
            times = [contestant.median, min(contestant.seconds), max(contestant.seconds)]
            rows.append(
                [result.contest.name, contestant.name]
                + [seconds(value, extrapolated=mark) for value in times]
                + [f"{contestant.searched:,} of {result.clients:,}" if mark else "all"]
                + [f"{max(contestant.others):.0%}", _answers(contestant)]
            )
    headings = ["workload", "contestant", "median", "least", "most", "rows searched", "others' load", "k-th distances"]
    return table(headings, rows)


def _answers(contestant: Result) -> str:
    if not contestant.is_off:
        return "right"
    findings = []
    if contestant.largest_error > TOLERANCE:
        findings.append(f"OFF by up to {contestant.largest_error:.1e}")
    if contestant.missing:
        findings.append(f"OFF: {contestant.missing} of {contestant.compared} lists too short")
    return ", ".join(findings)


def machine_line(machine: dict[str, Any], kernel: str) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"{machine['processor']}, {machine['processors_used']} of {machine['processors']} processors,"
        f" {' '.join(machine['instruction_sets'])}, {machine['memory_gib']} GiB, {machine['system']};"
        f" kernel {kernel}; {versions}"
    )


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns are aligned in plain text, too."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
