"""Writes packed-samples.json: what other tools than ours made of the same few bytes, and what they make of zeros.

Run with Python 3.11 or later, with numpy, joblib, lz4 and py7zr:  python make/archive.py > packed-samples.json
Nothing here runs: the one pickle that calls something is bytes, written out opcode by opcode.
"""
import base64
import bz2
import gzip
import io
import json
import lzma
import sys
import tarfile
import tempfile
import zipfile
import zlib

import joblib
import lz4
import lz4.frame
import numpy
import py7zr

TEXT = b"some words of text\n" * 20
SHELL = b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R."
ZEROS = bytes(3_000_000)


def forms(data):
    zfile = b"ZF" + hex(len(data)).encode().ljust(19) + zlib.compress(data)
    small = [{"id": lzma.FILTER_LZMA2, "dict_size": 65536}]
    return {
        "gzip": gzip.compress(data, mtime=0),
        "zlib": zlib.compress(data),
        "zlib with a small window": zlib_window(data, 9),
        "joblib's old form": zfile,
        "bzip2": bz2.compress(data),
        "xz": lzma.compress(data),
        "xz with SHA-256": lzma.compress(data, check=lzma.CHECK_SHA256, filters=small),
        "lzma": lzma.compress(data, format=lzma.FORMAT_ALONE, preset=1),
        "lz4": lz4.frame.compress(data),
        "lz4 with checksums": lz4.frame.compress(data, content_checksum=True, block_checksum=True, store_size=False),
        **{f"zip, {name}": zipped(data, method) for name, method in METHODS.items()},
        "zip, streamed": zipped(data, zipfile.ZIP_DEFLATED, seekable=False),
        **{f"tar.{form}": tarred(data, form) for form in ("gz", "bz2", "xz")},
    }


METHODS = {"stored": 0, "deflate": 8, "bzip2": 12, "lzma": 14}


def zlib_window(data, bits):
    stream = zlib.compressobj(6, zlib.DEFLATED, bits)
    return stream.compress(data) + stream.flush()


class Unseekable(io.RawIOBase):
    def __init__(self):
        self.parts = []

    def writable(self):
        return True

    def write(self, data):
        self.parts.append(bytes(data))
        return len(data)


def zipped(data, method, seekable=True):
    out = io.BytesIO() if seekable else Unseekable()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo("content"), data, method)
    return out.getvalue() if seekable else b"".join(out.parts)


def tarred(data, form):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{form}") as archive:
        info = tarfile.TarInfo("content")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def seven(data):
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(data, "content")
    return out.getvalue()


def dumped(value, compress):
    with tempfile.NamedTemporaryFile(suffix=".joblib") as file:
        joblib.dump(value, file.name, compress=compress)
        return open(file.name, "rb").read()


samples = {
    "text": forms(TEXT),
    "shell": forms(SHELL),
    "joblib": {
        name: dumped({"w": numpy.arange(50.0), "n": ["a", 1]}, (name, 3))
        for name in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4")
    },
    "bombs": {
        "bzip2": bz2.compress(ZEROS),
        "xz": lzma.compress(ZEROS),
        "lzma": lzma.compress(ZEROS, format=lzma.FORMAT_ALONE),
        "lz4": lz4.frame.compress(lz4.frame.compress(bytes(30_000_000))),
    },
    "zeros": dumped(numpy.zeros(400_000), ("xz", 3)),
    "seven": seven(TEXT),
}


def encoded(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else {k: encoded(v) for k, v in value.items()}


made = f"Python {sys.version.split()[0]}, numpy {numpy.__version__}, joblib {joblib.__version__}, lz4 {lz4.__version__}, py7zr {py7zr.__version__}"
json.dump({"made": made, **encoded(samples)}, sys.stdout, indent=2)
sys.stdout.write("\n")
