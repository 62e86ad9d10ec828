// Files that gateway.yaml names: what is missing, expired, or does not belong together is said before a door opens.
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGatewayConfig } from '../../config/read-config.js';
import { rangesBytes } from '../../guard/learn/read-ranges.js';
import { authority, hasOpenssl } from '../grpc/testing/authority.js';
import type { Authority } from '../grpc/testing/authority.js';
import { readNamedFiles } from './named-files.js';

const DAY_MS = 86_400_000;
const sha = 'ab'.repeat(32) as never;
let folder = '';
const put = (name: string, text: string | Uint8Array): void => writeFileSync(join(folder, name), text);
const code = (expected: string, message: RegExp): unknown =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) as string });

function read(change: object, now = Date.now()): ReturnType<typeof readNamedFiles> {
  const settings = {
    schema: 'vallum/gateway/v1',
    name: 'edge',
    listen: { rest: { address: '127.0.0.1:0' } },
    identity: { keys: 'keys.json' },
    upstreams: { models: { url: 'http://127.0.0.1:9' } },
    routes: [
      { model: 'm', protocol: 'oip', upstream: 'models', serving: { by: 'nothing', reason: 'a test of files' } },
    ],
    ...change,
  };
  return readNamedFiles(readGatewayConfig(Buffer.from(JSON.stringify(settings)), folder), now);
}

const upstream = (more: object): object => ({ upstreams: { models: { url: 'http://127.0.0.1:9', ...more } } });
const learned = (file: string): object => ({
  routes: [
    {
      model: 'm',
      protocol: 'oip',
      upstream: 'models',
      serving: { by: 'nothing', reason: 'a test of files' },
      input: { learned: file },
    },
  ],
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vallum-named-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('files of upstreams, of the cluster and of training data', () => {
  it('are read, also through a link, as secrets are mounted', () => {
    const tensor = { elements: 4, minimum: 0, maximum: 1 };
    const head = { schema: 'vallum/gateway-ranges/v1', rows: 9, margin: 0.1 } as const;
    put('ranges.json', rangesBytes({ ...head, source: { kind: 'table', sha256: sha }, tensor }));
    put('token.txt', 'abc.def\n');
    symlinkSync(join(folder, 'token.txt'), join(folder, 'link.txt'));
    expect(Object.keys(read({ ...upstream({ token: 'link.txt' }), ...learned('ranges.json') }))).toEqual([
      'ranges.json',
    ]);
  });

  it.each<[string, object, unknown]>([
    ['no token', upstream({ token: 'none.txt' }), code('GATEWAY_FILE', /names none\.txt.*it is not there/)],
    ['a folder', upstream({ token: '.' }), code('GATEWAY_FILE', /it is no file/)],
    ['an empty token', upstream({ token: 'empty.txt' }), code('GATEWAY_FILE', /holds no token/)],
    ['a header in a token', upstream({ token: 'two.txt' }), code('GATEWAY_FILE', /holds no token/)],
    ['a huge token', upstream({ token: 'huge.txt' }), code('GATEWAY_FILE', /more than 65536 bytes/)],
    ['no authorities', upstream({ authorities: 'none.pem' }), code('GATEWAY_FILE', /none\.pem/)],
    ['empty authorities', upstream({ authorities: 'empty.txt' }), code('GATEWAY_CERTIFICATE', /holds no certificate/)],
    ['no password', { cluster: { redis: 'redis://127.0.0.1', password: 'none' } }, code('GATEWAY_FILE', /none/)],
    ['no ranges', learned('none.json'), code('GATEWAY_FILE', /none\.json/)],
    ['ranges that are no JSON', learned('two.txt'), code('JSON_INVALID', /^two\.txt: /)],
    ['ranges of another form', learned('other.json'), code('RANGES_INVALID', /^other\.json: .*another form/)],
  ])('%s', (_, change, error) => {
    put('empty.txt', '');
    put('two.txt', 'a\r\nx-more: b');
    put('other.json', '{}');
    put('huge.txt', '');
    truncateSync(join(folder, 'huge.txt'), 65_537);
    expect(() => read(change)).toThrow(error);
  });
});

describe.skipIf(!hasOpenssl)('the certificate of a listener', () => {
  let own: Authority;
  const tls = (more: object = {}): object => ({
    listen: { rest: { address: '127.0.0.1:0', tls: { certificate: 'a.pem', key: 'a.key', ...more } } },
  });

  beforeAll(() => {
    own = authority();
    for (const name of ['a', 'b']) {
      const { certificate, key } = own.issue('localhost', 'DNS:localhost');
      put(`${name}.pem`, certificate);
      put(`${name}.key`, key);
    }
    put('ca.pem', own.certificate);
    put('chain.pem', `# of the test\n${own.issue('x', 'DNS:x').certificate}${own.certificate}`);
  });
  afterAll(() => own.end());

  it('counts while it counts', () => {
    expect(read(tls({ clientAuthorities: 'ca.pem' }))).toEqual({});
    expect(read(tls({ clientAuthorities: 'chain.pem' }))).toEqual({});
  });

  it.each<[string, object, number, unknown]>([
    ['has expired', {}, 3 * DAY_MS, code('GATEWAY_CERTIFICATE', /^a\.pem expired at 20\d\d-/)],
    ['does not count yet', {}, -3 * DAY_MS, code('GATEWAY_CERTIFICATE', /^a\.pem does not count before 20\d\d-/)],
    ['has another key', { key: 'b.key' }, 0, code('GATEWAY_CERTIFICATE', /^b\.key is not the key of a\.pem/)],
    ['has no key', { key: 'a.pem' }, 0, code('GATEWAY_CERTIFICATE', /^a\.pem holds no private key/)],
    ['is a key', { certificate: 'a.key' }, 0, code('GATEWAY_CERTIFICATE', /^a\.key holds no certificate/)],
    ['has no authorities', { clientAuthorities: 'a.key' }, 0, code('GATEWAY_CERTIFICATE', /^a\.key holds no/)],
  ])('%s', (_, more, later, error) => {
    expect(() => read(tls(more), Date.now() + later)).toThrow(error);
  });
});
