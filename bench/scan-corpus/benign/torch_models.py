"""PyTorch: state dicts, whole modules, optimizers, checkpoints, legacy files, TorchScript, exported programs, safetensors."""

import collections
import datetime
import io
import json

from . import dumped


def make(corpus):
    import warnings

    warnings.simplefilter("ignore")
    import torch

    torch.manual_seed(0)
    corpus.run([saved, scripted, safetensors_files, numpy_mixed])


def networks():
    from torch import nn

    return {
        "mlp": nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 2)),
        "conv": nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.SiLU(), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(2)),
        "lstm": nn.ModuleDict({"e": nn.Embedding(50, 8), "r": nn.LSTM(8, 8, 2, bidirectional=True), "o": nn.Linear(16, 2)}),
        "transformer": nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2),
        "attention": nn.MultiheadAttention(8, 2),
        "norms": nn.ModuleList([nn.LayerNorm(4), nn.GroupNorm(2, 4), nn.InstanceNorm1d(4), nn.RMSNorm(4)]),
        "params": nn.ParameterDict({"a": nn.Parameter(__import__("torch").zeros(3))}),
    }


def saved(corpus):
    import torch

    save = lambda what, **options: dumped(torch.save, what, **options)  # noqa: E731
    nets = networks()
    for number, (name, net) in enumerate(nets.items()):
        state = {k: v for k, v in net.state_dict().items() if not isinstance(v, torch.nn.parameter.UninitializedParameter)}
        file = ("pt", "pth", "bin", "ckpt")[number % 4]
        corpus.benign("torch", f"state-{name}", {f"{name}.{file}": save(state)})
        corpus.benign("torch", f"module-{name}", {f"{name}.pt": save(net)})
        corpus.benign("torch", f"legacy-{name}", {f"{name}.pth": save(state, _use_new_zipfile_serialization=False)})
    net = nets["mlp"]
    adam = torch.optim.AdamW(net.parameters(), lr=1e-3)
    net(torch.ones(1, 4)).sum().backward()
    adam.step()
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(adam, 10)
    corpus.benign("torch", "optimizer", {"optimizer.pt": save(adam.state_dict())})
    corpus.benign("torch", "optimizer-object", {"optimizer.pt": save(adam)})
    corpus.benign("torch", "scheduler", {"scheduler.pt": save(plan.state_dict())})
    checkpoint = {"epoch": 3, "model": net.state_dict(), "optimizer": adam.state_dict(), "best": 0.91, "args": {"lr": 1e-3, "name": "run"}, "when": datetime.datetime(2024, 1, 1)}
    corpus.benign("torch", "checkpoint", {"checkpoint.pth.tar": save(checkpoint)})
    corpus.benign("torch", "checkpoint-legacy", {"checkpoint.pth.tar": save({**checkpoint, "when": None}, _use_new_zipfile_serialization=False)})
    corpus.benign("torch", "checkpoint-namespace", {"last.pt": save({**checkpoint, "args": __import__("argparse").Namespace(lr=0.1, epochs=3, path=__import__("pathlib").Path("out"))})})
    corpus.benign("torch", "lightning-like", {"epoch=3-step=40.ckpt": save({"epoch": 3, "global_step": 40, "pytorch-lightning_version": "2.2.0", "state_dict": net.state_dict(), "loops": {}, "callbacks": {"ModelCheckpoint{}": {"best_model_score": torch.tensor(0.5), "best_model_path": "a.ckpt"}}, "optimizer_states": [adam.state_dict()], "lr_schedulers": [plan.state_dict()], "hyper_parameters": collections.OrderedDict(lr=0.1)})})
    corpus.benign("torch", "rng", {"rng_state.pth": save({"python": __import__("random").getstate(), "numpy": __import__("numpy").random.get_state(), "cpu": torch.get_rng_state()})})
    for name, tensor in {"float": torch.randn(4, 4), "bfloat16": torch.randn(4).bfloat16(), "half": torch.randn(4).half(), "bool": torch.tensor([True]), "complex": torch.zeros(2, dtype=torch.complex64),
                         "long": torch.arange(9), "uint8": torch.arange(9, dtype=torch.uint8), "float8": torch.zeros(4).to(torch.float8_e4m3fn), "view": torch.randn(10, 10)[2:4, ::2], "empty": torch.empty(0),
                         "parameter": torch.nn.Parameter(torch.ones(2)), "sparse": torch.eye(3).to_sparse(), "sparse-csr": torch.eye(3).to_sparse_csr(),
                         "quantized": torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.qint8), "size-and-dtype": {"size": torch.Size([2, 3]), "dtype": torch.float16, "device": torch.device("cpu")}}.items():  # fmt: skip
        corpus.benign("torch", f"tensor-{name}", {f"{name}.pt": save(tensor)})
    quantised = torch.ao.quantization.quantize_dynamic(torch.nn.Sequential(torch.nn.Linear(4, 4)), {torch.nn.Linear})
    corpus.benign("torch", "quantised-state", {"quantised.pt": save(quantised.state_dict())})
    corpus.benign("torch", "dataset", {"data.pt": save(torch.utils.data.TensorDataset(torch.ones(3, 2), torch.zeros(3)))})
    corpus.benign("torch", "old-protocol", {"p4.pt": save(net.state_dict(), pickle_protocol=4)})


def scripted(corpus):
    import torch

    net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU()).eval()
    corpus.benign("torch", "script", {"script.pt": dumped(lambda f: torch.jit.save(torch.jit.script(net), f))})
    corpus.benign("torch", "traced", {"traced.pt": dumped(lambda f: torch.jit.save(torch.jit.trace(net, torch.ones(1, 4)), f))})
    corpus.benign("torch", "traced-conv", {"conv.pt": dumped(lambda f: torch.jit.save(torch.jit.trace(torch.nn.Conv1d(2, 3, 3), torch.ones(1, 2, 9)), f))})
    corpus.benign("torch", "script-extra-files", {"extra.pt": dumped(lambda f: torch.jit.save(torch.jit.script(net), f, _extra_files={"labels.txt": "cat\ndog\n"}))})
    mobile = io.BytesIO(torch.jit.script(net)._save_to_buffer_for_lite_interpreter())
    corpus.benign("torch", "mobile", {"mobile.ptl": mobile.getvalue()})
    try:
        corpus.benign("torch", "exported", {"program.pt2": dumped(lambda f: torch.export.save(torch.export.export(net, (torch.ones(1, 4),)), f))})
    except Exception as refused:  # noqa: BLE001 - it depends on the compiler of the machine
        corpus.skip("torch.export", refused)


def safetensors_files(corpus):
    import numpy
    import safetensors.numpy
    import safetensors.torch
    import torch

    for name, net in networks().items():
        state = {k: v.contiguous() for k, v in net.state_dict().items() if not isinstance(v, torch.nn.parameter.UninitializedParameter)}
        corpus.benign("safetensors", name, {"model.safetensors": safetensors.torch.save(state, {"format": "pt"} if len(name) % 2 else None)})
    corpus.benign("safetensors", "numpy", {"adapter_model.safetensors": safetensors.numpy.save({"w": numpy.eye(3), "i": numpy.arange(4), "e": numpy.zeros((0, 3)), "s": numpy.array(1.0)})})
    corpus.benign("safetensors", "dtypes", {"d.safetensors": safetensors.torch.save({str(t): torch.ones(3).to(t) for t in (torch.float16, torch.bfloat16, torch.int8, torch.uint8, torch.bool, torch.int64, torch.float8_e5m2)})})
    corpus.benign("safetensors", "metadata", {"lora.safetensors": safetensors.torch.save({"a": torch.ones(2)}, {"ss_network_module": "networks.lora", "ss_datasets": json.dumps([{"n": 3}] * 50), "modelspec.title": "style ✓"})})
    corpus.benign("safetensors", "empty", {"empty.safetensors": safetensors.torch.save({})})


def numpy_mixed(corpus):
    import numpy
    import torch

    corpus.benign("torch", "with-numpy", {"results.pt": dumped(torch.save, {"scores": numpy.arange(3.0), "best": numpy.float64(0.5), "names": ["a"], "w": torch.ones(2)})})
    corpus.benign("torch", "plain-dict", {"vocab.pt": dumped(torch.save, {"stoi": {"a": 0}, "itos": ["a"]})})
    corpus.benign("torch", "defaultdict", {"stats.pt": dumped(torch.save, collections.defaultdict(float, a=0.5))})
    corpus.benign("torch", "pickled-tensor", {"t.pkl": __import__("pickle").dumps(torch.ones(3))})
    import joblib

    corpus.benign("torch", "joblib-tensor", {"t.joblib": dumped(joblib.dump, {"w": torch.ones(3)})})
