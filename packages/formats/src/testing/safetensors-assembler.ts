// Writes safetensors files from a header and data, for tests; the header may be a text that is no good JSON.
import type { JsonValue } from '@vallum/core';

export function safetensors(header: JsonValue | string, data: Uint8Array, padding = 0): Uint8Array {
  const text = Buffer.from((typeof header === 'string' ? header : JSON.stringify(header)) + ' '.repeat(padding));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}
