"""Models and data that other people's packages ship: from the virtual environment at hand, and from wheels and npm packages
that were downloaded beforehand into a folder (README.md says which). Nothing of them is committed.
"""

import pathlib
import sysconfig
import tarfile
import zipfile

MODELS = (".onnx", ".tflite", ".pkl", ".pickle", ".p", ".joblib", ".safetensors", ".h5", ".hdf5", ".pb", ".pt", ".pth", ".jit", ".keras", ".gguf",
          ".npz", ".npy", ".bin", ".plzma", ".msgpack", ".mlmodel", ".index", ".jinja", ".pmml", ".model")  # fmt: skip
LIMIT = 24 << 20
DOWNLOADS = pathlib.Path(__file__).resolve().parents[3] / ".cache" / "shipped"


def make(corpus):
    installed(corpus)
    downloaded(corpus)


def installed(corpus):
    """A fixed choice: every n-th file of each package that ships some, and some ordinary source files."""
    site = pathlib.Path(sysconfig.get_paths()["purelib"])
    wanted = {"onnx/backend/test/data/node": 60, "onnx/backend/test/data": 60, "joblib/test/data": 5, "scipy": 4, "statsmodels": 4, "numpy": 2, "matplotlib/mpl-data": 1, "h5py/tests": 1, "torch/_inductor": 8}
    for package, step in wanted.items():
        found = sorted(p for p in (site / package).rglob("*") if p.suffix in MODELS and p.is_file() and p.stat().st_size < LIMIT)
        for path in found[::step]:
            name = str(path.relative_to(site)).replace("/", "_")
            corpus.benign("shipped, installed", name, {path.name: path}, source=f"PyPI: {package.split('/')[0]}")
    for package in ("sklearn", "torch/nn", "transformers/models/bert", "keras/src/layers/core", "pandas/core", "flax/linen", "skops/io", "joblib", "gguf", "safetensors"):
        found = sorted(p for p in (site / package).rglob("*.py") if p.stat().st_size > 2000)
        for path in found[:: max(1, len(found) // 5)][:5]:
            name = str(path.relative_to(site)).replace("/", "_")
            corpus.benign("shipped, source code", name, {path.name: path}, source=f"PyPI: {package.split('/')[0]}")


def downloaded(corpus):
    if not DOWNLOADS.is_dir():
        corpus.skip("shipped, downloaded", f"{DOWNLOADS} is not there: see README.md")
        return
    for wheel in sorted((DOWNLOADS / "pypi").glob("*.whl")):
        with zipfile.ZipFile(wheel) as file:
            members = [(i.filename, i.file_size, lambda i=i, f=file: f.read(i)) for i in file.infolist()]
            _take(corpus, f"PyPI: {wheel.name.split('-')[0]}", members)
    for package in sorted((DOWNLOADS / "npm").glob("*.tgz")):
        with tarfile.open(package) as file:
            members = [(m.name, m.size, lambda m=m, f=file: f.extractfile(m).read()) for m in file.getmembers() if m.isfile()]
            _take(corpus, f"npm: {package.name.removesuffix('.tgz')}", members)


def _take(corpus, source, members):
    models = [m for m in sorted(members) if pathlib.PurePosixPath(m[0]).suffix in MODELS and 0 < m[1] < LIMIT]
    manifests = [m for m in sorted(members) if m[0].endswith(("manifest.json", "model.json", "config.yaml", "setup.py"))]
    for name, _, read in models[:14] + manifests[:4]:
        case = f"{source.split(': ')[1]}_{name}".replace("/", "_")[-120:]
        corpus.benign("shipped, downloaded", case, {pathlib.PurePosixPath(name).name: read()}, source=source)
