// Which examination belongs to which format. Each is loaded when the first file needs it, so that a small file starts fast.
import type { Format } from '@vallum/formats';
import type { Context, Item } from './context.js';

export type Examiner = (context: Context, item: Item) => Promise<void>;

/** By content. A format that is neither here nor in `names.json` as harmless is recognised, not examined. */
export const EXAMINERS: Partial<Readonly<Record<Format, () => Promise<Examiner>>>> = {
  pickle: async () => (await import('./pickle/examine-pickle.js')).examinePickle,
  npy: async () => (await import('./pickle/examine-npy.js')).examineNpy,
  zip: async () => (await import('./archive/examine-zip.js')).examineZip,
  gzip: async () => (await import('./archive/examine-packed.js')).examineGzip,
  zlib: async () => (await import('./archive/examine-packed.js')).examineZlib,
  onnx: async () => (await import('./document/examine-onnx.js')).examineOnnx,
  safetensors: async () => (await import('./document/examine-safetensors.js')).examineSafetensors,
  json: async () => (await import('./document/examine-json.js')).examineJson,
};

/** By kind of text, as `names.json` tells them apart. A kind that is not here is recognised, not examined. */
export const TEXT_EXAMINERS: Readonly<Record<string, () => Promise<Examiner>>> = {
  requirements: async () => (await import('./document/examine-requirements.js')).examineRequirements,
  yaml: async () => (await import('./document/examine-yaml.js')).examineYaml,
  markdown: async () => async () => {},
};
