"""Draws cases from a seed and asks SciPy and NumPy about them; prints JSON lines: the versions, then one line for each test.

    .venv/data/bin/python tests/support/scipy-oracle.py SEED CASES > packages/stats/src/testing/scipy-answers.jsonl

writes the frozen answers (seed 5, 220 cases of each test) that `npm test` checks offline; the nightly test asks with fresh seeds.
Ties, constants, one to three values, very unequal sizes and up to 10,000 values are among the cases. A sample is described by
[kind, seed, size, by] and built on both sides with operations that IEEE 754 rounds alike; a null answer means that SciPy gave an
error or no number.
"""

import json
import random
import sys
import warnings

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon

warnings.simplefilter("ignore")


def uniform(seed, n):
    """mulberry32: its state only counts up, so all draws can be made at once."""
    with np.errstate(over="ignore"):
        state = np.uint32(seed) + np.uint32(0x6D2B79F5) * np.arange(1, n + 1, dtype=np.uint32)
        t = (state ^ (state >> np.uint32(15))) * (state | np.uint32(1))
        t = (t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))) ^ t
        return (t ^ (t >> np.uint32(14))).astype(np.float64) / 4294967296.0


KINDS = {
    "uniform": lambda u, by: u,
    "shifted": lambda u, by: u + by / 64,
    "square": lambda u, by: u * u - 0.25,
    "heavy": lambda u, by: 1 / (u + 0.001),
    "ties": lambda u, by: np.floor(u * by),
    "grid": lambda u, by: np.floor(u * 4 * by) / 8 - 1,
    "constant": lambda u, by: np.full(len(u), by / 2),
}


def sample(recipe):
    kind, seed, n, by = recipe
    return KINDS[kind](uniform(seed, n), by)


def edges(values, rule):
    found = np.histogram_bin_edges(values, rule)
    return [len(found) - 1, found[0], found[1], found[-2], found[-1]]


def goodness(table, form):
    observed, expected = np.array(table, dtype=float)
    expected = expected * observed.sum() / expected.sum()
    return stats.power_divergence(observed, expected, lambda_=form)


# By name: the least size of a sample, how many samples, and the question.
ON_SAMPLES = {
    "ks": (1, (2, 2), lambda x, y: stats.ks_2samp(x, y)),
    "ks-asymptotic": (2, (2, 2), lambda x, y: stats.ks_2samp(x, y, method="asymp")),
    "wasserstein": (1, (2, 2), lambda x, y: [stats.wasserstein_distance(x, y)]),
    "energy": (1, (2, 2), lambda x, y: [stats.energy_distance(x, y)]),
    "cramer-von-mises": (2, (2, 2), lambda x, y: stats.cramervonmises_2samp(x, y)),
    "epps-singleton": (5, (2, 2), lambda x, y: stats.epps_singleton_2samp(x, y)),
    "mann-whitney": (1, (2, 2), lambda x, y: stats.mannwhitneyu(x, y)),
    "anderson-darling": (1, (2, 5), lambda *samples: stats.anderson_ksamp(samples, variant="midrank")),
    "sturges": (1, (1, 1), lambda x: edges(x, "sturges")),
    "doane": (1, (1, 1), lambda x: edges(x, "doane")),
}
# By name: rows and columns, each from and to, and the question.
ON_TABLES = {
    "goodness": ((2, 2), (2, 12), lambda *table: goodness(table, "pearson")),
    "g": ((2, 2), (2, 12), lambda *table: goodness(table, "log-likelihood")),
    "contingency": ((2, 5), (2, 12), lambda *table: stats.chi2_contingency(table, correction=False)),
    "contingency-yates": ((2, 3), (2, 3), lambda *table: stats.chi2_contingency(table, correction=True)),
    "fisher": ((2, 2), (2, 2), lambda *table: stats.fisher_exact(table)),
    # The squared z is Pearson's chi-square of the same table.
    "proportions": ((2, 2), (2, 2), lambda *table: stats.chi2_contingency(table, correction=False)),
    "jensen-shannon": ((2, 2), (1, 12), lambda p, q: [jensenshannon(p, q)]),
    "kullback-leibler": ((2, 2), (1, 12), lambda p, q: [stats.entropy(p, q)]),
}


def draw_size(rng, least):
    share = rng.random()
    if share < 0.25:
        return rng.randint(least, least + 2)
    if share < 0.6:
        return rng.randint(least, 30)
    return rng.randint(least, 600) if share < 0.92 else rng.randint(600, 10_000)


def draw_samples(rng, name, least, count):
    # With fewer than five distinct values the covariance of Epps and Singleton is singular, and SciPy divides by rounding.
    many = name == "epps-singleton"

    def recipe():
        kinds = list(KINDS) if rng.random() < 0.3 and not many else [kind for kind in KINDS if kind != "constant"]
        return [rng.choice(kinds), rng.randrange(10**6), draw_size(rng, least), rng.randint(8 if many else 2, 30)]

    drawn = [recipe()]
    while len(drawn) < count:
        # Half of the pairs share their law, so that p-values of all sizes come up.
        other = recipe()
        drawn.append([drawn[0][0], other[1], other[2], drawn[0][3]] if rng.random() < 0.5 else other)
    return drawn


def draw_count(rng):
    share = rng.random()
    return 0 if share < 0.015 else rng.randint(1, 12 if share < 0.5 else 300 if share < 0.9 else 20_000)


def draw_table(rng, rows, columns):
    first = [draw_count(rng) for _ in range(columns)]

    # Half of the rows resemble the first, so that p-values of all sizes come up.
    def like_first():
        scale = rng.choice([0.1, 1, 7])
        return [max(0, round(scale * count + rng.gauss(0, 1) * (scale * count) ** 0.5)) for count in first]

    others = [like_first() if rng.random() < 0.5 else [draw_count(rng) for _ in range(columns)] for _ in range(rows - 1)]
    return [first, *others]


def answer(question, data):
    try:
        result = question(*data)
    except (ValueError, ZeroDivisionError, IndexError, np.linalg.LinAlgError):
        return None
    values = [result.statistic, result.pvalue] if hasattr(result, "pvalue") else result
    values = [float(value) for value in values]
    return None if any(np.isnan(values)) else ["inf" if value == np.inf else value for value in values]


def ask(seed, cases):
    rng = random.Random(seed)
    yield {"scipy": scipy.__version__, "numpy": np.__version__, "seed": seed}
    for name, (least, counts, question) in ON_SAMPLES.items():
        drawn = [draw_samples(rng, name, least, rng.randint(*counts)) for _ in range(cases)]
        yield {"test": name, "cases": [[recipes, answer(question, map(sample, recipes))] for recipes in drawn]}
    for name, (rows, columns, question) in ON_TABLES.items():
        drawn = [draw_table(rng, rng.randint(*rows), rng.randint(*columns)) for _ in range(cases)]
        yield {"test": name, "cases": [[table, answer(question, table)] for table in drawn]}


if __name__ == "__main__":
    for line in ask(int(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps(line, separators=(",", ":")))
