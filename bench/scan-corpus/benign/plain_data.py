"""Pickles of plain Python data in protocols 0 to 5, and what dill and cloudpickle make of data and simple functions."""

import array
import collections
import datetime
import decimal
import fractions
import ipaddress
import pathlib
import pickle
import random
import re
import types
import uuid
import zoneinfo

from . import dumped

NOW = datetime.datetime(2024, 5, 17, 12, 30, 15, 250, tzinfo=datetime.timezone.utc)


def values():
    defaults = collections.defaultdict(list, {"a": [1, 2], "b": []})
    nested = collections.defaultdict(int, {"x": 3})
    return {
        "config": {"layers": [64, 32], "rate": 1e-3, "name": "net", "dropout": None, "bias": True},
        "large-dict": {f"token_{i}": i for i in range(30_000)},
        "large-list": [i / 7 for i in range(20_000)],
        "vocabulary": ["the", "of", "ünïcödé", "日本語", "🙂"] * 400,
        "nested": {"a": [{"b": (1, 2, {"c": {3, 4}})}]},
        "ordered-dict": collections.OrderedDict((f"layer{i}", [0.1 * i] * 8) for i in range(6)),
        "counter": collections.Counter("the quick brown fox jumps"),
        "defaultdict-list": defaults,
        "defaultdict-int": nested,
        "defaultdict-dict": collections.defaultdict(dict, {"a": {"b": 1}}),
        "deque": collections.deque(range(50), maxlen=100),
        "chain-map": collections.ChainMap({"a": 1}, {"b": 2}),
        "sets": [{1, 2, 3}, frozenset("abc")],
        "complex": [1 + 2j, complex(0, -1)],
        "slice-range": [slice(1, 10, 2), range(5, 50, 5), slice(None)],
        "bytes": b"\x00\x01\xfe\xff" * 500,
        "bytearray": bytearray(b"buffer" * 100),
        "array": array.array("d", [0.5, 1.5, 2.5]),
        "datetimes": [NOW, NOW.date(), NOW.time(), datetime.timedelta(days=3, seconds=5)],
        "timezones": [datetime.timezone(datetime.timedelta(hours=5, minutes=30), "IST"), NOW.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))],
        "decimals": [decimal.Decimal("3.14159"), fractions.Fraction(22, 7)],
        "paths": [pathlib.PurePosixPath("/data/train"), pathlib.PosixPath("weights/model.pt"), pathlib.PureWindowsPath("C:/data")],
        "uuid": [uuid.UUID(int=12345), uuid.UUID("12345678-1234-5678-1234-567812345678")],
        "addresses": [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("192.168.0.0/24")],
        "namespace": types.SimpleNamespace(rate=0.1, epochs=3),
        "regex": re.compile(r"\b\w+\b", re.IGNORECASE),
        "random-state": random.Random(7),
        "big-integers": [2**70, -(2**200), 0, -1],
        "floats": [float("inf"), float("-inf"), float("nan"), 1e-300, -0.0],
        "none": None,
        "ellipsis": [Ellipsis, NotImplemented],
        "exception": ValueError("bad shape", 3),
        "shared": [(shared := ["a"]), shared, {"again": shared}],
        "shell-words": {"commands": ["os.system", "eval(x)", "rm -rf /", "curl | sh"], "topic": "security course"},
        "code-as-text": {"prompt": "import os\nos.system('ls')  # what does this do?", "label": "unsafe"},
        "builtin-types": {"int": int, "str": str, "casts": [float, bool, list]},
        "builtin-functions": [len, max, sum],
        "flags": re.I | re.M,
    }  # fmt: skip


def make(corpus):
    for number, (name, what) in enumerate(values().items()):
        for version in sorted({4, number % 6}):
            data = pickle.dumps(what, version)
            corpus.benign("plain pickle", f"{name}-{version}", {f"{name}.{('pkl', 'pickle', 'dat')[number % 3]}": data})
    recursive = [1]
    recursive.append(recursive)
    corpus.benign("plain pickle", "recursive", {"recursive.pkl": pickle.dumps(recursive)})
    stacked = b"".join(pickle.dumps({"step": i}) for i in range(20))
    corpus.benign("plain pickle", "log-of-pickles", {"log.pkl": stacked})


def by_value(corpus):
    """Runs last: once dill is imported, everything the process writes by `pickle._Pickler`, as joblib does, is changed."""
    import cloudpickle
    import dill
    import joblib
    from sklearn import compose, linear_model, pipeline, preprocessing

    for name, what in values().items():
        if name in ("config", "datetimes", "namespace", "defaultdict-list", "ordered-dict", "regex", "uuid", "paths"):
            corpus.benign("dill and cloudpickle, data", f"cloudpickle-{name}", {"data.pkl": cloudpickle.dumps(what)})
            corpus.benign("dill and cloudpickle, data", f"dill-{name}", {"data.dill": dill.dumps(what)})
    model = pipeline.make_pipeline(compose.make_column_transformer((preprocessing.StandardScaler(), [0])), linear_model.Ridge())
    for name, what in {"pipeline": model.fit([[0.0], [1.0]], [0, 1]), "config": values()["config"], "casts": {"dtype": float, "f": model}}.items():
        corpus.benign("joblib beside dill", name, {f"{name}.joblib": dumped(joblib.dump, what, compress=3)})
