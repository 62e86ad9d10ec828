// Packs as files from elsewhere: what is written is read back, and any bytes are read within bounds or not at all.
import { sha256, type Disk, type Sha256 } from '@vallum/core';
import { generateKey, readEnvelope } from '@vallum/trust';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryDisk } from '../testing/memory-disk.js';
import { sample, samples } from '../testing/statements.js';
import { StatementStore } from './content-store.js';
import { PlaceIndex } from './place-index.js';
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
      const records = [...readTable(pack.subarray(PACK_START, PACK_START + length))];
      expect(records.map(({ id }) => id.toString('hex'))).toEqual(list.map(({ id }) => id));
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

describe('hostile packs', () => {
  const author = generateKey('author', 'ed25519');
  const envelopes = samples(author, 0, 9).map((bytes) => ({ bytes, signed: readEnvelope(bytes) }));
  const ids = envelopes.map(({ signed }) => signed.id);
  const junk = (records: readonly Sha256[], length: number): Uint8Array => {
    const [pack] = encodePacks(records.map((id) => ({ id, bytes: Buffer.alloc(length, 'x') })));
    if (pack === undefined) throw new Error('there is no pack');
    return pack;
  };
  let disk: MemoryDisk;
  /** Under a name that is listed before all honest ones. */
  const plant = (n: number, bytes: Uint8Array): Promise<void> =>
    disk.write(`/s/packs/${'0'.repeat(56)}${n.toString(16).padStart(8, '0')}.pack`, bytes);

  beforeEach(async () => {
    disk = new MemoryDisk();
    await disk.makeDirectory('/s/packs');
    await new StatementStore(disk, '/s').put(envelopes);
  });

  async function readAll(): Promise<readonly (Sha256 | undefined)[]> {
    const store = new StatementStore(disk, '/s');
    const found: (Sha256 | undefined)[] = [];
    for (const id of ids) found.push((await store.get(id))?.signed.id);
    return found;
  }

  test('a pack with an id twice is no pack, and the one beside it is read', async () => {
    const one = ids[0] as Sha256;
    await plant(
      1,
      junk(
        Array.from({ length: 65_536 }, () => one),
        1,
      ),
    );
    const store = new StatementStore(disk, '/s');
    const broken: string[] = [];
    expect((await store.get(one, undefined, (path) => broken.push(path)))?.signed.id).toBe(one);
    expect(broken).toEqual([]);
    const torn = await store.torn();
    expect(torn).toHaveLength(1);
    expect(await torn[0]?.ids()).toBeUndefined();
    expect(await store.isInTorn(one)).toBe(false);
  });

  test('packs that lie about all ids are each asked in vain, then after the honest one, and no statement is lost', async () => {
    let reads = 0;
    for (let n = 0; n < 300; n += 1) await plant(n, junk(ids, 10 + n));
    const count: Disk['read'] = (path, limit) => {
      if (path.includes(`/${'0'.repeat(56)}`)) reads += 1;
      return disk.read(path, limit);
    };
    const counting = new Proxy(disk, { get: (of, name) => (name === 'read' ? count : bound(of, name)) });
    const store = new StatementStore(counting, '/s');
    for (const id of ids) expect((await store.get(id))?.signed.id).toBe(id);
    expect(reads).toBe(300);
  });

  test.each<[string, () => Promise<void>]>([
    ['nothing else', async () => undefined],
    ['a folder in place of a pack', () => disk.makeDirectory(`/s/packs/${'1'.repeat(64)}.pack`)],
    ['a file in place of the folder of the own file', () => disk.write(`/s/${ids[0]!.slice(0, 2)}`, Buffer.from('x'))],
    ['a folder in place of the own file', () => disk.makeDirectory(`/s/${ids[0]!.slice(0, 2)}/${ids[0]!}.json`)],
    ['a pack that is far too large', () => plant(1, new Uint8Array(PACK_LIMIT + 1))],
    [
      'many empty packs',
      async () => void (await Promise.all([...Array(2000).keys()].map((n) => plant(n, Buffer.of())))),
    ],
  ])('%s hinders no statement that is whole', async (_, change) => {
    await change();
    expect(await readAll()).toEqual(ids);
  });

  test('a folder of packs that cannot be listed hinders no statement with a file of its own', async () => {
    const own = sample(author, 50);
    const signed = readEnvelope(own);
    await new StatementStore(disk, '/s').put([{ bytes: own, signed }]);
    const list = (): Promise<never> => Promise.reject(new Error('no'));
    const store = new StatementStore(
      new Proxy(disk, { get: (of, name) => (name === 'list' ? list : bound(of, name)) }),
      '/s',
    );
    expect((await store.get(signed.id))?.signed.id).toBe(signed.id);
    await expect(store.get(ids[0] as Sha256)).rejects.toThrow('no');
  });
});

function bound(of: MemoryDisk, name: string | symbol): unknown {
  const value: unknown = Reflect.get(of, name, of);
  return typeof value === 'function' ? (value.bind(of) as unknown) : value;
}

test('property: the index finds each id at all its places, in order, and no other', () => {
  const key = fc.nat(40).map((n) => Buffer.from(sha256(`${n}`), 'hex'));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat(9)), { maxLength: 60 }), key, (added, wanted) => {
      const index = new PlaceIndex();
      for (const [from, [id, pack]] of added.entries()) index.add(id, { pack, from, length: 7 });
      expect(index.find(wanted)).toEqual(
        added.flatMap(([id, pack], from) => (id.equals(wanted) ? [{ pack, from, length: 7 }] : [])),
      );
    }),
  );
  const index = new PlaceIndex();
  for (let n = 0; n < 40_000; n += 1) index.add(Buffer.from(sha256(`${n}`), 'hex'), { pack: 1, from: n, length: 1 });
  for (const n of [0, 1023, 1024, 16_384, 39_999])
    expect(index.find(Buffer.from(sha256(`${n}`), 'hex'))).toEqual([{ pack: 1, from: n, length: 1 }]);
});
