# What the scripts that ask a server have in common: a target on stdin, answers by name on stdout.
import json
import sys

import numpy as np


def plain(value):
    """Of numpy and bytes, what JSON can hold."""
    if isinstance(value, np.ndarray):
        return {"dtype": str(value.dtype), "shape": list(value.shape), "values": plain(value.tolist())}
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def told(error):
    """An error as a person sees it. That it can be printed at all is part of what is tested."""
    return {"error": type(error).__name__, "text": str(error)}


def target():
    return json.load(sys.stdin)


def tell(answers):
    # Some libraries write to the same stream.
    print("\n" + json.dumps(plain(answers)))
