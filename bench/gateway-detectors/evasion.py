"""Runs evasion attacks of ART (Adversarial Robustness Toolbox) against the digits model and writes down every query in order.

    .venv/art/bin/python bench/gateway-detectors/evasion.py VICTIM.json INPUTS.f32 OUT SEED COUNT

INPUTS holds rows of 784 float32. OUT gets, for each attack and input, a file of queries as float32 and one line of JSON: the
attack, the input, how many queries, and the L2 distance of what it found. evade.mjs shows the queries to the detectors.
"""

import json
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
from art.attacks.evasion import BoundaryAttack, HopSkipJump, SquareAttack  # noqa: E402
from art.estimators.classification import BlackBoxClassifierNeuralNetwork  # noqa: E402

victim_file, inputs_file, out, seed, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
kept = json.load(open(victim_file))
w1, b1 = np.array(kept["w1"], np.float32).reshape(784, -1), np.array(kept["b1"], np.float32)
w2, b2 = np.array(kept["w2"], np.float32).reshape(len(b1), -1), np.array(kept["b2"], np.float32)
MOST = 3_000


class Enough(Exception):
    pass


log = []


def answer(x):
    h = np.maximum(np.asarray(x, np.float32).reshape(len(x), 784) @ w1 + b1, 0) @ w2 + b2
    e = np.exp(h - h.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def predict(x):
    log.extend(np.array(x, np.float32).reshape(len(x), 784))
    if len(log) > MOST:
        raise Enough
    return answer(x)


def attacks(classifier):
    yield "HopSkipJump", HopSkipJump(classifier, targeted=False, max_iter=10, max_eval=400, init_eval=50, verbose=False)
    yield "Square", SquareAttack(classifier, norm=np.inf, eps=0.2, max_iter=1_000, nb_restarts=1, verbose=False)
    yield "Boundary", BoundaryAttack(classifier, targeted=False, max_iter=100, verbose=False)


inputs = np.fromfile(inputs_file, np.float32).reshape(-1, 784)
for n in range(count):
    x = inputs[n : n + 1].reshape(1, 1, 28, 28)
    label = int(answer(x).argmax())
    classifier = BlackBoxClassifierNeuralNetwork(predict, (1, 28, 28), 10, clip_values=(0.0, 1.0))
    for name, attack in attacks(classifier):
        np.random.seed(seed * 1_000 + n)
        log.clear()
        try:
            found = attack.generate(x, y=None)
        except Enough:
            found = None
        queries = np.array(log[:MOST], np.float32)
        name_of_file = f"{out}/{name}-{seed}-{n}.f32"
        queries.tofile(name_of_file)
        reached = None
        if found is not None and int(answer(found).argmax()) != label:
            reached = float(np.linalg.norm(found.reshape(-1) - x.reshape(-1)))
        print(json.dumps({"attack": name, "input": n, "queries": len(queries), "l2": reached, "file": name_of_file}), flush=True)
