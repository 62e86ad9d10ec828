// The list of keys: what is read back, and what is refused because it could let somebody in.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyHolder, KeyRecord } from './key-file.js';
import { encodeKeyList, readKeyList } from './key-file.js';
import { sliceList } from './list-slices.js';

const MARK = '0123456789abcdef';
const record = (id: string, more: Partial<KeyRecord> = {}): KeyRecord => ({
  id,
  hash: 'ab'.repeat(32),
  createdAt: '2026-01-01T00:00:00Z',
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2026-04-01T00:00:00Z',
  ...more,
});
const holder = (principal: string, keys: KeyRecord[] = [], more: object = {}): KeyHolder => ({
  principal,
  roles: ['infer'],
  keys,
  ...more,
});
const read = (bytes: Uint8Array): readonly KeyHolder[] => [...readKeyList(bytes).holders];
const list = (...holders: readonly object[]): Uint8Array => encodeKeyList(MARK, holders as readonly KeyHolder[]);
const A = 'aaaaaaaaaa';
const B = 'bbbbbbbbbb';
const C = 'cccccccccc';

describe('a list of keys', () => {
  it('is read back as it was written', () => {
    const holders = [
      holder('web', [record(A, { label: 'shop, "new" [x] \\ {y}' }), record(B)], { name: 'Wéb', group: 'acme' }),
      holder('batch', [record(C, { revokedAt: '2026-02-01T00:00:00Z', revokedFor: 'lost' })]),
      holder('nobody'),
    ];
    expect(readKeyList(list(...holders)).pepper).toBe(MARK);
    expect(read(list(...holders))).toEqual(holders);
    expect(read(list())).toEqual([]);
  });

  it('is read however it is laid out', () => {
    const holders = [holder('web', [record(A)]), holder('batch')];
    const value = { principals: holders, pepper: MARK, schema: 'vallum/gateway-keys/v1' };
    for (const indent of [0, 1, '\t']) expect(read(Buffer.from(JSON.stringify(value, null, indent)))).toEqual(holders);
  });

  it.each<readonly [string, Uint8Array, RegExp]>([
    ['a principal that stands twice', list(holder('web'), holder('web')), /web .*stands there twice/],
    ['a key that stands twice', list(holder('web', [record(A)]), holder('batch', [record(A)])), /aaaaaaaaaa stands/],
    ['an unknown field', list({ ...holder('web'), admin: true }), /admin/],
    ['an unknown field of a key', list(holder('web', [{ ...record(A), x: 1 } as KeyRecord])), /"x"/],
    ['a role of another form', list({ ...holder('web'), roles: ['*'] }), /role/],
    ['no role', list({ ...holder('web'), roles: [] }), /roles/],
    ['a principal with a control character', list(holder('web\u001b[31m')), /principal/],
    ['a label that could rewrite a terminal', list(holder('web', [record(A, { label: 'x\u202ey' })])), /label/],
    ['a time that is none', list(holder('web', [record(A, { notAfter: 'never' })])), /notAfter/],
    ['an end before the beginning', list(holder('web', [record(A, { notAfter: '2025-01-01' })])), /ends before/],
    ['three keys at a time', list(holder('web', [record(A), record(B), record(C)])), /more than 2 of its keys/],
    ['a hash that is none', list(holder('web', [record(A, { hash: 'ab' })])), /hash/],
    ['a field that stands twice', Buffer.from(list(holder('web')).toString().replace('{"p', '{"roles":[],"p')), /./],
    [
      'another schema',
      Buffer.from('{"schema":"vallum/gateway-keys/v2","pepper":"0123456789abcdef","principals":[]}'),
      /v1/,
    ],
    ['no list', Buffer.from('{"schema":"vallum/gateway-keys/v1"}'), /no list/],
    ['an entry that is missing', Buffer.from(encodeText('[{},,{}]')), /principal 1/],
    ['a comma at the end', Buffer.from(encodeText(`[${JSON.stringify(holder('web'))},]`)), /principal 2/],
    ['something behind it', Buffer.concat([list(holder('web')), Buffer.from('{}')]), /follows/],
    ['nothing', new Uint8Array(), /no list/],
  ])('is refused with %s', (_, bytes, why) => {
    expect(() => read(bytes)).toThrow(
      expect.objectContaining({ code: 'GATEWAY_KEYS', message: expect.stringMatching(why) as string }),
    );
  });

  it('takes keys one after the other, and revoked ones, as many as there are', () => {
    const keys = [
      record(A, { notAfter: '2026-02-01T00:00:00Z' }),
      record(B, { notBefore: '2026-02-01T00:00:00Z' }),
      record(C, { notBefore: '2026-02-01T00:00:00Z' }),
      record('dddddddddd', { revokedAt: '2026-01-02T00:00:00Z' }),
    ];
    expect(read(list(holder('web', keys)))[0]?.keys).toHaveLength(4);
  });

  it('property: slices say what the whole document says, for any JSON', () => {
    const value = fc.record({
      head: fc.string({ maxLength: 50 }),
      list: fc.array(fc.jsonValue(), { minLength: 1 }),
      tail: fc.string({ maxLength: 50 }),
    });
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), (document, indent) => {
        const { frame, entries } = sliceList(Buffer.from(JSON.stringify(document, null, indent)));
        const parsed = [...entries].map((bytes) => JSON.parse(Buffer.from(bytes).toString()) as unknown);
        const { list: items, ...around } = JSON.parse(JSON.stringify(document)) as typeof document;
        expect(parsed).toEqual(items);
        expect(JSON.parse(Buffer.from(frame).toString())).toEqual({ ...around, list: [] });
      }),
    );
  });

  it('property: any bytes are read or refused, and never anything else', () => {
    const valid = list(holder('web', [record(A), record(B)]), holder('batch', [record(C)]));
    const changed = fc
      .tuple(fc.nat(valid.length - 1), fc.uint8Array({ maxLength: 4 }), fc.nat(6))
      .map(([at, put, drop]) => Buffer.concat([valid.subarray(0, at), put, valid.subarray(at + drop)]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), changed), (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'GATEWAY_KEYS' });
        }
      }),
      { numRuns: 300 },
    );
  });
});

function encodeText(principals: string): string {
  return `{"schema":"vallum/gateway-keys/v1","pepper":"${MARK}","principals":${principals}}`;
}
