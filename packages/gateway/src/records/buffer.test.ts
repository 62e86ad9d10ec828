// A worker's records: gathered, sent once, kept until they are durable, bounded, and refused when the ledger takes none.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unpackEntries } from './batch.js';
import type { RecordBatch } from './batch.js';
import { RecordBuffer } from './buffer.js';
import { readDecision } from './read-decision.js';
import { numbered } from './testing/decisions.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Bench {
  readonly buffer: RecordBuffer;
  readonly sent: RecordBatch[];
  readonly answer: (seq: number, ok?: boolean, life?: string) => void;
}

function bench(waiting = 1000, fails = () => false): Bench {
  const sent: RecordBatch[] = [];
  const send = (batch: RecordBatch): void => {
    if (fails()) throw new Error('the channel is closed');
    sent.push(batch);
  };
  const buffer = new RecordBuffer({ send, life: 'a', waiting });
  return {
    buffer,
    sent,
    answer: (seq, ok = true, life = 'a') => buffer.answered({ type: 'records-ack', life, seq, ok }),
  };
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'durable',
    (error: { code: string }) => error.code,
  );
const ids = (batch: RecordBatch | undefined): string[] =>
  unpackEntries(batch?.entries ?? new Uint8Array()).map((entry) => readDecision(entry).id.replace(/^0+(?=.)/, ''));

describe('gathering', () => {
  it('sends what comes in 3 ms in one message, and 256 at once', () => {
    const { buffer, sent } = bench();
    for (let at = 0; at < 3; at += 1) void buffer.record(numbered(at));
    expect(sent).toHaveLength(0);
    vi.advanceTimersByTime(3);
    expect([sent.length, ids(sent[0])]).toEqual([1, ['0', '1', '2']]);
    for (let at = 0; at < 256; at += 1) void buffer.record(numbered(at));
    expect([sent.length, ids(sent[1]).length, sent[1]?.seq]).toEqual([2, 256, 2]);
    vi.advanceTimersByTime(10);
    expect(sent).toHaveLength(2);
  });

  it('resolves a record when its own batch is durable, in whatever order answers come', async () => {
    const { buffer, answer } = bench();
    const told: string[] = [];
    for (const name of ['1', '2', '3']) {
      void buffer.record(numbered(Number(name))).then(() => told.push(name));
      vi.advanceTimersByTime(3);
    }
    answer(3);
    answer(1);
    await Promise.resolve();
    expect([told, buffer.waiting]).toEqual([['3', '1'], 1]);
    answer(1);
    answer(2, true, 'another life');
    answer(99);
    expect(buffer.waiting).toBe(1);
    answer(2);
    await Promise.resolve();
    expect([told, buffer.waiting]).toEqual([['3', '1', '2'], 0]);
  });
});

describe('bounds', () => {
  it('is not ready when as many wait as may, and still keeps what was let in before', async () => {
    const { buffer, answer } = bench(2);
    const first = [buffer.record(numbered(1)), buffer.record(numbered(2))];
    expect(buffer.ready).toBe(false);
    const late = buffer.record(numbered(3));
    vi.advanceTimersByTime(3);
    answer(1);
    expect(await Promise.all([...first, late].map(codeOf))).toEqual(['durable', 'durable', 'durable']);
    expect([buffer.ready, buffer.lost]).toEqual([true, 0]);
  });

  it('counts what it cannot keep', async () => {
    const { buffer } = bench(2);
    for (let n = 0; n < 20_002; n += 1) void buffer.record(numbered(n));
    expect(await codeOf(buffer.record(numbered(0)))).toBe('RECORDS_FULL');
    expect([buffer.waiting, buffer.lost]).toEqual([20_002, 1]);
  });
});

describe('a ledger that takes nothing', () => {
  it('refuses at once, keeps what fits, and sends it again in order when told', async () => {
    const { buffer, sent, answer } = bench(3);
    const first = buffer.record(numbered(1));
    vi.advanceTimersByTime(3);
    answer(1, false);
    expect([await codeOf(first), buffer.ready]).toEqual(['RECORDS_FULL', false]);
    expect(await codeOf(buffer.record(numbered(2)))).toBe('RECORDS_FULL');
    vi.advanceTimersByTime(3);
    expect([buffer.waiting, sent.length]).toEqual([2, 2]);
    buffer.tell(true);
    expect(sent.slice(2).map(({ seq }) => seq)).toEqual([1, 2]);
    expect([ids(sent[2]), ids(sent[3])]).toEqual([['1'], ['2']]);
    answer(1);
    answer(2);
    expect([buffer.waiting, buffer.ready]).toEqual([0, true]);
  });

  it('is known before the first record is lost to it', async () => {
    const { buffer, sent } = bench();
    buffer.tell(false);
    expect(buffer.ready).toBe(false);
    buffer.tell(true);
    expect([buffer.ready, sent.length]).toEqual([true, 0]);
  });
});

describe('a primary that is gone', () => {
  it('ends every wait, and nothing is recorded any more', async () => {
    let isGone = false;
    const { buffer } = bench(10, () => isGone);
    const first = buffer.record(numbered(1));
    vi.advanceTimersByTime(3);
    const second = buffer.record(numbered(2));
    isGone = true;
    vi.advanceTimersByTime(3);
    expect(await Promise.all([first, second].map(codeOf))).toEqual(['RECORDS_GONE', 'RECORDS_GONE']);
    expect(await codeOf(buffer.record(numbered(3)))).toBe('RECORDS_GONE');
    expect([buffer.ready, buffer.waiting]).toEqual([false, 0]);
  });
});

it('flush sends what is open and waits for all of it', async () => {
  const { buffer, sent, answer } = bench();
  void buffer.record(numbered(1));
  const flushed = codeOf(buffer.flush());
  expect(sent).toHaveLength(1);
  answer(1);
  expect(await flushed).toBe('durable');
});
