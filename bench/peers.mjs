// The other scanners, each in a virtual environment of its own, since their dependencies differ:
//   python3 -m venv .venv && .venv/bin/pip install picklescan==1.0.5 fickling==0.1.12 py-ubjson lz4 \
//     'modelaudit[h5,onnx,tflite,sevenzip,safetensors,dill,joblib,flax]==0.2.54'
//   python3 -m venv .venv/modelscan && .venv/modelscan/bin/pip install 'modelscan[h5py,tensorflow]==0.8.8'
// Without these extras modelaudit and modelscan leave whole formats out (ONNX, HDF5, Keras, TFLite, 7z).
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PEERS = {
  picklescan: { bin: '.venv/bin/picklescan', name: 'picklescan 1.0.5', args: (path) => ['--path', path] },
  'picklescan --strict': {
    bin: '.venv/bin/picklescan',
    name: 'picklescan 1.0.5 --strict',
    args: (path) => ['--strict', '--path', path],
  },
  // Left to itself, fickling writes its report into the current folder.
  fickling: {
    bin: '.venv/bin/fickling',
    name: 'fickling 0.1.12',
    args: (path) => ['--json-output', '/dev/null', '--check-safety', path],
  },
  modelaudit: {
    bin: '.venv/bin/modelaudit',
    name: 'modelaudit 0.2.54',
    args: (path) => ['scan', '--format', 'json', '--no-cache', path],
  },
  modelscan: {
    bin: '.venv/modelscan/bin/modelscan',
    name: 'modelscan 0.8.8',
    args: (path) => ['-p', path, '-r', 'json'],
  },
};

/** Those that are installed: a name with its version, and the command for a path. */
export function peersIn(root) {
  return Object.fromEntries(
    Object.entries(PEERS)
      .filter(([, { bin }]) => existsSync(join(root, bin)))
      .map(([key, { bin, name, args }]) => [key, { name, command: (path) => [join(root, bin), ...args(path)] }]),
  );
}
