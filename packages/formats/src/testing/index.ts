// Samples for tests, made by readable code and inert: bytes that are read, never loaded.
export { externalTensor, field, message, node, onnxModel, tensor } from './onnx-assembler.js';
export { Assembler, pickle } from './pickle-assembler.js';
export { safetensors } from './safetensors-assembler.js';
export { zip } from './zip-assembler.js';
