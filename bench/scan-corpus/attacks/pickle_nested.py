"""A pickle that carries its payload as a constant: pickle in bytes, in base64, hex, zlib, as marshalled code, as source."""

import base64
import marshal
import pickle
import zlib

from pkl import *

SOURCE = "import os\nos.system('id')\n"


def make(corpus):
    def case(name, code, about="", expected="fail", twin=None):
        corpus.attack("pickle-nested", name, {"m.pkl": pickled(code)}, about=about, expected=expected,
                      twin=twin and {"m.pkl": pickle.dumps(twin, 4)})  # fmt: skip

    marshalled = marshal.dumps(compile(SOURCE, "x", "exec"))
    case("loads-bytes", call("pickle", "loads", EVIL), twin={"blob": b"\x80\x04 no pickle"})
    case("loads-loads-loads", call("pickle", "loads", pickled(call("_pickle", "loads", pickled(call("pickle", "loads", EVIL))))))
    case("loads-base64", call("pickle", "loads", call("base64", "b64decode", base64.b64encode(EVIL).decode())),
         twin={"thumbnail": base64.b64encode(bytes(200)).decode()})  # fmt: skip
    case("loads-hex", call("pickle", "loads", call("binascii", "unhexlify", EVIL.hex())), twin={"sha256": "ab" * 32})
    case("loads-codec-zlib", call("pickle", "loads", call("_codecs", "decode", zlib.compress(EVIL), "zlib")))
    case("storage-load-from-bytes", call("torch.storage", "_load_from_bytes", EVIL),
         about="a function that ordinary torch pickles call, with a hostile pickle as its bytes")  # fmt: skip
    case("storage-load-from-bytes-proto0", call("torch.storage", "_load_from_bytes", EVIL_0))
    case("numpy-scalar-object", call("numpy.core.multiarray", "scalar", call("numpy", "dtype", "O8", False, True), EVIL),
         expected="not-pass", about="numpy.scalar of an object dtype with a pickle in its bytes")  # fmt: skip
    case("marshal-function", apply(call("types", "FunctionType", call("marshal", "loads", marshalled), {})))
    case("marshal-exec", call("builtins", "exec", call("marshal", "loads", marshalled)))
    case("source-exec", call("builtins", "exec", SOURCE))
    case("source-compile", call("builtins", "exec", call("builtins", "compile", SOURCE, "x", "exec")))
    case("source-base64", call("builtins", "exec", call("base64", "b64decode", base64.b64encode(SOURCE.encode()))))
    case("encode-latin1-trick", call("pickle", "loads", call("_codecs", "encode", EVIL.decode("latin1"), "latin1")),
         twin=b"bytes by protocol 2")  # fmt: skip
    case("dormant-base64", value({"code": base64.b64encode(EVIL).decode(), "loader": "pickle"}), expected="not-pass",
         about="a hostile pickle as base64 in plain data: nothing in the file runs it (doubtful label)")  # fmt: skip
    case("dormant-bytes", value({"state": EVIL}), expected="not-pass",
         about="a hostile pickle as bytes in plain data: nothing in the file runs it (doubtful label)")  # fmt: skip
