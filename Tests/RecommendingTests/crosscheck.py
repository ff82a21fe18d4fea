"""Trains softmax models apart from the Swift code, and writes Goldens/softmax.tsv.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install --only-binary :all: numpy==2.4.6 scipy==1.17.1
    /tmp/venv/bin/python Tests/RecommendingTests/crosscheck.py

SoftmaxModelTests compares `SoftmaxModel` with every line. Here every client and every product that it holds is a row of
its own, features are a dense matrix, and the optimum is found by SciPy's Newton-like `trust-exact` with the exact
second derivatives: neither rows, nor formulas, nor the method are shared.

Columns: λ; what each client holds, clients divided by `;`; categories, one per client, -1 for unknown, empty for none;
numbers likewise, `nan` for unknown; b, W held by held, V attribute by attribute; scores of every client, all products.
The same versions write the same file.
"""

import math
import random
from pathlib import Path

import numpy as np
from scipy.optimize import minimize


def quantiles(numbers: list[float]) -> list[float]:
    known = [x for x in numbers if not math.isnan(x)]
    return [
        math.nan if math.isnan(x) else (sum(y < x for y in known) + sum(y == x for y in known) / 2) / len(known)
        for x in numbers
    ]


def attributes(categories: list[int], numbers: list[float], client: int) -> list[float]:
    row: list[float] = []
    if categories:
        row += [float(categories[client] == level) for level in range(max(categories) + 1)]
    if numbers:
        value = quantiles(numbers)[client]
        row.append(0.0 if math.isnan(value) else value)
    return row


def features(held: set[int], products: int, known: list[float]) -> np.ndarray:
    return np.array([1.0, *[float(p in held) for p in range(products)], *known])


def shares(theta: np.ndarray, row: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    z = np.where(allowed, row @ theta, -np.inf)
    power = np.exp(z - z.max())
    return power / power.sum()


def train(holdings: list[set[int]], products: int, known: list[list[float]], penalty: float) -> np.ndarray:
    rows, choices, masks, weights = [], [], [], []
    for held, attributes_of_client in zip(holdings, known):
        for product in sorted(held):
            rows.append(features(held - {product}, products, attributes_of_client))
            choices.append(product)
            masks.append(np.array([p == product or p not in held for p in range(products)]))
            weights.append(1 / len(held))
    size = len(rows[0])
    shape = (size, products)

    def value(flat: np.ndarray) -> float:
        theta = flat.reshape(shape)
        loss = sum(
            -weight * math.log(shares(theta, row, mask)[choice])
            for row, choice, mask, weight in zip(rows, choices, masks, weights)
        )
        return loss + penalty / 2 * float(flat @ flat)

    def gradient(flat: np.ndarray) -> np.ndarray:
        theta = flat.reshape(shape)
        total = penalty * theta
        for row, choice, mask, weight in zip(rows, choices, masks, weights):
            pull = shares(theta, row, mask)
            pull[choice] -= 1
            total = total + weight * np.outer(row, pull)
        return total.ravel()

    def curvature(flat: np.ndarray) -> np.ndarray:
        theta = flat.reshape(shape)
        total = penalty * np.eye(flat.size)
        for row, mask, weight in zip(rows, masks, weights):
            p = shares(theta, row, mask)
            total = total + weight * np.kron(np.outer(row, row), np.diag(p) - np.outer(p, p))
        return total

    flat = np.zeros(size * products)
    flat = minimize(value, flat, jac=gradient, hess=curvature, method="trust-exact", options={"gtol": 1e-9}).x
    # A last step of Newton's method, down to the rounding of the gradient.
    flat = flat - np.linalg.solve(curvature(flat), gradient(flat))
    assert np.linalg.norm(gradient(flat)) < 1e-12, np.linalg.norm(gradient(flat))
    return flat.reshape(shape)


def text(numbers) -> str:
    return " ".join(repr(float(number)) for number in numbers)


def main() -> None:
    draw = random.Random(1)
    lines = []
    for case in range(40):
        products = draw.randint(2, 6)
        clients = draw.randint(2, 14)
        density = draw.choice([0.3, 0.5, 0.8])
        holdings = [{p for p in range(products) if draw.random() < density} for _ in range(clients)]
        # A product that nobody holds has no place in a model.
        for product in range(products):
            holdings[draw.randrange(clients)].add(product)
        penalty = draw.choice([0.1, 1.0, 5.0])
        categories = [draw.randint(-1, 2) for _ in range(clients)] if case % 3 else []
        if categories:
            categories[0] = 2
        numbers = [draw.choice([math.nan, 1.0, 2.0, 30.0, 30.5]) for _ in range(clients)] if case % 4 == 3 else []
        if numbers:
            numbers[0] = 2.0
        known = [attributes(categories, numbers, client) for client in range(clients)]
        # Who holds nothing has no portfolio, and only the quantiles of numbers look at it.
        held = [(held, row) for held, row in zip(holdings, known) if held]
        theta = train([h for h, _ in held], products, [row for _, row in held], penalty)
        scores = []
        for owned, row in held:
            mask = np.array([p not in owned for p in range(products)])
            scores += list(shares(theta, features(owned, products, row), mask)) if mask.any() else [0.0] * products
        lines.append(
            "\t".join([
                repr(penalty), str(products), ";".join(" ".join(map(str, sorted(h))) for h in holdings),
                " ".join(map(str, categories)), text(numbers), text(theta.ravel()), text(scores),
            ])
        )
    path = Path(__file__).parent / "Goldens" / "softmax.tsv"
    path.write_text("\n".join(lines) + "\n")


main()
