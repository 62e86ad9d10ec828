"""Makes clean msgpack files: Flax parameters, optimiser states and train states, and what other writers of msgpack make.

Usage: python flax_files.py FOLDER. Kinds fall by their name into `seen` and `unseen`.
"""
import pathlib
import sys
import zlib

import flax.linen as nn
import flax.serialization as serialization
import jax
import jax.numpy as jnp
import ml_dtypes
import msgpack
import numpy as np
import optax
from flax.core import freeze
from flax.training import train_state

root = pathlib.Path(sys.argv[1])


def place(name):
    folder = root / ("seen" if zlib.crc32(name.encode()) % 2 == 0 else "unseen")
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def keep(name, tree):
    try:
        place(f"{name}.msgpack").write_bytes(serialization.to_bytes(tree))
    except Exception as error:
        print("left out", name, repr(error)[:160])


key = jax.random.PRNGKey(0)


class Mlp(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(2)(nn.relu(nn.Dense(8)(x)))


class Conv(nn.Module):
    @nn.compact
    def __call__(self, x, train: bool = False):
        x = nn.BatchNorm(use_running_average=not train)(nn.Conv(4, (3, 3))(x))
        return nn.Dense(3)(x.reshape((x.shape[0], -1)))


class Attention(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.Embed(50, 16)(x)
        x = nn.LayerNorm()(x + nn.SelfAttention(2)(x))
        return nn.Dense(50)(x)


class Recurrent(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.RNN(nn.LSTMCell(6))(x)


models = {
    "mlp": (Mlp(), jnp.ones((1, 4))),
    "conv": (Conv(), jnp.ones((1, 8, 8, 3))),
    "attention": (Attention(), jnp.ones((1, 7), jnp.int32)),
    "recurrent": (Recurrent(), jnp.ones((1, 5, 3))),
}
for name, (model, example) in models.items():
    variables = model.init(key, example)
    keep(name, variables)
    keep(f"{name}-frozen", freeze(variables))
    keep(f"{name}-bf16", jax.tree_util.tree_map(lambda a: a.astype(jnp.bfloat16), variables))
    keep(f"{name}-f16", jax.tree_util.tree_map(lambda a: np.asarray(a, np.float16), variables))
    for label, transform in {
        "adam": optax.adam(1e-3), "sgd": optax.sgd(0.1, momentum=0.9), "adafactor": optax.adafactor(1e-3),
        "chain": optax.chain(optax.clip(1.0), optax.adamw(1e-3)), "multi": optax.MultiSteps(optax.adam(1e-3), 4).gradient_transformation(),
    }.items():
        keep(f"{name}-{label}", transform.init(variables["params"]))
    state = train_state.TrainState.create(apply_fn=model.apply, params=variables["params"], tx=optax.adam(1e-3))
    keep(f"{name}-state", state)

for dtype in ("float64", "float32", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "complex64", "complex128"):
    keep(f"dtype-{dtype}", {"a": np.ones((2, 3), dtype), "s": np.asarray(1, dtype)[()], "empty": np.zeros((0, 4), dtype)})
for dtype in ("bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3b11fnuz", "int4", "uint4", "float4_e2m1fn", "float8_e8m0fnu"):
    if hasattr(ml_dtypes, dtype):
        keep(f"dtype-{dtype}", {"a": np.ones((4, 2), getattr(ml_dtypes, dtype))})
keep("text", {"a": np.array(["x", "yy"]), "b": np.array([b"ab", b"c"]), "when": np.array(["2020-01-01"], "datetime64[D]")})
keep("plain", {"step": 3, "lr": 0.1, "name": "run", "flag": True, "none": None, "c": 1 + 2j, "list": [1, 2, {"a": np.ones(3)}], "tuple": (1.0, "x"), "bytes": b"\x00\x01"})
keep("integer-keys", {"layers": {str(i): {"kernel": np.ones((2, 2))} for i in range(20)}})
keep("scalar", np.float32(1.5))
keep("array", np.arange(10))
keep("large", {f"layer_{i}": {"kernel": rng} for i, rng in enumerate(np.random.default_rng(1).normal(size=(4, 300, 400)))})
keep("random-bytes", {"a": np.random.default_rng(2).integers(0, 255, 100_000, dtype=np.uint8)})
keep("rng", {"rng": key, "params": {"w": jnp.zeros((3,))}})
serialization.MAX_CHUNK_SIZE = 100
keep("chunked", {"embedding": np.arange(300, dtype=np.float32).reshape(30, 10), "b": np.ones(3, np.float32)})

# What other writers put into msgpack.
place("document.msgpack").write_bytes(msgpack.packb({"name": "x", "items": list(range(1000)), "nested": {"a": [1.5, None, True, "é"]}}))
place("timestamps.msgpack").write_bytes(msgpack.packb({"at": msgpack.Timestamp(1, 2), "v": -(2**40), "u": 2**63}))
place("rows.msgpack").write_bytes(msgpack.packb([{"id": i, "text": f"row {i}", "data": bytes(range(i % 60))} for i in range(300)]))
place("integer-map.msgpack").write_bytes(msgpack.packb({i: float(i) for i in range(300)}))
place("old-spec.msgpack").write_bytes(msgpack.packb({"a": b"\xff\xfe" * 40, "b": "text"}, use_bin_type=False))
place("list.msgpack").write_bytes(msgpack.packb(["alpha", "beta", {"c": [1, 2, 3]}]))
