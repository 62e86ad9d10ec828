import { expect, it } from 'vitest';
import { checkFraming } from './framing.js';

const codeOf = (headers: Record<string, string> | readonly string[], version = '1.1'): string | undefined =>
  checkFraming(Array.isArray(headers) ? (headers as string[]) : Object.entries(headers).flat(), version)?.code;
const HOST = { Host: 'a' };

it.each([
  [{ ...HOST, 'Content-Length': '5' }],
  [{ ...HOST, 'Transfer-Encoding': 'chunked' }],
  [{ ...HOST, 'Content-Length': '0', Connection: 'keep-alive' }],
  [{ ...HOST, 'X-Anything': '1', 'Content-Encoding': 'identity' }],
])('%j is plain', (headers) => {
  expect(codeOf(headers)).toBeUndefined();
});

it.each<readonly [string, readonly string[]]>([
  ['no host', ['Content-Length', '5']],
  ['two hosts', ['Host', 'a', 'Host', 'b']],
  ['CL.TE', ['Host', 'a', 'Content-Length', '5', 'Transfer-Encoding', 'chunked']],
  ['TE.CL', ['Host', 'a', 'Transfer-Encoding', 'chunked', 'content-length', '5']],
  ['two lengths that agree', ['Host', 'a', 'Content-Length', '5', 'content-length', '5']],
  ['a list of lengths', ['Host', 'a', 'Content-Length', '5, 5']],
  ['a signed length', ['Host', 'a', 'Content-Length', '+5']],
  ['a length in hexadecimal', ['Host', 'a', 'Content-Length', '0x5']],
  ['a length with zeros in front', ['Host', 'a', 'Content-Length', '005']],
  ['a huge length', ['Host', 'a', 'Content-Length', '9'.repeat(30)]],
  ['an unknown coding', ['Host', 'a', 'Transfer-Encoding', 'xchunked']],
  ['two codings', ['Host', 'a', 'Transfer-Encoding', 'gzip, chunked']],
  ['chunked twice', ['Host', 'a', 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
  ['two credentials', ['Host', 'a', 'Authorization', 'Bearer a', 'authorization', 'Bearer b']],
  ['a length with an underscore', ['Host', 'a', 'Content_Length', '5']],
  ['an expectation that nobody knows', ['Host', 'a', 'Expect', '200-ok']],
  ['an upgrade', ['Host', 'a', 'Connection', 'Upgrade', 'Upgrade', 'h2c']],
  ['another method', ['Host', 'a', 'X-HTTP-Method-Override', 'DELETE']],
  ['another path', ['Host', 'a', 'X-Original-URL', '/admin']],
  ['hop-by-hop headers of the caller', ['Host', 'a', 'Connection', 'close, authorization']],
])('%s is refused', (_, headers) => {
  expect(codeOf(headers)).toBe('bad-framing');
});

it('refuses content codings and other versions', () => {
  expect(codeOf({ ...HOST, 'Content-Encoding': 'gzip' })).toBe('unsupported-type');
  expect(codeOf(HOST, '1.0')).toBe('bad-framing');
});
