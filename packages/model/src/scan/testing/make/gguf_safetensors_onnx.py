"""Makes clean GGUF, safetensors and ONNX files with their own libraries, into one folder.

python gguf_safetensors_onnx.py FOLDER          everything (for measuring)
python gguf_safetensors_onnx.py FOLDER --few    a few small ones, as base64 in FOLDER/gguf-safetensors-onnx.json (the committed fixtures)

Needs gguf, safetensors, onnx, numpy; skl2onnx, scikit-learn, torch and ml_dtypes where they are there.
"""

import base64
import importlib.metadata
import json
import os
import sys

import numpy as np

CHAT = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] | trim + eos_token }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)


def gguf_files(folder):
    import gguf

    random = np.random.default_rng(1)

    def write(name, words=40, endian=gguf.GGUFEndian.LITTLE, template=CHAT, alignment=None, kinds=(), templates=None):
        writer = gguf.GGUFWriter(f"{folder}/{name}", "llama", endianess=endian)
        if alignment:
            writer.add_custom_alignment(alignment)
        writer.add_name("tiny")
        writer.add_url("https://example.org/tiny")
        writer.add_context_length(128)
        writer.add_embedding_length(64)
        writer.add_block_count(1)
        writer.add_rope_freq_base(10000.0)
        writer.add_bool("tokenizer.ggml.add_bos_token", True)
        writer.add_token_list([f"word{i}" for i in range(words)] + ["{{", "}}", "{%", "%}"])
        writer.add_token_scores([0.5] * words)
        writer.add_token_types([1] * words)
        writer.add_array("general.tags", ["text-generation", "tiny"])
        if templates:
            writer.add_chat_template(templates)
        elif template:
            writer.add_chat_template(template)
        writer.add_tensor("token_embd.weight", random.standard_normal((8, 256), dtype=np.float32))
        writer.add_tensor("norm.weight", np.ones(3, dtype=np.float32))
        for index, kind in enumerate(kinds):
            block, size = gguf.GGML_QUANT_SIZES[kind]
            data = random.integers(0, 255, (4, size), dtype=np.uint8)
            writer.add_tensor(f"q{index}.weight", data, raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()

    write("plain.gguf", words=10)
    write("big-endian.gguf", words=10, endian=gguf.GGUFEndian.BIG)
    write("no-template.gguf", template=None)
    write("templates.gguf", templates=[{"name": "default", "template": CHAT}, {"name": "tool_use", "template": CHAT}])
    write("vocabulary.gguf", words=50000)
    for alignment in (8, 64, 256, 4096):
        write(f"aligned-{alignment}.gguf", alignment=alignment)
    for kind in gguf.GGML_QUANT_SIZES:
        if gguf.GGML_QUANT_SIZES[kind][0] > 1:
            if kind.name != "Q8_1":
                write(f"{kind.name}.gguf", kinds=[kind, gguf.GGMLQuantizationType.Q4_0])
    for kind in ("F16", "F64", "I8", "I16", "I32", "I64"):
        writer = gguf.GGUFWriter(f"{folder}/type-{kind}.gguf", "test")
        dtype = {"F16": "f2", "F64": "f8", "I8": "i1", "I16": "i2", "I32": "i4", "I64": "i8"}[kind]
        writer.add_tensor("a", np.arange(7, dtype=dtype))
        writer.add_tensor("b", np.zeros((2, 3, 4), dtype=dtype))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    # Metadata alone, as the first part of a split model.
    writer = gguf.GGUFWriter(f"{folder}/metadata-only.gguf", "llama")
    writer.add_uint16("split.no", 0)
    writer.add_array("mixed.numbers", [1, 2, 3])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def safetensors_files(folder):
    from safetensors.numpy import save_file

    random = np.random.default_rng(2)
    types = ["f4", "f2", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", "c8"]
    for one in types:
        values = (random.standard_normal((3, 5)) * 10).astype(one)
        try:
            save_file({"a": values, "b.c": values[:1]}, f"{folder}/{one.replace('?', 'bool')}.safetensors", {"format": "np"})
        except Exception as error:
            print("safetensors", one, error)
    save_file({}, f"{folder}/empty.safetensors")
    save_file({"scalar": np.array(3.0), "none": np.zeros((0, 4))}, f"{folder}/shapes.safetensors")
    save_file({f"layer.{i}.weight": np.zeros((2, i + 1), "f4") for i in range(500)}, f"{folder}/many.safetensors")
    save_file({"ü \" \\ name": np.zeros(3)}, f"{folder}/names.safetensors", {"note": "{\"a\": [1, 2]}", "b": "ä\n"})
    try:
        import torch
        from safetensors.torch import save_file as save_torch

        for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2", "float16", "complex64"):
            dtype = getattr(torch, name)
            save_torch({"w": torch.zeros(4, 8, dtype=dtype)}, f"{folder}/torch-{name}.safetensors", {"format": "pt"})
        model = torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
        save_torch(model.state_dict(), f"{folder}/torch-model.safetensors")
        shards = {f"model-0000{i}-of-00002.safetensors": {f"w{i}": torch.zeros(4)} for i in (1, 2)}
        os.makedirs(f"{folder}/sharded", exist_ok=True)
        for name, tensors in shards.items():
            save_torch(tensors, f"{folder}/sharded/{name}")
        index = {"metadata": {"total_size": 32}, "weight_map": {key: name for name, one in shards.items() for key in one}}
        with open(f"{folder}/sharded/model.safetensors.index.json", "w") as file:
            json.dump(index, file, indent=2)
    except ImportError as error:
        print("safetensors", error)


def onnx_files(folder):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(3)

    def save(name, graph, domains=(), metadata=None, functions=(), **options):
        opsets = [helper.make_opsetid("", 17)] + [helper.make_opsetid(domain, 1) for domain in domains]
        model = helper.make_model(graph, opset_imports=opsets, functions=functions)
        if metadata:
            helper.set_model_props(model, metadata)
        onnx.save(model, f"{folder}/{name}", **options)

    def info(name, shape, kind=TensorProto.FLOAT):
        return helper.make_tensor_value_info(name, kind, shape)

    weights = random.standard_normal((4, 2)).astype("f4")
    matmul = helper.make_node("MatMul", ["x", "w"], ["y"])
    linear = helper.make_graph([matmul], "linear", [info("x", [None, 4])], [info("y", [None, 2])], [numpy_helper.from_array(weights, "w")])
    save("linear.onnx", linear)
    yolo = {"names": "{0: 'person', 1: 'bicycle (small)'}", "stride": "32", "imgsz": "[640, 640]", "task": "detect", "license": "AGPL-3.0 License (https://example.org/license)", "date": "2026-11-22T10:00:00", "args": "{'batch': 1, 'half': False, 'nms': None}"}
    save("metadata.onnx", linear, metadata=yolo)
    os.makedirs(f"{folder}/external", exist_ok=True)
    big = helper.make_graph([matmul], "big", [info("x", [None, 64])], [info("y", [None, 64])], [numpy_helper.from_array(random.standard_normal((64, 64)).astype("f4"), "w")])
    save("external/model.onnx", big, save_as_external_data=True, location="weights.bin", size_threshold=0)
    branch = helper.make_graph([helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(weights, "k"))], "then", [], [info("c", [4, 2])])
    condition = helper.make_node("If", ["b"], ["y"], then_branch=branch, else_branch=branch)
    save("if.onnx", helper.make_graph([condition], "if", [info("b", [], TensorProto.BOOL)], [info("y", [4, 2])]))
    function = helper.make_function("local", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 17)])
    twice = helper.make_node("Twice", ["x"], ["y"], domain="local")
    save("function.onnx", helper.make_graph([twice], "f", [info("x", [2])], [info("y", [2])]), domains=["local"], functions=[function])
    for name, kind in TensorProto.DataType.items():
        if name in ("UNDEFINED", "STRING") or "FLOAT6" in name:
            continue
        for raw in (False, True):
            try:
                values = [0.0, 1.0, 0.0, 1.0] if not name.startswith("COMPLEX") else [0j, 1j, 0j, 1j]
                dtype = helper.tensor_dtype_to_np_dtype(kind)
                tensor = numpy_helper.from_array(np.array(values).astype(dtype), "t") if raw else helper.make_tensor("t", kind, [4], values)
                node = helper.make_node("Identity", ["t"], ["y"])
                save(f"type-{name}-{'raw' if raw else 'list'}.onnx", helper.make_graph([node], "t", [], [info("y", [4], kind)], [tensor]))
            except Exception as error:
                print("onnx", name, raw, type(error).__name__)
    strings = helper.make_tensor("s", TensorProto.STRING, [2], [b"a", b"{{ b }}"])
    save("strings.onnx", helper.make_graph([helper.make_node("Identity", ["s"], ["y"])], "s", [], [info("y", [2], TensorProto.STRING)], [strings]))
    sparse = helper.make_sparse_tensor(helper.make_tensor("v", TensorProto.FLOAT, [2], [1.0, 2.0]), helper.make_tensor("i", TensorProto.INT64, [2], [1, 3]), [8])
    graph = helper.make_graph([helper.make_node("Identity", ["v"], ["y"])], "sparse", [], [info("y", [8])], sparse_initializer=[sparse])
    save("sparse.onnx", graph)


def sklearn_files(folder):
    from skl2onnx import to_onnx
    from sklearn import cluster, decomposition, ensemble, feature_extraction, linear_model, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree

    random = np.random.default_rng(4)
    x = random.standard_normal((60, 5)).astype("f4")
    y = (x[:, 0] > 0).astype("i8") + (x[:, 1] > 0.5)
    models = [
        linear_model.LogisticRegression(), linear_model.LinearRegression(), linear_model.Ridge(), linear_model.SGDClassifier(loss="log_loss"),
        tree.DecisionTreeClassifier(), ensemble.RandomForestClassifier(10), ensemble.GradientBoostingClassifier(n_estimators=5), ensemble.HistGradientBoostingClassifier(max_iter=5),
        ensemble.IsolationForest(n_estimators=5), svm.SVC(probability=True), svm.LinearSVC(), svm.SVR(), naive_bayes.GaussianNB(), naive_bayes.BernoulliNB(),
        neighbors.KNeighborsClassifier(3), neural_network.MLPClassifier((4,), max_iter=5), cluster.KMeans(3, n_init=1), decomposition.PCA(2), decomposition.TruncatedSVD(2),
        preprocessing.StandardScaler(), preprocessing.MinMaxScaler(), preprocessing.PolynomialFeatures(2), preprocessing.KBinsDiscretizer(3, encode="ordinal"), ensemble.ExtraTreesRegressor(5), linear_model.Lasso(), ensemble.AdaBoostClassifier(n_estimators=3),
        pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()), pipeline.make_pipeline(preprocessing.RobustScaler(), decomposition.PCA(2), svm.LinearSVR()),
    ]
    for index, model in enumerate(models):
        try:
            fitted = model.fit(x, y)
            converted = to_onnx(fitted, x[:1]).SerializeToString()
            with open(f"{folder}/sklearn-{index}-{type(model).__name__}.onnx", "wb") as file:
                file.write(converted)
        except Exception as error:
            print("skl2onnx", type(model).__name__, type(error).__name__, str(error)[:80])


FEW = [
    ("gguf", "plain.gguf"), ("gguf", "big-endian.gguf"), ("gguf", "metadata-only.gguf"), ("gguf", "Q4_K.gguf"),
    ("safetensors", "f4.safetensors"), ("safetensors", "names.safetensors"), ("safetensors", "torch-bfloat16.safetensors"), ("safetensors", "empty.safetensors"),
    ("onnx", "linear.onnx"), ("onnx", "metadata.onnx"), ("onnx", "if.onnx"), ("onnx", "function.onnx"), ("onnx", "sparse.onnx"), ("onnx", "strings.onnx"), ("onnx", "type-BFLOAT16-raw.onnx"), ("onnx", "sklearn-0-LogisticRegression.onnx"),
]


def main():
    folder = sys.argv[1]
    for name, make in (("gguf", gguf_files), ("safetensors", safetensors_files), ("onnx", onnx_files), ("onnx", sklearn_files)):
        os.makedirs(f"{folder}/{name}", exist_ok=True)
        try:
            make(f"{folder}/{name}")
        except ImportError as error:
            print(name, error)
    if "--few" in sys.argv:
        packages = ("numpy", "gguf", "safetensors", "onnx", "torch", "skl2onnx", "scikit-learn")
        installed = {one.metadata["Name"]: one.version for one in importlib.metadata.distributions()}
        made = ", ".join(f"{one} {installed[one]}" for one in packages if one in installed)
        files = []
        for area, name in FEW:
            path = f"{folder}/{area}/{name}"
            if os.path.exists(path) and os.path.getsize(path) <= 20000:
                with open(path, "rb") as file:
                    files.append({"name": name, "base64": base64.b64encode(file.read()).decode()})
        with open(f"{folder}/gguf-safetensors-onnx.json", "w") as file:
            json.dump({"made": f"make/gguf_safetensors_onnx.py with CPython {sys.version.split()[0]}, {made}", "files": files}, file, indent=2)
            file.write("\n")


main()
