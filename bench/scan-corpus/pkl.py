"""A small assembler for pickle streams, opcode by opcode, so that a case can say things `pickle.dumps` never says.

Opcodes and their arguments: CPython, Lib/pickletools.py.
"""

import struct

STOP = b"."
MARK, POP, DUP, POP_MARK = b"(", b"0", b"2", b"1"
TUPLE, EMPTY_TUPLE, LIST, EMPTY_LIST, DICT, EMPTY_DICT = b"t", b")", b"l", b"]", b"d", b"}"
APPEND, APPENDS, SETITEM, SETITEMS, EMPTY_SET, ADDITEMS, FROZENSET = b"a", b"e", b"s", b"u", b"\x8f", b"\x90", b"\x91"
REDUCE, BUILD, OBJ, NEWOBJ, NEWOBJ_EX = b"R", b"b", b"o", b"\x81", b"\x92"
STACK_GLOBAL, MEMOIZE, NONE, TRUE, FALSE = b"\x93", b"\x94", b"N", b"\x88", b"\x89"
BINPERSID = b"Q"


class Code(bytes):
    """Assembled opcodes that leave one value on the stack (as against bytes that are to become a constant)."""


def proto(number):
    return bytes([0x80, number])


def frame(payload, length=None):
    return b"\x95" + struct.pack("<Q", len(payload) if length is None else length) + payload


def text(value, short=True):
    data = value.encode("utf-8", "surrogatepass")
    if short and len(data) < 256:
        return Code(b"\x8c" + bytes([len(data)]) + data)
    return Code(b"X" + struct.pack("<I", len(data)) + data)


def blob(value):
    if len(value) < 256:
        return Code(b"C" + bytes([len(value)]) + value)
    return Code(b"B" + struct.pack("<I", len(value)) + value)


def put(index):
    return b"q" + bytes([index])


def get(index):
    return Code(b"h" + bytes([index]))


def ref(module, name):
    """A global by STACK_GLOBAL, as protocol 4 writes it."""
    return Code(text(module) + text(name) + STACK_GLOBAL)


def line_ref(module, name):
    """A global by GLOBAL, as protocols 0 to 3 write it."""
    return Code(f"c{module}\n{name}\n".encode())


def value(what):
    """Opcodes for a constant; `Code` inside it stands for itself."""
    if isinstance(what, Code):
        return what
    if what is None:
        return Code(NONE)
    if what is True or what is False:
        return Code(TRUE if what else FALSE)
    if isinstance(what, int):
        return Code(b"J" + struct.pack("<i", what)) if -(2**31) <= what < 2**31 else Code(b"L%dL\n" % what)
    if isinstance(what, float):
        return Code(b"G" + struct.pack(">d", what))
    if isinstance(what, str):
        return text(what, short=False)
    if isinstance(what, (bytes, bytearray)):
        return blob(bytes(what))
    if isinstance(what, tuple):
        return Code(MARK + b"".join(map(value, what)) + TUPLE) if what else Code(EMPTY_TUPLE)
    if isinstance(what, list):
        return Code(EMPTY_LIST + MARK + b"".join(map(value, what)) + APPENDS) if what else Code(EMPTY_LIST)
    if isinstance(what, dict):
        items = b"".join(value(k) + value(v) for k, v in what.items())
        return Code(EMPTY_DICT + MARK + items + SETITEMS) if what else Code(EMPTY_DICT)
    raise TypeError(type(what))


def apply(function, *args):
    """REDUCE of what `function` leaves on the stack."""
    return Code(function + value(tuple(args)) + REDUCE)


def call(module, name, *args):
    return apply(ref(module, name), *args)


def pickled(*code, version=4):
    return proto(version) + b"".join(code) + STOP


EVIL = pickled(call("os", "system", "id"))
EVIL_0 = b"cos\nsystem\n(S'id'\ntR."
PLAIN = pickled(value({"layers": [64, 32], "rate": 0.1, "name": "net"}))
