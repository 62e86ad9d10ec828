# Real pickles of Python's own types, numpy, scipy, pandas and joblib. Run: python pickle_python.py OUT
import argparse
import array
import calendar
import collections
import datetime
import decimal
import fractions
import ipaddress

import pathlib
import random
import re

import types
import uuid
import zoneinfo
import enum
import http
import inspect


import functools
import statistics
import urllib.parse


import joblib
import numpy as np
import pandas as pd
import scipy.sparse as sp
import scipy.interpolate as si
import scipy.spatial as sd
import scipy.optimize as so
import scipy.cluster.hierarchy as sh
import scipy.ndimage
import scipy.signal as ss
import scipy.stats as st
import scipy.special

from pickle_common import done, save, written

utc = datetime.timezone.utc
python = {
    "scalars": [1, -1, 2**70, 1.5, float("inf"), True, None, 1j, "é", b"\x00\xff", ...],
    "containers": {"a": [1, (2, 3), {4, 5}, frozenset({6}), bytearray(b"x")], "r": range(3), "s": slice(1, 2, 3)},
    "dates": [datetime.datetime(2024, 1, 2, 3, 4, 5, 6, utc), datetime.date(2024, 1, 2), datetime.time(1, 2), datetime.timedelta(3)],
    "zone": datetime.datetime(2024, 1, 2, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
    "offset": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2), "X")),
    "numbers": [decimal.Decimal("1.5"), fractions.Fraction(1, 3)],
    "uuid": [uuid.uuid5(uuid.NAMESPACE_DNS, "x")],
    "paths": [pathlib.PurePosixPath("/a/b"), pathlib.Path("x/y"), pathlib.PureWindowsPath("c:/x")],
    "collections": [collections.OrderedDict(a=1), collections.defaultdict(list, a=[1]), collections.Counter("aab"), collections.deque([1], 4), collections.ChainMap({1: 2})],
    "defaultdicts": [collections.defaultdict(int), collections.defaultdict(dict), collections.defaultdict(set), collections.defaultdict(float), collections.defaultdict(str), collections.defaultdict(collections.Counter), collections.defaultdict(collections.OrderedDict)],
    "user": [collections.UserDict(a=1), collections.UserList([1]), collections.UserString("x")],
    "network": [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_address("::1"), ipaddress.ip_interface("10.0.0.1/8"), ipaddress.ip_network("::/8")],
    "random": random.Random(3),
    "namespace": [argparse.Namespace(a=1), types.SimpleNamespace(a=1)],
    "regex": [re.compile("a+", re.I), re.compile(b"x")],
    "array": [array.array("d", [1.0, 2]), array.array("b", [1])],
    "classes": [int, float, str, bytes, list, dict, type(None), object, complex, datetime.datetime],
    "errors": [ValueError("x"), KeyError("a"), OSError(2, "no"), UnicodeDecodeError("utf8", b"x", 0, 1, "r"), StopIteration(1)],
    "enum": [http.HTTPStatus.OK, inspect.Parameter.POSITIONAL_ONLY, re.I, uuid.SafeUUID.safe],
    "iterators": [iter([1, 2]), iter((1, 2)), iter({1: 2}), iter("ab"), reversed([1])],
    "signature": inspect.Signature([inspect.Parameter("a", inspect.Parameter.POSITIONAL_OR_KEYWORD)]),
    "functions": [len, abs, max, sorted, sum],
    "memoview": {"b": b"x" * 300, "s": "y" * 300, "l": list(range(300))},
    "shared": (lambda one: [one, one, {"x": one}])([1, 2]),
    "nested": functools.reduce(lambda a, _: [a], range(60), []),
    "bigdict": {str(i): [i, float(i), (i,)] for i in range(3000)},
    "urls": urllib.parse.urlparse("https://x.org/a?b"),
    "normal": statistics.NormalDist(1, 2),
    "codecs": ["\x80\xff\n\\", "\\u1234", "'quoted\"", b"\n'\\"],
    "calendar": calendar.Calendar(),
    "words": [{"text": "import os; os.system('x')"}, "os.system", "eval(compile('1','x','eval'))", "#!/bin/sh\nls"],
    "docs": ["def f(x):\n    return x + 1\n", "import numpy as np\nmodel = np.zeros(3)\n"],
    "embedded": [b"\x80\x04K\x01.", "gARLAS4=", "a" * 64, "deadbeef" * 8, b"\x1f\x8bnot gzip", b"PK\x03\x04 no zip", b"x\x9cno", b"BZh no", b"cabc"],
}
for case, value in python.items():
    save("python", case, value, (0, 2, 4) if len(case) % 2 else (1, 3, 5))

rng = np.random.default_rng(0)
kinds = "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64 longdouble complex64 complex128 U5 S5 datetime64[D] timedelta64[ns] >f8 >i2".split()
numpies = {f"array-{kind.strip('><[]')}": np.zeros((2, 3), kind) for kind in kinds}
numpies |= {
    "objects": np.array([1, "a", None, [2]], object),
    "structured": np.zeros(3, [("a", "f4"), ("b", "i8", (2,)), ("c", "U3"), ("n", [("x", "f8")])]),
    "aligned": np.zeros(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    "void": np.zeros(2, "V7"),
    "fortran": np.asfortranarray(np.ones((3, 4))),
    "strided": np.arange(20)[::3],
    "empty": np.zeros((0, 5)),
    "zero-d": np.array(3.5),
    "scalars": [np.float32(1), np.int64(2), np.bool_(True), np.str_("x"), np.bytes_(b"y"), np.complex64(1j), np.datetime64("2024-01-01"), np.timedelta64(3, "s"), np.longdouble(3)],
    "record-scalar": np.zeros(1, [("a", "f4")])[0],
    "recarray": np.rec.array([(1, 2.0)], names="a,b"),
    "record": np.rec.array([(1, 2.0)], names="a,b")[0],
    "masked": np.ma.array([1, 2, 3], mask=[0, 1, 0]),
    "masked-const": np.ma.masked,
    "masked-struct": np.ma.array(np.zeros(2, [("a", "f4")]), mask=[(1,), (0,)]),
    "matrix": np.matrix([[1, 2]]),
    "chararray": np.char.array(["a", "b"]),
    "dtypes": [np.dtype(k) for k in ("f4", "U3", "M8[ns]", "O", "V3", ">i4")] + [np.dtype([("a", "f4")])],
    "types": [np.float32, np.int64, np.ndarray, np.bool_, np.generic],
    "string-dtype": np.array(["a", "bb"], np.dtypes.StringDType()),
    "dtype-classes": [np.dtypes.Float64DType, np.dtypes.StrDType],
    "random-state": np.random.RandomState(3),
    "generators": [np.random.default_rng(1), np.random.Generator(np.random.MT19937(1)), np.random.Generator(np.random.Philox(1)), np.random.Generator(np.random.SFC64(2)), np.random.Generator(np.random.PCG64DXSM(2))],
    "seeds": np.random.SeedSequence(4),
    "bit-generators": [np.random.MT19937(1), np.random.PCG64(1)],
    "ufuncs": [np.log1p, np.exp, np.add, np.arctan2],
    "functions": [np.mean, np.sum, np.median, np.std, np.max],
    "polynomials": [np.poly1d([1, 2]), np.polynomial.Polynomial([1, 2]), np.polynomial.Chebyshev([1, 2])],
    "mgrid": [np.nan, np.inf, np.pi],
    "nested": {"w": [np.ones(2), {"b": np.zeros(1)}], "n": np.int8(3)},
    "vectorised": np.iinfo(np.int8),
    "big": rng.normal(size=(200, 50)),
    "shared": (lambda a: [a, a[:2], a.T])(np.ones((3, 3))),
}
for case, value in numpies.items():
    save("numpy", case, value, (2, 5) if len(case) % 2 else (4, 0))
for case, value in {"f8": rng.normal(size=5), "u": np.array(["a"]), "rec": numpies["structured"], "obj": numpies["objects"]}.items():
    written("numpy", f"save-{case}", ".npy", lambda p: np.save(p, value, allow_pickle=True))
    written("numpy", f"savez-{case}", ".npz", lambda p: np.savez(p, a=value, b=np.ones(2)))
    written("numpy", f"savezc-{case}", ".npz", lambda p: np.savez_compressed(p, a=value))
for case in ("objects", "structured", "big", "random-state", "strided", "masked", "string-dtype"):
    for compress in (0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3), ("lz4", 3)):
        name = compress if isinstance(compress, int) else compress[0]
        written("joblib", f"{case}", f"-{name}.joblib", lambda p: joblib.dump({"x": numpies[case], "n": 1}, p, compress=compress))

x = np.linspace(0, 1, 12)
scipies = {f"{kind}-{what}": getattr(sp, f"{kind}_{what}")(np.eye(4)) for kind in ("csr", "csc", "coo", "bsr", "dia", "dok", "lil") for what in ("matrix", "array")}
scipies |= {
    "bspline": si.make_interp_spline(x, x**2), "cubic": si.CubicSpline(x, x**2), "pchip": si.PchipInterpolator(x, x),
    "akima": si.Akima1DInterpolator(x, x), "interp1d": si.interp1d(x, x), "univariate": si.UnivariateSpline(x, x),
    "rectbivariate": si.RectBivariateSpline(x, x, np.outer(x, x)), "rbf": si.RBFInterpolator(x[:, None], x),
    "regular": si.RegularGridInterpolator((x, x), np.outer(x, x)), "linear-nd": si.LinearNDInterpolator(rng.normal(size=(9, 2)), np.arange(9.0)),
    "nearest-nd": si.NearestNDInterpolator(rng.normal(size=(9, 2)), np.arange(9.0)), "barycentric": si.BarycentricInterpolator(x, x),
    "krogh": si.KroghInterpolator(x, x), "ppoly": si.PPoly(np.ones((2, 3)), [0, 1, 2, 3]), "bpoly": si.BPoly(np.ones((2, 3)), [0, 1, 2, 3]),
    "kdtree": sd.KDTree(rng.normal(size=(20, 2))), "ckdtree": sd.cKDTree(rng.normal(size=(20, 2))), "rotation": sd.transform.Rotation.from_euler("x", 1),
    "optimize-result": so.OptimizeResult(x=1, fun=np.ones(2)), "minimize": so.minimize(lambda v: (v**2).sum(), [1.0]),
    "bounds": so.Bounds([0], [1]), "linear-operator": scipy.sparse.linalg.aslinearoperator(np.eye(2)),
    "kde": st.gaussian_kde(rng.normal(size=30)), "ttest": st.ttest_ind(x, x + 1), "linregress": st.linregress(x, x), "frozen-norm": st.norm(0, 1),
    "expit": [scipy.special.expit, scipy.special.logit], "slerp": sd.transform.Slerp([0, 1], sd.transform.Rotation.from_euler("x", [[0], [1]])),
    "delaunay": sd.Delaunay(rng.normal(size=(9, 2))), "tf": ss.TransferFunction([1], [1, 2]), "statespace": ss.StateSpace(1, 1, 1, 1), "zpk": ss.ZerosPolesGain([], [1], 1),
    "curve-fit": so.curve_fit(lambda a, b: a * b, x, x), "linprog": so.linprog([1, 1], bounds=[(0, 1), (0, 1)]),
}
for case, value in scipies.items():
    save("scipy", case, value)

idx = pd.date_range("2024-01-01", periods=4, freq="D")
frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1.5, None, 2, 3], "c": list("xyxz"), "d": [True, False, True, None]})
pandas = {
    "frame": frame, "series": frame.a, "text": frame.c.astype("string"), "object": frame.c.astype(object), "categorical": frame.c.astype("category"),
    "ordered": pd.Categorical(["a", "b"], ["b", "a"], ordered=True), "ints": frame.a.astype("Int64"), "floats": frame.b.astype("Float64"), "booleans": frame.d.astype("boolean"),
    "dates": pd.Series(idx), "zoned": pd.Series(idx.tz_localize("Europe/Berlin")), "utc": pd.Series(idx.tz_localize("UTC")), "periods": pd.Series(pd.period_range("2024", periods=3, freq="M")),
    "intervals": pd.cut(pd.Series([1, 2, 3]), 2), "deltas": pd.Series(pd.to_timedelta([1, 2], "D")), "sparse": pd.Series(pd.arrays.SparseArray([0, 0, 1])),
    "indexes": [pd.RangeIndex(3), pd.Index([1, 2]), pd.Index(list("ab")), pd.MultiIndex.from_product([[1, 2], ["a"]]), pd.CategoricalIndex(list("ab")), pd.IntervalIndex.from_breaks([0, 1, 2])],
    "time-indexes": [idx, idx.tz_localize("UTC"), pd.period_range("2024", periods=2, freq="D"), pd.to_timedelta([1], "s")],
    "scalars": [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01", tz="UTC"), pd.Timedelta(1, "s"), pd.Period("2024-01"), pd.Interval(0, 1), pd.NA, pd.NaT],
    "offsets": [pd.offsets.Day(2), pd.offsets.MonthEnd(), pd.offsets.BusinessDay(), pd.offsets.Week(weekday=1), pd.offsets.QuarterEnd(), pd.offsets.Hour(), pd.offsets.YearEnd(month=3)],
    "offsets-more": [pd.offsets.BusinessHour(), pd.offsets.CustomBusinessDay(), pd.DateOffset(months=1), pd.offsets.Easter(), pd.offsets.FY5253(weekday=1, startingMonth=1), pd.offsets.LastWeekOfMonth(), pd.offsets.SemiMonthEnd(), pd.offsets.BMonthEnd()],
    "multi": frame.set_index(["a", "c"]), "multi-columns": frame.pivot_table(index="a", columns="c", values=["b"]), "empty": pd.DataFrame(), "attrs": frame.assign(z=1),
    "grouped": frame.groupby("c").a.mean(), "dtypes": frame.dtypes, "describe": frame.describe(), "wide": pd.DataFrame(np.zeros((3, 40))), "mixed": pd.DataFrame({"d": idx, "f": 1.0, "s": "x"}, index=idx),
    "dtype-objects": [pd.CategoricalDtype(["a"]), pd.StringDtype(), pd.Int64Dtype(), pd.DatetimeTZDtype(tz="UTC"), pd.PeriodDtype("D"), pd.IntervalDtype("int64"), pd.SparseDtype("f8")],
    "holes": pd.DataFrame({"a": [pd.NA, 1], "b": [None, "x"]}), "lists": pd.DataFrame({"a": [[1], {"x": 2}]}), "copy": frame.T, "named": pd.Series([1], name=("a", 1)),
    "flags": frame.set_flags(allows_duplicate_labels=False), "nat": pd.Series([pd.NaT, pd.Timestamp("2024-01-01")]), "options": {"x": frame, "y": [frame.a, frame.b]},
}
for case, value in pandas.items():
    save("pandas", case, value, (4, 2) if len(case) % 2 else (5, 3))
written("pandas", "to-pickle", ".pkl", lambda p: frame.to_pickle(p))
for suffix in (".gz", ".bz2", ".xz", ".zip", ".tar"):
    written("pandas", f"to-pickle{suffix}", f".pkl{suffix}", lambda p: frame.to_pickle(p))
done()
