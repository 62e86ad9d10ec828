// Samples of the files that are no statements: a ledger with a pack and a replaced key, a receipt and a cosigned checkpoint
// under the key of before, and a sealed object with its key file and keyring. What was stored once stays readable.
import { copyFileSync, chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asSha256, isSha256, nodeDisk } from '@vallum/core';
import { openKeyring, openObject, readKeyRecord, readTree } from '@vallum/data';
import {
  compareWith,
  cosignedAt,
  fsck,
  judgeCheckpoint,
  openLedger,
  readCheckpoint,
  readLogPolicy,
  readReceipt,
  readStatements,
  verifyReceipt,
} from '@vallum/ledger';
import { readTrust, readVaultAct, readEnvelope, verifySignature } from '@vallum/trust';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FROZEN, frozenStatements, frozenTrust } from './frozen.js';

const PASSPHRASE = 'correct horse battery staple';
const text = (path: string): string => readFileSync(join(FROZEN, path), 'utf8');

describe('the ledger', () => {
  const dir = join(FROZEN, 'ledger/state/ledger');
  const statementsDir = join(FROZEN, 'ledger/state/statements');
  const trust = readTrust(frozenTrust('ledger'));
  const [log] = trust.ledgers;
  const publicKey = trust.key(log?.keyid ?? '');
  const policy = readLogPolicy(text('ledger/log-policy.txt'));
  const receipt = readReceipt(text('ledger/artifact.scan.tlog-proof'));

  test('is whole, with its pack', async () => {
    if (publicKey === undefined) throw new Error('the trust file enrols no key of the ledger');
    const packs = readdirSync(join(statementsDir, 'packs'));
    expect(packs).toHaveLength(1);
    expect(await fsck({ disk: nodeDisk, dir, statementsDir, publicKey })).toMatchObject({
      ok: true,
      origin: 'spam-filter/local',
      size: 11,
      problems: [],
      notes: [],
    });
  });

  test('gives every statement, each by a key of the trust file', async () => {
    const ledger = await openLedger({
      disk: nodeDisk,
      dir,
      statementsDir,
      inboxDir: `${dir}/no-inbox`,
      origin: log?.origin ?? '',
    });
    const found = await readStatements(ledger);
    expect(found).toHaveLength(11);
    for (const { signed, problem } of found) {
      expect(problem).toBeUndefined();
      const key = trust.key(signed?.keyid ?? '');
      expect(key !== undefined && signed !== undefined && verifySignature(signed, key)).toBe(true);
    }
    const former = log?.previous ?? [];
    expect(former.map(({ size }) => size)).toEqual([10]);
    for (const { size, root } of [...former, receipt.read])
      expect(compareWith(ledger, { origin: ledger.origin, size, root })).toBe('same history');
    await ledger.close();
  });

  test('has a receipt that verifies, and not for another entry', () => {
    expect(verifyReceipt(receipt, policy)).toMatchObject({ accepted: true });
    const { statement } = JSON.parse(Buffer.from(receipt.extra ?? []).toString()) as { statement: string };
    expect(isSha256(statement)).toBe(true);
    expect(verifyReceipt(receipt, policy, Buffer.from('another'))).toMatchObject({ accepted: false });
  });

  test('has a checkpoint that its witness cosigned', () => {
    const checkpoint = readCheckpoint(text('ledger/cosigned.checkpoint'));
    expect(judgeCheckpoint(policy, checkpoint)).toMatchObject({ accepted: true });
    const witness = policy.witnesses.get('w1');
    const time = witness === undefined ? undefined : cosignedAt(checkpoint.note, witness);
    expect(time?.toISOString()).toMatch(/^2026-11-22T/);
    const bare = readCheckpoint(text('ledger/state/ledger/checkpoint'));
    expect(judgeCheckpoint(policy, bare)).toMatchObject({ accepted: false });
  });
});

describe('the sealed object', () => {
  const sample = frozenStatements().find(({ name }) => name === 'vault-seal');
  const act = readVaultAct(readEnvelope(sample?.bytes ?? new Uint8Array()).statement);
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'vallum-frozen-'));
    for (const name of ['notes.sealed', 'notes.key', 'keyring.json']) {
      copyFileSync(join(FROZEN, 'vault', name), join(dir, name));
      chmodSync(join(dir, name), 0o600);
    }
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('opens with the passphrase of its keyring, and is what the ledger says', async () => {
    const keys = await openKeyring({ disk: nodeDisk, path: join(dir, 'keyring.json'), passphrase: PASSPHRASE });
    const { commitment, kek } = await readKeyRecord(nodeDisk, join(dir, 'notes.key'));
    expect(commitment).toBe(act?.commitment);
    const digest = asSha256(act?.subject.digest.sha256 ?? '');
    const expected = { object: act?.subject.name ?? '', version: act?.object ?? '', digest };
    const reader = await openObject({ disk: nodeDisk, path: join(dir, 'notes'), keys, expected });
    expect(reader.kek).toBe(kek);
    const tree = await readTree(reader);
    const contents = tree.manifest.files.map(async ({ path, bytes }) => {
      const plain = await tree.file(path)?.read(0, bytes);
      return [path, Buffer.from(plain ?? []).toString()];
    });
    expect(await Promise.all(contents)).toEqual([
      ['first.txt', 'The first of two files.\n'],
      ['more/second.txt', 'The second, in a folder.\n'],
    ]);
    await reader.close();
  });

  test('does not open after a change', async () => {
    const keys = await openKeyring({ disk: nodeDisk, path: join(dir, 'keyring.json'), passphrase: PASSPHRASE });
    const bytes = readFileSync(join(dir, 'notes.sealed'));
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    writeFileSync(join(dir, 'changed.sealed'), bytes);
    copyFileSync(join(dir, 'notes.key'), join(dir, 'changed.key'));
    await expect(openObject({ disk: nodeDisk, path: join(dir, 'changed'), keys })).rejects.toMatchObject({
      code: 'VAULT_DAMAGED',
    });
  });
});
