# Real files of torch (zip, legacy, plain pickle), transformers, tokenizers, networkx and others. Run: python pickle_torch.py OUT
import collections

import numpy as np
import torch
import torch.nn as nn

from pickle_common import done, save, written

kinds = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool, torch.complex64, torch.complex128, torch.float8_e4m3fn, torch.float8_e5m2, torch.uint16, torch.uint32, torch.uint64]
mlp = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Dropout(0.1), nn.Linear(8, 2))
conv = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GELU(), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(2))
base = torch.arange(24.0).reshape(4, 6)
cases = {f"dtype-{str(kind)[6:]}": torch.zeros(3, 2).to(kind) for kind in kinds}
cases |= {
    "views": [base, base[1:], base.T, base[:, ::2], base.expand(2, 4, 6), base[0, 0]],
    "state-dict": mlp.state_dict(), "module": mlp, "conv": conv, "parameter": nn.Parameter(torch.ones(3)), "frozen": nn.Parameter(torch.ones(3), requires_grad=False),
    "sparse-coo": torch.eye(3).to_sparse(), "sparse-csr": torch.eye(3).to_sparse_csr(), "sparse-csc": torch.eye(3).to_sparse_csc(), "sparse-bsr": torch.eye(4).to_sparse_bsr((2, 2)),
    "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 2, torch.qint8), "quantized-channel": torch.quantize_per_channel(torch.ones(2, 3), torch.tensor([0.1, 0.2]), torch.tensor([0, 1]), 0, torch.quint8),
    "nested": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), "meta": torch.zeros(3, device="meta"), "empty": torch.zeros(0, 3), "scalar": torch.tensor(1.5),
    "conj": torch.ones(2, dtype=torch.complex64).conj(), "grad": torch.ones(2, requires_grad=True), "size": [torch.Size([1, 2]), torch.float32, torch.device("cpu")],
    "storage": torch.ones(3).untyped_storage(), "typed-storage": torch.ones(3).storage(), "generator-state": torch.get_rng_state(),
    "lstm": nn.LSTM(3, 4, 2, bidirectional=True), "gru": nn.GRU(3, 4), "transformer": nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 1), "embedding": nn.Embedding(5, 3), "mha": nn.MultiheadAttention(4, 2),
    "losses": [nn.CrossEntropyLoss(torch.ones(2)), nn.MSELoss(), nn.BCEWithLogitsLoss()], "activations": nn.ModuleList([nn.SiLU(), nn.Softmax(1), nn.PReLU(), nn.LeakyReLU()]), "dict-modules": nn.ModuleDict({"a": nn.Linear(1, 1)}),
    "weight-norm": nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)), "spectral": nn.utils.spectral_norm(nn.Linear(2, 2)), "old-weight-norm": nn.utils.weight_norm(nn.Linear(2, 2)),
    "numpy-inside": {"step": np.int64(3), "lr": np.float64(0.1), "rng": np.random.get_state(), "array": np.ones(3)},
    "epoch": {"epoch": 3, "model": mlp.state_dict(), "args": __import__("argparse").Namespace(lr=0.1), "best": 0.5, "history": collections.defaultdict(list, loss=[1.0])},
    "buffer": nn.Buffer(torch.ones(2)), "ordered": collections.OrderedDict(a=torch.ones(2)), "tied": (lambda t: {"a": t, "b": t, "c": t[1:]})(torch.ones(5)), "large": torch.zeros(300_000), "many": {f"l{i}": torch.ones(2, 2) * i for i in range(60)},
    "float-tensor-subclass": torch.ones(2).as_subclass(nn.Parameter), "distributions": torch.distributions.Normal(0.0, 1.0), "generator": {"g": torch.Generator().get_state()},
    "dataset": torch.utils.data.TensorDataset(torch.ones(4, 2)), "pool": nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Upsample(scale_factor=2), nn.ZeroPad2d(1)), "norms": nn.ModuleList([nn.LayerNorm(3), nn.GroupNorm(1, 2), nn.InstanceNorm2d(2), nn.RMSNorm(3)]),
    "quant-linear": torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(2, 2)), {nn.Linear}, torch.qint8),
}
loss = mlp(torch.randn(4, 4)).sum()
for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "NAdam", "LBFGS", "Rprop", "ASGD", "Adamax", "RAdam"):
    optimiser = getattr(torch.optim, name)(mlp.parameters(), lr=0.01)
    mlp(torch.randn(4, 4)).sum().backward()
    try:
        optimiser.step(lambda: torch.tensor(1.0)) if name == "LBFGS" else optimiser.step()
    except Exception:
        pass
    cases[f"optim-{name}"] = {"opt": optimiser.state_dict(), "epoch": 1}
    cases[f"optim-whole-{name}"] = optimiser
sched = torch.optim.lr_scheduler
opt = torch.optim.SGD(mlp.parameters(), lr=0.1, momentum=0.9)
cases["schedulers"] = [s.state_dict() for s in (sched.StepLR(opt, 2), sched.CosineAnnealingLR(opt, 3), sched.ExponentialLR(opt, 0.9), sched.OneCycleLR(opt, 0.1, 10), sched.ReduceLROnPlateau(opt))]
cases["scheduler-whole"] = sched.StepLR(opt, 2)
for case, value in cases.items():
    written("torch", case, ".pt", lambda p: torch.save(value, p))
    written("torch", case, "-legacy.pt", lambda p: torch.save(value, p, _use_new_zipfile_serialization=False))
for case in ("state-dict", "module", "views", "epoch"):
    written("torch", case, "-p4.pt", lambda p: torch.save(cases[case], p, pickle_protocol=4))
    save("torch", case, cases[case], (4,))
scripted = torch.jit.script(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
written("torch", "scripted", ".pt", lambda p: torch.jit.save(scripted, p))
written("torch", "traced", ".pt", lambda p: torch.jit.save(torch.jit.trace(conv, torch.ones(1, 3, 8, 8)), p))
written("torch", "scripted-lstm", ".pt", lambda p: torch.jit.save(torch.jit.script(nn.LSTM(2, 3)), p))
written("torch", "exported", ".pt2", lambda p: torch.export.save(torch.export.export(nn.Linear(2, 3), (torch.ones(1, 2),)), p))

import networkx
import tokenizers
import transformers

args = transformers.TrainingArguments(output_dir="/tmp/x", report_to=[], use_cpu=True)
hf = {
    "training-args": args, "seq2seq-args": transformers.Seq2SeqTrainingArguments(output_dir="/tmp/x", report_to=[], use_cpu=True), "batch": transformers.BatchEncoding({"input_ids": torch.ones(1, 2)}),
    "output": transformers.modeling_outputs.BaseModelOutput(last_hidden_state=torch.ones(1)), "seq-output": transformers.modeling_outputs.SequenceClassifierOutput(logits=torch.ones(1, 2)),
    "config": transformers.BertConfig(num_hidden_layers=1), "gpt-config": transformers.GPT2Config(n_layer=1), "generation": transformers.GenerationConfig(max_length=3), "trainer-state": transformers.TrainerState(), "trainer-control": transformers.TrainerControl(),
    "bert-state": transformers.BertModel(transformers.BertConfig(hidden_size=8, num_attention_heads=2, num_hidden_layers=1, intermediate_size=8, vocab_size=20)).state_dict(),
    "bert-module": transformers.BertModel(transformers.BertConfig(hidden_size=8, num_attention_heads=2, num_hidden_layers=1, intermediate_size=8, vocab_size=20)),
}
for case, value in hf.items():
    written("transformers", case, ".bin", lambda p: torch.save(value, p))
    save("transformers", case, value, (4,))
tok = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "[UNK]": 1}, "[UNK]"))
tok.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
save("tokenizers", "wordlevel", tok, (4, 2))
save("tokenizers", "parts", [tokenizers.normalizers.NFC(), tokenizers.pre_tokenizers.Whitespace(), tokenizers.AddedToken("x"), tokenizers.decoders.WordPiece()], (4,))
save("tokenizers", "fast", transformers.PreTrainedTokenizerFast(tokenizer_object=tok, unk_token="[UNK]"), (4,))
for case, graph in {"graph": networkx.path_graph(4), "digraph": networkx.DiGraph([(1, 2)]), "multigraph": networkx.MultiGraph([(1, 2)]), "weighted": networkx.karate_club_graph()}.items():
    save("networkx", case, graph, (4, 2))
import cloudpickle
import dill
plain = {"a": np.ones(2), "b": [1, 2], "c": collections.OrderedDict(x=1)}
written("cloudpickle", "plain", ".pkl", lambda p: open(p, "wb").write(cloudpickle.dumps(plain)))
written("dill", "plain", ".dill", lambda p: open(p, "wb").write(dill.dumps(plain)))
import flax.core
import jax.numpy as jnp
save("jax", "array", {"w": jnp.ones((2, 3)), "b": jnp.zeros(2, jnp.bfloat16)}, (4,))
save("flax", "frozen", flax.core.freeze({"a": np.ones(2)}), (4,))
done()
