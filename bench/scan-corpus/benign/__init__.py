"""The benign corpus: files as their own libraries write them, in the ways people use them. One module for each kind."""

import io


def dumped(write, *args, **options):
    """The bytes that `write(thing, file)` puts into a file."""
    out = io.BytesIO()
    write(*args, out, **options)
    return out.getvalue()
