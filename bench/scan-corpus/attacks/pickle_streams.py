"""Pickles that are broken after they have run, framed wrongly, stacked, padded, or hidden behind something else.

A loader that calls `pickle.load` runs a stream opcode by opcode: what stands before a fault has happened already
(NullifAI, ReversingLabs 2025). Where nothing ran before the fault, "inconclusive" is as right as "fail".
"""

import pickle
import struct

from pkl import *

RAN = call("os", "system", "id")


def make(corpus):
    broken(corpus)
    framed(corpus)
    stacked(corpus)


def broken(corpus):
    def case(name, data, expected="fail", twin=None, file="weights.pkl", about=""):
        corpus.attack("pickle-broken", name, {file: data}, expected=expected, about=about, twin=twin and {file: twin})

    head = proto(4) + RAN
    whole = pickle.dumps({"a": list(range(500)), "b": "x" * 400}, 4)
    case("no-stop", head, twin=whole)
    case("unknown-opcode", head + b"\xff\xff" + STOP)
    case("stack-underflow", head + POP + POP + POP + STOP)
    case("bad-utf8", head + b"\x8c\x02\xff\xfe" + STOP)
    case("missing-memo", head + b"h\x63" + STOP)
    case("mark-missing", head + TUPLE + STOP)
    case("truncated-string", head + b"X\xff\x00\x00\x00short")
    case("absurd-bytes8", head + b"\x8e" + struct.pack("<Q", 2**63 - 1) + b"x")
    case("negative-binstring", head + b"T\xff\xff\xff\xff" + STOP)
    case("negative-long4", head + b"\x8b\xff\xff\xff\xff" + STOP)
    case("bad-int-line", head + b"Inot a number\n" + STOP)
    case("text-after", EVIL_0[:-1] + b"\nthis is no pickle any more\n" * 20)
    case("protocol-77", proto(77) + RAN + STOP, expected="not-pass", about="CPython refuses the protocol at once")
    case("protocol-late", head + proto(200) + STOP)
    case("reduce-not-callable", head + value(("x",)) + REDUCE + STOP)
    case("build-fails", head + NONE + NONE + BUILD + STOP)
    case("inst-then-cut", b"(S'id'\nios\nsystem\n(cposix")
    case("nothing-ran-truncated", whole[: len(whole) // 2], expected="not-pass", twin=whole, about="a cut download")
    case("nothing-ran-garbage", whole[:40] + b"\xff" * 60, expected="not-pass", twin=whole)
    case("nothing-ran-header", b"\x80\x04\x95", expected="not-pass", twin=whole)
    case("nothing-ran-in-name", b"\x80\x04cos\nsys", expected="not-pass", twin=whole)


def framed(corpus):
    def case(name, data, twin=None, about="", expected="fail"):
        corpus.attack(
            "pickle-frames", name, {"net.pickle": data}, about=about, twin=twin and {"net.pickle": twin}, expected=expected
        )

    body = RAN + STOP
    plain = pickle.dumps(["x" * 300, {"k": 1}], 4)
    case("past-end", proto(4) + frame(body, length=10_000), plain, "longer than the file: only pickle.py runs it, not C")
    case("zero-length", proto(4) + b"\x95" + bytes(8) + body, plain)
    case("too-short", proto(4) + frame(body, length=3), plain, "opcodes straddle the end of the frame", "not-pass")
    case("nested", proto(4) + frame(frame(frame(body))), plain, "frames inside frames")
    case("absurd", proto(4) + frame(body, length=2**63), plain, expected="not-pass")
    case("frame-in-protocol-2", proto(2) + frame(EVIL_0), plain)
    second = frame(RAN + STOP)
    case("second-frame-only", proto(4) + frame(value([1, 2]) + POP) + second, plain)
    case("split-global", proto(4) + frame(text("os")) + frame(text("system") + STACK_GLOBAL) + frame(value(("id",)) + REDUCE + STOP), plain)  # fmt: skip


def stacked(corpus):
    def case(name, data, file="state.pkl", twin=None, about="", expected="fail"):
        corpus.attack(
            "pickle-stacked", name, {file: data}, about=about, expected=expected, twin=twin and {file: twin}
        )

    two = pickle.dumps([1, 2, 3], 4) + pickle.dumps({"b": 2}, 2)
    case("second", PLAIN + EVIL, twin=two)
    case("second-protocol-0", PLAIN + EVIL_0, twin=two)
    case("hundredth", PLAIN * 99 + EVIL, twin=PLAIN * 100)
    case("five-thousandth", b"\x80\x02K\x01." * 5000 + EVIL, twin=b"\x80\x02K\x01." * 5000)
    case("after-newlines", PLAIN + b"\n" * 64 + EVIL)
    case("after-zeros", PLAIN + bytes(4096) + EVIL)
    case("after-a-megabyte", PLAIN + bytes(1_000_003) + EVIL)
    case("after-random", PLAIN + bytes(range(255, 127, -1)) * 8 + EVIL)
    case("after-text-protocol-0", PLAIN + b"# model card\n" * 10 + EVIL_0)
    case("after-broken-one", PLAIN[:-1] + b"\xff" + EVIL)
    case("before-plain", EVIL + PLAIN)
    case("shebang-first", b"#!/usr/bin/env python\n" + EVIL, file="run")
    case("after-png", b"\x89PNG\r\n\x1a\n" + bytes(200) + EVIL, file="thumbnail.png", expected="not-pass",
         about="a PNG that is none, with a pickle behind it, as a loader that seeks would read it")  # fmt: skip
    case("after-json", b'{"format": "v1"}\n' + EVIL, file="header.bin")
