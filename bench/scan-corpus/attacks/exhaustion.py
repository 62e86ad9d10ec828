"""Input that is small and costs much: bombs, depth, absurd counts. The right answer is "fail" or "inconclusive", soon,
and never "pass".
"""

import bz2
import gzip
import json
import lzma
import struct
import zlib

from pkl import *
from protobuf import field
from rawzip import Entry, archive, deflate

FAMILY = "exhaustion"
MIB = 1 << 20


def zeros(compressor, mebibytes):
    return b"".join([compressor.compress(bytes(MIB)) for _ in range(mebibytes)] + [compressor.flush()])


def make(corpus):
    def case(name, data, file="model.pkl", about=""):
        corpus.attack(FAMILY, name, {file: data}, expected="not-pass", about=about)

    pickles(case)
    archives(case)
    texts(case)


def pickles(case):
    doubling = MARK + text("x") + TUPLE + put(0) + b"".join(get(0) + get(0) + b"\x86" + put(0) for _ in range(200))
    case("memo-doubling", proto(4) + doubling + STOP, about="two hundred tuples of two, each the one before: 2^200 leaves")
    case("memo-doubling-called", proto(4) + b"cos\nsystem\n" + doubling + b"\x85" + REDUCE + STOP)
    case("deep-lists", proto(4) + EMPTY_LIST * 2_000_000 + APPEND * 1_999_999 + STOP, about="a list two million deep")
    case("deep-tuples", b"(" * 1_000_000 + b"t" * 1_000_000 + STOP)
    case("marks", proto(4) + MARK * 3_000_000)
    case("never-popped", proto(4) + NONE * 4_000_000)
    case("bytearray-allocation", pickled(call("builtins", "bytearray", 10**13)), about="an allowed type asked for ten terabytes")
    case("array-allocation", pickled(call("numpy.core.multiarray", "_reconstruct", ref("numpy", "ndarray"), (10**12,), b"d")))
    case("string-multiply", pickled(call("operator", "mul", "x", 10**12)))
    case("long4-absurd", proto(2) + b"\x8b\xff\xff\xff\x7f" + b"\x01" * 64)
    case("binunicode8-absurd", proto(4) + b"\x8d" + struct.pack("<Q", 2**62) + b"x")
    case("memo-index-absurd", proto(4) + NONE + b"r\xff\xff\xff\xff" + STOP, about="LONG_BINPUT to slot 2^32-1: CPython allocates for it")
    case("decimal-digits", b"L" + b"9" * 3_000_000 + b"L\n.", about="three million decimal digits: quadratic in CPython")
    case("persistent-flood", b"".join(b"P%d\n0" % i for i in range(200_000)))


def archives(case):
    case("gzip-bomb", zeros(zlib.compressobj(9, zlib.DEFLATED, 31), 1024), "model.pkl.gz", "1 GiB of zeros")
    case("zlib-bomb", zeros(zlib.compressobj(9), 1024), "model.joblib")
    case("bz2-bomb", zeros(bz2.BZ2Compressor(9), 512), "model.pkl.bz2")
    case("xz-bomb", zeros(lzma.LZMACompressor(preset=1), 512), "model.pkl.xz")
    inner = zeros(zlib.compressobj(9, zlib.DEFLATED, -15), 512)
    crc = 0
    for _ in range(512):
        crc = zlib.crc32(bytes(MIB), crc)
    bomb = lambda name: Entry(name, b"", method=8, data_override=inner, size=512 * MIB, crc=crc)  # noqa: E731
    case("zip-bomb", archive(bomb("archive/data.pkl")), "model.pt")
    case("zip-bomb-lying", archive(Entry("data.pkl", b"", method=8, data_override=inner, size=100)), "model.pt", "says a hundred bytes")
    one = archive(bomb("b"))
    case("zip-of-zips", archive(*[Entry(f"{i}.zip", one, method=8) for i in range(64)]), "model.zip")
    deep = one
    for level in range(12):
        deep = archive(Entry(f"{level}.zip", deep, method=8))
    case("zip-depth", deep, "model.zip", "twelve levels")
    layers = EVIL
    for _ in range(12):
        layers = gzip.compress(layers)
    case("gzip-depth", layers, "model.pkl.gz", "a hostile pickle twelve wrappers down")
    kernel = deflate(bytes(10 * MIB))
    overlap = archive(Entry("k", b"", method=8, data_override=kernel, size=10 * MIB), *[Entry(f"e{i}", b"", local=False, offset=0, method=8, size=10 * MIB, packed=len(kernel)) for i in range(500)])
    case("zip-overlap", overlap, "model.zip", "five hundred entries that share one body (Fifield 2019)")
    case("zip-many", archive(*[Entry(f"data/{i}", b"") for i in range(60_000)]), "model.pt", "sixty thousand entries")
    case("tar-size-absurd", b"weights".ljust(100, b"\0") + b"0000644\0" * 3 + b"77777777777\0" + bytes(12) + b"0" * 8 + b"0" + bytes(355), "model.tar")


def texts(case):
    case("json-depth", "[" * 500_000 + "]" * 500_000, "config.json")
    case("json-number", '{"hidden_size": ' + "9" * 2_000_000 + "}", "config.json", "a number of two million digits (doubtful label)")
    aliases = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    case("yaml-aliases", aliases, "config.yaml", "three to the fortieth (doubtful label)")
    case("yaml-depth", "".join(" " * i + "a:\n" for i in range(3000)), "config.yaml")
    case("jinja-depth", "{{ " + "(" * 100_000 + "1" + ")" * 100_000 + " }}", "chat_template.jinja")
    case("protobuf-depth", deep_message(), "model.onnx")
    case("npy-dimensions", b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999), }".ljust(117) + b"\n", "w.npy")
    case("python-depth", "x = " + "(" * 100_000 + ")" * 100_000 + "\n", "modeling.py", "doubtful label")
    case("notebook-not-json", "{" * 300_000, "demo.ipynb", "doubtful label")
    case("safetensors-many", safetensors_flood(), "model.safetensors", "a header of 3 MB whose tensors all overlap")


def deep_message():
    data = field(1, 1)
    for _ in range(5000):
        data = field(7, data)
    return field(1, 8) + field(2, "x") + field(7, field(1, field(5, data))) + field(8, field(2, 17))


def safetensors_flood():
    header = json.dumps({f"w{i}": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for i in range(40_000)}).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + bytes(4)
