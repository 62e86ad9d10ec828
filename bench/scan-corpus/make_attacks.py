"""`python make_attacks.py OUT`: writes the attack corpus: OUT/attacks/<family>/<case>/, clean twins in OUT/twins, labels in
OUT/manifest.json. Standard library; where h5py, torch, joblib, pandas, dill, cloudpickle, skops, py7zr or TensorFlow are
missing, their cases are skipped and named.
"""

import sys

from attacks import (carriers, containers, exhaustion, gadgets, graphs, keras_files, other_formats, pickle_nested, pickle_shapes,
                     pickle_streams, pickle_vm, repository, templates, tensors, torch_files)  # fmt: skip
from corpus import Corpus

MODULES = (pickle_vm, pickle_streams, gadgets, pickle_shapes, pickle_nested, containers, carriers, torch_files, keras_files,
           templates, tensors, graphs, other_formats, repository, exhaustion)  # fmt: skip

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    corpus = Corpus(sys.argv[1])
    corpus.run([module.make for module in MODULES])
    corpus.finish()
