"""numpy, pandas, scipy and statsmodels: npy, npz, pickles of arrays, frames, sparse matrices and fitted models."""

import datetime
import pickle

from . import dumped


def make(corpus):
    import warnings

    warnings.simplefilter("ignore")
    corpus.run([numpy_files, pandas_files, scipy_files, statsmodels_files, hdf5_files])


def numpy_files(corpus):
    import numpy

    draw = numpy.random.default_rng(1)
    arrays = {
        "float64": draw.normal(size=(20, 30)),
        "float16": draw.normal(size=50).astype("float16"),
        "int8": draw.integers(-100, 100, (9, 9)).astype("int8"),
        "bool": draw.normal(size=64) > 0,
        "complex64": (draw.normal(size=8) + 1j).astype("complex64"),
        "fortran": numpy.asfortranarray(draw.normal(size=(7, 5))),
        "empty": numpy.zeros((0, 4)),
        "scalar": numpy.array(2.5),
        "strings": numpy.array(["a", "bc", "déf"]),
        "bytes": numpy.array([b"a", b"bcd"]),
        "structured": numpy.array([(1, 2.5, "x")], dtype=[("id", "<i4"), ("score", "<f8"), ("tag", "<U4")]),
        "dates": numpy.array(["2024-01-01", "NaT"], dtype="datetime64[D]"),
        "big-endian": numpy.arange(6, dtype=">i4"),
        "record": numpy.rec.array([(1, 2.0)], names="a,b"),
        "masked": numpy.ma.masked_less(numpy.arange(5.0), 2),
    }
    for name, data in arrays.items():
        if name != "masked":
            corpus.benign("numpy files", name, {f"{name}.npy": dumped(lambda a, f: numpy.save(f, a), data)})
        corpus.benign("numpy pickles", name, {f"{name}.pkl": pickle.dumps(data, 2 + len(name) % 4)})
    corpus.benign("numpy files", "npz", {"weights.npz": dumped(lambda f: numpy.savez(f, w=arrays["float64"], b=arrays["int8"]))})
    corpus.benign("numpy files", "npz-compressed", {"weights.npz": dumped(lambda f: numpy.savez_compressed(f, **{k: v for k, v in arrays.items() if k not in ("masked",)}))})
    corpus.benign("numpy files", "npz-zeros", {"embeddings.npz": dumped(lambda f: numpy.savez_compressed(f, w=numpy.zeros((2000, 2000), "float32")))}, source="compresses a thousandfold, honestly")
    corpus.benign("numpy files", "object-array", {"meta.npy": dumped(lambda f: numpy.save(f, numpy.array([{"a": 1}, [2, 3], "x", None], dtype=object)))})
    corpus.benign("numpy files", "npz-object", {"meta.npz": dumped(lambda f: numpy.savez(f, names=numpy.array(["ab", "c", None], dtype=object)))})
    corpus.benign("numpy files", "word2vec-like", {"vectors.npy": dumped(lambda f: numpy.save(f, draw.normal(size=(4000, 50)).astype("float32")))})
    corpus.benign("numpy pickles", "scalars", {"s.pkl": pickle.dumps({"loss": numpy.float64(0.25), "n": numpy.int64(7), "ok": numpy.bool_(True), "f": numpy.float32(1.5), "when": numpy.datetime64("2024-01-01")})})
    corpus.benign("numpy pickles", "object", {"o.pkl": pickle.dumps(numpy.array([1, "a", None, (2, 3)], dtype=object))})
    corpus.benign("numpy pickles", "generators", {"rng.pkl": pickle.dumps([numpy.random.default_rng(3), numpy.random.RandomState(3), numpy.random.Generator(numpy.random.Philox(1)), numpy.random.SeedSequence(5)])})
    corpus.benign("numpy pickles", "dtypes", {"d.pkl": pickle.dumps([numpy.dtype("float32"), numpy.dtype([("a", "i4")]), numpy.float64, numpy.ndarray])})
    corpus.benign("numpy pickles", "protocol-5-dict", {"w.pkl": pickle.dumps({f"layer{i}": draw.normal(size=(8, 8)) for i in range(12)}, 5)})
    corpus.benign("numpy pickles", "ufuncs", {"u.pkl": pickle.dumps({"activation": numpy.tanh, "reduce": numpy.add})})
    corpus.benign("numpy pickles", "polynomial", {"p.pkl": pickle.dumps([numpy.poly1d([1, 2]), numpy.polynomial.Polynomial([1.0, 2.0])])})


def pandas_files(corpus):
    import pandas

    days = pandas.date_range("2024-01-01", periods=6, tz="Europe/Berlin")
    frames = {
        "mixed": pandas.DataFrame({"a": [1, 2, 3], "b": [0.5, None, 1.5], "c": ["x", "y", None], "d": [True, False, True]}),
        "dated": pandas.DataFrame({"v": range(6)}, index=days),
        "categorical": pandas.DataFrame({"c": pandas.Categorical(["lo", "hi", "lo"], ["lo", "hi"], ordered=True)}),
        "multi-index": pandas.DataFrame({"v": [1, 2]}, index=pandas.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])),
        "nullable": pandas.DataFrame({"i": pandas.array([1, None], "Int64"), "s": pandas.array(["a", None], "string"), "b": pandas.array([True, None], "boolean")}),
        "periods": pandas.Series(range(3), index=pandas.period_range("2024-01", periods=3, freq="M")),
        "deltas": pandas.Series(pandas.to_timedelta([1, 2], "h"), name="t"),
        "intervals": pandas.Series([1, 2], index=pandas.IntervalIndex.from_breaks([0, 1, 2])),
        "lists": pandas.DataFrame({"tokens": [["a", "b"], ["c"]], "meta": [{"k": 1}, {}]}),
        "sparse": pandas.DataFrame({"s": pandas.arrays.SparseArray([0, 0, 1])}),
        "empty": pandas.DataFrame(),
        "timestamps": pandas.Series([pandas.Timestamp("2024-01-01", tz="UTC"), pandas.NaT, pandas.Timestamp(0)]),
    }
    for number, (name, frame) in enumerate(frames.items()):
        kind, extension = ((None, ""), ("gzip", ".gz"), ("xz", ".xz"), ("bz2", ".bz2"), ("zip", ".zip"))[number % 5]
        corpus.benign("pandas", name, {f"{name}.pkl{extension}": dumped(lambda f: frame.to_pickle(f, compression=kind))})
    corpus.benign("pandas", "plain-pickle", {"frames.pkl": pickle.dumps({"train": frames["mixed"], "columns": list("abcd"), "when": pandas.Timestamp("2024-02-03"), "offset": pandas.offsets.MonthEnd(2), "at": datetime.date(2024, 1, 1)})})
    corpus.benign("pandas", "grouped", {"g.pkl": pickle.dumps(frames["mixed"].describe())})


def scipy_files(corpus):
    import numpy
    from scipy import interpolate, io as sio, sparse, spatial, stats

    matrix = sparse.random(40, 40, 0.1, random_state=0)
    for form in ("csr", "csc", "coo", "lil", "dok", "bsr"):
        corpus.benign("scipy", f"sparse-{form}", {"m.pkl": pickle.dumps(matrix.asformat(form))})
    corpus.benign("scipy", "sparse-npz", {"m.npz": dumped(lambda f: sparse.save_npz(f, matrix.tocsr()))})
    corpus.benign("scipy", "interpolators", {"i.pkl": pickle.dumps([interpolate.CubicSpline([0, 1, 2], [0, 1, 4]), interpolate.RegularGridInterpolator(([0, 1], [0, 1]), [[0, 1], [1, 2]])])})
    corpus.benign("scipy", "distributions", {"d.pkl": pickle.dumps([stats.norm(0, 1), stats.gaussian_kde([1.0, 2.0, 4.0])])})
    corpus.benign("scipy", "trees", {"t.pkl": pickle.dumps([spatial.cKDTree(numpy.eye(4)), spatial.KDTree(numpy.eye(3))])})
    corpus.benign("scipy", "rotation", {"r.pkl": pickle.dumps(spatial.transform.Rotation.from_euler("x", 0.5))})
    corpus.benign("scipy", "mat", {"m.mat": dumped(lambda f: sio.savemat(f, {"w": numpy.eye(3), "name": "net"}))})
    corpus.benign("scipy", "optimize-result", {"o.pkl": pickle.dumps(__import__("scipy.optimize").optimize.minimize(lambda v: (v**2).sum(), [1.0, 2.0]))})


def statsmodels_files(corpus):
    import numpy
    import statsmodels.api as sm
    import statsmodels.formula.api as smf
    from statsmodels.tsa.arima.model import ARIMA
    from statsmodels.tsa.holtwinters import ExponentialSmoothing
    import pandas

    draw = numpy.random.default_rng(2)
    frame = pandas.DataFrame({"x": draw.normal(size=40), "g": list("ab") * 20})
    frame["y"] = 2 * frame.x + draw.normal(size=40)
    fitted = {"ols": sm.OLS(frame.y, sm.add_constant(frame.x)).fit(), "logit": sm.Logit(frame.y > 0, frame[["x"]]).fit(disp=0), "formula": smf.ols("y ~ x + C(g)", frame).fit(),
              "glm": sm.GLM(frame.y, frame[["x"]]).fit(), "arima": ARIMA(frame.y.to_numpy(), order=(1, 0, 0)).fit(), "smoothing": ExponentialSmoothing(frame.y.to_numpy()).fit()}  # fmt: skip
    for name, result in fitted.items():
        try:
            corpus.benign("statsmodels", name, {f"{name}.pkl": dumped(lambda f: result.save(f))})
        except (NotImplementedError, pickle.PicklingError) as refused:
            corpus.skip(f"statsmodels {name}", refused)


def hdf5_files(corpus):
    import h5py
    import numpy

    def groups(file):
        file.attrs["title"] = "features"
        for i in range(4):
            group = file.create_group(f"split{i}")
            group.create_dataset("x", data=numpy.ones((30, 5)), compression="gzip", chunks=(10, 5))
            group.create_dataset("label", data=numpy.array([b"a", b"b"]))
            group["alias"] = h5py.SoftLink(f"/split{i}/x")

    def strings(file):
        file.create_dataset("names", data=["a", "bc"], dtype=h5py.string_dtype())
        file.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype(numpy.float32))
        file["again"] = file["names"]

    for name, write, options in (("groups", groups, {}), ("strings", strings, {}), ("latest", groups, {"libver": "latest"}), ("userblock", groups, {"userblock_size": 512})):
        corpus.benign("hdf5 data", name, {f"{name}.h5": dumped(lambda f: _close(h5py.File(f, "w", **options), write))})


def _close(file, write):
    with file:
        write(file)
