// Which examination belongs to which format. Each is loaded when the first file needs it, so that a small file starts fast.
import type { Format } from '@vallum/formats';
import type { Context, Item } from './context.js';

export type Examiner = (context: Context, item: Item) => Promise<void>;

/** By content. A format that is neither here nor in `names.json` as harmless is recognised, not examined. */
export const EXAMINERS: Partial<Readonly<Record<Format, () => Promise<Examiner>>>> = {
  python: async () => (await import('./python/examine-python.js')).examinePython,
  pickle: async () => (await import('./pickle/examine-pickle.js')).examinePickle,
  npy: async () => (await import('./pickle/examine-npy.js')).examineNpy,
  zip: async () => (await import('./archive/examine-zip.js')).examineZip,
  tar: async () => (await import('./archive/examine-tar.js')).examineTar,
  '7z': async () => (await import('./archive/examine-sevenzip.js')).examineSevenZip,
  gzip: async () => (await import('./archive/examine-packed.js')).examinePacked('gzip'),
  zlib: async () => (await import('./archive/examine-packed.js')).examinePacked('zlib'),
  zfile: async () => (await import('./archive/examine-packed.js')).examinePacked('zfile'),
  bzip2: async () => (await import('./archive/examine-packed.js')).examinePacked('bzip2'),
  xz: async () => (await import('./archive/examine-packed.js')).examinePacked('xz'),
  lzma: async () => (await import('./archive/examine-packed.js')).examinePacked('lzma'),
  lz4: async () => (await import('./archive/examine-packed.js')).examinePacked('lz4'),
  'utf-16': async () => (await import('./archive/examine-utf16.js')).examineUtf16,
  onnx: async () => (await import('./document/examine-onnx.js')).examineOnnx,
  msgpack: async () => (await import('./flax/examine-msgpack.js')).examineMsgpack,
  ubjson: async () => (await import('./trees/examine-xgboost.js')).examineUbjson,
  rds: async () => (await import('./rdata/examine-rds.js')).examineRds,
  xml: async () => (await import('./xml/examine-xml.js')).examineXml,
  safetensors: async () => (await import('./document/examine-safetensors.js')).examineSafetensors,
  hdf5: async () => (await import('./keras/examine-hdf5.js')).examineHdf5,
  gguf: async () => (await import('./gguf/examine-gguf.js')).examineGguf,
  json: async () => (await import('./document/examine-json.js')).examineJson,
  tensorflow: async () => (await import('./tensorflow/examine-tensorflow.js')).examineTensorflow,
  'checkpoint-index': async () => (await import('./tensorflow/examine-checkpoint.js')).examineCheckpointIndex,
  tfrecord: async () => (await import('./tensorflow/examine-checkpoint.js')).examineRecords,
  'tensorflow-fingerprint': async () => (await import('./tensorflow/examine-plain.js')).examinePlainMessage,
  sentencepiece: async () => (await import('./tensorflow/examine-plain.js')).examinePlainMessage,
  tflite: async () => (await import('./tensorflow/examine-tflite.js')).examineTflite,
};

/** By kind of text, as `names.json` tells them apart. A kind that is not here is recognised, not examined. */
export const TEXT_EXAMINERS: Readonly<Record<string, () => Promise<Examiner>>> = {
  requirements: async () => (await import('./document/examine-requirements.js')).examineRequirements,
  python: async () => (await import('./python/examine-python.js')).examinePython,
  'startup-hook': async () => (await import('./python/examine-hook.js')).examineStartupHook,
  'python-text': async () => (await import('./python/examine-guess.js')).guessPython,
  yaml: async () => (await import('./document/examine-yaml.js')).examineYaml,
  jinja: async () => (await import('./template/examine-template.js')).examineTemplateFile,
  markdown: async () => (await import('./readme/examine-page.js')).examinePage,
  shell: async () => (await import('./shell/examine-shell.js')).examineShell,
  'windows-script': async () => (await import('./shell/examine-shell.js')).examineWindowsScript,
  makefile: async () => (await import('./shell/examine-shell.js')).examineMakefile,
  program: async () => (await import('./shell/examine-shell.js')).examineProgram,
  container: async () => (await import('./container/examine-container.js')).examineContainer,
  'tool-config': async () => (await import('./workspace/examine-config.js')).examineConfig,
  triton: async () => (await import('./serving/examine-triton.js')).examineTriton,
  'entry-point': async () => (await import('./serving/examine-entry-point.js')).examineEntryPoint,
  lightgbm: async () => (await import('./trees/examine-lightgbm.js')).examineLightgbm,
  xml: async () => (await import('./xml/examine-xml.js')).examineXml,
  'graph-text': async () => (await import('./tensorflow/examine-graph-text.js')).examineGraphText,
  'checkpoint-state': async () => (await import('./tensorflow/examine-graph-text.js')).examineCheckpointState,
  openvino: async () => (await import('./tensorflow/examine-recognised.js')).examineOpenvino,
};
