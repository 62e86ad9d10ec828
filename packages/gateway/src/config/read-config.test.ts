// gateway.yaml as people write it wrongly: one table of the change, the line that is named, what is said and what would be right.
import { VallumError } from '@vallum/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGatewayConfig } from './read-config.js';
import { GATEWAY_YAML, lineOf, withChange } from './testing/gateway-yaml.js';

const read = (text: string) => readGatewayConfig(Buffer.from(text), '/etc/vallum');

function refusal(text: string): VallumError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof VallumError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('what is read', () => {
  it('has its defaults, a digest, and a route for every protocol and management path', () => {
    const { settings, routes, digest, folder } = read(GATEWAY_YAML);
    expect(settings.routes[1]).toMatchObject({ limits: { concurrency: 64 }, withoutState: 'closed' });
    expect(settings.upstreams['plain']).toMatchObject({ connections: 64, breaker: { failures: 0.5, minimum: 20 } });
    expect(routes.map(({ id }) => id)).toEqual(['oip/digits', 'oip-grpc/digits', 'administration/0']);
    expect([folder, digest]).toEqual(['/etc/vallum', expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('has the same digest however it is written, and another one for another setting', () => {
    const { digest } = read(GATEWAY_YAML);
    expect(read(`# a comment\n${GATEWAY_YAML}workers: 2\n`.replace('workers: 2\n', '')).digest).toBe(digest);
    expect(read(withChange('maxBytes: 1024', 'maxBytes: 1025')).digest).not.toBe(digest);
  });

  it('lets routes of several models share what a server tells of itself', () => {
    const second = `  - { model: letters, protocol: oip, upstream: plain, serving: { by: nothing, reason: a second model } }\nadministration:\n`;
    const { routes } = read(withChange('administration:\n', second));
    const paths = routes.map(({ operations }) => operations.map(({ method, path }) => `${method} ${path}`));
    expect(paths.filter((all) => all.includes('GET /v2'))).toHaveLength(2);
  });
});

describe('what is misspelt', () => {
  it.each([
    ['workers: 2', 'worker: 2', 'the key "worker" is not known', 'did you mean "workers"?'],
    ['requireClient: false', 'requireclient: false', '"listen.rest.tls.requireclient" is not known', 'requireClient'],
    ['lifetime: 1000', 'lifetme: 1000', 'the key "routes.0.limits.lifetme" is not known', 'lifetime'],
    ['burst: 20', 'bursts: 20', 'the key "routes.0.limits.requests.bursts" is not known', 'burst'],
    ['folder: /models/digits', 'foldr: /models/digits', 'the key "routes.0.serving.foldr" is not known', 'folder'],
    ['failures: 0.5', 'failure: 0.5', 'the key "upstreams.plain.breaker.failure" is not known', 'failures'],
    ['method: POST, path', 'method: POST, pth', 'the key "administration.0.pth" is not known', 'path'],
    ['by: store', 'by: stor', 'the key "routes.0.serving.by": there is no "stor"', 'did you mean "store"?'],
    ['secret: hook.txt', 'secrets: hook.txt', 'the key "events.webhook.secrets" is not known', 'secret'],
  ])('%s as %s', (from, to, what, fix) => {
    const error = refusal(withChange(from, to));
    expect(error).toMatchObject({ code: 'GATEWAY_CONFIG', errorClass: 'usage' });
    expect(error.message).toContain(`gateway.yaml, line ${lineOf(from)}: `);
    expect(error.message).toContain(what);
    expect(error.fix).toContain(fix);
  });
});

describe('what has no such value', () => {
  it.each<[from: string, to: string, what: string, line?: number]>([
    ['schema: vallum/gateway/v1', 'schema: vallum/gateway/v2', '"vallum/gateway/v1"'],
    ['name: edge', 'name: "ed ge"', 'a name has letters'],
    ['name: edge\n', '', 'the key "name" is missing', 1],
    ['"127.0.0.1:8080"', '8080', 'the key "listen.rest.address"'],
    ['"127.0.0.1:8080"', '"::1:8080"', 'IPv6 in brackets'],
    ['workers: 2', 'workers: 0', 'workers'],
    ['workers: 2', 'workers: two', 'expected number'],
    ['algorithms: [ES256]', 'algorithms: [HS256]', 'the key "identity.issuers.0.algorithms.0"'],
    ['algorithms: [ES256]', 'algorithms: [none]', '"identity.issuers.0.algorithms.0"'],
    ['roles: [infer]\n', 'roles: [Infer]\n', 'a role begins with a lower-case letter'],
    [`root: ${'ab'.repeat(32)}`, 'root: abc', '"policy.root"'],
    ['  fast:', '  "fa st":', '"upstreams.fa st": a name has letters'],
    ['"grpc://127.0.0.1:8001"', '"ftp://127.0.0.1"', '"upstreams.fast.url"'],
    ['    upstream: plain\n    versions', '    versions', 'the key "routes.0.upstream" is missing', 29],
    ['limit: 10', 'limit: -10', '"routes.0.limits.requests.limit"'],
    ['limit: 10', 'limit: .inf', 'not finite'],
    ['by: store, ', '', '"routes.0.serving.by": expected one of store, canary, declared, nothing'],
    ['reason: a test of the form', 'reason: why', 'a reason is a sentence'],
    ['  - model: digits\n    protocol: oip\n', '  - digits\n  - protocol: oip\n', '"routes.0"'],
    ['redis://127', 'http://127', '"cluster.redis"'],
  ])('%j as %j', (from, to, what, line = lineOf(from)) => {
    const { code, message } = refusal(withChange(from, to));
    expect([code, message]).toEqual(['GATEWAY_CONFIG', expect.stringContaining(what)]);
    expect(message).toMatch(new RegExp(`line ${line}\\b`));
  });

  it.each([
    ['', 'line 1'],
    ['routes', 'is not a mapping'],
    ['- a\n- b\n', 'is not a mapping'],
    ['a: [1', 'line 1'],
    [`${GATEWAY_YAML}name: again\n`, '"name" stands twice'],
    [`${GATEWAY_YAML}---\n${GATEWAY_YAML}`, 'document'],
    ['x'.repeat(1024 * 1024 + 1), 'bytes'],
  ])('%.20j', (text, what) => {
    expect(refusal(text)).toMatchObject({ code: 'GATEWAY_CONFIG', message: expect.stringContaining(what) as string });
  });
});

describe('any text', () => {
  const lines = GATEWAY_YAML.split('\n');
  const place = fc.nat(lines.length - 1);
  const junk = fc.constantFrom(
    '[',
    '{',
    '}',
    '"',
    '&a',
    '*a',
    '!!js/function x',
    'null',
    '~',
    '-',
    '__proto__: 1',
    '\t',
    '🙂',
    '\0',
  );
  const value = fc.oneof(
    fc.constantFrom('null', '[]', '{}', '-1', '1e400', '99999999999999999999', 'true', '""', '"\\u0000"', '"/../x"'),
    fc.string({ maxLength: 20 }).map((text) => JSON.stringify(text)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  );
  const change = fc.oneof(
    fc.record({ at: place, how: fc.constant((line: string) => line.replace(/: .*/, ':')) }),
    fc.record({ at: place, how: fc.constant(() => '') }),
    fc.record({ at: place, how: junk.map((text) => (line: string) => `${line}${text}`) }),
    fc.record({ at: place, how: junk.map((text) => (line: string) => `${text}${line}`) }),
    fc.record({ at: place, how: value.map((text) => (line: string) => line.replace(/: .*/, () => `: ${text}`)) }),
    fc.record({ at: place, how: place.map((other) => () => lines[other] ?? '') }),
    fc.record({ at: place, how: fc.constant((line: string) => ` ${line}`) }),
  );

  it('is settings, or one typed error that names a line', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const text = [...lines];
        for (const { at, how } of changes) text[at] = how(text[at] ?? '');
        try {
          read(text.join('\n'));
        } catch (error) {
          refused += 1;
          expect(error).toBeInstanceOf(VallumError);
          expect(error).toMatchObject({ code: 'GATEWAY_CONFIG', errorClass: 'usage' });
          const { message, fix = '' } = error as VallumError;
          expect([message, fix]).toEqual([expect.stringMatching(/\bline \d+\b/), expect.stringMatching(/.{5}/)]);
        }
      }),
      { numRuns: 250 },
    );
    expect(refused).toBeGreaterThan(80);
  });
});
