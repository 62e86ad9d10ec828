"""Writes testing/hdf5-files.json: small clean HDF5 and Keras files of the real libraries, gzip and base64.

Run with h5py, keras (tensorflow backend), tf_keras, tables, pandas, netCDF4 and anndata installed:
    python hdf5_files.py keras3 DIR; python hdf5_files.py tfkeras DIR; python hdf5_files.py rest DIR; python hdf5_files.py pack DIR
"""

import base64
import gzip
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
part, folder = sys.argv[1:3]
os.makedirs(folder, exist_ok=True)


def keras_files(name):
    if name == "tfkeras":
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
        import tf_keras as keras
    else:
        import keras
    layers = keras.layers
    dense = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)])
    dense.compile(optimizer="adam", loss="mse", metrics=["mae"])
    dense.save(f"{folder}/{name}-dense.keras")
    dense.save(f"{folder}/{name}-dense.h5")
    dense.save_weights(f"{folder}/{name}-dense.weights.h5")
    open(f"{folder}/{name}-dense.json", "w").write(dense.to_json())
    words = layers.TextVectorization(max_tokens=9, output_sequence_length=3)
    words.adapt(["the cat", "a mat"])
    start = layers.Input((1,), dtype="string")
    keras.Model(start, layers.Embedding(9, 2)(words(start))).save(f"{folder}/{name}-words.keras")


def rest():
    import anndata
    import h5py
    import netCDF4
    import numpy as np
    import pandas as pd
    import tables

    for version in ("earliest", "v108", "latest"):
        with h5py.File(f"{folder}/h5py-{version}.h5", "w", libver=version if version != "v108" else ("v108", "v108")) as f:
            f.attrs["title"] = "a title."
            f.attrs["names"] = ["a", "b"]
            group = f.create_group("a/b")
            for index in range(20):
                group.attrs[f"n{index}"] = index
                group[f"d{index}"] = np.arange(3)
            f["soft"] = h5py.SoftLink("/a/b")
            f.create_dataset("grow", data=np.arange(40, dtype="u1"), chunks=(7,), maxshape=(None,), compression="gzip")
            f.create_dataset("text", data=["one", "two."], dtype=h5py.string_dtype())
    with h5py.File(f"{folder}/userblock.mat", "w", userblock_size=512) as f:
        f["x"] = np.eye(2)
    with open(f"{folder}/userblock.mat", "r+b") as f:
        f.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64, HDF5 schema 1.00 .".ljust(124) + b"\0\2IM")
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [3, 4]})
    frame.to_hdf(f"{folder}/pandas.h5", key="k")
    with tables.open_file(f"{folder}/tables.h5", "w") as f:
        objects = f.create_vlarray("/", "objects", tables.ObjectAtom(), expectedrows=2, chunkshape=2)
        objects.append({"a": [1, 2]})
        f.root._v_attrs.note = {"b": (1, 2)}
    with netCDF4.Dataset(f"{folder}/netcdf.nc", "w") as f:
        f.createDimension("t", None)
        f.createVariable("v", "f4", ("t",))[0:2] = [1, 2]
    anndata.AnnData(np.eye(2, dtype="f4")).write_h5ad(f"{folder}/anndata.h5ad")


def pack():
    import importlib.metadata as metadata

    packages = "h5py keras tf_keras tensorflow-cpu tables pandas netCDF4 anndata".split()
    made = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    files = []
    for name in sorted(os.listdir(folder)):
        data = open(f"{folder}/{name}", "rb").read()
        if len(data) <= 40_000:
            files.append({"name": name, "gzip": base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()})
        else:
            print(name, len(data), "is too large", file=sys.stderr)
    with open(os.path.join(os.path.dirname(__file__), "..", "hdf5-files.json"), "w") as out:
        json.dump({"made": made, "files": files}, out, indent=2)
        out.write("\n")


{"keras3": lambda: keras_files("keras3"), "tfkeras": lambda: keras_files("tfkeras"), "rest": rest, "pack": pack}[part]()
