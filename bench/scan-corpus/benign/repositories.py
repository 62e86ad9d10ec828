"""Whole model repositories as people publish them, and the ordinary files around models: code, notebooks, packaging, docs."""

import io
import json
import pathlib
import pickle
import struct
import tempfile
import zlib

from . import dumped
from .other_formats import TEMPLATES


def make(corpus):
    import warnings

    warnings.simplefilter("ignore")
    files(corpus)
    folders(corpus)
    corpus.run([transformers_repositories, sentence_transformers_repository])


CARD = """---
license: apache-2.0
language: [en, de]
library_name: transformers
tags: [text-generation, safetensors]
datasets: [wikitext]
---

# {name}

A small language model for tests.

## Install

```bash
pip install -U transformers torch accelerate
git clone https://huggingface.co/me/{name}
cd {name} && pip install -r requirements.txt
```

## Use

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("me/{name}")
model = AutoModelForCausalLM.from_pretrained("me/{name}", trust_remote_code=True, torch_dtype="auto")
print(tokenizer.decode(model.generate(**tokenizer("Hello", return_tensors="pt"))[0]))
```

| task | score |
|------|-------|
| acc  | 0.71  |

Do not load pickles you do not trust: `torch.load(path, weights_only=True)`. Contact: me@example.org
"""

MODELING = '''"""PyTorch model of Net."""

import math
from dataclasses import dataclass
from typing import Optional, Tuple

import torch
import torch.nn.functional as F
from torch import nn
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.modeling_utils import PreTrainedModel
from transformers.utils import logging

from .configuration_net import NetConfig

logger = logging.get_logger(__name__)

try:
    from flash_attn import flash_attn_func
except ImportError:
    flash_attn_func = None


@dataclass
class NetOutput(CausalLMOutputWithPast):
    gate: Optional[torch.Tensor] = None


class NetAttention(nn.Module):
    def __init__(self, config: NetConfig):
        super().__init__()
        self.heads = config.num_attention_heads
        self.qkv = nn.Linear(config.hidden_size, 3 * config.hidden_size, bias=False)
        self.register_buffer("mask", torch.tril(torch.ones(64, 64)), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
        if flash_attn_func is not None and getattr(self, "use_flash", False):
            return flash_attn_func(q, k, v)
        return F.softmax(scores, dim=-1) @ v


class NetForCausalLM(PreTrainedModel):
    config_class = NetConfig

    def __init__(self, config):
        super().__init__(config)
        self.layers = nn.ModuleList([NetAttention(config) for _ in range(config.num_hidden_layers)])
        self.eval()

    @torch.no_grad()
    def forward(self, input_ids, past: Optional[Tuple] = None, **kwargs):
        logger.warning_once("net")
        for layer in self.layers:
            input_ids = layer(input_ids)
        return NetOutput(logits=input_ids)
'''
CONFIGURATION = 'from transformers import PretrainedConfig\n\n\nclass NetConfig(PretrainedConfig):\n    model_type = "net"\n\n    def __init__(self, hidden_size=64, num_hidden_layers=2, num_attention_heads=2, **kwargs):\n        self.hidden_size = hidden_size\n        self.num_hidden_layers = num_hidden_layers\n        self.num_attention_heads = num_attention_heads\n        super().__init__(**kwargs)\n'
TOKENIZATION = 'import json\nimport os\nimport re\nfrom shutil import copyfile\n\nimport sentencepiece as spm\nfrom transformers import PreTrainedTokenizer\n\nVOCAB_FILES_NAMES = {"vocab_file": "tokenizer.model"}\nPATTERN = re.compile(r"\\w+|\\S")\n\n\nclass NetTokenizer(PreTrainedTokenizer):\n    vocab_files_names = VOCAB_FILES_NAMES\n\n    def __init__(self, vocab_file, **kwargs):\n        self.vocab_file = vocab_file\n        self.sp_model = spm.SentencePieceProcessor()\n        self.sp_model.Load(vocab_file)\n        super().__init__(**kwargs)\n\n    def save_vocabulary(self, save_directory, filename_prefix=None):\n        if not os.path.isdir(save_directory):\n            os.makedirs(save_directory, exist_ok=True)\n        out = os.path.join(save_directory, "tokenizer.model")\n        if os.path.abspath(self.vocab_file) != os.path.abspath(out):\n            copyfile(self.vocab_file, out)\n        with open(os.path.join(save_directory, "extra.json"), "w", encoding="utf-8") as f:\n            json.dump({}, f)\n        return (out,)\n'
TRAIN = '"""Trains the model."""\n\nimport argparse\nimport logging\nimport os\nimport random\nfrom pathlib import Path\n\nimport numpy as np\nimport torch\nfrom torch.utils.data import DataLoader\n\nlogging.basicConfig(level=os.environ.get("LOGLEVEL", "INFO"))\n\n\ndef main():\n    parser = argparse.ArgumentParser()\n    parser.add_argument("--lr", type=float, default=1e-3)\n    parser.add_argument("--out", type=Path, default=Path("out"))\n    args = parser.parse_args()\n    os.environ["TOKENIZERS_PARALLELISM"] = "false"\n    random.seed(0)\n    np.random.seed(0)\n    device = "cuda" if torch.cuda.is_available() else "cpu"\n    model = torch.nn.Linear(4, 2).to(device)\n    model.train()\n    for batch in DataLoader(torch.ones(8, 4), 2):\n        model(batch.to(device)).sum().backward()\n    model.eval()\n    args.out.mkdir(exist_ok=True)\n    torch.save(model.state_dict(), args.out / "model.pt")\n\n\nif __name__ == "__main__":\n    main()\n'
SCRIPTS = {
    "train.py": TRAIN,
    "export_onnx.py": 'import subprocess\nimport sys\n\nimport torch\n\nmodel = torch.load("model.pt", weights_only=True)\ntorch.onnx.export(torch.nn.Linear(4, 2), torch.ones(1, 4), "model.onnx")\nsubprocess.run([sys.executable, "-m", "onnxsim", "model.onnx", "model.sim.onnx"], check=True)\n',
    "predict.py": 'import json\nimport sys\n\nimport joblib\nimport pandas as pd\n\nmodel = joblib.load("model.joblib")\nframe = pd.read_csv(sys.argv[1])\nprint(json.dumps(model.predict(frame).tolist()))\n',
    "serve.py": 'from fastapi import FastAPI\nfrom pydantic import BaseModel\nimport uvicorn\n\napp = FastAPI()\n\n\nclass Query(BaseModel):\n    text: str\n\n\n@app.post("/predict")\ndef predict(query: Query):\n    return {"length": len(query.text)}\n\n\nif __name__ == "__main__":\n    uvicorn.run(app, host="0.0.0.0", port=8000)\n',
    "download.py": 'from huggingface_hub import snapshot_download\nimport urllib.request\n\nsnapshot_download("me/net", local_dir="weights")\nurllib.request.urlretrieve("https://example.org/labels.txt", "labels.txt")\n',
    "app.py": 'import gradio as gr\nfrom transformers import pipeline\n\npipe = pipeline("text-classification", model=".")\n\n\ndef run(text):\n    return pipe(text)[0]["label"]\n\n\ngr.Interface(run, "text", "label").launch()\n',
    "evaluate.py": 'import re\nfrom sklearn.metrics import f1_score\n\n\ndef main(path):\n    """Compute; see eval() of the harness and exec time in the table."""\n    rows = [re.split(r"\\t", line) for line in open(path)]\n    print(f1_score([r[0] for r in rows], [r[1] for r in rows], average="macro"))\n',
    "setup.py": 'import os\nfrom setuptools import find_packages, setup\n\nhere = os.path.dirname(__file__)\nwith open(os.path.join(here, "README.md"), encoding="utf-8") as f:\n    readme = f.read()\n\nsetup(name="net", version="1.0.0", packages=find_packages(), install_requires=["torch>=2.0"], long_description=readme, python_requires=">=3.9")\n',
    "setup_cuda.py": 'from setuptools import setup\nfrom torch.utils.cpp_extension import BuildExtension, CUDAExtension\n\nsetup(name="net_ops", ext_modules=[CUDAExtension("net_ops", ["ops.cpp", "ops.cu"])], cmdclass={"build_ext": BuildExtension})\n',
    "conftest.py": 'import pytest\nimport torch\n\n\n@pytest.fixture(autouse=True)\ndef seed():\n    torch.manual_seed(0)\n',
    "test_model.py": 'import subprocess\n\nimport torch\n\n\ndef test_shape():\n    assert torch.nn.Linear(4, 2)(torch.ones(1, 4)).shape == (1, 2)\n\n\ndef test_cli():\n    assert subprocess.run(["python", "train.py", "--help"], capture_output=True).returncode == 0\n',
    "handler.py": 'import base64\nimport io\nfrom typing import Any, Dict, List\n\nfrom PIL import Image\nfrom transformers import pipeline\n\n\nclass EndpointHandler:\n    def __init__(self, path=""):\n        self.pipe = pipeline("image-classification", model=path)\n\n    def __call__(self, data: Dict[str, Any]) -> List[Dict[str, Any]]:\n        image = Image.open(io.BytesIO(base64.b64decode(data["inputs"])))\n        return self.pipe(image)\n',
    "utils.py": 'import hashlib\nimport pickle\nimport zlib\n\n\ndef digest(path):\n    with open(path, "rb") as f:\n        return hashlib.sha256(f.read()).hexdigest()\n\n\ndef cache(path, value):\n    with open(path, "wb") as f:\n        f.write(zlib.compress(pickle.dumps(value)))\n',
    "convert.py": "import argparse\nimport glob\nimport os\nimport shutil\nimport struct\n\nimport numpy as np\n\n\ndef write(path, arrays):\n    with open(path, 'wb') as f:\n        f.write(b'GGUF')\n        f.write(struct.pack('<I', 3))\n        for name, a in arrays.items():\n            f.write(name.encode('utf-8'))\n            a.astype(np.float16).tofile(f)\n\n\nfor old in glob.glob('*.tmp'):\n    os.remove(old)\nshutil.copy('config.json', 'out')\n",
    "__init__.py": "from .modeling_net import NetForCausalLM\n\n__all__ = ['NetForCausalLM']\n__version__ = '1.0'\n",
}
DOCUMENTS = {
    "README.md": CARD.format(name="net"),
    "CONTRIBUTING.md": "# Contributing\n\nRun `pytest -q` and `ruff check .`. To set up:\n\n    python -m venv .venv && source .venv/bin/activate\n    pip install -e '.[dev]'\n",
    "SECURITY.md": "# Security\n\nPickle files can run code, for example by `os.system` or `eval`. We publish safetensors only. Report to security@example.org.\n",
    "INSTALL.md": "# Install\n\n```bash\nsudo apt-get update && sudo apt-get install -y git-lfs\ncurl -LO https://repo.anaconda.com/miniconda/Miniconda3-latest-Linux-x86_64.sh\nsha256sum -c miniconda.sha256\nwget https://example.org/weights.tar.gz && tar xzf weights.tar.gz\npip install torch --index-url https://download.pytorch.org/whl/cpu\n```\n",
    "LICENSE": "Apache License\nVersion 2.0, January 2004\nhttp://www.apache.org/licenses/\n\nTERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION\n" * 3,
    "CITATION.cff": "cff-version: 1.2.0\ntitle: Net\nauthors:\n  - family-names: Doe\n    given-names: Jo\n",
    "CHANGELOG.md": "## 1.1\n- Removed `exec()` from the loader.\n- Pinned dependencies.\n",
    "requirements.txt": "torch==2.4.0\ntransformers==4.44.0\nnumpy==1.26.4\nscikit-learn==1.5.1\npandas==2.2.2\naccelerate==0.33.0\nsentencepiece==0.2.0\n",
    "requirements-dev.txt": "-r requirements.txt\npytest==8.3.2\nruff==0.6.1\nmypy==1.11.1\n",
    "requirements-torch.txt": "--extra-index-url https://download.pytorch.org/whl/cu121\ntorch==2.4.0+cu121\ntorchvision==0.19.0+cu121\n",
    "requirements-hashes.txt": "numpy==1.26.4 \\\n    --hash=sha256:2a02aba9ed12e4ac4eb3ea9421c420301a0c6460d9830d74a9df87efa4912010\n",
    "pyproject.toml": '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "net"\nversion = "1.0"\ndependencies = ["torch>=2"]\n\n[tool.ruff]\nline-length = 120\n',
    "environment.yml": "name: net\nchannels: [conda-forge, defaults]\ndependencies:\n  - python=3.11\n  - numpy=1.26\n  - pip:\n      - transformers==4.44.0\n",
    "Dockerfile": "FROM python:3.11-slim\nENV PIP_NO_CACHE_DIR=1\nRUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nUSER nobody\nEXPOSE 8000\nCMD [\"uvicorn\", \"serve:app\", \"--host\", \"0.0.0.0\"]\n",
    "docker-compose.yml": "services:\n  api:\n    build: .\n    ports: ['8000:8000']\n    environment:\n      MODEL: me/net\n    volumes: ['./weights:/weights:ro']\n",
    ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.pkl filter=lfs diff=lfs merge=lfs -text\n",
    ".gitignore": "__pycache__/\n*.pyc\n.env\nout/\n",
    ".github/workflows/test.yml": "name: test\non: [push, pull_request]\npermissions:\n  contents: read\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - uses: actions/setup-python@v5\n        with: {python-version: '3.11'}\n      - run: pip install -r requirements.txt\n      - run: pytest -q\n",
    ".pre-commit-config.yaml": "repos:\n  - repo: https://github.com/pre-commit/pre-commit-hooks\n    rev: v4.6.0\n    hooks:\n      - id: end-of-file-fixer\n      - id: check-yaml\n",
    ".vscode/settings.json": '{\n  // formatting\n  "editor.formatOnSave": true,\n  "python.testing.pytestEnabled": true,\n}\n',
    ".vscode/launch.json": '{"version": "0.2.0", "configurations": [{"name": "train", "type": "debugpy", "request": "launch", "program": "train.py"}]}\n',
    ".devcontainer/devcontainer.json": '{"image": "mcr.microsoft.com/devcontainers/python:3.11", "postCreateCommand": "pip install -r requirements.txt"}\n',
    "Makefile": "install:\n\tpip install -r requirements.txt\n\ntest:\n\tpytest -q\n\nclean:\n\trm -rf build dist *.egg-info\n",
    "train.sh": "#!/usr/bin/env bash\nset -euo pipefail\nexport CUDA_VISIBLE_DEVICES=0\nOUT=${1:-out}\nmkdir -p \"$OUT\"\ntorchrun --nproc_per_node=1 train.py --out \"$OUT\" 2>&1 | tee \"$OUT/log.txt\"\n",
    "download.sh": "#!/bin/sh\nset -e\nwget -c https://example.org/weights.tar.gz\ntar xzf weights.tar.gz\nhuggingface-cli download me/net --local-dir net\n",
    "config.yaml": "model:\n  _target_: torch.nn.Linear\n  in_features: 64\n  out_features: 2\noptimizer:\n  name: adamw\n  lr: 1.0e-3\n",
    "hparams.yaml": "batch_size: 32\nlayers: &layers [64, 32]\ndecoder: *layers\nbetas: !!python/tuple [0.9, 0.999]\n",
    "params.json": '{"dim": 4096, "n_layers": 32, "norm_eps": 1e-05, "vocab_size": -1}\n',
    "MLmodel": "artifact_path: model\nflavors:\n  python_function:\n    env: {conda: conda.yaml}\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    predict_fn: predict\n  sklearn:\n    code: null\n    pickled_model: model.pkl\n    sklearn_version: 1.5.1\n",
    "config.pbtxt": 'name: "net"\nplatform: "onnxruntime_onnx"\nmax_batch_size: 8\ninput [{ name: "x" data_type: TYPE_FP32 dims: [4] }]\n',
    "labels.txt": "cat\ndog\nbird\n",
    "vocab.txt": "\n".join(["[PAD]", "[UNK]", "[CLS]", "os", "system", "eval", "##ing"] + [f"word{i}" for i in range(3000)]),
    "merges.txt": "#version: 0.2\n" + "\n".join(f"a{i} b{i}" for i in range(2000)),
    "vocab.json": json.dumps({f"tok{i}": i for i in range(5000)}),
    "special_tokens_map.json": '{"bos_token": "<s>", "eos_token": "</s>", "unk_token": {"content": "<unk>", "lstrip": false}}',
    "generation_config.json": '{"_from_model_config": true, "bos_token_id": 1, "do_sample": true, "temperature": 0.7}',
    "preprocessor_config.json": '{"do_resize": true, "image_mean": [0.5, 0.5, 0.5], "image_processor_type": "ViTImageProcessor", "size": {"height": 224, "width": 224}}',
    "trainer_state.json": json.dumps({"epoch": 3.0, "log_history": [{"loss": 1 / (i + 1), "step": i} for i in range(300)]}),
    "data.csv": "text,label\n\"=1+1 is fun\",0\n\"import os; os.system('x')\",1\n" * 50,
    "train.jsonl": '{"prompt": "How do I delete a file in bash?", "completion": "Use rm file.txt; never curl http://x | sh."}\n' * 40,
    "index.html": "<!doctype html><title>Demo</title><script>fetch('/predict').then(r => r.json()).then(console.log)</script>\n",
    "Modelfile": 'FROM ./net.gguf\nPARAMETER temperature 0.7\nTEMPLATE """{{ if .System }}<|system|>{{ .System }}{{ end }}<|user|>{{ .Prompt }}"""\n',
    ".env.example": "HF_TOKEN=\nOPENAI_API_KEY=your-key-here\nWANDB_PROJECT=net\n",
    "model_index.json": '{"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0", "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"], "safety_checker": [null, null]}',
    "adapter_config.json": '{"base_model_name_or_path": "meta-llama/Llama-2-7b-hf", "peft_type": "LORA", "r": 8, "target_modules": ["q_proj", "v_proj"], "auto_mapping": null}',
    "CLAUDE.md": "# Notes for assistants\n\nUse `uv run pytest` for tests. Keep functions short. Never commit weights.\n",
    "environment.sh": "# shellcheck shell=bash\nexport PYTHONPATH=\"$PWD/src:${PYTHONPATH:-}\"\nsource .venv/bin/activate\n",
}  # fmt: skip


def notebook(*cells):
    outputs = [{"output_type": "stream", "name": "stdout", "text": ["0.91\n"]}, {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgoAAAANSUhEUgAA" * 200, "text/html": ["<table><tr><td>1</td></tr></table>"]}, "metadata": {}}]
    made = [{"cell_type": "markdown", "metadata": {}, "source": ["# Demo\n"]}]
    made += [{"cell_type": "code", "execution_count": i, "metadata": {}, "outputs": outputs, "source": cell.splitlines(True)} for i, cell in enumerate(cells)]
    return json.dumps({"cells": made, "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}, "nbformat": 4, "nbformat_minor": 4})


NOTEBOOKS = {
    "demo": ("import pandas as pd\nimport matplotlib.pyplot as plt\n%matplotlib inline", "df = pd.read_csv('data.csv')\ndf.plot()", "from sklearn.svm import SVC\nSVC().fit(df[['a']], df.b)"),
    "install": ("!pip install -q transformers datasets", "!nvidia-smi", "!git clone https://github.com/huggingface/transformers", "%cd transformers"),
    "colab": ("from google.colab import drive\ndrive.mount('/content/drive')", "%%time\nimport torch\nmodel = torch.load('/content/drive/model.pt')", "!ls -la\n!wget -q https://example.org/data.zip && unzip -q data.zip"),
    "hub": ("import os\nos.environ['HF_HUB_ENABLE_HF_TRANSFER'] = '1'", "from huggingface_hub import notebook_login\nnotebook_login()", "model.push_to_hub('me/net')"),
    "bash": ("%%bash\npython train.py --lr 0.1\ntail -n 3 out/log.txt", "%load_ext tensorboard\n%tensorboard --logdir out"),
}


def files(corpus):
    for name, text in {**SCRIPTS, **DOCUMENTS}.items():
        corpus.benign("repository files", name.strip(".").replace("/", "-").replace(".", "-"), {name: text})
    for name, cells in NOTEBOOKS.items():
        corpus.benign("notebooks", name, {f"{name}.ipynb": notebook(*cells)})
    corpus.benign("repository files", "png", {"figure.png": png()})
    corpus.benign("repository files", "wav", {"sample.wav": b"RIFF" + struct.pack("<I", 36 + 800) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data" + struct.pack("<I", 800) + bytes(800)})
    corpus.benign("repository files", "gif", {"demo.gif": b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"})
    corpus.benign("repository files", "git-lfs-pointer", {"pytorch_model.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"}, source="doubtful: no weights, only a pointer")
    corpus.benign("repository files", "empty", {"__init__.py": ""})


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * y) & 255 for x in range(96)) for y in range(32))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def folders(corpus):
    pick = lambda *names: {name: {**SCRIPTS, **DOCUMENTS}[name] for name in names}  # noqa: E731
    model = pickle.dumps({"coef": [0.1, 0.2], "classes": ["a", "b"]})
    corpus.benign("repositories", "python-project", {**pick("README.md", "LICENSE", "setup.py", "train.py", "serve.py", "requirements.txt", "Dockerfile", ".gitignore", "Makefile", "conftest.py", "test_model.py", ".github/workflows/test.yml"), "model.pkl": model})
    corpus.benign("repositories", "mlflow", {**pick("MLmodel"), "conda.yaml": DOCUMENTS["environment.yml"], "python_env.yaml": "python: 3.11.4\nbuild_dependencies: [pip==24.0]\ndependencies: [-r requirements.txt]\n", "requirements.txt": DOCUMENTS["requirements.txt"], "model.pkl": model})
    corpus.benign("repositories", "triton", {"net/config.pbtxt": DOCUMENTS["config.pbtxt"], "net/1/README": "put model.onnx here\n"})
    corpus.benign("repositories", "research-code", {**pick("README.md", "train.py", "evaluate.py", "export_onnx.py", "convert.py", "utils.py", "setup_cuda.py", "train.sh", "download.sh", "config.yaml", "environment.yml"), "notebooks/demo.ipynb": notebook(*NOTEBOOKS["install"])})
    corpus.benign("repositories", "space", {**pick("README.md", "app.py", "requirements.txt", ".gitattributes"), "examples/cat.png": png()})
    corpus.benign("repositories", "auto-map", {**pick("README.md", "special_tokens_map.json", "generation_config.json"), "config.json": json.dumps({"architectures": ["NetForCausalLM"], "auto_map": {"AutoConfig": "configuration_net.NetConfig", "AutoModelForCausalLM": "modeling_net.NetForCausalLM"}, "model_type": "net"}),
                  "modeling_net.py": MODELING, "configuration_net.py": CONFIGURATION, "tokenization_net.py": TOKENIZATION, "tokenizer_config.json": json.dumps({"auto_map": {"AutoTokenizer": ["tokenization_net.NetTokenizer", None]}, "chat_template": TEMPLATES["tools"]})}, source="custom code, all of it ordinary")  # fmt: skip
    corpus.benign("repositories", "endpoint", {**pick("README.md", "handler.py", "requirements.txt", "preprocessor_config.json")})


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(pathlib.Path(folder).rglob("*")) if p.is_file()}


def small_tokenizer():
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    base = Tokenizer(models.BPE(unk_token="<unk>"))
    base.pre_tokenizer = pre_tokenizers.ByteLevel()
    base.train_from_iterator(["the quick brown fox", "import os; os.system('ls')", "eval and exec"] * 5, trainers.BpeTrainer(vocab_size=300, special_tokens=["<unk>", "<s>", "</s>"]))
    return PreTrainedTokenizerFast(tokenizer_object=base, unk_token="<unk>", bos_token="<s>", eos_token="</s>", chat_template=TEMPLATES["chatml"])


def transformers_repositories(corpus):
    import torch
    import transformers as hf

    tokenizer = small_tokenizer()
    small = {"vocab_size": 300, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    nets = {
        "llama": lambda: hf.LlamaForCausalLM(hf.LlamaConfig(**small)),
        "bert": lambda: hf.BertForSequenceClassification(hf.BertConfig(**small)),
        "gpt2": lambda: hf.GPT2LMHeadModel(hf.GPT2Config(vocab_size=300, n_embd=16, n_layer=1, n_head=2)),
        "t5": lambda: hf.T5ForConditionalGeneration(hf.T5Config(vocab_size=300, d_model=16, d_ff=32, num_layers=1, num_heads=2, d_kv=8)),
        "vit": lambda: hf.ViTForImageClassification(hf.ViTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, image_size=32, patch_size=8)),
        "whisper": lambda: hf.WhisperForConditionalGeneration(hf.WhisperConfig(vocab_size=300, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1)),
    }
    for number, (name, build) in enumerate(nets.items()):
        with tempfile.TemporaryDirectory() as folder:
            model = build()
            model.save_pretrained(folder, max_shard_size="20KB" if number % 2 else "5GB")
            tokenizer.save_pretrained(folder)
            files_ = tree(folder)
            files_["README.md"] = CARD.format(name=name)
            files_[".gitattributes"] = DOCUMENTS[".gitattributes"]
            if number % 2 == 0:
                files_["pytorch_model.bin"] = dumped(torch.save, model.state_dict())
            corpus.benign("repositories", f"transformers-{name}", files_)
    with tempfile.TemporaryDirectory() as folder:
        # Its own checks ask for the package accelerate, which is not needed to pickle it: what they fill in is set here.
        hf.TrainingArguments.__post_init__ = lambda self: None
        arguments = hf.TrainingArguments(output_dir=folder, report_to=[], use_cpu=True)
        arguments.save_strategy = arguments.eval_strategy = hf.trainer_utils.IntervalStrategy("epoch")
        arguments.lr_scheduler_type = hf.trainer_utils.SchedulerType("cosine")
        arguments.hub_strategy = hf.trainer_utils.HubStrategy("every_save")
        arguments.optim = hf.training_args.OptimizerNames("adamw_torch")
        net = nets["bert"]()
        adam = torch.optim.AdamW(net.parameters())
        checkpoint = {"training_args.bin": dumped(torch.save, arguments), "optimizer.pt": dumped(torch.save, adam.state_dict()), "scheduler.pt": dumped(torch.save, torch.optim.lr_scheduler.LambdaLR(adam, lambda s: 1).state_dict()),
                      "rng_state.pth": dumped(torch.save, {"cpu": torch.get_rng_state()}), "trainer_state.json": DOCUMENTS["trainer_state.json"], "config.json": net.config.to_json_string()}  # fmt: skip
        corpus.benign("repositories", "trainer-checkpoint", checkpoint)
        corpus.benign("torch", "training-args", {"training_args.bin": checkpoint["training_args.bin"]})
        corpus.benign("torch", "config-pickle", {"config.pkl": pickle.dumps(net.config)})
    corpus.benign("repositories", "tokenizer-only", {name: data for name, data in _tokenizer_files(tokenizer).items()})


def _tokenizer_files(tokenizer):
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_pretrained(folder)
        return {**tree(folder), "README.md": "# Tokenizer\n"}


def sentence_transformers_repository(corpus):
    import safetensors.torch
    import torch

    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}, {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}]
    corpus.benign("repositories", "sentence-transformers", {"modules.json": json.dumps(modules), "config_sentence_transformers.json": '{"prompts": {}, "similarity_fn_name": "cosine"}', "1_Pooling/config.json": '{"pooling_mode_mean_tokens": true, "word_embedding_dimension": 16}',
                  "2_Dense/config.json": '{"in_features": 16, "out_features": 8, "activation_function": "torch.nn.modules.activation.Tanh"}', "2_Dense/model.safetensors": safetensors.torch.save({"linear.weight": torch.ones(8, 16)}), "README.md": CARD.format(name="st")})  # fmt: skip
    lora = {"adapter_config.json": DOCUMENTS["adapter_config.json"], "adapter_model.safetensors": safetensors.torch.save({"base_model.model.q.lora_A.weight": torch.ones(2, 4)}), "README.md": CARD.format(name="lora")}
    corpus.benign("repositories", "lora", lora)
    out = io.BytesIO()
    torch.save({"w": torch.ones(2)}, out)
    corpus.benign("repositories", "diffusers", {"model_index.json": DOCUMENTS["model_index.json"], "unet/config.json": '{"_class_name": "UNet2DConditionModel"}', "unet/diffusion_pytorch_model.bin": out.getvalue(), "scheduler/scheduler_config.json": '{"_class_name": "PNDMScheduler", "beta_end": 0.012}'})
