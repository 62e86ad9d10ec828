// Requests and answers as the public documents show them, for the tests of this folder.
import { isRefusal } from '../../door/refusal.js';
import type { Refusal } from '../../door/refusal.js';
import type { BodySettings } from '../body-settings.js';

export const SETTINGS: BodySettings = {
  model: 'mymodel',
  versions: ['1', '2'],
  maxBytes: 16 * 1024 ** 2,
  maxDepth: 16,
  maxElements: 65_536,
  maxBinaryElements: 4_194_304,
};

export const JSON_HEAD = { contentType: 'application/json' };

/** The value, or an error with the operator's reason when it is a refusal. */
export function accepted<T>(value: T | Refusal): T {
  if (isRefusal(value)) throw new Error(`refused: ${value.code}: ${value.reason}`);
  return value;
}

/** The reason of a refusal, behind its code. */
export function refusal(value: unknown): string {
  if (!isRefusal(value)) throw new Error('it was accepted');
  return `${value.code}: ${value.reason}`;
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** A JSON header with the bytes of binary tensors behind it. */
export function withBinary(
  header: unknown,
  ...parts: Buffer[]
): { body: Buffer; head: { contentType: string; headerLength: string } } {
  const bytes = json(header);
  return {
    body: Buffer.concat([bytes, ...parts]),
    head: { contentType: 'application/octet-stream', headerLength: String(bytes.length) },
  };
}

/** BYTES elements as the protocol packs them. */
export function packed(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.map((text) => {
      const head = Buffer.alloc(4);
      head.writeUInt32LE(Buffer.byteLength(text));
      return Buffer.concat([head, Buffer.from(text)]);
    }),
  );
}

export function floats(...values: number[]): Buffer {
  const array = Float32Array.from(values);
  return Buffer.from(array.buffer);
}
