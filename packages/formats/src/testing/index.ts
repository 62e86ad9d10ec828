// Samples for tests, made by readable code and inert: bytes that are read, never loaded.
export { dataset, externalLink, group, hdf5 } from './hdf5-assembler.js';
export type { AttributeValue, DatasetParts, FileParts, GroupParts, Hdf5Node } from './hdf5-assembler.js';
export { GGUF_TYPE, gguf, GgufWriter } from './gguf-assembler.js';
export type { GgufParts } from './gguf-assembler.js';
export { Extension, flaxArray, msgpack, numpyArray, Pairs } from './msgpack-assembler.js';
export type { Packed } from './msgpack-assembler.js';
export { rds, rItem } from './rds-assembler.js';
export { integers, ubjson } from './ubjson-assembler.js';
export { externalTensor, field, message, node, onnxModel, tensor } from './onnx-assembler.js';
export { PACKED } from './packed-samples.js';
export { Assembler, pickle } from './pickle-assembler.js';
export { safetensors } from './safetensors-assembler.js';
export { longName, pax, tar } from './tar-assembler.js';
export { extraField, unicodePath, zip, zip64Extra } from './zip-assembler.js';
export {
  checkpointIndex,
  kerasMetadata,
  savedModel,
  tfFunction,
  tfGraph,
  tfMetaGraph,
  tfNode,
  tfPackedText,
  tfSaver,
  tfTexts,
} from './tensorflow-assembler.js';
export { flatBuffer, flexOperator, flexOptions, tflite } from './tflite-assembler.js';
export * as x509 from './certificates.js';
export * as derWriter from './der-writer.js';
