// Packs as files from elsewhere: what is written is read back, and any bytes are read within bounds or not at all.
import { sha256 } from '@vallum/core';
import { generateKey, readEnvelope } from '@vallum/trust';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryDisk } from '../testing/memory-disk.js';
import { samples } from '../testing/statements.js';
import { StatementStore } from './content-store.js';
import { encodePacks, PACK_LIMIT, PACK_START, readTable, tableBytes } from './pack.js';

const contents = fc.array(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ id: sha256(bytes), bytes })),
  { minLength: 1, maxLength: 30 },
);

test('property: every record comes back', () => {
  fc.assert(
    fc.property(contents, (list) => {
      const [pack, ...more] = encodePacks(list);
      if (pack === undefined) throw new Error('there is no pack');
      expect(more).toEqual([]);
      const length = tableBytes(pack.subarray(0, PACK_START)) ?? -1;
      const records = readTable(pack.subarray(PACK_START, PACK_START + length));
      expect(records.map(({ id }) => id)).toEqual(list.map(({ id }) => id));
      expect(records.map(({ from, to }) => Uint8Array.from(pack.subarray(from, to)))).toEqual(
        list.map(({ bytes }) => bytes),
      );
      expect(records.at(-1)?.to).toBe(pack.length);
    }),
  );
});

test('much content is spread over packs of bounded size', () => {
  const bytes = new Uint8Array(2 * 1024 * 1024);
  const packs = encodePacks(Array.from({ length: 11 }, () => ({ id: sha256('x'), bytes })));
  expect(packs.map(({ length }) => Math.round(length / bytes.length))).toEqual([4, 4, 3]);
  expect(packs.every(({ length }) => length <= PACK_LIMIT)).toBe(true);
});

test('property: any file in the folder of packs is survived, and a statement is found or is missing', async () => {
  const key = generateKey('author', 'ed25519');
  const envelopes = samples(key, 0, 9).map((bytes) => ({ bytes, signed: readEnvelope(bytes) }));
  const { id } = envelopes[4]!.signed;
  const [whole] = encodePacks(envelopes.map(({ bytes, signed }) => ({ id: signed.id, bytes })));
  const changed = fc
    .tuple(fc.nat(whole!.length), fc.nat(whole!.length), fc.uint8Array({ maxLength: 8 }))
    .map(([from, to, put]) => Buffer.concat([whole!.subarray(0, from), put, whole!.subarray(to)]));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 60 }), changed), async (bytes) => {
      const disk = new MemoryDisk();
      await disk.makeDirectory('/s/packs');
      await disk.write(`/s/packs/${'a'.repeat(64)}.pack`, bytes);
      const found = await new StatementStore(disk, '/s').get(id).catch((error: unknown) => error);
      if (found instanceof Error) expect(found).toMatchObject({ name: 'VallumError' });
      else if (found !== undefined) expect(found).toMatchObject({ signed: { id } });
    }),
  );
});

test('a pack that is being written while it is looked at is read again when it is whole', async () => {
  const disk = new MemoryDisk();
  await disk.makeDirectory('/s');
  const envelopes = samples(generateKey('author', 'ed25519'), 0, 9).map((bytes) => ({
    bytes,
    signed: readEnvelope(bytes),
  }));
  await new StatementStore(disk, '/s').put(envelopes);
  const [path = ''] = disk.files();
  const whole = Uint8Array.from(disk.bytesOf(path));
  await disk.write(path, whole.slice(0, 400));
  const reader = new StatementStore(disk, '/s');
  const last = envelopes[8]!.signed.id;
  await expect(reader.get(last)).rejects.toMatchObject({ code: 'STATEMENT_CUT' });
  expect(await reader.torn()).toHaveLength(1);
  await disk.write(path, whole);
  expect((await reader.get(last))?.signed.id).toBe(last);
  expect(await reader.torn()).toEqual([]);
});
