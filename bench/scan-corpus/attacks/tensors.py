"""safetensors, ONNX, TFLite and Flax msgpack: files without code of their own, attacked by numbers that lie, by data kept
elsewhere, by operators that leave the runtime, and by a second file inside the first.

CVE-2022-25882, CVE-2024-27318, CVE-2025-51480 (ONNX external data); the rules of the safetensors reference reader.
"""

import json
import struct

from corpus import Symlink
from pkl import EVIL, EVIL_0
from protobuf import field, message, varint
from rawzip import Entry, archive


def make(corpus):
    safetensors(corpus)
    onnx(corpus)
    msgpack_files(corpus)
    corpus.run([tflite])


def safe(header, data=bytes(16), length=None, pad=True):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    if pad:
        text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def one(begin=0, end=16, shape=(4,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def safetensors(corpus):
    honest = safe({"__metadata__": {"format": "pt"}, "w": one()})

    def case(name, data, expected="not-pass", file="model.safetensors", about=""):
        corpus.attack("safetensors", name, {file: data}, expected=expected, about=about, twin={file: honest})

    case("overlap", safe({"a": one(0, 16), "b": one(8, 24)}, bytes(24)))
    case("hole", safe({"a": one(0, 16), "b": one(32, 48)}, bytes(48)))
    case("hole-with-pickle", safe({"a": one(0, 16), "b": one(16 + len(EVIL), 32 + len(EVIL))}, bytes(16) + EVIL + bytes(16)))
    case("duplicate-key", safe(b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"w":{"dtype":"F32","shape":[4],"data_offsets":[16,32]}}', bytes(32)))
    case("trailing-pickle", honest + EVIL, about="a pickle behind the tensors")
    case("trailing-zeros", honest + bytes(64))
    case("zip-polyglot", honest + archive(Entry("data.pkl", EVIL)), about="also a zip that torch would open")
    case("pickle-in-metadata", safe({"__metadata__": {"blob": EVIL_0.decode()}, "w": one()}), about="doubtful label: nothing loads it")
    case("header-length-absurd", safe({"w": one()}, length=2**63 - 1))
    case("header-length-over-limit", safe({"w": one()}, length=101_000_000))
    case("header-length-beyond-file", safe({"w": one()}, length=4096))
    case("header-not-json", safe(b'{"w": {"dtype": "F32",'))
    case("header-array", safe(b"[1, 2, 3]"))
    case("end-beyond-file", safe({"w": one(0, 2**40, (2**38,))}))
    case("begin-after-end", safe({"w": one(16, 0)}))
    case("negative-offset", safe({"w": one(-16, 0)}))
    case("shape-lie", safe({"w": one(shape=(400,))}))
    case("shape-overflow", safe({"w": one(shape=(2**32, 2**32, 2**32))}))
    case("unknown-dtype", safe({"w": one(dtype="OBJ")}))
    case("metadata-not-strings", safe({"__metadata__": {"format": {"a": 1}}, "w": one()}))
    case("deep-json", safe(b'{"__metadata__":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))
    case("cut", honest[:-7])
    case("really-pickle", EVIL, "fail")
    case("really-zip", archive(Entry("archive/data.pkl", EVIL)), "fail")


def tensor(name="w", dims=(2,), data_type=1, raw=bytes(8), location=None, extra=()):
    out = b"".join(field(1, d) for d in dims) + field(2, data_type) + field(8, name)
    if location is None:
        return out + field(9, raw)
    out += b"".join(field(13, message(f1=k, f2=v)) for k, v in (("location", location), *extra))
    return out + field(14, 1)


def node(op="Relu", inputs=("x",), outputs=("y",), domain="", attributes=()):
    parts = b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + field(4, op)
    return parts + b"".join(field(5, a) for a in attributes) + (field(7, domain) if domain else b"")


def value_info(name):
    return message(f1=name, f2=message(f1=message(f1=1, f2=message(f1=message(f1=2)))))


def graph(nodes=None, initializers=(), more=b""):
    return (b"".join(field(1, n) for n in (nodes if nodes is not None else [node()])) + field(2, "g") + b"".join(field(5, t) for t in initializers)
            + field(11, value_info("x")) + field(12, value_info("y")) + more)  # fmt: skip


def onnx_model(graph_=None, domains=(), more=b""):
    opsets = field(8, message(f1="", f2=17)) + b"".join(field(8, message(f1=d, f2=1)) for d in domains)
    return field(1, 8) + field(2, "pytorch") + field(7, graph() if graph_ is None else graph_) + opsets + more


def onnx(corpus):
    honest = onnx_model(graph(initializers=[tensor()]))

    def case(name, data, expected="fail", file="model.onnx", about=""):
        corpus.attack("onnx", name, {file: data}, expected=expected, about=about, twin={file: honest})

    def outside(location, **how):
        return onnx_model(graph(initializers=[tensor(location=location, **how)]))

    case("external-parent", outside("../../../../etc/passwd"))
    case("external-hidden-parent", outside("weights/../../../etc/shadow"))
    case("external-absolute", outside("/etc/passwd"))
    case("external-backslash", outside("..\\..\\Windows\\win.ini"))
    case("external-drive", outside("C:\\Users\\me\\.ssh\\id_rsa"))
    case("external-unc", outside("\\\\attacker.invalid\\share\\w.bin"))
    case("external-url", outside("http://weights.invalid/w.bin"))
    case("external-file-url", outside("file:///etc/passwd"))
    case("external-nul", outside("w.bin\0/../../etc/passwd"))
    case("external-renamed", outside("../../../../etc/passwd"), file="model.bin")
    case("external-in-attribute", onnx_model(graph([node("Constant", (), ("y",), attributes=[message(f1="value", f5=tensor(location="/etc/passwd"), f20=4)])])))
    subgraph = graph(initializers=[tensor(location="../../secret")])
    case("external-in-branch", onnx_model(graph([node("If", ("x",), ("y",), attributes=[message(f1="then_branch", f6=subgraph, f20=5)])])))
    case("external-in-loop-in-branch", onnx_model(graph([node("If", attributes=[message(f1="then_branch", f6=graph([node("Loop", attributes=[message(f1="body", f6=subgraph, f20=5)])]), f20=5)])])))
    case("external-in-training", onnx_model(more=field(20, message(f1=graph(initializers=[tensor(location="../../t")])))))
    case("external-in-sparse", onnx_model(graph(more=field(15, message(f1=tensor(location="/etc/passwd"), f2=tensor("i", data_type=7, raw=bytes(16)))))))
    case("external-in-function", onnx_model(more=field(25, message(f1="f", f7=node("Constant", (), ("y",), attributes=[message(f1="value", f5=tensor(location="../../x"), f20=4)]), f10="local"))))
    case("python-op", onnx_model(graph([node("PyOp", domain="ai.onnx.contrib")]), ["ai.onnx.contrib"]), about="runs a Python function by name")
    case("python-op-microsoft", onnx_model(graph([node("PythonOp", domain="com.microsoft", attributes=[message(f1="func_name", f4="os.system", f20=3)])]), ["com.microsoft"]))
    case("external-offset-beyond", outside("w.bin", extra=(("offset", str(2**62)), ("length", str(2**62)))), "not-pass")
    case("external-negative", outside("w.bin", extra=(("offset", "-4096"), ("length", "8"))), "not-pass")
    case("raw-too-short", onnx_model(graph(initializers=[tensor(dims=(1000, 1000))])), "not-pass")
    case("dims-negative", onnx_model(graph(initializers=[tensor(dims=(-1,))])), "not-pass")
    case("dims-overflow", onnx_model(graph(initializers=[tensor(dims=(2**33, 2**33))])), "not-pass")
    deep = graph()
    for _ in range(3000):
        deep = graph([node("If", attributes=[message(f1="then_branch", f6=deep, f20=5)])])
    case("deep-branches", onnx_model(deep), "not-pass")
    case("cut", honest[: len(honest) // 2], "not-pass")
    case("length-lie", honest[:2] + field(7, b"")[:1] + varint(2**40) + honest[4:], "not-pass")
    case("trailing-pickle", honest + EVIL, "not-pass")
    folder = {"model.onnx": outside("weights.bin"), "weights.bin": Symlink("/etc/passwd")}
    corpus.attack("onnx", "external-symlink", folder, about="the data file is a link out of the folder (CVE-2026-27489)",
                  twin={"model.onnx": outside("weights.bin"), "weights.bin": bytes(8)})  # fmt: skip


def tflite(corpus):
    import warnings

    warnings.simplefilter("ignore")
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    def model(op="RELU", custom=None, buffers=None, shape=(1, 4), inputs=(0,), tensor_buffer=1, version=3, data=bytes(16)):
        whole = schema.ModelT()
        whole.version, whole.description = version, "net"
        code = schema.OperatorCodeT()
        code.builtinCode = 32 if custom else getattr(schema.BuiltinOperator, op)
        code.deprecatedBuiltinCode = code.builtinCode
        code.customCode = custom
        whole.operatorCodes = [code]
        part = schema.SubGraphT()
        part.tensors = []
        for name in ("x", "y"):
            tensor_ = schema.TensorT()
            tensor_.name, tensor_.shape, tensor_.type, tensor_.buffer = name, list(shape), 0, tensor_buffer if name == "x" else 0
            part.tensors.append(tensor_)
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = 0, list(inputs), [1]
        part.operators, part.inputs, part.outputs = [operator], [0], [1]
        whole.subgraphs = [part]
        filled = schema.BufferT()
        filled.data = list(data)
        whole.buffers = [schema.BufferT(), filled] if buffers is None else buffers
        builder = flatbuffers.Builder(256)
        builder.Finish(whole.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    honest = model()

    def case(name, data, expected="not-pass", about=""):
        corpus.attack("tflite", name, {"model.tflite": data}, expected=expected, about=about, twin={"model.tflite": honest})

    for op in ("FlexPyFunc", "FlexWriteFile", "FlexReadFile", "FlexEagerPyFunc"):
        case(f"flex-{op[4:].lower()}", model(custom=op), "fail", about=f"a TensorFlow operator by way of Flex: {op}")
    case("zip-with-pickle", honest + archive(Entry("labels.pkl", EVIL)), "fail", about="metadata is a zip behind the model; this one holds a pickle")
    case("trailing-pickle", honest + EVIL, "fail")
    case("trailing-elf", honest + b"\x7fELF\x02\x01\x01\0" + bytes(64), "fail")
    case("pickle-in-buffer", model(data=EVIL), about="a pickle as weights: nothing loads it (doubtful label)")
    case("tensor-index", model(inputs=(4096,)))
    case("buffer-index", model(tensor_buffer=99))
    case("shape-overflow", model(shape=(2**30, 2**30, 2**30)))
    case("shape-negative", model(shape=(-4, 4)))
    case("root-offset", struct.pack("<I", 2**31) + honest[4:])
    case("cut", honest[: len(honest) // 2])
    vector = honest.find(b"net")
    case("vector-length", honest[: vector - 4] + struct.pack("<I", 2**31 - 1) + honest[vector:])


def msgpack_files(corpus):
    def text(s):
        return bytes([0xA0 | len(s)]) + s.encode()

    def ext(kind, data):
        return b"\xc8" + struct.pack(">HB", len(data), kind) + data

    def array(shape, dtype, data):
        return ext(1, bytes([0x93, 0x90 | len(shape)]) + b"".join(b"\xcf" + struct.pack(">Q", d) for d in shape) + text(dtype)
                   + b"\xc5" + struct.pack(">H", len(data)) + data)  # fmt: skip

    def params(leaf, tail=b""):
        return b"\x81" + text("params") + b"\x81" + text("kernel") + leaf + tail

    honest = params(array((2,), "float32", bytes(8)))

    def case(name, data, expected="not-pass", file="flax_model.msgpack", about=""):
        corpus.attack("flax-msgpack", name, {file: data}, expected=expected, about=about, twin={file: honest})

    case("object-dtype", params(array((1,), "object", EVIL)), about="an array of objects")
    case("object-dtype-short", params(array((1,), "O", EVIL_0)))
    case("extension-with-pickle", params(ext(42, EVIL)), about="an unknown extension whose bytes are a pickle")
    case("shape-lie", params(array((2**40,), "float32", bytes(8))))
    case("shape-overflow", params(array((2**33, 2**33), "float32", bytes(8))))
    case("trailing-pickle", honest + EVIL, "fail")
    case("map-count", b"\xdf\xff\xff\xff\xff" + text("a") + b"\x01")
    case("string-length", b"\x81\xdb\xff\xff\xff\xf0x")
    case("deep", b"\x91" * 200_000 + b"\x01")
    case("reserved-byte", params(b"\xc1"))
    case("cut", honest[:-5])
    case("not-utf8-key", b"\x81\xa2\xff\xfe" + b"\x01")
