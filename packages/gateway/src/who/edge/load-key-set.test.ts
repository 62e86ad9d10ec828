// Key sets from a real server on this machine, from files, and from servers that mean harm.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '@vallum/core';
import { afterEach, describe, expect, it } from 'vitest';
import { issuerSettings, jwkOf, keySetBytes, makeSigner } from '../testing/issuer.js';
import { MAX_KEY_SET_BYTES } from '../token/key-set.js';
import { keySetUrl } from '../token/key-set-place.js';
import { KeySource } from '../token/key-source.js';
import { keySetLoader } from './load-key-set.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
}

const load = keySetLoader({ disk: nodeDisk, folder: '/', timeoutMs: 500 });
const refused = (why: RegExp): unknown =>
  expect.objectContaining({ code: 'GATEWAY_JWKS', message: expect.stringMatching(why) as string });

describe('a place of keys', () => {
  it.each(['https://issuer.example.com/keys', 'http://127.0.0.1:8080/keys', 'http://[::1]/keys', 'http://localhost/k'])(
    '%s is asked',
    (place) => {
      expect(keySetUrl(place)?.href).toBe(place);
    },
  );
  it.each(['keys.json', '/etc/keys.json', './a:b'])('%s is a file', (place) => {
    expect(keySetUrl(place)).toBeUndefined();
  });
  it.each([
    'http://issuer.example.com/keys',
    'http://127.0.0.1.evil.example/',
    'ftp://x/',
    'https://a:b@x/',
    'file:///x',
    'https://',
  ])('%s is refused', (place) => {
    expect(() => keySetUrl(place)).toThrow(refused(/is not a place/));
  });
});

describe('keys of a server', () => {
  it('are read, and read again by the source that uses them', async () => {
    const [k1, k2] = [makeSigner('k1', 'ES256'), makeSigner('k2', 'RS256')];
    let keys = [k1];
    const jwks = await serve((_, response) => response.end(keySetBytes(keys.map((one) => jwkOf(one)))));
    let now = Date.parse('2026-06-01T00:00:00Z');
    const troubles: string[] = [];
    const source = new KeySource({
      settings: issuerSettings({ jwks, staleSeconds: 0 }),
      load,
      clock: () => new Date(now),
      onTrouble: ({ state, reason }) => troubles.push(`${state}: ${reason}`),
    });
    expect(await source.find('k1', now)).toMatchObject({ kid: 'k1' });
    keys = [k2];
    now += 10_000;
    expect(await source.find('k2', now)).toMatchObject({ kid: 'k2' });
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
    now += 301_000;
    expect(await source.find('k2', now)).toMatchObject({ code: 'unavailable' });
    expect(troubles.some((line) => line.startsWith('unreachable: no keys from http://127.0.0.1'))).toBe(true);
  });

  it.each<readonly [string, RequestListener, RegExp]>([
    ['that answers 404', (_, response) => response.writeHead(404).end('{}'), /answers 404/],
    ['that sends elsewhere', (_, response) => response.writeHead(302, { location: '/other' }).end(), /redirect/],
    [
      'that sends too much',
      (_, response) => response.end(Buffer.alloc(MAX_KEY_SET_BYTES + 1)),
      /more than 262144 bytes/,
    ],
    ['that hangs up', (request) => request.socket.destroy(), /no keys from/],
    ['that never answers', () => undefined, /no whole answer in 500 ms/],
    ['that never ends', (_, response) => response.write('{'), /no whole answer in 500 ms/],
  ])('%s are none', async (_, listener, why) => {
    const url = await serve(listener);
    await expect(load(url)).rejects.toThrow(refused(why));
  });

  it('compressed into a bomb are none', async () => {
    const { gzipSync } = await import('node:zlib');
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const url = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    await expect(load(url)).rejects.toThrow(refused(/more than 262144 bytes/));
  });
});

describe('keys of a file', () => {
  it('are read from the folder of the settings, within their size', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vallum-jwks-'));
    try {
      const bytes = keySetBytes([jwkOf(makeSigner('k1', 'EdDSA'))]);
      writeFileSync(join(folder, 'keys.json'), bytes);
      writeFileSync(join(folder, 'large.json'), Buffer.alloc(MAX_KEY_SET_BYTES + 1));
      const fromFolder = keySetLoader({ disk: nodeDisk, folder });
      expect(Buffer.from(await fromFolder('keys.json'))).toEqual(bytes);
      await expect(fromFolder('large.json')).rejects.toThrow(expect.objectContaining({ code: 'DISK_TOO_LARGE' }));
      await expect(fromFolder('none.json')).rejects.toThrow(expect.objectContaining({ code: 'DISK_READ' }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
