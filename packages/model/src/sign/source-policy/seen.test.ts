// The rule about names that change hands, case by case.
import { sha256 } from '@vallum/core';
import type { JsonObject } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claimed, SeenSource } from './seen.js';
import { conflictOf, readSeenSources } from './seen.js';

const [A, B, C] = [sha256('a'), sha256('b'), sha256('c')];
const [FIRST, SECOND] = [sha256('first'), sha256('second')];

const seen = (digest = A, signer: string | undefined = 'alice', statement = FIRST): SeenSource => ({
  kind: 'base',
  name: 'bert',
  digest,
  statement,
  ...(signer === undefined ? {} : { signer }),
});
const claimed = (change: Partial<Claimed> = {}): Claimed => ({
  kind: 'base',
  name: 'bert',
  digest: A,
  signer: 'alice',
  replaces: undefined,
  ...change,
});
const unsigned: SeenSource = { kind: 'base', name: 'bert', digest: A, statement: FIRST };

describe('conflictOf', () => {
  const rows: readonly (readonly [string, Claimed, readonly SeenSource[], SeenSource | undefined])[] = [
    ['a new name', claimed(), [], undefined],
    ['the same again', claimed(), [seen()], undefined],
    ['another digest', claimed({ digest: B }), [seen()], seen()],
    ['another signer', claimed({ signer: 'mallory' }), [seen()], seen()],
    ['a signer that is gone', claimed({ signer: undefined }), [seen()], seen()],
    ['a signer where there was none', claimed(), [unsigned], undefined],
    [
      'a signer that is lost again',
      claimed({ signer: undefined }),
      [unsigned, seen(A, 'alice', SECOND)],
      seen(A, 'alice', SECOND),
    ],
    [
      'another signer after it',
      claimed({ signer: 'eve' }),
      [unsigned, seen(A, 'alice', SECOND)],
      seen(A, 'alice', SECOND),
    ],
    ['the signer that came later', claimed(), [unsigned, seen(A, 'alice', SECOND)], undefined],
    [
      'no signer, where its loss was meant',
      claimed({ signer: undefined }),
      [seen(), { ...unsigned, statement: SECOND }],
      undefined,
    ],
    ['no signer for other bytes', claimed({ signer: undefined }), [unsigned, seen(B, 'alice', SECOND)], undefined],
    ['another kind of the same name', claimed({ kind: 'feed', digest: B }), [seen()], undefined],
    ['another name', claimed({ name: 'gpt', digest: B }), [seen()], undefined],
    ['a change that is said', claimed({ digest: B, replaces: FIRST }), [seen()], undefined],
    [
      'a change of something older',
      claimed({ digest: C, replaces: FIRST }),
      [seen(), seen(B, 'alice', SECOND)],
      seen(B, 'alice', SECOND),
    ],
    ['an older version with its own base', claimed(), [seen(), seen(B, 'alice', SECOND)], undefined],
    [
      'the digest of one and the signer of another',
      claimed({ signer: 'bob' }),
      [seen(), seen(B, 'bob', SECOND)],
      seen(B, 'bob', SECOND),
    ],
  ];
  it.each(rows)('%s', (_, claim, records, expected) => {
    expect(conflictOf(claim, records)).toEqual(expected);
  });
});

describe('readSeenSources', () => {
  it('reads what the control writes, and leaves out what is malformed', () => {
    const parameters: JsonObject = {
      sources: [
        { kind: 'base', name: 'bert', digest: A, signer: 'alice', origin: 'https://a.example/' },
        { kind: 'feed', name: 'mails', digest: B, signer: null },
        { kind: 'feed', name: 'unpinned', digest: null },
        { kind: 'other', name: 'x', digest: A },
        { kind: 'feed', digest: A },
        'x',
      ],
    };
    expect(readSeenSources(parameters, FIRST)).toEqual([
      seen(),
      { kind: 'feed', name: 'mails', digest: B, statement: FIRST },
    ]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => Array.isArray(readSeenSources({ sources: value } as JsonObject, FIRST))),
    );
  });
});
