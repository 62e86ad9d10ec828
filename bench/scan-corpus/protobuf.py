"""Writes protobuf wire format field by field (no schema): enough to say what a generated writer refuses to say."""


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, content):
    """A varint for an int, a length-delimited field for bytes and str."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    if isinstance(content, str):
        content = content.encode()
    return varint(number << 3 | 2) + varint(len(content)) + content


def message(**fields):
    """message(f1=..., f8=[...]): a list repeats the field."""
    out = b""
    for name, content in fields.items():
        for item in content if isinstance(content, list) else [content]:
            out += field(int(name[1:]), item)
    return out
