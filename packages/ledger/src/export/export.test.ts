// Exports: what the ledger exports verifies; what anybody changes, leaves out, adds or signs again does not.
import { canonicalJson, evidenceType, parseJsonStrict, sha256, VallumError } from '@vallum/core';
import type { JsonObject, JsonValue, KindCatalog } from '@vallum/core';
import {
  buildRevocation,
  buildTrust,
  buildWaiver,
  buildWaiverApproval,
  generateKey,
  publicRecord,
} from '@vallum/trust';
import { readTrust, signStatement, VERDICT_TYPE, type SigningKey, type Trust } from '@vallum/trust';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openLedger, type Ledger } from '../ledger.js';
import { signCheckpoint } from '../note/checkpoint.js';
import { MemoryDisk } from '../testing/memory-disk.js';
import { ORIGIN, places, Town } from '../testing/places.js';
import { idOf, sample, samples } from '../testing/statements.js';
import { exportEvidence } from './export-evidence.js';
import { verifyExport, type VerifiedExport } from './verify-export.js';

const now = new Date('2026-06-01T00:00:00Z');
const [key, author, boss, root, stranger] = ['ledger', 'author', 'boss', 'root', 'stranger'].map((name) =>
  generateKey(name, 'ed25519'),
) as [SigningKey, SigningKey, SigningKey, SigningKey, SigningKey];

const APPROVAL = 'approval.record';
const kind = {
  id: APPROVAL,
  freshness: 'version',
  rulesetChange: false,
  role: 'approve',
  waivable: [],
  bindsName: true,
};
const kinds: KindCatalog = new Map([[APPROVAL, kind]]);

function trustWith(
  ledgers: readonly { readonly origin: string; readonly key: SigningKey }[],
  until = '2027-01-01T00:00:00Z',
): Trust {
  const window = { notBefore: '2026-01-01T00:00:00Z', notAfter: until };
  const one = (owner: SigningKey, roles: string[]) => ({
    id: owner.name,
    name: owner.name,
    keys: [{ ...publicRecord(owner), roles, ...window }],
  });
  const keepers = ledgers.map(({ key: keeper }) => one(keeper, ['ledger']));
  const principals = [one(author, ['produce:*', 'decide']), one(boss, ['approve', 'revoke']), ...keepers];
  const origins = ledgers.map(({ origin, key: keeper }) => ({ origin, keyid: keeper.keyid }));
  return readTrust(buildTrust({ project: 'p', principals, ledgers: origins, root, now }));
}

const model = sha256('model v1');
const data = sha256('dataset');
const other = sha256('model v2');
const trust = trustWith([{ origin: ORIGIN, key }]);
const auditor = { trust, kinds, now };

const waiver = signStatement(
  buildWaiver(
    {
      requirement: 'r',
      subject: { name: 'm', digest: { sha256: model } },
      accepts: { reason: 'no-predecessor' },
      reason: 'first',
      until: '2026-12-31',
    },
    now,
  ),
  author,
);
const APPROVED = sample(boss, 5, { subject: model, type: evidenceType(APPROVAL) });
/** In the order of the log; those that belong in an export of model and data are marked. */
const LOG: readonly (readonly [envelope: Uint8Array, exported: boolean])[] = [
  [sample(author, 0, { subject: data, type: evidenceType('data.manifest') }), true],
  [sample(author, 1, { subject: model }), true],
  [sample(author, 2, { subject: other }), false],
  [waiver, true],
  [signStatement(buildWaiverApproval(idOf(waiver), now), boss), true],
  [APPROVED, true],
  [sample(boss, 6, { subject: other, type: evidenceType(APPROVAL) }), true],
  [signStatement(buildRevocation({ type: 'key', keyid: sha256('old key') }, 'lost', now), boss), true],
  [sample(stranger, 8, { subject: model }), true],
  [sample(author, 9, { subject: model, predicate: { outcome: 'fail', n: 9 } }), true],
  [sample(author, 10, { subject: model, type: VERDICT_TYPE, predicate: { result: 'pass' } }), true],
  [sample(boss, 11, { subject: idOf(APPROVED) }), true],
  ...samples(author, 100, 5).map((envelope) => [envelope, false] as const),
];
const EXPORTED = [...LOG.entries()].filter(([, [, exported]]) => exported).map(([index]) => index);

let disk: MemoryDisk;
let ledger: Ledger;
let bytes: Uint8Array;

async function ledgerBy(signer: SigningKey, envelopes: readonly Uint8Array[], origin = ORIGIN): Promise<Ledger> {
  disk = new MemoryDisk();
  await disk.makeDirectory('/p');
  const processes = new Town().process(1);
  const opened = await openLedger({ disk, key: signer, packFrom: Infinity, processes, ...places('/p'), origin });
  await opened.append(envelopes);
  return opened;
}

beforeAll(async () => {
  ledger = await ledgerBy(
    key,
    LOG.map(([envelope]) => envelope),
  );
  bytes = await exportEvidence({ ledger, subjects: [model, data], kinds });
});

interface Document {
  schema: string;
  checkpoint: string;
  subjects: string[];
  entries: JsonObject[];
  statements: JsonObject[];
}
type Change = (document: Document) => unknown;

/** The export, changed and put in canonical form again, as somebody who knows the format would. */
function changed(change: Change): Uint8Array {
  const document = JSON.parse(Buffer.from(bytes).toString()) as Document;
  change(document);
  return Buffer.from(canonicalJson({ ...document }));
}

describe('what the ledger exports', () => {
  let verified: VerifiedExport;
  beforeAll(() => {
    verified = verifyExport(bytes, auditor);
  });

  test('verifies, and says as of which checkpoint', () => {
    expect(verified).toMatchObject({
      origin: ORIGIN,
      size: LOG.length,
      root: ledger.root,
      checkpoint: ledger.checkpoint,
    });
    expect(verified.subjects).toEqual([model, data].sort());
    expect(verified.entries).toEqual(ledger.entries());
  });

  test('carries what is about the subjects, what is about that, revocations and all that binds a name', () => {
    const all = [...verified.statements, ...verified.unverified].map(({ index }) => index).sort((a, b) => a - b);
    expect(all).toEqual(EXPORTED);
    expect(verified.statements.map(({ id }) => id)).toEqual(
      EXPORTED.filter((index) => index !== 8).map((index) => idOf(LOG[index]![0])),
    );
  });

  test('a statement by a key that nobody enrolled is told and does not count', () => {
    expect(verified.unverified).toEqual([
      { index: 8, id: idOf(LOG[8]![0]), keyid: stranger.keyid, why: expect.stringContaining('not enrolled') as string },
    ]);
  });

  test('needs every envelope; a ledger that is not there exports nothing', async () => {
    const again = await openLedger({ disk, ...places('/p') });
    await disk.remove(again.statements.pathOf(idOf(LOG[1]![0])));
    await expect(exportEvidence({ ledger: again, subjects: [model], kinds })).rejects.toMatchObject({
      code: 'EXPORT_ENVELOPE',
    });
    await expect(exportEvidence({ ledger: again, subjects: [other], kinds })).resolves.toBeDefined();
    const none = await openLedger({ disk: new MemoryDisk(), ...places('/q') });
    await expect(exportEvidence({ ledger: none, subjects: [model], kinds })).rejects.toMatchObject({
      code: 'EXPORT_EMPTY',
    });
  });
});

describe('what does not verify', () => {
  const refused = (export_: Uint8Array, by: Parameters<typeof verifyExport>[1] = auditor): string => {
    try {
      verifyExport(export_, by);
    } catch (error) {
      if (error instanceof VallumError && error.errorClass === 'unproven') return error.message;
      throw error;
    }
    return 'it verified';
  };

  test('a trust file that enrols another key, another origin, a key whose time is over, or no ledger at all', () => {
    const cases: [Trust, Date][] = [
      [trustWith([{ origin: ORIGIN, key: stranger }]), now],
      [trustWith([{ origin: 'example.org/other', key }]), now],
      [trustWith([]), now],
      [trustWith([{ origin: ORIGIN, key }], '2026-05-01T00:00:00Z'), now],
      [trust, new Date('2030-01-01T00:00:00Z')],
    ];
    for (const [by, at] of cases)
      expect(refused(bytes, { trust: by, kinds, now: at })).toMatch(/checkpoint is not signed|enrols no valid key/);
  });

  test('the same log kept by another key, whose public half lies in the export or not', async () => {
    const forged = await ledgerBy(
      stranger,
      LOG.map(([envelope]) => envelope),
    );
    const export_ = await exportEvidence({ ledger: forged, subjects: [model, data], kinds });
    expect(refused(export_)).toMatch(/not signed by the key of the ledger/);
    const document = JSON.parse(Buffer.from(export_).toString()) as JsonObject;
    expect(refused(Buffer.from(canonicalJson({ ...document, key: 'mine' })))).toMatch(/exactly the fields/);
  });

  test('a statement signed again by another key, by hand or with its entry', () => {
    const again = parseJsonStrict(sample(stranger, 1, { subject: model })) as JsonObject;
    expect(refused(changed(({ statements }) => (statements[1] = { ...statements[1], envelope: again })))).toMatch(
      /not the one/,
    );
    expect(refused(changed(({ entries }) => (entries[1] = { ...entries[1], key: stranger.keyid })))).toMatch(
      /entries are not those/,
    );
  });

  test.each<[string, Change, RegExp]>([
    ['a later failure left out', ({ statements }) => statements.splice(EXPORTED.indexOf(9), 1), /entry 9 was left out/],
    ['a revocation left out', ({ statements }) => statements.splice(EXPORTED.indexOf(7), 1), /entry 7 was left out/],
    [
      'the approval of other bytes left out',
      ({ statements }) => statements.splice(EXPORTED.indexOf(6), 1),
      /entry 6 was left out/,
    ],
    [
      'the approval of the waiver left out',
      ({ statements }) => statements.splice(EXPORTED.indexOf(4), 1),
      /entry 4 was left out/,
    ],
    ['an entry left out', ({ entries }) => entries.pop(), /16 of 17 entries/],
    [
      'two entries exchanged',
      ({ entries }) => ([entries[0], entries[1]] = [entries[1]!, entries[0]!]),
      /entries are not those/,
    ],
    [
      'two statements exchanged',
      ({ statements }) => ([statements[0], statements[1]] = [statements[1]!, statements[0]!]),
      /another order/,
    ],
    ['a statement twice', ({ statements }) => statements.splice(1, 0, statements[0]!), /another order/],
    ['a statement of something else', (document) => (document.subjects = [data]), /do not belong|another order/],
    [
      'the proof of another',
      ({ statements }) => (statements[0] = { ...statements[0]!, proof: statements[1]!['proof']! }),
      /inclusion proof/,
    ],
    [
      'subjects out of order',
      (document) => (document.subjects = [model, data].sort().reverse()),
      /subjects are not in order/,
    ],
    ['a subject twice', (document) => (document.subjects = [data, data]), /subjects are not in order/],
    ['another schema', (document) => (document.schema = 'vallum/export/v2'), /schema/],
    ['a fraction as index', ({ statements }) => (statements[0] = { ...statements[0]!, index: 0.5 }), /index/],
    ['an older checkpoint', (document) => (document.checkpoint = older()), /17 of \d+ entries/],
  ])('%s', (_, change, why) => expect(refused(changed(change))).toMatch(why));

  const older = (): string => signCheckpoint({ origin: ORIGIN, size: 11, root: sha256('x') }, key);

  test('a checkpoint that the key never signed', () => {
    const forged = (document: Document): string => document.checkpoint.replace('\n17\n', '\n16\n');
    const export_ = changed((document) => {
      document.checkpoint = forged(document);
      document.entries.pop();
    });
    expect(refused(export_)).toMatch(/not signed by the key/);
  });

  test('the same document in another form', () => {
    const document = JSON.parse(Buffer.from(bytes).toString()) as JsonObject;
    expect(refused(Buffer.from(JSON.stringify(document, null, 2)))).toMatch(/canonical form/);
    expect(refused(Buffer.from(canonicalJson(document)))).toBe('it verified');
  });

  test('property: no changed byte verifies', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const mutant = Uint8Array.from(bytes);
        mutant[at] = (mutant[at] ?? 0) ^ by;
        expect(refused(mutant)).not.toBe('it verified');
      }),
      { numRuns: 400 },
    );
  });

  test('property: no value changed, removed, doubled or moved in the document verifies', () => {
    const kinds_ = fc.constantFrom('remove', 'double', 'replace', 'exchange');
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), kinds_, fc.jsonValue(), (picks, what, value) => {
        const document = JSON.parse(Buffer.from(bytes).toString()) as JsonValue;
        if (!mutate(document, picks, what, value as JsonValue)) return;
        const mutant = Buffer.from(canonicalJson(document));
        if (!mutant.equals(bytes)) expect(refused(mutant), what).not.toBe('it verified');
      }),
      { numRuns: 400 },
    );
  });

  test('property: any bytes are refused with a typed error', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(anything, (junk) => {
        expect(refused(junk)).not.toBe('it verified');
      }),
    );
  });
});

/** Walks down at random and changes one member of the object or list that it ends in. */
function mutate(value: JsonValue, picks: Iterator<number>, what: string, by: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const pick = (): number => picks.next().value as number;
  const names = Object.keys(value);
  if (names.length === 0) return false;
  const name = names[pick() % names.length] ?? '';
  const holder = value as Record<string, JsonValue>;
  const child = holder[name]!;
  if (typeof child === 'object' && child !== null && pick() % 4 !== 0) return mutate(child, picks, what, by);
  const list = Array.isArray(value) ? (value as JsonValue[]) : undefined;
  const second = names[pick() % names.length] ?? '';
  if (what === 'replace') holder[name] = by;
  else if (what === 'exchange') [holder[name], holder[second]] = [holder[second]!, child];
  else if (list !== undefined) list.splice(Number(name), 1, ...(what === 'double' ? [child, child] : []));
  else if (what === 'remove') delete holder[name];
  else holder[`${name}2`] = child;
  return true;
}
