// The public test vectors of the age format: what has to open opens to the right bytes, everything else fails at the right
// place. Of what the vectors say was released before a failure nothing is asked: a file is read here with its end in view,
// so a last chunk that something follows is refused, where a stream would have released it.
import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { OpenFile } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { AgeIdentity } from './age-file.js';
import { decryptAge } from './age-file.js';
import vectors from './testing/cctv-age.json' with { type: 'json' };
import { parseIdentity } from './x25519.js';

const CODES: Readonly<Record<string, string>> = {
  success: 'success',
  'header failure': 'AGE_HEADER',
  'HMAC failure': 'AGE_MAC',
  'no match': 'AGE_NO_MATCH',
  'payload failure': 'AGE_PAYLOAD',
};

interface Vector {
  readonly expect: string;
  readonly payload: string | undefined;
  readonly identities: readonly AgeIdentity[];
  readonly file: OpenFile;
}

function read(base64: string): Vector {
  const bytes = Buffer.from(base64, 'base64');
  const cut = bytes.indexOf('\n\n');
  const lines = bytes.toString('latin1', 0, cut).split('\n');
  const all = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  const body = bytes.subarray(cut + 2);
  const content = all('compressed').length > 0 ? inflateSync(body) : body;
  return {
    expect: all('expect')[0] ?? '',
    payload: all('payload')[0],
    identities: [
      ...all('identity').map(parseIdentity),
      ...all('passphrase').map((passphrase) => ({ kind: 'passphrase', passphrase }) as const),
    ],
    file: {
      size: content.length,
      read: async (offset, length) => content.subarray(offset, offset + length),
      close: async () => undefined,
    },
  };
}

async function outcomeOf({
  file,
  identities,
}: Vector): Promise<{ readonly outcome: string; readonly payload: string }> {
  const hash = createHash('sha256');
  let outcome = 'success';
  try {
    for await (const piece of decryptAge(file, identities)) hash.update(piece);
  } catch (error) {
    outcome = error instanceof VallumError ? error.code : String(error);
  }
  return { outcome, payload: hash.digest('hex') };
}

describe('the public vectors', () => {
  const named = Object.entries(vectors.vectors);

  it('are all here', () => {
    expect(named.length).toBe(89);
    expect(new Set(named.map(([, base64]) => read(base64).expect))).toEqual(new Set(Object.keys(CODES)));
  });

  it.each(named)('%s', async (_, base64) => {
    const vector = read(base64);
    const { outcome, payload } = await outcomeOf(vector);
    expect(outcome).toBe(CODES[vector.expect]);
    if (outcome === 'success') expect(payload).toBe(vector.payload);
  });
});
