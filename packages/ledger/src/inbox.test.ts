// The inbox: honest files are entered exactly once and in order, hostile ones stop nobody and are not lost.
import { mkdtemp, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { generateKey, MAX_ENVELOPE_BYTES } from '@vallum/trust';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLedger, type Ledger, type LedgerOptions } from './ledger.js';
import { listInbox, setAside, submit } from './inbox.js';
import { places } from './testing/places.js';
import { idOf, sample, samples } from './testing/statements.js';

const key = generateKey('ledger', 'ed25519');
const author = generateKey('author', 'ed25519');

let base: string;
let options: LedgerOptions;
let ledger: Ledger;

beforeEach(async () => {
  base = await mkdtemp(`${tmpdir()}/vallum-inbox-`);
  options = { disk: nodeDisk, key, ...places(base) };
  ledger = await openLedger(options);
});
afterEach(async () => {
  await ledger.close();
  await rm(base, { recursive: true, force: true });
});

const inbox = (name = ''): string => `${base}/.vallum/inbox/${name}`;

test('a reader submits, the holder of the lock enters, oldest first, and the inbox is empty', async () => {
  const other = await openLedger(options);
  expect(other.writable).toBe(false);
  const envelopes = samples(author, 0, 5);
  for (const [at, envelope] of envelopes.entries()) {
    await other.submit(envelope);
    await utimes(inbox(`${idOf(envelope)}.json`), 1000 + at, 1000 + at);
  }
  expect(await ledger.sequenceInbox()).toBe(5);
  expect(ledger.entries().map(({ statement }) => statement)).toEqual(envelopes.map(idOf));
  expect(await readdir(inbox())).toEqual([]);
  expect(await ledger.sequenceInbox()).toBe(0);
});

test('submitting twice, or what is already entered, changes nothing', async () => {
  const [entered, fresh] = [sample(author, 1), sample(author, 2)];
  await ledger.append([entered]);
  await ledger.submit(entered);
  await ledger.submit(fresh);
  await ledger.submit(fresh);
  expect(await ledger.sequenceInbox()).toBe(1);
  expect([ledger.size, await readdir(inbox()), ledger.setAside]).toEqual([2, [], []]);
});

test('a broken envelope is not even taken into the inbox', async () => {
  await expect(submit(nodeDisk, inbox().slice(0, -1), Buffer.from('{}'))).rejects.toThrow();
  expect(await ledger.sequenceInbox()).toBe(0);
});

test('hostile files are set aside with a reason, and the honest ones beside them are entered', async () => {
  const [honest, wrongName] = [sample(author, 1), sample(author, 2)];
  const entered = sample(author, 3);
  await ledger.append([entered]);
  await ledger.submit(honest);
  const digest = 'ab'.repeat(32);
  const stolen = sample(generateKey('other', 'ed25519'), 3);
  const hostile: Readonly<Record<string, () => Promise<unknown>>> = {
    [`${'00'.repeat(32)}.json`]: () => writeFile(inbox(`${'00'.repeat(32)}.json`), '{"payload":'),
    [`${'11'.repeat(32)}.json`]: () =>
      writeFile(inbox(`${'11'.repeat(32)}.json`), Buffer.alloc(MAX_ENVELOPE_BYTES + 1, 32)),
    [`${'22'.repeat(32)}.json`]: () => mkdir(inbox(`${'22'.repeat(32)}.json`)),
    [`${'33'.repeat(32)}.json`]: () => symlink('/etc/hostname', inbox(`${'33'.repeat(32)}.json`)),
    [`${'44'.repeat(32)}.json`]: () => writeFile(inbox(`${'44'.repeat(32)}.json`), ''),
    [`${digest}.json`]: () => writeFile(inbox(`${digest}.json`), wrongName),
    'note.txt': () => writeFile(inbox('note.txt'), 'hello'),
    'zeile\n— x.json': () => writeFile(inbox('zeile\n— x.json'), honest),
    [`${idOf(stolen)}.json`]: () => writeFile(inbox(`${idOf(stolen)}.json`), stolen),
  };
  for (const make of Object.values(hostile)) await make();
  expect(await ledger.sequenceInbox()).toBe(1);
  expect(ledger.entries().map(({ statement }) => statement)).toEqual([idOf(entered), idOf(honest)]);
  expect(ledger.setAside.map(({ name }) => name).sort()).toEqual(Object.keys(hostile).sort());
  expect(ledger.setAside.every(({ reason }) => reason.length > 10 && !reason.includes('\n    at '))).toBe(true);
  expect(await readdir(inbox())).toEqual(['aside']);
  const kept = await readdir(inbox('aside'));
  expect(kept).toHaveLength(2 * Object.keys(hostile).length);
  const notes = await Promise.all(
    kept.filter((name) => name.endsWith('.json')).map((name) => readFile(inbox(`aside/${name}`), 'utf8')),
  );
  expect(notes.map((note) => (JSON.parse(note) as { name: string }).name).sort()).toEqual(Object.keys(hostile).sort());
  expect(await ledger.sequenceInbox()).toBe(0);
});

test('whoever opened the ledger may refuse a signer; a submission under way is left alone', async () => {
  await ledger.close();
  ledger = await openLedger({
    ...options,
    admit: ({ keyid }) => (keyid === author.keyid ? undefined : 'who is that?'),
  });
  const stranger = sample(generateKey('stranger', 'ed25519'), 1);
  await ledger.submit(stranger);
  await ledger.submit(sample(author, 2));
  const half = `${'ab'.repeat(32)}.json.0123456789abcdef.tmp`;
  await writeFile(inbox(half), 'half');
  expect(await ledger.sequenceInbox()).toBe(1);
  expect(ledger.setAside).toEqual([{ name: `${idOf(stranger)}.json`, reason: 'who is that?' }]);
  expect(await readdir(inbox())).toEqual([half, 'aside'].sort());
});

test('another signature that comes in at the same moment is set aside, and the honest file beside it is entered', async () => {
  const [mine, stolen, honest] = [sample(author, 1), sample(generateKey('other', 'ed25519'), 1), sample(author, 2)];
  await ledger.submit(honest);
  await ledger.submit(stolen);
  await ledger.close();
  // The statement is appended after its file was looked at and before the group with that file is entered.
  let appended: Promise<unknown> | undefined;
  const admit: LedgerOptions['admit'] = ({ keyid }) => {
    if (keyid !== author.keyid) appended = ledger.append([mine]);
    return undefined;
  };
  ledger = await openLedger({ ...options, admit });
  await ledger.sequenceInbox();
  await appended;
  expect(
    ledger
      .entries()
      .map(({ statement }) => statement)
      .sort(),
  ).toEqual([idOf(mine), idOf(honest)].sort());
  expect(ledger.entries().map(({ key: by }) => by)).toEqual([author.keyid, author.keyid]);
  expect(ledger.setAside).toEqual([
    { name: `${idOf(stolen)}.json`, reason: expect.stringContaining('another signature') as string },
  ]);
});

test('more than one group is entered', async () => {
  for (const envelope of samples(author, 0, 300)) await writeFileOnce(envelope);
  expect(await ledger.sequenceInbox()).toBe(300);
  expect(ledger.size).toBe(300);
});

test('of very many hostile files some are set aside and the rest wait, and the honest ones among them are entered', async () => {
  await mkdir(inbox(), { recursive: true });
  const names = Array.from({ length: 1300 }, (_, n) =>
    n % 2 === 0 ? `junk${n}` : `${n.toString(16).padStart(64, '0')}.json`,
  );
  for (const name of names) {
    await writeFile(inbox(name), 'x');
    await utimes(inbox(name), 1000, 1000);
  }
  const honest = samples(author, 0, 3);
  for (const envelope of honest) await writeFileOnce(envelope);
  expect(await ledger.sequenceInbox()).toBe(3);
  expect(ledger.setAside).toHaveLength(1025);
  expect(ledger.setAside.at(-1)?.reason).toContain('276 files of this kind wait for the next run');
  expect(await readdir(inbox('aside'))).toHaveLength(2 * 1024);
  expect(await readdir(inbox())).toHaveLength(276 + 1);
  expect(await ledger.sequenceInbox()).toBe(0);
  expect(await readdir(inbox())).toEqual(['aside']);
  expect(await readdir(inbox('aside'))).toHaveLength(2 * names.length);
  expect(new Set(ledger.setAside.map(({ name }) => name))).toEqual(new Set(names));
});

test('a file whose name is not valid UTF-8 stops nobody, and people are told', async () => {
  await ledger.submit(sample(author, 1));
  await writeFile(Buffer.concat([Buffer.from(inbox()), Buffer.from([0xff, 0x61])]), 'x');
  expect(await ledger.sequenceInbox()).toBe(1);
  expect(ledger.setAside).toEqual([{ name: '?', reason: expect.stringContaining('not valid UTF-8') as string }]);
});

async function writeFileOnce(envelope: Uint8Array): Promise<void> {
  await mkdir(inbox(), { recursive: true });
  await writeFile(inbox(`${idOf(envelope)}.json`), envelope);
}

test('property: no content of a file stops the inbox', async () => {
  const honest = Buffer.from(sample(author, 1)).toString();
  const changed = fc
    .tuple(fc.nat(honest.length), fc.string({ maxLength: 4 }))
    .map(([at, by]) => honest.slice(0, at) + by + honest.slice(at + 1));
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        changed,
        fc.string(),
        fc.jsonValue().map((v) => JSON.stringify(v)),
      ),
      async (content) => {
        n += 1;
        await mkdir(inbox(), { recursive: true });
        await writeFile(inbox(`${n.toString(16).padStart(64, '0')}.json`), content);
        const before = ledger.setAside.length;
        expect(await ledger.sequenceInbox()).toBe(0);
        expect(ledger.setAside).toHaveLength(before + 1);
      },
    ),
    { numRuns: 60 },
  );
});

test.each(['.vallum/inbox', '.vallum/inbox/aside'])('a link in place of %s moves no file anywhere', async (link) => {
  await mkdir(`${base}/elsewhere`);
  await writeFile(`${base}/elsewhere/letter.txt`, 'dear');
  await mkdir(dirname(`${base}/${link}`), { recursive: true });
  await symlink(`${base}/elsewhere`, `${base}/${link}`);
  const isLink = { code: 'DISK_LINK', errorClass: 'unproven' };
  await expect(ledger.sequenceInbox()).rejects.toMatchObject(isLink);
  await expect(listInbox(nodeDisk, inbox().slice(0, -1))).rejects.toMatchObject(isLink);
  await expect(ledger.submit(sample(author, 1))).rejects.toMatchObject(isLink);
  const [told] = await setAside(nodeDisk, inbox().slice(0, -1), [{ name: 'letter.txt', reason: 'no id' }], () => 'n1');
  expect(told?.reason).toContain('could not be set aside');
  expect(await readdir(`${base}/elsewhere`)).toEqual(['letter.txt']);
});

test('a link in place of the folder of packs stops the writer, and nothing is written through it', async () => {
  await mkdir(`${base}/elsewhere`);
  await mkdir(`${base}/.vallum/statements`, { recursive: true });
  await symlink(`${base}/elsewhere`, `${base}/.vallum/statements/packs`);
  await expect(ledger.append(samples(author, 0, 9))).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
  expect([await readdir(`${base}/elsewhere`), ledger.size]).toEqual([[], 0]);
});
