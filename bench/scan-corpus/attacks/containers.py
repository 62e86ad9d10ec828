"""Hostile pickles inside archives and wrappers, and archives that show one reader something else than the other.

torch reads zips by miniz, which ignores checksums, flags and mismatched names; Python's zipfile refuses some of the same
files: a scanner that gives up where the loader goes on has missed the payload (CVE-2025-10156, -1944, -1945; NullifAI).
"""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

from pkl import EVIL, EVIL_0, PLAIN
from rawzip import Entry, archive, deflate

FAMILY = "containers"


def make(corpus):
    def case(name, data, file="model.zip", twin=None, expected="fail", about=""):
        corpus.attack(FAMILY, name, {file: data}, expected=expected, about=about, twin=twin and {file: twin})

    zips(case)
    zip_structure(case)
    wrappers(case)
    tars(case)
    names(corpus)
    sevenz(corpus)


def zips(case):
    honest = archive(Entry("data.pkl", PLAIN, method=8), Entry("README", b"weights"))
    case("plain-zip", archive(Entry("data.pkl", EVIL, method=8)), twin=honest)
    case("odd-entry-name", archive(Entry("notes.txt", EVIL)), twin=archive(Entry("notes.txt", b"trained on 3 GPUs")))
    case("odd-name-protocol-0", archive(Entry("weights/.part", EVIL_0)))
    case("crc-wrong", archive(Entry("data.pkl", EVIL, crc=0xDEADBEEF)))
    case("crc-zero", archive(Entry("data.pkl", EVIL, method=8, crc=0)))
    case("flag-encrypted", archive(Entry("data.pkl", EVIL, flags=1)), about="says encrypted, is not")
    case("flag-encrypted-central", archive(Entry("data.pkl", EVIL, central_flags=1)))
    case("flag-patched", archive(Entry("data.pkl", EVIL, flags=0x20)))
    case("flag-strong", archive(Entry("data.pkl", EVIL, flags=0x41)))
    case("flag-masked", archive(Entry("data.pkl", EVIL, central_flags=0x2000)))
    case("name-mismatch", archive(Entry("data.pkl", EVIL, local_name="README.md")))
    case("name-mismatch-case", archive(Entry("data.pkl", EVIL, local_name="DATA.PKL")))
    case("local-only", archive(Entry("README.md", b"weights"), Entry("data.pkl", EVIL, central=False)))
    case("local-only-no-end", archive(Entry("data.pkl", EVIL), end=False))
    plain_first = Entry("data.pkl", PLAIN)
    case("duplicate-last-evil", archive(plain_first, Entry("data.pkl", EVIL)))
    case("duplicate-first-evil", archive(Entry("data.pkl", EVIL), plain_first))
    case("duplicate-slash", archive(Entry("a/data.pkl", PLAIN), Entry("a//data.pkl", EVIL)))
    case("size-too-small", archive(Entry("data.pkl", EVIL, method=8, size=2)))
    case("size-zero-local", archive(Entry("data.pkl", EVIL, local_size=0, local_packed=0)))
    case("descriptor", archive(Entry("data.pkl", EVIL, method=8, flags=8, local_size=0, local_packed=0, local_crc=0,
         descriptor=b"PK\x07\x08" + struct.pack("<III", zlib.crc32(EVIL), len(deflate(EVIL)), len(EVIL)))))  # fmt: skip
    case("method-lie", archive(Entry("data.pkl", EVIL, local_method=8)), about="local says deflated, directory stored")
    case("method-bzip2", archive(Entry("data.pkl", EVIL, method=12, data_override=bz2.compress(EVIL))))
    lzma_raw = lzma.compress(EVIL, lzma.FORMAT_ALONE)
    case("method-lzma", archive(Entry("data.pkl", EVIL, method=14, data_override=b"\x09\x04\x05\x00" + lzma_raw[:5] + lzma_raw[13:])),
         expected="not-pass")  # fmt: skip
    case("method-unknown", archive(Entry("data.pkl", EVIL, method=97)), expected="not-pass")
    case("method-aes", archive(Entry("data.pkl", EVIL, method=99, flags=1)), expected="not-pass")
    case("really-encrypted", archive(Entry("data.pkl", bytes((b * 7 + i) & 255 for i, b in enumerate(EVIL * 3)), flags=1)),
         expected="not-pass", about="content that cannot be read")  # fmt: skip
    case("directory-with-content", archive(Entry("data.pkl/", EVIL)))
    case("traversal", archive(Entry("../../.bashrc", b"echo vallum-marker\n")))
    case("traversal-backslash", archive(Entry("..\\..\\startup.bat", b"echo vallum-marker\r\n")))
    case("absolute", archive(Entry("/etc/cron.d/weights", b"* * * * * root id\n")))
    case("symlink", archive(Entry("weights", b"/etc/passwd", external=0o120777 << 16)))
    case("symlink-then-write", archive(Entry("out", b"/tmp", external=0o120777 << 16), Entry("out/m.py", b"print(1)")))


def zip_structure(case):
    evil_zip = archive(Entry("data.pkl", EVIL, method=8))
    plain_zip = archive(Entry("data.pkl", PLAIN, method=8))
    case("prefix-bytes", archive(Entry("data.pkl", EVIL), prefix=b"\0" * 512))
    case("prefix-shell", archive(Entry("data.pkl", PLAIN), prefix=b"#!/bin/sh\nid\nexit 0\n", offset_shift=0), expected="not-pass")
    case("prefix-pickle", archive(Entry("data.pkl", PLAIN), prefix=EVIL), about="a pickle stands before a plain zip")
    case("appended-pickle", plain_zip + EVIL, twin=plain_zip)
    case("appended-after-zeros", plain_zip + bytes(3000) + EVIL_0)
    case("appended-zip", evil_zip + plain_zip, about="two archives: the first hostile, the last plain")
    case("appended-zip-reversed", plain_zip + evil_zip)
    case("comment-pickle", archive(Entry("data.pkl", PLAIN), comment=EVIL))
    case("comment-fakes-end", evil_zip[:-22] + b"PK\x05\x06" + evil_zip[-18:-2] + struct.pack("<H", 22) + b"PK\x05\x06" + bytes(18))
    case("gap-between-entries", archive(Entry("a", b"x", descriptor=EVIL), Entry("data.pkl", PLAIN)))
    case("nested-1", archive(Entry("inner.zip", evil_zip)), twin=archive(Entry("inner.zip", plain_zip)))
    case("nested-2", archive(Entry("a.zip", archive(Entry("b.zip", evil_zip)))))
    case("nested-3-odd-names", archive(Entry("a.txt", archive(Entry("b.jpg", archive(Entry("c", evil_zip)))))))
    case("nested-in-gz", gzip.compress(evil_zip), file="model.bin")
    case("count-zero", archive(Entry("data.pkl", EVIL), count=0))
    case("offset-elsewhere", archive(Entry("data.pkl", EVIL, local_name="a", central=False), Entry("data.pkl", PLAIN, offset=0)))
    zip64 = struct.pack("<HHQQ", 1, 16, len(EVIL), len(EVIL))
    case("zip64-sizes", archive(Entry("data.pkl", EVIL, size=0xFFFFFFFF, packed=0xFFFFFFFF, extra=zip64, version=45)))
    case("extra-pickle", archive(Entry("data.pkl", PLAIN, extra=struct.pack("<HH", 0x7777, len(EVIL)) + EVIL)), expected="not-pass",
         about="a pickle in an extra field that no loader reads (doubtful label)")  # fmt: skip
    case("many-entries", archive(*[Entry(f"data/{i}", bytes(8)) for i in range(3000)], Entry("data/3000", EVIL)))


def wrappers(case):
    import_zstd = b"\x28\xb5\x2f\xfd\x20" + bytes([len(EVIL)]) + struct.pack("<I", len(EVIL) << 3 | 1)[:3] + EVIL
    for extension, wrap in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("z", zlib.compress)):
        case(f"wrapped-{extension}", wrap(EVIL), file=f"model.pkl.{extension}", twin=wrap(PLAIN))
        case(f"wrapped-{extension}-twice", wrap(wrap(EVIL_0)), file="weights.dat")
    case("wrapped-lzma-alone", lzma.compress(EVIL, lzma.FORMAT_ALONE), file="model.lzma")
    case("wrapped-lz4", lz4_frame(EVIL), file="model.pkl.lz4", twin=lz4_frame(PLAIN))
    case("wrapped-zstd", import_zstd, file="model.pkl.zst", expected="not-pass")
    case("raw-deflate", deflate(EVIL), file="model.bin", expected="not-pass", about="deflate without any header (doubtful label)")
    case("gz-second-member", gzip.compress(PLAIN) + gzip.compress(EVIL), file="model.pkl.gz")
    case("gz-trailing", gzip.compress(PLAIN) + EVIL, file="model.pkl.gz")
    case("gz-bad-crc", gzip.compress(EVIL)[:-8] + bytes(8), file="model.pkl.gz")
    case("gz-cut", gzip.compress(EVIL)[:-9], file="model.pkl.gz")
    case("gz-renamed", gzip.compress(EVIL), file="tokenizer.json")
    case("bz2-stream-two", bz2.compress(PLAIN) + bz2.compress(EVIL), file="model.pkl.bz2")
    case("xz-stream-two", lzma.compress(PLAIN) + lzma.compress(EVIL), file="model.pkl.xz")


def lz4_frame(data):
    """An LZ4 frame of one uncompressed block (lz4_Frame_format.md), with the header checksum it asks for."""
    descriptor = b"\x60\x40"
    checksum = xxh32(descriptor) >> 8 & 0xFF
    return b"\x04\x22\x4d\x18" + descriptor + bytes([checksum]) + struct.pack("<I", len(data) | 1 << 31) + data + bytes(4)


def xxh32(data):
    """xxHash32 of fewer than four bytes, which is all a frame descriptor needs."""
    mask = 0xFFFFFFFF
    h = (374761393 + len(data)) & mask
    for byte in data:
        h = (h + byte * 374761393) & mask
        h = (h << 11 | h >> 21) & mask
        h = h * 2654435761 & mask
    h = (h ^ h >> 15) * 2246822519 & mask
    h = (h ^ h >> 13) * 3266489917 & mask
    return h ^ h >> 16


def tar_of(mode="w", **members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name.replace("__", "/"))
            if isinstance(content, tuple):
                info.type, info.linkname = content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def tars(case):
    honest = tar_of(**{"model/data.pkl": PLAIN, "model/README": b"x"})
    case("tar", tar_of(**{"model/data.pkl": EVIL}), file="model.tar", twin=honest)
    case("tar-gz", tar_of("w:gz", **{"model/weights": EVIL_0}), file="model.tar.gz", twin=tar_of("w:gz", a=PLAIN))
    case("tar-xz", tar_of("w:xz", **{"x.bin": EVIL}), file="model.txz")
    case("tar-bz2-renamed", tar_of("w:bz2", **{"x": EVIL}), file="model.nemo")
    case("tar-traversal", tar_of(**{"../../.ssh/authorized_keys": b"ssh-ed25519 AAAA"}), file="model.tar")
    case("tar-absolute", tar_of(**{"/etc/profile.d/m.sh": b"id"}), file="model.tar")
    case("tar-symlink", tar_of(**{"out": (tarfile.SYMTYPE, "/etc"), "out/m": b"id"}), file="model.tar")
    case("tar-hardlink", tar_of(**{"out": (tarfile.LNKTYPE, "../../etc/passwd")}), file="model.tar")
    case("tar-device", tar_of(**{"disk": (tarfile.BLKTYPE, "")}), file="model.tar", expected="not-pass")
    case("tar-in-zip", archive(Entry("inner", tar_of(x=EVIL))), file="model.zip")
    case("tar-appended", tar_of(a=PLAIN) + EVIL, file="model.tar")
    broken = bytearray(tar_of(a=EVIL))
    broken[148:154] = b"000000"
    case("tar-bad-checksum", bytes(broken), file="model.tar", expected="not-pass")


def names(corpus):
    """The same hostile pickle under names that say something else."""
    for file in ("notes.txt", "README.md", "logo.jpg", "config.json", "model.safetensors", "model.onnx", "model.gguf",
                 "model.h5", "weights.npy", "weights", "Model.PT", "model.pkl.", ".weights", "model.pb", "labels.csv",
                 "model.tflite", "vocab.model", "events.out.tfevents.1", "model.ckpt-1.index", "code.py"):  # fmt: skip
        corpus.attack("odd-names", file.strip(".").replace(".", "-") + ("-dot" if file.endswith(".") else ""), {file: EVIL},
                      about=f"a hostile pickle named {file}")  # fmt: skip
    for folder in (".git/objects/ab", "__pycache__", "node_modules/w", ".cache/x", "données ✓"):
        corpus.attack("odd-names", "in-" + folder.split("/")[0].strip("._ ✓"), {
            f"{folder}/weights.bin": EVIL_0, "README.md": "# A model\n"}, about=f"in the folder {folder}")  # fmt: skip


def sevenz(corpus):
    import py7zr

    def packed(data):
        out = io.BytesIO()
        with py7zr.SevenZipFile(out, "w") as file:
            file.writef(io.BytesIO(data), "archive/data.pkl")
        return out.getvalue()

    for name, file in (("7z-as-torch", "pytorch_model.bin"), ("7z", "model.7z"), ("7z-renamed", "weights.pkl")):
        corpus.attack(FAMILY, name, {file: packed(EVIL)}, expected="not-pass", about="7z in place of a zip (NullifAI)")


def ordinary_zip(files):
    """As zipfile writes it; for other families."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out.getvalue()
