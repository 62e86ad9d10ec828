// What the library is handed: any JSON at all in the unsigned parts must come back as a report. Real signatures, good and
// broken, are checked where the decisions are (model, sign/identity).
import type { JsonObject, JsonValue } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpointProblem } from './checkpoint.js';
import { KEYLESS_LIMITS, verifyKeyless } from './verify-keyless.js';

const root = Buffer.alloc(32).toString('base64');
const signature = Buffer.alloc(68, 7).toString('base64');
const head = (size = '12', name = 'log.example'): string =>
  `log.example/x\n${size}\n${root}\n\n\u2014 ${name} ${signature}\n`;
const proof = (envelope: JsonValue, treeSize: JsonValue = '12', rootHash: JsonValue = root): JsonObject => ({
  treeSize,
  rootHash,
  checkpoint: { envelope },
});

describe('checkpointProblem', () => {
  it('accepts a signed head that says what the proof says, with extensions and several signatures', () => {
    expect(checkpointProblem(proof(head()))).toBeUndefined();
    expect(checkpointProblem(proof(head(), 12))).toBeUndefined();
    const more = head().replace('\n\n', '\nextension\n\n').concat(`\u2014 witness.example/a ${signature}\n`);
    expect(checkpointProblem(proof(more))).toBeUndefined();
  });

  it.each([
    ['another size', proof(head(), '13')],
    ['another root', proof(head(), '12', signature)],
    ['no root', { treeSize: '12', checkpoint: { envelope: head() } }],
  ])('says that it contradicts the proof: %s', (_, input) => {
    expect(checkpointProblem(input)?.contradicts).toBe(true);
  });

  it.each([
    ['no text', proof(null)],
    ['no checkpoint', { treeSize: '12', rootHash: root }],
    ['an expression for a name', proof(head('12', '((.+)+)+Z'))],
    ['a name with a plus', proof(head('12', 'log+1'))],
    ['no signature', proof(head().split('\u2014')[0] ?? '')],
    ['no last line end', proof(head().slice(0, -1))],
    ['a size that is no number', proof(head('0x12'))],
    ['a size with a leading zero', proof(head('012'))],
    ['too much text', proof(head().replace('\n\n', `\n${'x'.repeat(20_000)}\n\n`))],
    ['too many signatures', proof(head() + `\u2014 w.example ${signature}\n`.repeat(40))],
  ])('refuses %s', (_, input) => {
    expect(checkpointProblem(input)?.contradicts).toBe(false);
  });
});

describe('verifyKeyless', () => {
  const bundle = {
    certificate: Buffer.of(0x30, 0),
    tlogEntries: [{ inclusionProof: { hashes: [], ...proof(head()) } }] as JsonValue,
    timestamps: undefined,
    payload: Buffer.from('{}'),
    payloadType: 'application/vnd.in-toto+json',
    signature: Buffer.from('x'),
  };
  const entries = (count: number): JsonValue =>
    Array.from({ length: count }, () => (bundle.tlogEntries as JsonObject[])[0] ?? {});

  it('says when there is no log entry, and refuses more of anything than it counts', async () => {
    for (const tlogEntries of [undefined, null, []])
      expect(await verifyKeyless({ ...bundle, tlogEntries }, {})).toMatchObject({ failure: 'log-missing' });
    const stamp = { signedTimestamp: 'AAAA' };
    const many = [
      { tlogEntries: entries(KEYLESS_LIMITS.maxLogEntries + 1) },
      { tlogEntries: [{ inclusionProof: { ...proof(head()), hashes: Array<string>(65).fill(root) } }] },
      { timestamps: { rfc3161Timestamps: Array.from({ length: 9 }, () => stamp) } },
      { timestamps: { rfc3161Timestamps: [{ signedTimestamp: 'A'.repeat(100_000) }] } },
    ];
    for (const part of many) {
      const report = await verifyKeyless({ ...bundle, ...part }, {});
      expect(report.ok ? '' : `${report.failure}: ${report.problem}`).toMatch(/^bundle: .*up to/);
    }
  });

  it('answers every JSON with a refusal', async () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;
    const parts = fc.record({
      logId: json,
      kindVersion: json,
      canonicalizedBody: json,
      logIndex: json,
      integratedTime: json,
    });
    const entry = parts.map((rest) => ({ ...rest, inclusionProof: { hashes: [root], ...proof(head()) } }));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(json, fc.array(entry, { minLength: 1, maxLength: 2 })),
        json,
        json,
        async (log, times, trust) => {
          const trustedRoot = typeof trust === 'object' && trust !== null && !Array.isArray(trust) ? trust : {};
          const report = await verifyKeyless(
            { ...bundle, tlogEntries: log, timestamps: times },
            trustedRoot as JsonObject,
          );
          expect(report.ok).toBe(false);
        },
      ),
      { numRuns: 400 },
    );
  });
});
