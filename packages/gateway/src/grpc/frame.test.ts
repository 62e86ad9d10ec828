// One message in any chunks: whole, cut short, doubled, compressed, or only announced.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../door/refusal.js';
import { MessageReader, prefixOf } from './frame.js';

const MAX = 4_096;

function whole(message: Buffer): Buffer {
  return Buffer.concat([prefixOf(message), message]);
}
function read(bytes: Buffer, sizes: readonly number[] = [bytes.length], max = MAX): Buffer | string {
  const reader = new MessageReader(max);
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes[i] ?? bytes.length;
    const refusal = reader.push(bytes.subarray(at, at + size));
    if (refusal !== undefined) return refusal.code;
    at += size;
  }
  const message = reader.finish();
  return isRefusal(message) ? message.code : message;
}

describe('MessageReader', () => {
  it('gives the message back however it was cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: MAX }),
        fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 50 }),
        (bytes, sizes) => {
          expect(read(whole(Buffer.from(bytes)), sizes)).toEqual(Buffer.from(bytes));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('does not copy a message that comes in one chunk', () => {
    const bytes = whole(Buffer.from('hello'));
    const message = read(bytes);
    expect(Buffer.isBuffer(message) && message.buffer === bytes.buffer).toBe(true);
  });

  it('takes any bytes without throwing, and never more than the maximum', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (chunks) => {
        const reader = new MessageReader(100);
        for (const chunk of chunks) if (reader.push(Buffer.from(chunk)) !== undefined) return;
        const message = reader.finish();
        expect(isRefusal(message) || message.length <= 100).toBe(true);
        expect(reader.held).toBeLessThanOrEqual(100);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a second message, in the same chunk and in a later one', () => {
    const two = Buffer.concat([whole(Buffer.from('one')), whole(Buffer.from('two'))]);
    expect(read(two)).toBe('bad-framing');
    expect(read(two, [8])).toBe('bad-framing');
    expect(read(Buffer.concat([whole(Buffer.alloc(0)), Buffer.from([0])]))).toBe('bad-framing');
  });

  it('refuses an end inside the prefix or the message', () => {
    expect(read(Buffer.alloc(0))).toBe('bad-framing');
    expect(read(Buffer.from([0, 0, 0, 0]))).toBe('bad-framing');
    expect(read(whole(Buffer.from('hello')).subarray(0, 9))).toBe('bad-framing');
    expect(read(whole(Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
  });

  it('refuses compression as not implemented, and other flags as malformed', () => {
    const bytes = whole(Buffer.from('hello'));
    bytes[0] = 1;
    expect(read(bytes)).toBe('unsupported-type');
    bytes[0] = 2;
    expect(read(bytes)).toBe('bad-framing');
  });

  it('refuses an announced length at once, and holds no memory for one that only was announced', () => {
    expect(read(Buffer.from([0, 0, 0, 0x10, 0x01]))).toBe('too-large');
    const reader = new MessageReader(64 * 1024 * 1024);
    expect(reader.push(Buffer.from([0, 0x04, 0, 0, 0]))).toBeUndefined();
    expect(reader.push(Buffer.from([1]))).toBeUndefined();
    expect(reader.held).toBeLessThanOrEqual(16 * 1024);
  });

  it('holds at most twice what arrived when it arrives byte by byte', () => {
    const reader = new MessageReader(1024 * 1024);
    reader.push(prefixOf(Buffer.alloc(1024 * 1024)));
    for (let sent = 1; sent <= 40_000; sent += 1) {
      reader.push(Buffer.from([7]));
      expect(reader.held).toBeLessThanOrEqual(Math.max(16 * 1024, 2 * sent));
    }
  });
});
