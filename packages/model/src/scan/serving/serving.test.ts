// Manifests that say which code a server runs: archives of TorchServe, MLflow, BentoML, NeMo, Triton.
import { zip } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { verdictOf } from '../testing/scan-bytes.js';

const text = (value: string): Uint8Array => Buffer.from(value);
const mar = (model: object): Uint8Array =>
  zip([
    { name: 'MAR-INF/MANIFEST.json', data: text(JSON.stringify({ runtime: 'python', model, archiverVersion: '0.9' })) },
  ]);
const mlmodel = (loader: string, more = ''): Uint8Array =>
  text(
    `artifact_path: model\nflavors:\n  python_function:\n    loader_module: ${loader}\n    python_version: 3.11.7\n${more}model_uuid: x\n`,
  );
const nemo = (target: string): Uint8Array =>
  zip([{ name: 'model_config.yaml', data: text(`encoder:\n  _target_: ${target}\n  feat_in: 80\n`) }]);

describe('TorchServe', () => {
  it.each([
    ['pass', { modelName: 'm', handler: 'image_classifier', serializedFile: 'm.pt', modelVersion: '1.0' }],
    ['fail VLM-SRV-002', { modelName: 'm', handler: 'handler.py', modelVersion: '1.0' }],
    ['fail VLM-SRV-002', { modelName: 'm', handler: 'text_classifier', modelFile: 'model.py' }],
    ['fail VLM-SRV-002', { modelName: 'm', handler: '../../handler.py:run' }],
    ['pass VLM-SRV-003', { modelName: 'm', handler: 'text_classifier', requirementsFile: 'requirements.txt' }],
  ])('%s', async (expected, model) => {
    for (const name of ['m.mar', 'weights.bin']) expect(await verdictOf(name, mar(model))).toBe(expected);
  });
});

describe('MLflow', () => {
  it.each([
    ['pass', mlmodel('mlflow.sklearn')],
    ['pass', mlmodel('mlflow.pyfunc.model', '    python_model: python_model.pkl\n    code: null\n')],
    ['fail VLM-SRV-001', mlmodel('evil')],
    ['fail VLM-SRV-001', mlmodel('mlflow.sklearn.os.system.x.y')],
    ['fail VLM-SRV-001', mlmodel('mlflowx.sklearn')],
    ['fail VLM-SRV-002', mlmodel('mlflow.pyfunc.model', '    model_code_path: model.py\n')],
    ['pass VLM-SRV-003', mlmodel('mlflow.sklearn', '    code: code\n')],
  ])('%s', async (expected, bytes) => {
    for (const name of ['MLmodel', 'notes.txt', 'm'])
      expect([name, await verdictOf(name, bytes)]).toEqual([name, expected]);
  });
});

describe('BentoML', () => {
  it.each([
    ['pass', 'name: x\nmodule: bentoml.sklearn\nsignatures: {}\napi_version: v1\n'],
    ['fail VLM-SRV-001', 'name: x\nmodule: evil.loader\nsignatures: {}\napi_version: v1\n'],
    ['fail VLM-SRV-002', 'service: "service:svc"\ninclude:\n  - "*.py"\n'],
  ])('%s', async (expected, value) => {
    expect(await verdictOf('model.yaml', text(value))).toBe(expected);
  });
});

describe('NeMo', () => {
  it.each([
    'nemo.collections.asr.modules.ConvASREncoder',
    'nemo.collections.tts.torch.g2ps.EnglishG2p',
    'nemo_text_processing.text_normalization.normalize.Normalizer',
    'torch.nn.Linear',
    'torch.nn.modules.activation.GELU',
    'torch.optim.lr_scheduler.CosineAnnealingLR',
    'pytorch_lightning.callbacks.ModelCheckpoint',
  ])('passes %s', async (target) => {
    expect(await verdictOf('m.nemo', nemo(target))).toBe('pass');
  });

  it.each([
    'os.system',
    'subprocess.Popen',
    'builtins.eval',
    'nemo.core.classes.common.subprocess.Popen',
    'nemo.collections.asr.models.os.Popen',
    'torch.nn.modules.module.os.X',
    'torch.optim.lr_scheduler.types.FunctionType',
    'torch.utils.data.dataloader.multiprocessing.Process',
    'transformers.models.bert.subprocess.Popen',
    'pytorch_lightning.utilities.Popen',
    'torch.nnx.Linear',
    'torch.nn.Linear.__init__',
    'torch.nn._reduction.X',
  ])('fails %s', async (target) => {
    for (const name of ['m.nemo', 'm.bin']) expect(await verdictOf(name, nemo(target))).toMatch(/^fail .*VLM-JSN-002/);
    expect(await verdictOf('model_config.yaml', text(`target: ${target}\nnemo_version: 1.20.0\n`))).toMatch(/^fail/);
  });
});

describe('Triton', () => {
  it.each([
    [
      'pass',
      'name: "m"\nplatform: "onnxruntime_onnx"\nmax_batch_size: 8\ninput [ { name: "x" data_type: TYPE_FP32 dims: [ 4 ] } ]\n',
    ],
    ['fail VLM-SRV-002', 'name: "m"\nbackend: "python"\n'],
    ['fail VLM-SRV-002', 'name: "m"\n# a comment "backend\nbackend:\n "py" \'th\\x6fn\'\n'],
    ['fail VLM-SRV-002', 'name: "m"\nbackend: "mine"\n'],
    ['fail VLM-SRV-002', 'name: "m"\nbackend: "pytorch"\ndefault_model_filename: "../../x.pt"\n'],
    ['fail VLM-SRV-002', 'backend: "pytorch"\nmodel_operations { op_library_filename: "custom.so" }\n'],
    ['fail VLM-SRV-002', 'platform: "onnxruntime_onnx"\nmodel_repository_agents { agents [ { name: "mine" } ] }\n'],
    ['inconclusive', 'platform: "onnxruntime_onnx"\nunheard_of: 3\n'],
    [
      'pass VLM-SRV-003',
      'backend: "pytorch"\nparameters { key: "EXECUTION_ENV_PATH" value: { string_value: "$$TRITON_MODEL_DIRECTORY/env.tar.gz" } }\n',
    ],
  ])('%s', async (expected, value) => {
    for (const name of ['config.pbtxt', 'notes.txt'])
      expect(await verdictOf(name, text(value))).toMatch(new RegExp(`^${expected}`));
  });
});
