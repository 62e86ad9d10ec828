"""`python make_benign.py OUT`: writes the benign corpus: OUT/benign/<kind>/<case>/, kinds in OUT/manifest.json. It needs the
real libraries (README.md lists them); what is missing is skipped and named.
"""

import sys

from benign import arrays, boosters, keras_models, other_formats, plain_data, repositories, shipped, sklearn_models, torch_models
from corpus import Corpus

MODULES = (plain_data, sklearn_models, arrays, torch_models, boosters, other_formats, repositories, shipped, keras_models)

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    corpus = Corpus(sys.argv[1])
    corpus.run([*(module.make for module in MODULES), plain_data.by_value])
    corpus.finish()
