"""Python files, notebooks and start-up hooks as their real tools write them; packed by pack.py into real-python.json.

Run with torch, transformers, nbformat and setuptools installed. Writes into the folder named on the command line.
"""
import os
import pathlib
import subprocess
import sys

out = pathlib.Path(sys.argv[1]).resolve()
out.mkdir(parents=True, exist_ok=True)


def traced_module():
    """torch.fx writes the code of a traced model as a Python file."""
    import torch
    from torch import fx, nn

    net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    os.chdir(out)
    fx.symbolic_trace(net).to_folder("traced", "Traced")
    pathlib.Path("module.py").write_text(pathlib.Path("traced/module.py").read_text())


def custom_config():
    """transformers copies the code of a registered class beside config.json, with auto_map in it."""
    sys.path.insert(0, str(out))
    (out / "configuration_tiny.py").write_text(
        "from transformers import PretrainedConfig\n\n\nclass TinyConfig(PretrainedConfig):\n"
        '    model_type = "tiny"\n\n    def __init__(self, hidden_size=8, **kwargs):\n'
        "        self.hidden_size = hidden_size\n        super().__init__(**kwargs)\n"
    )
    from configuration_tiny import TinyConfig

    TinyConfig.register_for_auto_class()
    TinyConfig().save_pretrained(out / "saved")
    (out / "configuration_saved.py").write_text((out / "saved" / "configuration_tiny.py").read_text())


def notebook():
    """nbformat writes a notebook with code, Markdown and outputs."""
    import nbformat
    from nbformat import v4

    cells = [
        v4.new_markdown_cell("# Demo\nRun all cells."),
        v4.new_code_cell("%matplotlib inline\n!pip install -q numpy\nimport numpy as np"),
        v4.new_code_cell("x = np.arange(4)\nx", outputs=[v4.new_output("execute_result", {"text/plain": "array([0, 1, 2, 3])"})]),
        v4.new_code_cell("%%time\nfor i in range(3):\n    print(i)", outputs=[v4.new_output("stream", text="0\n1\n2\n")]),
    ]
    meta = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python", "file_extension": ".py", "nbconvert_exporter": "python"}}
    nbformat.write(v4.new_notebook(cells=cells, metadata=meta), out / "demo.ipynb")


def exported_script():
    """nbconvert turns the notebook into a script."""
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "script", str(out / "demo.ipynb")], check=True)


for step in sys.argv[2:]:
    globals()[step]()
