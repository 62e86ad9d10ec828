"""A zip writer that lies on request: every field of the local header, the central directory and the end record can be
set apart from the others, which `zipfile` never allows. Record layout: APPNOTE.TXT 4.3.
"""

import struct
import zlib


class Entry:
    def __init__(self, name, data, **lies):
        """lies: method, flags, crc, size, packed (sizes as told), local_*/central_* for one view only, central (False: the
        entry is missing from the directory), local (False: no local record), data_override (bytes as stored), extra."""
        self.name, self.data, self.lies = name, data, lies


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def archive(*entries, prefix=b"", suffix=b"", comment=b"", count=None, offset_shift=0, end=True):
    out = bytearray(prefix)
    directory = bytearray()
    for entry in entries:
        lies = entry.lies
        method = lies.get("method", 0)
        stored = lies.get("data_override", deflate(entry.data) if method == 8 else entry.data)

        def told(field, honest, side):
            return lies.get(f"{side}_{field}", lies.get(field, honest))

        def common(side):
            return struct.pack(
                "<HHHHHIII",
                lies.get("version", 20),
                told("flags", 0, side),
                told("method", method, side),
                0,
                0x5821,
                told("crc", zlib.crc32(entry.data), side),
                told("packed", len(stored), side) & 0xFFFFFFFF,
                told("size", len(entry.data), side) & 0xFFFFFFFF,
            )

        at = len(out)
        if lies.get("local", True):
            name = told("name", entry.name, "local").encode()
            extra = told("extra", b"", "local")
            out += b"PK\x03\x04" + common("local") + struct.pack("<HH", len(name), len(extra)) + name + extra + stored
            out += lies.get("descriptor", b"")
        if lies.get("central", True):
            name = told("name", entry.name, "central").encode()
            extra = told("extra", b"", "central")
            directory += b"PK\x01\x02\x14\x03" + common("central")
            directory += struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, lies.get("external", 0o644 << 16),
                                     lies.get("offset", at - offset_shift))  # fmt: skip
            directory += name + extra
    start = len(out)
    listed = sum(1 for entry in entries if entry.lies.get("central", True)) if count is None else count
    out += directory
    if end:
        out += b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, listed, listed, len(directory), start - offset_shift, len(comment))
        out += comment
    return bytes(out) + suffix
