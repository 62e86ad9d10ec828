// Look-alikes of an allowed origin, and a property: what is admitted leads, for a browser's own URL parser, to the same
// scheme, host and folder as what was allowed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedFor, allowedProblem, isBelow, originProblem } from './origin.js';

const ALLOWED = 'https://models.example.org/bert/';

function admits(origin: string, allowed = ALLOWED): boolean {
  return originProblem(origin) === undefined && isBelow(origin, allowed);
}

describe('an allowed origin', () => {
  it.each([ALLOWED, 'https://models.example.org/bert', `${ALLOWED}base-uncased`, `${ALLOWED}a/b.c/d_e~1+2=3@4,5/`])(
    'admits %s',
    (origin) => {
      expect(admits(origin)).toBe(true);
    },
  );

  const lookAlikes: readonly (readonly [string, string])[] = [
    ['a name that goes on', 'https://models.example.org/bert-evil'],
    ['a folder above', 'https://models.example.org/'],
    ['a host that goes on', 'https://models.example.org.evil.example/bert/'],
    ['a host before it', 'https://evil-models.example.org/bert/'],
    ['a user that looks like the host', 'https://models.example.org@evil.example/bert/'],
    ['a user with a password', 'https://models.example.org:443@evil.example/bert/'],
    ['a letter of another alphabet', 'https://m\u043edels.example.org/bert/'],
    ['full-width letters', 'https://\uff4dodels.example.org/bert/'],
    ['an invisible letter', 'https://models.example.org\u200b/bert/'],
    ['a trailing dot', 'https://models.example.org./bert/'],
    ['upper case in the host', 'https://Models.example.org/bert/'],
    ['upper case in the scheme', 'HTTPS://models.example.org/bert/'],
    ['upper case in the path', 'https://models.example.org/BERT/'],
    ['http', 'http://models.example.org/bert/'],
    ['another scheme', 'file:///models.example.org/bert/'],
    ['a default port', 'https://models.example.org:443/bert/'],
    ['another port', 'https://models.example.org:8443/bert/'],
    ['an empty port', 'https://models.example.org:/bert/'],
    ['a percent escape', 'https://models.example.org/%62ert/'],
    ['an escaped way out', 'https://models.example.org/bert/%2e%2e/evil'],
    ['a way out', 'https://models.example.org/bert/../evil'],
    ['a dot segment', 'https://models.example.org/./bert/'],
    ['two slashes', 'https://models.example.org//bert/'],
    ['a backslash', 'https://models.example.org\\bert/'],
    ['a backslash before the host', 'https:/\\evil.example/models.example.org/bert/'],
    ['a query', 'https://models.example.org/bert/?x=1'],
    ['a fragment', 'https://models.example.org/bert/#x'],
    ['white space before', ' https://models.example.org/bert/'],
    ['a tab inside', 'https://models.exam\tple.org/bert/'],
    ['a line break after', 'https://models.example.org/bert/\n'],
    ['no scheme', 'models.example.org/bert/'],
    ['no path', 'https://models.example.org'],
    ['no host', 'https:///bert/'],
    ['an IPv6 host', 'https://[::1]/bert/'],
    ['too long a text', `${ALLOWED}${'x'.repeat(1000)}`],
    ['a sentence', 'made up for tests'],
    ['nothing', ''],
  ];
  it.each(lookAlikes)('does not admit %s', (_, origin) => {
    expect(admits(origin)).toBe(false);
  });

  it('has a port of its own, where it has one', () => {
    const allowed = 'https://models.example.org:8443/';
    expect([
      admits('https://models.example.org:8443/x', allowed),
      admits('https://models.example.org/x', allowed),
    ]).toEqual([true, false]);
    for (const port of ['0', '08443', '65536', '443', '8443x', '-1'])
      expect(originProblem(`https://models.example.org:${port}/`)).toMatch(/port/);
  });

  it('admits only what a URL parser finds below it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...[
          'https',
          'http',
          ':',
          '//',
          '/',
          '\\',
          '@',
          '.',
          '..',
          '%2e',
          '%2F',
          '?',
          '#',
          ':443',
          ':8443',
          '\t',
          '\u3002',
        ],
        ...['models.example.org', 'evil.example', 'bert', 'base', '\u0430', 'BERT', 'xn--e1afmkfd', ' '],
      ),
      fc.string({ maxLength: 2 }),
    );
    const spliced = fc
      .tuple(fc.nat(ALLOWED.length), fc.nat(3), fc.array(piece, { maxLength: 3 }))
      .map(([at, removed, pieces]) => `${ALLOWED.slice(0, at)}${pieces.join('')}${ALLOWED.slice(at + removed)}`);
    const below = fc.array(piece, { maxLength: 4 }).map((pieces) => `${ALLOWED}${pieces.join('')}`);
    const { protocol, host, pathname } = new URL(ALLOWED);
    let admitted = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          spliced,
          below,
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (origin) => {
          if (!admits(origin)) return;
          admitted += 1;
          const url = new URL(origin);
          expect([url.protocol, url.host, url.username, url.search, url.hash]).toEqual([protocol, host, '', '', '']);
          expect(`${url.pathname}/`.startsWith(pathname)).toBe(true);
          // Byte for byte what was written: nothing was normalised on the way.
          expect(url.href).toBe(origin);
        },
      ),
      { numRuns: 5000 },
    );
    expect(admitted).toBeGreaterThan(50);
  });
});

describe('allowedFor', () => {
  it('takes the most specific', () => {
    const allowed = [
      { origin: 'https://a.example/' },
      { origin: 'https://a.example/x' },
      { origin: 'https://b.example/' },
    ];
    expect(allowedFor('https://a.example/x/y', allowed)).toBe(allowed[1]);
    expect(allowedFor('https://a.example/xy', allowed)).toBe(allowed[0]);
    expect(allowedFor('https://c.example/', allowed)).toBeUndefined();
  });
});

describe('allowedProblem', () => {
  const problem = (...origins: readonly string[]): number | undefined =>
    allowedProblem(origins.map((origin) => ({ origin })))?.at;

  it('finds a place that is allowed twice, however it is written, and one that is not plain', () => {
    expect(problem('https://a.example/x', 'https://b.example/', 'https://a.example/x/')).toBe(2);
    expect(problem('https://a.example/x/', 'https://a.example/x')).toBe(1);
    expect(problem('https://a.example/x', 'https://a.example/x')).toBe(1);
    expect(problem('https://a.example/', 'http://a.example/')).toBe(1);
  });

  it('leaves places below each other and beside each other alone', () => {
    expect(problem('https://a.example/', 'https://a.example/x', 'https://a.example/xy', 'https://a.example/X')).toBe(
      undefined,
    );
  });
});
