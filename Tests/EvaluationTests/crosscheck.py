"""Calculates metrics of rankings apart from the Swift code, and writes Goldens/metrics.tsv and Goldens/catalog.tsv.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install --only-binary :all: ranx==0.3.21 pytrec-eval-terrier==0.5.11 numpy==2.4.6
    /tmp/venv/bin/python Tests/EvaluationTests/crosscheck.py

CrossCheckTests compares `ClientMetrics` and `CatalogMetrics` with every line. pytrec-eval-terrier is pytrec_eval
(NIST's trec_eval in Python) with wheels; the original downloads C code while it is installed.

**Metrics of one client** (metrics.tsv). All definitions coincide, for k = 1, 3, 5, 10:

| ours        | ranx          | pytrec_eval                                    |
|-------------|---------------|------------------------------------------------|
| hit_rate@k  | hit_rate@k    | success_k                                      |
| recall@k    | recall@k      | recall_k                                       |
| ndcg@k      | ndcg@k        | ndcg_cut_k; ideal over min(k, relevant)        |
| map@k       | map@k         | map_cut_k; divided by all relevant products    |
| mrr@k       | mrr@k         | recip_rank, which has no k: of the first k     |

Both libraries see every ranking and must agree to 1e-12; what ranx says is written. Neither knows expectations over
ties. So a ranking with ties is given to them once for each order that the ties allow, and the results are averaged:
over all permutations where these are no more than 720, and else over all ways to place the relevant products among
those that tie with them, each of which stands for as many permutations. Groups of ties that begin behind the tenth
place are left in one order, since no metric looks there.

**Metrics of all lists** (catalog.tsv), by NumPy. Each client's first places are enumerated over all orders of ties, for
all clients together: coverage is the mean, over all combinations, of the share of the catalog that anybody is
recommended. Gini is the mean absolute difference over twice the mean, of how often each product of the catalog is
recommended in the mean of these combinations. A product with a score of 0 is not recommended. Clients may count several
times, as in a bootstrap: each time with an order of its own.

The same versions write the same files.
"""

import importlib.metadata
import itertools
import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytrec_eval
import ranx

FOLDER = Path(__file__).parent / "Goldens"
CUTOFFS = [1, 3, 5, 10]
MOST_ORDERS = 720
MOST_COMBINATIONS = 5000

Scores = list[int | None]
"""By product; None for one that is not ranked."""


# Orders of ties.


def tied_groups(scores: Scores) -> list[list[int]]:
    """The ranked products, best first, those with equal scores together."""
    ranked = sorted({score for score in scores if score is not None}, reverse=True)
    return [[product for product, score in enumerate(scores) if score == level] for level in ranked]


def orders_of(groups: list[list[int]], relevant: set[int]) -> list[list[int]] | None:
    """Orders whose plain mean is the expectation; None when they are too many."""
    starts = [sum(map(len, groups[:place])) for place in range(len(groups))]
    matters = [start < max(CUTOFFS) for start in starts]
    choices: list[list[list[int]]] = []
    if math.prod(math.factorial(len(group)) for group, m in zip(groups, matters) if m) <= MOST_ORDERS:
        choices = [
            [list(order) for order in itertools.permutations(group)] if m else [group]
            for group, m in zip(groups, matters)
        ]
    else:
        counts = [math.comb(len(group), len(relevant & set(group))) for group in groups]
        if math.prod(count for count, m in zip(counts, matters) if m) > MOST_ORDERS:
            return None
        choices = [list(placements(group, relevant)) if m else [group] for group, m in zip(groups, matters)]
    return [list(itertools.chain(*order)) for order in itertools.product(*choices)]


def placements(group: list[int], relevant: set[int]) -> Iterator[list[int]]:
    """The orders of a group that differ in where its relevant products are."""
    hits = [product for product in group if product in relevant]
    for places in itertools.combinations(range(len(group)), len(hits)):
        left, rest = iter(hits), iter(product for product in group if product not in relevant)
        yield [next(left) if place in places else next(rest) for place in range(len(group))]


# Metrics of one client.


def names() -> list[str]:
    """The columns, in the order of Metric.byClient."""
    return [f"{kind}@{k}" for kind in ("hit_rate", "recall", "ndcg", "map", "mrr") for k in CUTOFFS]


def by_ranx(qrels: dict, run: dict) -> dict[str, numpy.ndarray]:
    """Each metric of each query, in the order of the qrels."""
    found = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), names(), return_mean=False, make_comparable=True)
    return {name: numpy.asarray(values, dtype=float) for name, values in found.items()}


def by_trec_eval(qrels: dict, run: dict) -> dict[str, numpy.ndarray]:
    """The same by trec_eval."""
    cuts = ",".join(map(str, CUTOFFS))
    theirs = {"hit_rate": "success", "recall": "recall", "ndcg": "ndcg_cut", "map": "map_cut"}
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, {f"{name}.{cuts}" for name in theirs.values()})
    found = evaluator.evaluate(run)
    results = {
        f"{ours}@{k}": numpy.array([found[query][f"{name}_{k}"] for query in qrels])
        for ours, name in theirs.items() for k in CUTOFFS
    }
    ranks = pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"})
    for k in CUTOFFS:
        heads = {query: dict(itertools.islice(list_.items(), k)) for query, list_ in run.items()}
        found = ranks.evaluate(heads)
        results[f"mrr@{k}"] = numpy.array([found[query]["recip_rank"] for query in qrels])
    return results


def random_client(generator: random.Random, kind: str) -> tuple[Scores, set[int]]:
    """A ranking, and what is relevant."""
    count = generator.randint(5, 60)
    if kind == "distinct":
        scores: Scores = generator.sample(range(200), count)
    else:
        most = generator.choice([1, 2, 4, 8, 20, 60])
        scores = [generator.randint(0, most) for _ in range(count)]
    ranked_share = generator.choice([1.0, 1.0, 0.8, 0.2])
    scores = [score if generator.random() < ranked_share else None for score in scores]
    if all(score is None for score in scores):
        scores[generator.randrange(count)] = 1
    # Of the best half in half of the cases: rankings that find nothing tell little.
    pool = sorted(range(count), key=lambda product: -1 if scores[product] is None else scores[product], reverse=True)
    pool = pool[: max(8, count // 2)] if generator.random() < 0.5 else pool
    relevant = set(generator.sample(pool, min(len(pool), generator.randint(1, 8))))
    return scores, relevant


def metric_lines(generator: random.Random) -> tuple[list[str], str]:
    """The lines of metrics.tsv, and how well the libraries agree."""
    clients = []
    qrels: dict[str, dict[str, int]] = {}
    run: dict[str, dict[str, float]] = {}
    for kind, wanted in (("distinct", 260), ("tied", 260)):
        accepted = 0
        while accepted < wanted:
            scores, relevant = random_client(generator, kind)
            orders = orders_of(tied_groups(scores), relevant)
            if orders is None or (kind == "tied" and len(orders) == 1):
                continue
            accepted += 1
            first = len(qrels)
            for order in orders:
                # Of equal width: ranx sorts queries by name.
                query = f"{len(qrels):08}"
                qrels[query] = {str(product): 1 for product in sorted(relevant)}
                run[query] = {str(product): float(len(order) - place) for place, product in enumerate(order)}
            clients.append((scores, relevant, range(first, len(qrels))))
    ours, theirs = by_ranx(qrels, run), by_trec_eval(qrels, run)
    difference = max(float(numpy.abs(ours[name] - theirs[name]).max()) for name in names())
    if difference > 1e-12:
        sys.exit(f"ranx and trec_eval differ by {difference}")
    lines = []
    for scores, relevant, queries in clients:
        values = [math.fsum(ours[name][queries.start : queries.stop]) / len(queries) for name in names()]
        lines.append(
            "\t".join(
                [
                    " ".join("-" if score is None else str(score) for score in scores),
                    " ".join(map(str, sorted(relevant))),
                    str(len(queries)),
                    *(f"{value:.15g}" for value in values),
                ]
            )
        )
    return lines, f"{len(qrels)} rankings, the libraries differ by at most {difference:.1e}"


# Metrics of all lists.


def gini(exposures: numpy.ndarray) -> float:
    """Mean absolute difference of all pairs, over twice the mean."""
    if exposures.sum() == 0:
        return 0.0
    return float(numpy.abs(exposures[:, None] - exposures[None, :]).mean() / (2 * exposures.mean()))


def catalog_metrics(lists: list[list[list[int]]], catalog_size: int, product_count: int, k: int) -> tuple[float, float]:
    """Expected coverage, and the Gini coefficient of expected exposures; one list of orders per client."""
    coverages = []
    exposures = numpy.zeros(product_count)
    for combination in itertools.product(*lists):
        heads = [order[:k] for order in combination]
        coverages.append(len(set().union(*heads)) / catalog_size)
        for head in heads:
            for product in head:
                exposures[product] += 1
    exposures /= len(coverages)
    return math.fsum(coverages) / len(coverages), gini(exposures[:catalog_size])


def catalog_lines(generator: random.Random) -> list[str]:
    """The lines of catalog.tsv."""
    lines = []
    for kind, wanted in (("distinct", 30), ("tied", 90)):
        accepted = 0
        while accepted < wanted:
            # The products of the catalog come first; nobody ranks the others.
            catalog_size = generator.randint(2, 30 if kind == "distinct" else 9)
            product_count = catalog_size + generator.randint(0, 3)
            client_count = generator.randint(1, 40 if kind == "distinct" else 4)
            counts = [generator.choice([0, 1, 1, 1, 2]) for _ in range(client_count)]
            clients: list[Scores] = []
            for _ in range(client_count):
                if kind == "distinct":
                    scores: Scores = generator.sample(range(catalog_size), catalog_size)
                else:
                    scores = [generator.randint(0, generator.choice([1, 3, 9])) for _ in range(catalog_size)]
                scores = [score if generator.random() < 0.9 else None for score in scores]
                clients.append(scores + [None] * (product_count - catalog_size))
            groups = [
                [group for group in tied_groups(scores) if scores[group[0]] != 0]
                for scores, count in zip(clients, counts) for _ in range(count)
            ]
            combinations = math.prod(math.factorial(len(group)) for client in groups for group in client)
            if combinations > MOST_COMBINATIONS or (kind == "tied" and combinations == 1):
                continue
            accepted += 1
            lists = [
                [list(itertools.chain(*order)) for order in itertools.product(*map(itertools.permutations, client))]
                for client in groups
            ]
            found = [catalog_metrics(lists, catalog_size, product_count, k) for k in CUTOFFS]
            values = [coverage for coverage, _ in found] + [inequality for _, inequality in found]
            lines.append(
                "\t".join(
                    [
                        str(catalog_size),
                        " ".join(map(str, counts)),
                        ";".join(" ".join("-" if s is None else str(s) for s in scores) for scores in clients),
                        *(f"{value:.15g}" for value in values),
                    ]
                )
            )
    return lines


def write(name: str, header: list[str], lines: list[str]) -> None:
    """Writes a file."""
    path = FOLDER / name
    path.write_text("\n".join([f"# {line}" for line in header] + lines) + "\n")
    print(f"{name}: {len(lines)} lines, {path.stat().st_size} bytes")


def main() -> None:
    """Writes the files."""
    FOLDER.mkdir(exist_ok=True)
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("ranx", "pytrec-eval-terrier", "numpy")
    )
    lines, agreement = metric_lines(random.Random(20261125))
    print(agreement)
    written = f"Written by crosscheck.py with {versions}."
    scores = "scores by product (- for one that is not ranked)"
    write("metrics.tsv", [written, "\t".join([scores, "relevant products", "orders averaged", *names()])], lines)
    columns = [f"{kind}@{k}" for kind in ("coverage", "gini") for k in CUTOFFS]
    header = "\t".join(["size of the catalog", "how often each client counts", f"by client, {scores}", *columns])
    write("catalog.tsv", [written, header], catalog_lines(random.Random(20261126)))


if __name__ == "__main__":
    main()
