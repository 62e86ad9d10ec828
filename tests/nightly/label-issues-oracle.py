"""What cleanlab flags on random and degenerate cases, as one JSON list on standard output.

`python label-issues-oracle.py SEED COUNT [DIGITS]`. With DIGITS the cases are small and their probabilities rounded: so
the frozen sample beside packages/data/src/labels was made. NumPy's SIMD sorts are switched off: they order ties
differently on each processor, and cleanlab's choice among equal rows with them.
"""
import json
import os
import sys
import warnings

os.environ["NPY_DISABLE_CPU_FEATURES"] = (
    "X86_V4 X86_V3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR AVX2 FMA3"
)
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
from cleanlab.count import compute_confident_joint  # noqa: E402
from cleanlab.filter import find_label_issues  # noqa: E402
from cleanlab.rank import get_label_quality_scores  # noqa: E402

FILTERS = [
    "prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given",
    "low_normalized_margin", "low_self_confidence",
]
SCORES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
KINDS = ["dirichlet", "sharp", "forest", "onehot", "uniform", "agree", "noisy", "coarse"]


def case(rng, number, digits):
    """Labels and probabilities: calm, overconfident, quantised to tenths or quarters, all equal, always agreeing."""
    small = digits is not None
    k = int(rng.choice([2, 3, 4, 7, 17, 20] if small else [2, 2, 3, 3, 4, 5, 6, 7, 8, 10, 12, 16, 17, 20, 25, 33, 50]))
    n = int(rng.choice([3, 8, 20, 40] if small else [2, 3, 5, 8, 20, 50, 100, 200, 400]))
    kind = KINDS[number % len(KINDS)]
    true = rng.integers(0, k, n)
    used = max(1, k // 2) if number % 5 == 1 else k
    true = np.minimum(true, used - 1)
    if number % 7 == 3:
        true = (rng.random(n) ** 3 * k).astype(int)
    p = rng.dirichlet(np.full(k, 0.05 if kind == "sharp" else 0.5), n)
    if kind in ("noisy", "sharp", "agree", "forest"):
        p[np.arange(n), true] += rng.random() * 3
    if kind in ("forest", "coarse"):
        votes = 10 if kind == "forest" else 4
        p = np.array([rng.multinomial(votes, q / q.sum()) for q in p], dtype=float)
    if kind == "onehot":
        p = np.eye(k)[rng.integers(0, k, n)]
    if kind == "uniform":
        p = np.ones((n, k))
    p = p / p.sum(axis=1, keepdims=True)
    if small:
        p = p.round(digits)
    labels = true.copy()
    flip = rng.random(n) < rng.choice([0, 0.05, 0.2, 0.5])
    labels[flip] = rng.integers(0, used, flip.sum())
    if kind == "agree":
        labels = p.argmax(axis=1)
    return kind, k, labels.astype(int), p


def main(seed, count, digits=None):
    rng = np.random.default_rng(seed)
    cases = []
    number = 0
    while len(cases) < count:
        number += 1
        kind, k, labels, p = case(rng, number, digits)
        if len(set(labels.tolist())) < 2:
            continue  # cleanlab refuses some of these and answers others with nothing; Vallum refuses all of them.
        options = {"min_examples_per_class": int(rng.choice([1, 1, 1, 0, 3, 10])), "frac_noise": float(rng.choice([1, 1, 1, 0.7, 0.5, 0.3]))}
        flagged = {
            name: np.flatnonzero(find_label_issues(labels, p, filter_by=name, n_jobs=1, **options)).tolist()
            for name in FILTERS
        }
        scores = {name: [float(s) for s in get_label_quality_scores(labels, p, method=name)] for name in SCORES}
        cases.append({
            "kind": kind, "classes": k, "labels": labels.tolist(), "probabilities": [float(x) for x in p.ravel()],
            "minExamplesPerClass": options["min_examples_per_class"], "fracNoise": options["frac_noise"],
            "joint": compute_confident_joint(labels, p).ravel().tolist(), "flagged": flagged,
            "scores": scores if digits is None or n_small(labels) else {},
        })
    json.dump(cases, sys.stdout, separators=(",", ":"))


def n_small(labels):
    return len(labels) <= 8


main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
