// Events in a file: whole lines, in order, durable when they are delivered, put aside when full, and counted when lost.
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { nodeDisk, VallumError } from '@vallum/core';
import type { Disk } from '@vallum/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSink } from './file-sink.js';
import { event, fateOf } from './testing/events.js';

let base: string;
let path: string;
beforeEach(async () => {
  base = await mkdtemp(`${tmpdir()}/vallum-events-`);
  path = `${base}/events/gateway.jsonl`;
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function idsIn(file: string): Promise<readonly string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  expect(lines.at(-1)).toBe('');
  return lines.slice(0, -1).map((line) => (JSON.parse(line) as { id: string }).id);
}
const names = (from: number, count: number): string[] => Array.from({ length: count }, (_, at) => `e${from + at}`);

describe('a file of events', () => {
  it('has them line by line when they are delivered', async () => {
    const sink = fileSink({ disk: nodeDisk, path });
    await Promise.all(names(0, 300).map((id) => sink.emit(event(id))));
    expect(await idsIn(path)).toEqual(names(0, 300));
    await sink.close();
    const again = fileSink({ disk: nodeDisk, path });
    await again.emit(event('later'));
    expect((await idsIn(path)).slice(-2)).toEqual(['e299', 'later']);
    expect(sink.stats()).toEqual({ emitted: 300, delivered: 300, dropped: 0, deadLetters: 0, waiting: 0 });
    expect(await fateOf(sink.emit(event('closed')))).toBe('EVENT_DROPPED');
  });

  it('ends the half line that a crash left', async () => {
    const sink = fileSink({ disk: nodeDisk, path });
    await sink.emit(event('a'));
    await appendFile(path, '{"specversion":"1.0","id":"ha');
    const again = fileSink({ disk: nodeDisk, path });
    await again.emit(event('b'));
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect([lines.length, JSON.parse(lines[2] ?? '')]).toMatchObject([4, { id: 'b' }]);
  });

  it('is put aside when it is full, and the oldest goes', async () => {
    const size = JSON.stringify(event('e0')).length + 1;
    const sink = fileSink({ disk: nodeDisk, path, maxBytes: size * 2, keep: 2 });
    for (const id of names(0, 9)) await sink.emit(event(id));
    expect((await readdir(`${base}/events`)).sort()).toEqual(['gateway.jsonl', 'gateway.jsonl.1', 'gateway.jsonl.2']);
    expect(await idsIn(path)).toEqual(['e8']);
    expect(await idsIn(`${path}.1`)).toEqual(['e6', 'e7']);
    expect(await idsIn(`${path}.2`)).toEqual(['e4', 'e5']);
  });

  it('on a full disk says so, and goes on when there is room', async () => {
    let isFull = false;
    const disk: Disk = {
      ...nodeDisk,
      append: async (file, bytes): Promise<void> => {
        // As a full disk does: the first half is there.
        await nodeDisk.append(file, isFull ? bytes.subarray(0, bytes.length / 2) : bytes);
        if (isFull) throw new VallumError('DISK_WRITE', 'the disk is full');
      },
    };
    const sink = fileSink({ disk, path });
    await sink.emit(event('a'));
    isFull = true;
    expect(await fateOf(sink.emit(event('b')))).toBe('EVENT_DROPPED');
    isFull = false;
    await sink.emit(event('c'));
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    expect([lines.length, JSON.parse(lines.at(-1) ?? '')]).toMatchObject([3, { id: 'c' }]);
    expect(sink.stats()).toMatchObject({ emitted: 3, delivered: 2, dropped: 1, lastError: 'the disk is full' });
  });
});

describe('bounds', () => {
  it('what does not fit in line is dropped at once', async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const disk: Disk = { ...nodeDisk, append: (file, bytes) => held.then(() => nodeDisk.append(file, bytes)) };
    const sink = fileSink({ disk, path, waiting: 3 });
    const fates = names(0, 6).map((id) => fateOf(sink.emit(event(id))));
    go();
    // One is being written while three wait.
    expect(await Promise.all(fates)).toEqual([...Array<string>(4).fill('delivered'), 'EVENT_DROPPED', 'EVENT_DROPPED']);
  });

  it('an event of more than 60,000 bytes is dropped', async () => {
    const sink = fileSink({ disk: nodeDisk, path });
    expect(await fateOf(sink.emit(event('long', { data: { message: 'x'.repeat(60_000) } })))).toBe('EVENT_DROPPED');
  });
});
