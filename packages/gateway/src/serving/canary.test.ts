// Canaries: who may sign one, what a forged one gets, and a swapped model behind a real server.
import { canonicalJson, parseJsonStrict, sha256 } from '@vallum/core';
import type { JsonObject } from '@vallum/core';
import type { SigningKey } from '@vallum/trust';
import { signStatement } from '@vallum/trust';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Canary, CanaryContent } from './canary.js';
import { buildCanary, readCanary } from './canary.js';
import type { AskedUpstream } from './edge/ask-upstream.js';
import { askUpstream } from './edge/ask-upstream.js';
import { lookAtModel } from './integrity-look.js';
import { replayCanary } from './replay.js';
import type { LoopbackModel } from './testing/models.js';
import { approver, canaryTrust, gateway, serveModel, signer, stranger } from './testing/models.js';

const MODEL = sha256('model');
const NOW = new Date('2026-06-01T12:00:00Z');
const CONTENT: CanaryContent = {
  exchanges: [1, 2].map((x) => ({
    request: { method: 'POST', path: '/v2/models/m/infer', body: { x } },
    answer: { status: 200, body: { id: 0, outputs: [{ name: 'y', data: [3 * x] }] } },
  })),
  tolerance: { absolute: 1e-6, relative: 1e-4 },
  ignore: ['/id'],
  createdAt: '2026-05-01T00:00:00Z',
};
const trust = canaryTrust();

const signed = (key: SigningKey, change: Partial<CanaryContent> = {}): Uint8Array =>
  signStatement(buildCanary('m@v1', MODEL, { ...CONTENT, ...change }), key);
const read = (bytes: Uint8Array, why?: string): Canary => readCanary(bytes, { trust, now: NOW, revoked: () => why });

describe('a canary', () => {
  it.each([
    ['a key that decides', signer],
    ['a key that produces integrity.check', gateway],
  ])('counts when %s signed it', (_, key) => {
    expect(read(signed(key))).toMatchObject({ ...CONTENT, subject: MODEL });
  });

  const refused: readonly (readonly [string, () => Uint8Array, string])[] = [
    ['by a key that nobody enrolled', () => signed(stranger), 'CANARY_SIGNATURE'],
    ['by a key without the role', () => signed(approver), 'CANARY_ROLE'],
    ['before the role began', () => signed(signer, { createdAt: '2025-05-01T00:00:00Z' }), 'CANARY_ROLE'],
    ['after now', () => signed(signer, { createdAt: '2026-07-01T00:00:00Z' }), 'CANARY_ROLE'],
    ['with another signature', () => forged(signed(signer), signed(signer, { ignore: [] })), 'CANARY_SIGNATURE'],
    ['of another type', () => signStatement(otherType(), signer), 'CANARY_TYPE'],
    ['with no exchange', () => signStatement(withPredicate({ exchanges: [] }), signer), 'CANARY_FORM'],
    [
      'with any difference allowed',
      () => signStatement(withPredicate({ tolerance: { absolute: 1e9, relative: 0 } }), signer),
      'CANARY_FORM',
    ],
    ['with everything ignored', () => signStatement(withPredicate({ ignore: [''] }), signer), 'CANARY_FORM'],
    [
      'that asks another server',
      () =>
        signStatement(
          withPredicate({
            exchanges: [{ ...CONTENT.exchanges[0], request: { method: 'GET', path: '//evil.example/' } }],
          }),
          signer,
        ),
      'CANARY_FORM',
    ],
  ];
  it.each(refused)('is refused %s', (_, bytes, code) => {
    expect(() => read(bytes())).toThrow(expect.objectContaining({ code, errorClass: 'unproven' }));
  });

  it('is refused when it was revoked, and with any one byte changed', () => {
    expect(() => read(signed(signer), 'leaked')).toThrow(expect.objectContaining({ code: 'CANARY_REVOKED' }));
    const bytes = signed(signer);
    for (let at = 0; at < bytes.length; at += 11) {
      const changed = Uint8Array.from(bytes);
      changed[at] = changed[at]! ^ 1;
      expect(() => read(changed)).toThrow(expect.objectContaining({ name: 'VallumError' }));
    }
  });
});

/** The payload of one envelope under the signature of another. */
function forged(signature: Uint8Array, payload: Uint8Array): Uint8Array {
  const [a, b] = [signature, payload].map((bytes) => parseJsonStrict(bytes) as JsonObject) as [JsonObject, JsonObject];
  return Buffer.from(canonicalJson({ ...b, signatures: a['signatures']! }));
}
function withPredicate(change: object): ReturnType<typeof buildCanary> {
  const statement = buildCanary('m@v1', MODEL, CONTENT);
  return { ...statement, predicate: { ...statement.predicate, ...change } };
}
function otherType(): ReturnType<typeof buildCanary> {
  return { ...buildCanary('m@v1', MODEL, CONTENT), predicateType: 'urn:vallum:verdict:v1' };
}

describe('replayed at a server', () => {
  let model: LoopbackModel;
  let upstream: AskedUpstream;
  const canary = read(signed(signer));

  beforeEach(async () => {
    model = await serveModel(3);
    upstream = askUpstream({ url: model.url, timeoutMs: 5_000 });
  });
  afterEach(async () => {
    await upstream.close();
    await model.close();
  });

  it('matches the approved model, within its tolerance', async () => {
    expect(await replayCanary(canary, MODEL, upstream.ask)).toEqual({ kind: 'match', subject: MODEL });
    model.weight = 3.0001;
    expect(await replayCanary(canary, MODEL, upstream.ask)).toMatchObject({ kind: 'match' });
    expect(model.asked).toEqual(Array(4).fill('POST /v2/models/m/infer'));
  });

  it('finds a swapped model', async () => {
    model.weight = 2.9;
    expect(await replayCanary(canary, MODEL, upstream.ask)).toEqual({
      kind: 'mismatch',
      reason: "answer 1 of the canary differs from the approved model's at /outputs/0/data/0",
    });
  });

  it.each([404, 302, 201])('finds a server that answers %i', async (status) => {
    model.status = status;
    expect(await replayCanary(canary, MODEL, upstream.ask)).toMatchObject({ kind: 'mismatch' });
    expect(model.asked).toHaveLength(1);
  });

  it.each([408, 429, 500, 503])('tells a server that is busy with %i from a swapped one', async (status) => {
    model.status = status;
    expect(await replayCanary(canary, MODEL, upstream.ask)).toEqual({
      kind: 'unanswered',
      reason: `the upstream answered ${status}`,
    });
  });

  it('tells a server that is gone from a swapped one', async () => {
    await model.close();
    expect(await replayCanary(canary, MODEL, upstream.ask)).toMatchObject({ kind: 'unanswered' });
  });

  it('asks nothing with a canary of another model, or one that does not count', async () => {
    const source = { by: 'canary' as const, ask: upstream.ask };
    const pass = {
      kind: 'pass' as const,
      statement: MODEL,
      subject: sha256('other'),
      decidedAt: '',
      validUntil: null,
      size: 0,
    };
    expect(await lookAtModel({ ...source, canary: async () => canary }, pass)).toMatchObject({ kind: 'unreadable' });
    const broken = async (): Promise<Canary> => read(signed(stranger));
    expect(await lookAtModel({ ...source, canary: broken }, pass)).toEqual({
      kind: 'unreadable',
      reason: 'the canary does not count: no enrolled key signed the canary',
    });
    expect(model.asked).toEqual([]);
  });

  it('reads no endless answer', async () => {
    const endless = { ...canary, exchanges: [canary.exchanges[0]!] };
    const { createServer } = await import('node:http');
    const server = createServer((_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536, '1')));
      };
      response.on('drain', more);
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const asked = askUpstream({ url: `http://127.0.0.1:${port}`, timeoutMs: 20_000 });
    try {
      expect(await replayCanary(endless, MODEL, asked.ask)).toMatchObject({
        kind: 'unanswered',
        reason: expect.stringContaining('more than 1048576 bytes') as string,
      });
    } finally {
      await asked.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('takes no other scheme', () => {
    for (const url of ['file:///etc/passwd', 'grpc://127.0.0.1:1', 'nonsense'])
      expect(() => askUpstream({ url, timeoutMs: 1 })).toThrow(expect.objectContaining({ code: 'CANARY_UPSTREAM' }));
  });
});
