// What each key allows by itself and all of them together do not: every contradiction names its line, and what would be right.
import { VallumError } from '@vallum/core';
import { describe, expect, it } from 'vitest';
import { readGatewayConfig } from './read-config.js';
import { GATEWAY_YAML, lineOf, withChange } from './testing/gateway-yaml.js';

function refusal(text: string): VallumError {
  try {
    readGatewayConfig(Buffer.from(text), '/etc/vallum');
  } catch (error) {
    if (error instanceof VallumError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const IDENTITY = GATEWAY_YAML.slice(GATEWAY_YAML.indexOf('identity:'), GATEWAY_YAML.indexOf('policy:'));
const LISTEN = GATEWAY_YAML.slice(GATEWAY_YAML.indexOf('listen:'), GATEWAY_YAML.indexOf('operator:'));
const GRPC = '  grpc: { address: "[::1]:8081" }\n';
const TLS = '    tls: { certificate: tls.crt, key: tls.key, clientAuthorities: ca.crt, requireClient: false }\n';
const OTHER_ISSUER = '    - { issuer: https://issuer.example, audience: b, algorithms: [RS256], jwks: keys.json }\n';
const SECOND =
  '  - { model: digits, protocol: oip, upstream: plain, serving: { by: nothing, reason: the same once more } }\n';

describe('listeners', () => {
  it.each([
    [LISTEN, 'listen: {}\n', 'there is no listener', 'listen.rest or listen.grpc'],
    ['127.0.0.1:8080', '0.0.0.0:8080', '', ''],
    [TLS, '', '', ''],
    ['[::1]:8081', '[::]:8081', 'keys would cross the network in the clear', 'listen.grpc tls'],
    ['[::1]:8081', 'models.example:8081', 'keys would cross the network in the clear', 'listen.grpc tls'],
    ['[::1]:8081', '[::1]:65536', 'there is no port 65536', '65535'],
    ['127.0.0.1:9464', '0.0.0.0:9464', 'open to everybody', 'loopback'],
    ['127.0.0.1:9464', '127.0.0.1:8080', 'two listeners have the address 127.0.0.1:8080', 'a port of its own'],
    [
      'clientAuthorities: ca.crt, requireClient: false',
      'requireClient: true',
      'no authority of them is named',
      'clientAuthorities',
    ],
  ])('%j as %j', (from, to, what, fix) => {
    const text = withChange(from, to);
    if (what !== '') return expectRefusal(text, from, what, fix);
    // With TLS an address may be open; without client certificates nobody can be named by one.
    if (from === TLS) return expectRefusal(text, 'certificates:', 'no listener asks for them', 'clientAuthorities', -1);
    expect(readGatewayConfig(Buffer.from(text), '/').settings.listen.rest?.address).toBe(to);
  });

  it('may all ask for a free port', () => {
    const text = GATEWAY_YAML.replace('127.0.0.1:8080', '127.0.0.1:0').replace('127.0.0.1:9464', '127.0.0.1:0');
    expect(readGatewayConfig(Buffer.from(text), '/').settings.operator.address).toBe('127.0.0.1:0');
  });
});

describe('identity', () => {
  it.each<[from: string, to: string, what: string, fix: string, below?: number]>([
    [IDENTITY, 'identity: {}\n', 'nobody can prove who they are', 'a file of keys'],
    ['"URI:spiffe://acme/web"', 'web', '"web" is not a whole name', 'URI:spiffe'],
    [
      'roles: [infer]\n  certificates:\n',
      `roles: [infer]\n${OTHER_ISSUER}  certificates:\n`,
      'stands twice',
      'once',
      1,
    ],
    ['jwks: https://', 'jwks: http://', 'is not a place for the keys of an issuer', 'https URL'],
  ])('%j as %j', (from, to, what, fix, below = 0) => {
    expectRefusal(withChange(from, to), from, what, fix, below);
  });

  it('has each certificate once', () => {
    const line = '    - { name: "URI:spiffe://acme/web", principal: web, roles: [infer], group: acme }\n';
    expectRefusal(withChange(line, line + line), line, 'stands twice', 'once', 1);
  });
});

describe('upstreams', () => {
  it.each([
    ['upstream: plain\n    versions', 'upstream: plan\n    versions', '"plan" is not under upstreams', '"plain"'],
    ['{ upstream: plain, method', '{ upstream: plian, method', '"plian" is not under upstreams', '"plain"'],
    ['upstream: plain\n    versions', 'upstream: toString\n    versions', '"toString" is not under', ''],
    ['upstream: fast', 'upstream: plain', 'oip-grpc cannot be spoken with http://', 'grpc://'],
    ['upstream: plain\n    versions', 'upstream: fast\n    versions', 'oip cannot be spoken with grpc://', 'http://'],
    ['{ upstream: plain, method', '{ upstream: fast, method', 'cannot be asked of grpc://', 'http://'],
    ['"http://127.0.0.1:8000"', '"http://user:word@127.0.0.1"', 'without user, query or fragment', 'token'],
    ['"http://127.0.0.1:8000"', '"http://127.0.0.1/?key=1"', 'without user, query or fragment', 'token'],
  ])('%j as %j', (from, to, what, fix) => {
    expectRefusal(withChange(from, to), from, what, fix);
  });
});

describe('routes', () => {
  it.each<[from: string, to: string, what: string, fix: string, at?: string, below?: number]>([
    [GRPC, '', 'there is no listener for oip-grpc', 'listen.grpc', 'protocol: oip-grpc', -1],
    ['versions: ["1"]', 'prefix: /a/../b', 'no request can have the path "/a/../b/v2', 'segments'],
    ['versions: ["1"]', 'prefix: /a b', 'no request can have the path', 'segments'],
    ['versions: ["1"]', 'prefix: "/a%2fb"', 'no request can have the path', 'segments'],
    ['versions: ["1"]', 'upstreamPrefix: "/a?b="', 'is not a path that can be asked', 'query'],
    ['versions: ["1"]', 'upstreamPrefix: "/a b"', 'is not a path that can be asked', 'query'],
    ['versions: ["1"]', 'upstreamPrefix: "/a\\r\\nx: y"', 'is not a path that can be asked', 'query'],
    ['path: /v2/repository/index', 'path: /v2/repository/index/', 'no request can have the path', 'segments'],
    ['path: /v2/repository/index', 'path: /v2/models/digits/infer', 'belongs to oip/digits already', ''],
    ['minimum: 0, maximum: 1', 'minimum: 1, maximum: 0', 'no number is at least 1 and at most 0', 'smaller'],
    ['maximum: 1 }', 'maximum: 1 }, { name: x, minimum: 2 }', 'the tensor "x" stands twice', 'one place'],
    ['administration:\n', `${SECOND}administration:\n`, 'belongs to oip/digits already', 'another model or prefix'],
  ])('%j as %j', (from, to, what, fix, at = from, below = 0) => {
    expectRefusal(withChange(from, to), at, what, fix, below);
  });

  it('give each worker at least one request at once', () => {
    const text = withChange('lifetime: 1000', 'concurrency: 2');
    const read = (workers: number) => readGatewayConfig(Buffer.from(text), '/srv', workers);
    expect(read(2).settings.workers).toBe(2);
    expect(read(2).digest).toBe(read(1).digest);
    expect(() => read(3)).toThrow(/line \d+: 2 requests at once cannot be shared by 3 workers/);
  });

  it('cannot ask a canary of an upstream that speaks gRPC', () => {
    const canary = '{ by: canary, project: ../digits, version: v1, canary: canary.json }';
    const from = '{ by: nothing, reason: a test of the form }';
    expectRefusal(withChange(from, canary), from, 'speaks gRPC', 'by: store');
  });

  it('of management need a listener for REST', () => {
    const text = GATEWAY_YAML.replace(/ {2}rest:\n(?: {4}.*\n)*/, '')
      .replace(/ {2}- model: digits\n {4}protocol: oip\n(?: {4}.*\n)*/, '')
      .replace(/ {2}certificates:\n.*\n/, '');
    expect(refusal(text).message).toMatch(/^gateway\.yaml, line \d+: management paths are asked over REST/);
  });
});

/** @param below lines further down than the piece that was replaced */
function expectRefusal(text: string, piece: string, what: string, fix: string, below = 0): void {
  const { code, message, fix: told = '' } = refusal(text);
  expect([code, message, told]).toEqual([
    'GATEWAY_CONFIG',
    expect.stringContaining(what),
    expect.stringContaining(fix),
  ]);
  expect(message).toContain(`gateway.yaml, line ${lineOf(piece) + below}: `);
}
