"""Hostile objects carried the way the ecosystem carries objects: joblib in all its wrappers, dill, cloudpickle, npy, npz,
pandas. Where the real library is there it writes the file; what it writes calls `echo` at most and is never loaded.
"""

import bz2
import gzip
import io
import lzma
import struct
import zlib

from pkl import *
from rawzip import Entry, archive

from .containers import lz4_frame

FAMILY = "carriers"
RAN = call("os", "system", "echo vallum-marker")


class Runs:
    """An object whose pickle calls os.system."""

    def __reduce__(self):
        import os

        return os.system, ("echo vallum-marker",)


def npy(header, body=b"", version=(1, 0)):
    text_ = header.encode("latin1" if version < (3, 0) else "utf8")
    size = struct.pack("<H", len(text_)) if version == (1, 0) else struct.pack("<I", len(text_))
    return b"\x93NUMPY" + bytes(version) + size + text_ + body


def padded(header):
    return header + " " * (117 - len(header) % 64) + "\n"


OBJECT_HEADER = padded("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")
FLOAT_HEADER = padded("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }")
FLOATS = struct.pack("<2d", 0.5, 1.5)


def make(corpus):
    def case(name, data, file, twin=None, expected="fail", about=""):
        corpus.attack(FAMILY, name, {file: data}, expected=expected, about=about, twin=twin and {file: twin})

    joblib_by_hand(case)
    numpy_files(case)
    corpus.run([by_joblib, by_pickle_libraries, by_pandas])


def joblib_by_hand(case):
    wrapper = Code(
        ref("joblib.numpy_pickle", "NumpyArrayWrapper") + EMPTY_TUPLE + NEWOBJ
        + value({"subclass": ref("numpy", "ndarray"), "shape": (2,), "order": "C",
                 "dtype": call("numpy", "dtype", "f8", False, True), "allow_mmap": False}) + BUILD
    )  # fmt: skip
    honest = proto(4) + MARK + wrapper + FLOATS + value(1) + TUPLE + STOP
    case("joblib-after-array", proto(4) + MARK + wrapper + FLOATS + RAN + TUPLE + STOP, "model.joblib", honest,
         about="the call stands behind the raw bytes of an array")  # fmt: skip
    objects = wrapper.replace(b"\x8c\x02f8", b"\x8c\x02O8")
    case("joblib-object-array", proto(4) + MARK + Code(objects) + pickled(RAN) + value(1) + TUPLE + STOP, "model.joblib",
         about="an object array: its elements are a pickle within the pickle")  # fmt: skip
    case("joblib-aligned", proto(4) + MARK + wrapper + b"\x03\xff\xff\xff" + FLOATS + RAN + TUPLE + STOP, "model.joblib",
         expected="not-pass", about="padding before the array as newer joblib writes it, without saying so")  # fmt: skip
    case("joblib-old-zfile", b"ZF" + b"0x%-16x " % len(EVIL) + zlib.compress(EVIL), "model.pkl", about="joblib's wrapper before 0.10")
    case("joblib-old-ndarray", pickled(call("joblib.numpy_pickle_compat", "NDArrayWrapper", "next.npy", ref("os", "system"))), "model.pkl")


def numpy_files(case):
    floats = npy(FLOAT_HEADER, FLOATS)
    case("npy-object", npy(OBJECT_HEADER, pickled(RAN, version=3)), "weights.npy", floats)
    case("npy-object-v2", npy(OBJECT_HEADER, EVIL, (2, 0)), "weights.npy", npy(FLOAT_HEADER, FLOATS, (2, 0)))
    case("npy-object-v3", npy(OBJECT_HEADER, EVIL_0, (3, 0)), "weights.npy", npy(FLOAT_HEADER, FLOATS, (3, 0)))
    case("npy-renamed", npy(OBJECT_HEADER, EVIL), "weights.bin", floats)
    case("npy-structured-object", npy(padded("{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }"), EVIL), "w.npy")
    case("npy-trailing", floats + EVIL, "weights.npy", floats)
    case("npy-header-code", npy(padded("__import__('os').system('id') or {'descr': '<f8', 'shape': (2,)}"), FLOATS), "w.npy",
         expected="not-pass", about="a header that is code: numpy evaluates literals only, some readers eval()")  # fmt: skip
    case("npy-header-huge", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "1," * 200_000 + "), }\n", FLOATS, (2, 0)), "w.npy",
         expected="not-pass")  # fmt: skip
    case("npy-short-body", npy(padded("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000,), }"), FLOATS), "w.npy",
         expected="not-pass")  # fmt: skip
    case("npz-object", archive(Entry("a.npy", floats), Entry("b.npy", npy(OBJECT_HEADER, EVIL))), "weights.npz",
         archive(Entry("a.npy", floats), Entry("b.npy", floats)))  # fmt: skip
    case("npz-extra-pickle", archive(Entry("a.npy", floats), Entry("b.pkl", EVIL)), "weights.npz")
    case("npz-no-extension", archive(Entry("a", npy(OBJECT_HEADER, EVIL), method=8)), "arrays.dat")


def by_joblib(corpus):
    import joblib

    for compress in (0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3), ("lz4", 3)):
        name = "none" if compress == 0 else compress[0]
        out = io.BytesIO()
        twin = io.BytesIO()
        try:
            joblib.dump({"model": Runs()}, out, compress=compress)
            joblib.dump({"model": [1, 2]}, twin, compress=compress)
        except ValueError as missing:
            corpus.skip(f"joblib {name}", missing)
            continue
        corpus.attack(FAMILY, f"joblib-{name}", {"model.joblib": out.getvalue()}, twin={"model.joblib": twin.getvalue()})
    for name, wrap in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("zlib", zlib.compress), ("lz4", lz4_frame)):
        corpus.attack(FAMILY, f"joblib-renamed-{name}", {"pytorch_model.bin": wrap(pickled(RAN))})


def by_pickle_libraries(corpus):
    import os

    import cloudpickle
    import dill

    def by_value():
        os.system("echo vallum-marker")

    class Layer:
        def __reduce__(self):
            return by_value, ()

    corpus.attack(FAMILY, "cloudpickle-function", {"preprocess.pkl": cloudpickle.dumps(by_value)},
                  about="a function by value: its code runs a shell when it is called")  # fmt: skip
    corpus.attack(FAMILY, "cloudpickle-reduce", {"model.pkl": cloudpickle.dumps(Layer())},
                  twin={"model.pkl": cloudpickle.dumps({"a": [1, 2], "b": (3.5, None)})})  # fmt: skip
    corpus.attack(FAMILY, "cloudpickle-lambda", {"model.pkl": cloudpickle.dumps({"activation": lambda x: eval("x")})})
    corpus.attack(FAMILY, "dill-function", {"preprocess.dill": dill.dumps(by_value, recurse=True)})
    corpus.attack(FAMILY, "dill-lambda-reduce", {"model.dill": dill.dumps(Runs(), byref=False, recurse=True)},
                  twin={"model.dill": dill.dumps({"a": [1, 2], "b": {3, 4}})})  # fmt: skip
    corpus.attack(FAMILY, "dill-module", {"session.pkl": dill.dumps({"m": os, "run": os.system})},
                  about="holds os.system ready to be called")  # fmt: skip


def by_pandas(corpus):
    import numpy
    import pandas

    frame_ = pandas.DataFrame({"a": [1.0, 2.0], "b": [Runs(), "x"]})
    honest = pandas.DataFrame({"a": [1.0, 2.0], "b": ["y", "x"]})
    for extension in ("pkl", "pkl.gz", "pkl.xz", "pkl.zip"):
        out, twin = io.BytesIO(), io.BytesIO()
        kind = {"pkl": None, "pkl.gz": "gzip", "pkl.xz": "xz", "pkl.zip": "zip"}[extension]
        frame_.to_pickle(out, compression=kind)
        honest.to_pickle(twin, compression=kind)
        corpus.attack(FAMILY, f"pandas-{extension.replace('.', '-')}", {f"frame.{extension}": out.getvalue()},
                      twin={f"frame.{extension}": twin.getvalue()})  # fmt: skip
    out = io.BytesIO()
    numpy.save(out, numpy.array([Runs(), 1], dtype=object), allow_pickle=True)
    corpus.attack(FAMILY, "numpy-save-object", {"arrays.npy": out.getvalue()})
    out = io.BytesIO()
    numpy.savez_compressed(out, w=numpy.zeros(3), meta=numpy.array({"a": Runs()}, dtype=object))
    corpus.attack(FAMILY, "numpy-savez-object", {"arrays.npz": out.getvalue()})
