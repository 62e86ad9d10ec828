// The primary's desk over a real ledger on a real disk: durable before it answers, twice sent and once entered, a full disk.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { nodeDisk } from '@vallum/core';
import type { JsonObject } from '@vallum/core';
import { fsckLog } from '@vallum/ledger';
import type { EntryLog } from '@vallum/ledger';
import { publicRecord } from '@vallum/trust';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packEntries } from './batch.js';
import type { RecordBatch } from './batch.js';
import { buildLogCheckpoint, readLogCheckpoint } from './checkpoint-statement.js';
import { doubtAboutHistory } from './continued.js';
import { RecordDesk } from './desk.js';
import { gatewayKey, gatewayLogFolder, openGatewayLog } from './edge/open-gateway-log.js';
import { encodeDecision } from './encode.js';
import { readDecision } from './read-decision.js';
import { numbered } from './testing/decisions.js';
import { failingDisk } from './testing/failing-disk.js';
import type { Fails } from './testing/failing-disk.js';

let state: string;
let base: string;
beforeEach(async () => {
  base = await mkdtemp(`${tmpdir()}/vallum-records-`);
  state = `${base}/state`;
});
afterEach(() => rm(base, { recursive: true, force: true }));

function batch(seq: number, ids: readonly number[], life = 'a'): RecordBatch {
  return { type: 'records', life, seq, entries: packEntries(ids.map((id) => encodeDecision(numbered(id)))) };
}

async function idsIn(log: EntryLog): Promise<number[]> {
  const ids: number[] = [];
  for await (const entry of log.entries()) ids.push(Number.parseInt(readDecision(entry).id, 16));
  return ids;
}

interface Bench {
  readonly desk: RecordDesk;
  readonly told: boolean[];
  readonly fail: (how: Fails) => void;
  /** Resolves when the desk says that it is ready again. */
  readonly mended: Promise<void>;
}

async function bench(): Promise<Bench> {
  const { disk, fail } = failingDisk();
  const told: boolean[] = [];
  let mend: () => void = () => undefined;
  const mended = new Promise<void>((resolve) => (mend = resolve));
  const open = (): Promise<EntryLog> => openGatewayLog(disk, state, 'front');
  const desk = new RecordDesk({
    log: await open(),
    reopen: open,
    wait: () => new Promise((resolve) => setImmediate(resolve)),
    tell: (ready) => {
      told.push(ready);
      if (ready) mend();
    },
  });
  return { desk, told, fail, mended };
}

describe('the log', () => {
  it('has a key of its own that no other account reads, and keeps it', async () => {
    const log = await openGatewayLog(nodeDisk, state, 'front');
    expect([log.origin, log.size]).toEqual(['front/gateway', 0]);
    const key = await gatewayKey(nodeDisk, state);
    expect((await stat(`${state}/keys/records.key.json`)).mode & 0o777).toBe(0o600);
    expect((await stat(state)).mode & 0o777).toBe(0o700);
    await log.close();
    expect((await gatewayKey(nodeDisk, state)).keyid).toBe(key.keyid);
  });

  it('is refused to a second gateway', async () => {
    const log = await openGatewayLog(nodeDisk, state, 'front');
    await expect(openGatewayLog(nodeDisk, state, 'front')).rejects.toMatchObject({ code: 'GATEWAY_LOG_HELD' });
    await log.close();
  });
});

describe('batches', () => {
  it('are in the ledger when they are answered, those of several workers side by side', async () => {
    const { desk } = await bench();
    const acks = await Promise.all([
      desk.take(batch(1, [1, 2])),
      desk.take(batch(2, [3])),
      desk.take(batch(1, [4], 'b')),
    ]);
    expect(acks.map(({ life, seq, ok }) => [life, seq, ok])).toEqual([
      ['a', 1, true],
      ['a', 2, true],
      ['b', 1, true],
    ]);
    expect(await idsIn(desk.log)).toEqual([1, 2, 3, 4]);
    await desk.close();
    const key = await gatewayKey(nodeDisk, state);
    const report = await fsckLog({
      disk: nodeDisk,
      dir: gatewayLogFolder(state),
      publicKey: publicRecord(key),
    });
    expect(report).toMatchObject({ ok: true, problems: [] });
  });

  it('are entered once, however often and in whatever order they are sent', async () => {
    const { desk } = await bench();
    const acks = await Promise.all([
      desk.take(batch(3, [3])),
      desk.take(batch(1, [1])),
      desk.take(batch(3, [3])),
      desk.take(batch(2, [2])),
    ]);
    acks.push(await desk.take(batch(1, [1])), await desk.take(batch(3, [3])));
    expect(acks.every(({ ok }) => ok)).toBe(true);
    expect(await idsIn(desk.log)).toEqual([3, 1, 2]);
    desk.left('a');
    expect(await desk.take(batch(1, [7], 'after'))).toMatchObject({ ok: true });
    expect(await idsIn(desk.log)).toEqual([3, 1, 2, 7]);
    await desk.close();
  });

  it('that cannot be read are refused and harm nobody', async () => {
    const { desk, told } = await bench();
    const nonsense: RecordBatch = { type: 'records', life: 'a', seq: 1, entries: Uint8Array.of(9) };
    expect(await desk.take(nonsense)).toMatchObject({ ok: false });
    expect(await desk.take(batch(2, [2]))).toMatchObject({ ok: true });
    expect([desk.ready, told]).toEqual([true, []]);
    await desk.close();
    expect(await desk.take(batch(3, [3]))).toMatchObject({ ok: false });
  });
});

describe('a full disk', () => {
  it('is told, refuses everything, and ends by itself: nothing answered is lost, nothing is twice there', async () => {
    const { desk, told, fail, mended } = await bench();
    expect(await desk.take(batch(1, [1]))).toMatchObject({ ok: true });
    fail('write');
    expect(await desk.take(batch(2, [2]))).toMatchObject({ ok: false });
    expect([desk.ready, told]).toEqual([false, [false]]);
    expect(await desk.take(batch(3, [3]))).toMatchObject({ ok: false });
    fail('no');
    await mended;
    expect([desk.ready, told]).toEqual([true, [false, true]]);
    expect((await desk.take(batch(2, [2]))).ok && (await desk.take(batch(3, [3]))).ok).toBe(true);
    expect(await idsIn(desk.log)).toEqual([1, 2, 3]);
    await desk.close();
  });

  it('that is noticed after the checkpoint was replaced: the batch is there already and is not entered again', async () => {
    const { desk, fail, mended } = await bench();
    await desk.take(batch(1, [1]));
    fail('after-rename');
    expect(await desk.take(batch(2, [2, 3]))).toMatchObject({ ok: false });
    fail('no');
    await mended;
    expect(await idsIn(desk.log)).toEqual([1, 2, 3]);
    expect(await desk.take(batch(2, [2, 3]))).toMatchObject({ ok: true });
    expect(await desk.take(batch(3, [4]))).toMatchObject({ ok: true });
    expect(await idsIn(desk.log)).toEqual([1, 2, 3, 4]);
    await desk.close();
  });

  it('does not keep the gateway from ending', async () => {
    const { disk, fail } = failingDisk();
    const open = (): Promise<EntryLog> => openGatewayLog(disk, state, 'front');
    const desk = new RecordDesk({ log: await open(), reopen: open, tell: () => undefined });
    fail('write');
    await desk.take(batch(1, [1]));
    await desk.close();
    expect(desk.ready).toBe(false);
  });
});

describe('the history of the log', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  it('goes on from every checkpoint that it showed, and not from another one', async () => {
    const { desk } = await bench();
    const key = publicRecord(await gatewayKey(nodeDisk, state));
    await desk.take(batch(1, [1, 2]));
    const statement = buildLogCheckpoint(desk.log.checkpoint, key, now);
    const earlier = readLogCheckpoint(statement)!;
    expect(earlier.checkpoint).toMatchObject({ origin: 'front/gateway', size: 2, root: desk.log.root });
    await desk.take(batch(2, [3]));
    expect(await doubtAboutHistory(desk.log, earlier, key)).toBeUndefined();
    await desk.close();

    await rm(gatewayLogFolder(state), { recursive: true });
    const other = await openGatewayLog(nodeDisk, state, 'front');
    expect(await doubtAboutHistory(other, earlier, key)).toMatch(/2 were there/);
    await other.append([7, 8, 9].map((id) => encodeDecision(numbered(id))));
    expect(await doubtAboutHistory(other, earlier, key)).toMatch(/another history/);
    const stranger = publicRecord(await gatewayKey(nodeDisk, `${base}/other`));
    expect(await doubtAboutHistory(other, earlier, stranger)).toMatch(/another key/);
    expect(() => buildLogCheckpoint(other.checkpoint, stranger, now)).toThrow(/did not sign/);
    await other.close();
  });

  it('is read from a statement of exactly that form', async () => {
    const { desk } = await bench();
    const statement = buildLogCheckpoint(desk.log.checkpoint, publicRecord(await gatewayKey(nodeDisk, state)), now);
    await desk.close();
    expect(readLogCheckpoint({ ...statement, predicateType: 'urn:vallum:other:v1' })).toBeUndefined();
    const { predicate } = statement;
    for (const change of [
      { checkpoint: 'nonsense' },
      { checkpoint: 7 },
      { key: {} },
      { key: { ...(predicate['key'] as JsonObject), spki: 'AAAA' } },
      { createdAt: 'today' },
    ])
      expect(() => readLogCheckpoint({ ...statement, predicate: { ...predicate, ...change } })).toThrow(
        expect.objectContaining({ code: 'LOG_CHECKPOINT_FORM' }) as Error,
      );
    const elsewhere = [{ name: 'other/gateway', digest: statement.subject[0]!.digest }];
    expect(() => readLogCheckpoint({ ...statement, subject: elsewhere })).toThrow(/something else/);
  });
});
