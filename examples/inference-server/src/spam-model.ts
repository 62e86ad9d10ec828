// The spam filter as it is served: mails as texts in (the first line is the subject), the probability of spam out. The folder is the one that
// examples/spam-filter makes: a linear model over hashed words in model.onnx, and model.json, which says how to hash.
import type { Model, ModelFile } from './model.js';
import { RequestError } from './tensor.js';

interface SpamFile extends ModelFile {
  readonly input: {
    readonly tokenizer: { readonly minLength: number; readonly maxLength: number };
    readonly hash: { readonly bits: number };
  };
}

const FLOAT_BYTES = 4;

export function openSpamFilter(file: ModelFile, onnx: Buffer): Model {
  const { name, version, input } = file as SpamFile;
  const size = 2 ** input.hash.bits;
  const weights = tensorIn(onnx, 'W', size);
  const bias = tensorIn(onnx, 'b', 1)[0] ?? 0;
  const score = (text: string): number => {
    const buckets = bucketsOf(text, input);
    let sum = 0;
    for (const bucket of buckets) sum += weights[bucket] ?? 0;
    return 1 / (1 + Math.exp(-(bias + sum / Math.sqrt(buckets.size || 1))));
  };
  return {
    name,
    version,
    inputs: [{ name: 'text', datatype: 'BYTES', shape: [-1] }],
    outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1] }],
    infer: (inputs) => {
      const [mail] = inputs;
      if (inputs.length !== 1 || mail?.name !== 'text' || mail.datatype !== 'BYTES')
        throw new RequestError('the one input is text, BYTES [n]');
      const texts = mail.data as readonly string[];
      return [{ name: 'probability', datatype: 'FP32', shape: [texts.length], data: texts.map(score) }];
    },
  };
}

function bucketsOf(text: string, { tokenizer, hash }: SpamFile['input']): ReadonlySet<number> {
  const buckets = new Set<number>();
  for (const word of text.toLowerCase().match(/[a-z0-9$!']+/g) ?? [])
    if (word.length >= tokenizer.minLength && word.length <= tokenizer.maxLength)
      buckets.add(fnv1a(word) & (2 ** hash.bits - 1));
  return buckets;
}

/** FNV-1a, 32 bits. */
function fnv1a(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A raw float tensor of an ONNX file, found by its name: fields 8 (name) and 9 (raw data) of TensorProto. */
function tensorIn(onnx: Buffer, name: string, count: number): Float32Array {
  const marker = Buffer.concat([
    Buffer.from([8 * 8 + 2, name.length]),
    Buffer.from(name),
    Buffer.from([9 * 8 + 2]),
    varint(count * FLOAT_BYTES),
  ]);
  const at = onnx.indexOf(marker);
  const end = at + marker.length + count * FLOAT_BYTES;
  if (at < 0 || end > onnx.length) throw new Error(`no tensor ${name} of ${count} numbers in this file`);
  return new Float32Array(Uint8Array.from(onnx.subarray(at + marker.length, end)).buffer);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
