"""ONNX, GGUF, Flax, PMML, and the archives people put models in."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import tarfile
import zipfile

TEMPLATES = {
    "chatml": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "inst": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content | trim + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content | trim + ' ' + eos_token }}{% endif %}{% endfor %}",
    "headers": "{{- bos_token }}\n{%- if custom_tools is defined %}\n    {%- set tools = custom_tools %}\n{%- endif %}\n{%- if not date_string is defined %}\n    {%- set date_string = strftime_now('%d %b %Y') if strftime_now is defined else '26 Jul 2024' %}\n{%- endif %}\n{%- for message in messages %}\n    {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}\n    {%- if message.tool_calls is defined and message.tool_calls | length == 1 %}\n        {{- '{\"name\": \"' + message.tool_calls[0].function.name + '\", \"parameters\": ' + message.tool_calls[0].function.arguments | tojson + '}' }}\n    {%- endif %}\n{%- endfor %}",
    "tools": "{%- if tools %}\n    {{- '<tools>' }}\n    {%- for tool in tools %}\n        {{- '\\n' }}{{- tool | tojson(indent=2) }}\n    {%- endfor %}\n    {{- '</tools>' }}\n{%- endif %}\n{%- set ns = namespace(multi_step=true, last=messages|length - 1) %}\n{%- for message in messages[::-1] %}\n    {%- set index = (messages|length - 1) - loop.index0 %}\n    {%- if ns.multi_step and message.role == 'user' and not (message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}\n        {%- set ns.multi_step = false %}\n        {%- set ns.last = index %}\n    {%- endif %}\n{%- endfor %}\n{%- for message in messages %}\n    {%- if '</think>' in message.content %}\n        {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}\n    {%- endif %}\n    {{- message.role ~ ': ' ~ (content or message.content) }}\n{%- endfor %}",
    "macros": "{%- macro render_text(content) -%}\n{%- if content is string -%}\n{{- content | replace('<', '&lt;') -}}\n{%- elif content is mapping -%}\n{{- content.get('text', '') | upper -}}\n{%- else -%}\n{%- for part in content if part.type == 'text' -%}{{- part['text'] -}}{%- endfor -%}\n{%- endif -%}\n{%- endmacro -%}\n{%- for m in messages | selectattr('role', 'equalto', 'user') | list -%}{{ render_text(m.content) }}{%- endfor -%}\n{%- for k, v in (messages[0].meta or {}).items() | sort -%}{{ k }}={{ v | default('none', true) | join(',') }}{%- endfor -%}",
    "strftime": "{{ 'Today is ' ~ strftime_now('%Y-%m-%d') }}{% for m in messages %}{% generation %}{{ m['content'] | capitalize }}{% endgeneration %}{% if loop.last %}{% break %}{% endif %}{% endfor %}",
    "alpaca": "{{ '### Instruction:\\n' }}{{ messages | map(attribute='content') | join('\\n') }}{{ '\\n### Response:\\n' }}",
    "loop-controls": "{% for message in messages %}{% if message['role'] not in ['user', 'assistant'] %}{% continue %}{% endif %}{{ '%s: %s' | format(message['role'], message['content']) }}{% endfor %}",
}  # fmt: skip


def make(corpus):
    archives(corpus)
    templates(corpus)
    corpus.run([onnx_files, gguf_files, flax_files, pmml_files])


def archives(corpus):
    plain = pickle.dumps({"layers": [1.0, 2.0], "names": ["a", "b"]})
    notes = b"# Notes\nTrained for three epochs.\n"
    for extension, wrap in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)):
        corpus.benign("archives", f"pickle-{extension}", {f"model.pkl.{extension}": wrap(plain)})
        corpus.benign("archives", f"text-{extension}", {f"corpus.txt.{extension}": wrap(notes * 200)})

    def tar(mode):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=mode) as file:
            for name, content in (("model/config.json", b"{}"), ("model/weights.pkl", plain), ("model/README.md", notes)):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                file.addfile(info, io.BytesIO(content))
        return out.getvalue()

    for mode, name in (("w", "model.tar"), ("w:gz", "model.tar.gz"), ("w:xz", "model.tar.xz")):
        corpus.benign("archives", name.replace(".", "-"), {name: tar(mode)})
    for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED), ("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as file:
            file.writestr("model/weights.pkl", plain)
            file.writestr("model/notes.txt", notes * 50)
            file.mkdir("model/empty")
        corpus.benign("archives", f"zip-{name}", {"model.zip": out.getvalue()})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("inner.tar.gz", tar("w:gz"))
        file.comment = b"release 1.2"
    corpus.benign("archives", "zip-of-tar", {"release.zip": out.getvalue()})


def templates(corpus):
    for name, text in TEMPLATES.items():
        corpus.benign("chat templates", f"{name}-jinja", {"chat_template.jinja": text})
        config = {"add_bos_token": True, "added_tokens_decoder": {"0": {"content": "<s>", "special": True}}, "chat_template": text, "model_max_length": 4096, "tokenizer_class": "PreTrainedTokenizerFast"}
        corpus.benign("chat templates", f"{name}-config", {"tokenizer_config.json": json.dumps(config, indent=2)})
    several = [{"name": name, "template": text} for name, text in TEMPLATES.items()]
    corpus.benign("chat templates", "several", {"tokenizer_config.json": json.dumps({"chat_template": several})})
    corpus.benign("chat templates", "chat-template-json", {"chat_template.json": json.dumps({"chat_template": TEMPLATES["macros"]})})


def onnx_files(corpus):
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    def model(nodes, initializers=(), inputs=("x",), outputs=("y",), opsets=(("", 17),), functions=(), shape=(None, 4)):
        graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info(i, TensorProto.FLOAT, shape) for i in inputs],
                                  [helper.make_tensor_value_info(o, TensorProto.FLOAT, shape) for o in outputs], [numpy_helper.from_array(a, n) for n, a in initializers])  # fmt: skip
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid(*o) for o in opsets], functions=list(functions), producer_name="pytorch", ir_version=9)
        helper.set_model_props(made, {"author": "me", "labels": "cat,dog"})
        return made

    one = helper.make_node
    w = numpy.ones((4, 4), "float32")
    branch = lambda name, op: helper.make_graph([one(op, ["x"], [name])], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, (None, 4))])  # noqa: E731
    body = helper.make_graph([one("Identity", ["c"], ["c2"]), one("Add", ["v", "v"], ["v2"])], "body",
                             [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("c", TensorProto.BOOL, []), helper.make_tensor_value_info("v", TensorProto.FLOAT, (None, 4))],
                             [helper.make_tensor_value_info("c2", TensorProto.BOOL, []), helper.make_tensor_value_info("v2", TensorProto.FLOAT, (None, 4))])  # fmt: skip
    local = helper.make_function("local", "Twice", ["a"], ["b"], [one("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 17)])
    cases = {
        "matmul": model([one("MatMul", ["x", "w"], ["y"])], [("w", w)]),
        "mlp": model([one("Gemm", ["x", "w", "b"], ["h"]), one("Relu", ["h"], ["r"]), one("MatMul", ["r", "w"], ["y"])], [("w", w), ("b", w[0])]),
        "conv": model([one("Conv", ["x", "k"], ["h"], pads=[1, 1, 1, 1]), one("BatchNormalization", ["h", "s", "s", "s", "s"], ["n"]), one("MaxPool", ["n"], ["y"], kernel_shape=[2, 2])], [("k", numpy.ones((3, 3, 3, 3), "float32")), ("s", numpy.ones(3, "float32"))], shape=(1, 3, 8, 8)),
        "if": model([one("ReduceSum", ["x"], ["s"], keepdims=0), one("Cast", ["s"], ["c"], to=TensorProto.BOOL), one("If", ["c"], ["y"], then_branch=branch("t", "Relu"), else_branch=branch("e", "Neg"))]),
        "loop": model([one("Loop", ["n", "go", "x"], ["y"], body=body)], [("n", numpy.array(3)), ("go", numpy.array(True))]),
        "strings": model([one("LabelEncoder", ["x"], ["y"], domain="ai.onnx.ml", keys_floats=[1.0, 2.0], values_floats=[5.0, 6.0])], opsets=(("", 17), ("ai.onnx.ml", 2))),
        "trees": model([one("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", n_targets=1, nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0], nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values=[0.5, 0.0, 0.0], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0], target_weights=[1.0, 2.0])], opsets=(("", 17), ("ai.onnx.ml", 3))),
        "contrib": model([one("FusedMatMul", ["x", "w"], ["h"], domain="com.microsoft"), one("Gelu", ["h"], ["y"], domain="com.microsoft")], [("w", w)], opsets=(("", 17), ("com.microsoft", 1))),
        "quantised": model([one("QuantizeLinear", ["x", "s", "z"], ["q"]), one("DequantizeLinear", ["q", "s", "z"], ["y"])], [("s", numpy.array(0.1, "float32")), ("z", numpy.array(0, "int8"))]),
        "function": model([one("Twice", ["x"], ["y"], domain="local")], opsets=(("", 17), ("local", 1)), functions=[local]),
        "typed": model([one("Constant", [], ["h"], value=numpy_helper.from_array(numpy.array([b"a", b"b"], dtype=object))), one("Identity", ["x"], ["y"])], [("i64", numpy.arange(3)), ("f16", numpy.ones(2, "float16")), ("b", numpy.array([True]))]),
    }
    for name, made in cases.items():
        try:
            onnx.checker.check_model(made)
        except onnx.checker.ValidationError as refused:
            if name not in ("contrib", "typed"):
                corpus.skip(f"onnx {name}", refused)
                continue
        corpus.benign("onnx", name, {f"{name}.onnx": made.SerializeToString()})
    import pathlib
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, location in (("external", "weights.bin"), ("external-folder", "data/w.onnx_data")):
            pathlib.Path(folder, "data").mkdir(exist_ok=True)
            big = model([one("MatMul", ["x", "w"], ["y"])], [("w", numpy.ones((4, 4096), "float32"))])
            path = pathlib.Path(folder, f"{name}.onnx")
            onnx.save_model(big, str(path), save_as_external_data=True, location=location, size_threshold=16)
            corpus.benign("onnx", name, {"model.onnx": path.read_bytes(), location: pathlib.Path(folder, location).read_bytes()})


def gguf_files(corpus):
    import pathlib
    import tempfile

    import gguf
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        for number, (name, template) in enumerate({**TEMPLATES, "none": None}.items()):
            path = pathlib.Path(folder, f"{name}.gguf")
            writer = gguf.GGUFWriter(str(path), "llama")
            writer.add_name(name)
            writer.add_description("a small model")
            writer.add_context_length(2048)
            writer.add_embedding_length(64)
            writer.add_block_count(1)
            writer.add_layer_norm_rms_eps(1e-5)
            writer.add_file_type(0)
            writer.add_tokenizer_model("gpt2")
            writer.add_token_list([f"tok{i}" for i in range(300)] + ["<|im_start|>", "os.system", "__class__"])
            writer.add_token_types([1] * 303)
            writer.add_token_merges(["t o", "to k"])
            writer.add_array("general.languages", ["en", "de"])
            if template is not None:
                writer.add_chat_template(template)
            if number % 3 == 0:
                writer.add_custom_alignment(64)
            writer.add_tensor("token_embd.weight", numpy.ones((303, 64), "float32"))
            writer.add_tensor("output_norm.weight", numpy.ones(64, "float16"))
            writer.add_tensor("blk.0.ffn_up.weight", gguf.quants.quantize(numpy.ones((64, 64), "float32"), gguf.GGMLQuantizationType.Q8_0), raw_dtype=gguf.GGMLQuantizationType.Q8_0)
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()
            corpus.benign("gguf", name, {f"{name}.gguf": path.read_bytes()})


def flax_files(corpus):
    import msgpack
    import numpy
    from flax import serialization

    trees = {"params": {"params": {"Dense_0": {"kernel": numpy.ones((4, 8), "float32"), "bias": numpy.zeros(8, "float32")}}}, "mixed": {"step": 3, "rate": 0.1, "name": "net", "w": numpy.arange(4), "c": 1 + 2j, "s": numpy.float32(1.5)},
             "large": {"w": numpy.ones((600, 600), "float32")}, "lists": {"layers": {str(i): numpy.ones(3, "float16") for i in range(20)}}, "empty": {}}  # fmt: skip
    for name, tree in trees.items():
        corpus.benign("flax", name, {"flax_model.msgpack": serialization.to_bytes(tree)})
    for name, what in {"dict": {"tokens": ["a", "b"], "ids": list(range(500)), "blob": b"\0" * 300}, "timestamps": {"t": msgpack.Timestamp(5, 0)}, "vocabulary": {f"word{i}": [i, i / 2] for i in range(500)}}.items():
        corpus.benign("flax", f"msgpack-{name}", {f"{name}.msgpack": msgpack.packb(what)})


def pmml_files(corpus):
    import pathlib
    import tempfile

    from nyoka import skl_to_pmml
    from sklearn import datasets, linear_model, pipeline, preprocessing, tree

    data = datasets.load_iris()
    with tempfile.TemporaryDirectory() as folder:
        for name, model in (("logistic", linear_model.LogisticRegression(max_iter=500)), ("tree", tree.DecisionTreeClassifier(max_depth=2))):
            fitted = pipeline.Pipeline([("s", preprocessing.StandardScaler()), ("m", model)]).fit(data.data, data.target)
            path = pathlib.Path(folder, f"{name}.pmml")
            try:
                skl_to_pmml(fitted, ["a", "b", "c", "d"], "species", str(path))
            except Exception as refused:  # noqa: BLE001 - nyoka lags behind scikit-learn
                corpus.skip(f"nyoka {name}", refused)
                continue
            corpus.benign("pmml", name, {path.name: path.read_bytes()})
