// Answers are read as far as they go, whatever comes, and as many as there are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answersOf } from './answers.js';

const read = (text: string, closed = false): readonly (readonly [number, string, boolean])[] =>
  answersOf(Buffer.from(text, 'latin1'), closed).map(({ status, body, whole }) => [status, body.toString(), whole]);

describe('answersOf', () => {
  it.each<[string, string, boolean, readonly (readonly [number, string, boolean])[]]>([
    ['nothing', '', true, []],
    ['no HTTP', 'hello\r\n\r\n', true, []],
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', false, [[200, 'ok', true]]],
    ['less than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok', false, [[200, 'ok', false]]],
    ['no length, open', 'HTTP/1.1 200 OK\r\n\r\nok', false, [[200, 'ok', false]]],
    ['no length, closed', 'HTTP/1.0 200 OK\r\n\r\nok', true, [[200, 'ok', true]]],
    ['half a head', 'HTTP/1.1 400 Bad', false, [[400, '', false]]],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', false, [[200, 'ok', true]]],
    [
      'a chunk without end',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok',
      false,
      [[200, 'ok', false]],
    ],
    [
      'two',
      'HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx',
      false,
      [
        [400, '', true],
        [404, 'x', true],
      ],
    ],
    [
      'continue before an answer',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      false,
      [
        [100, '', true],
        [200, '', true],
      ],
    ],
  ])('%s', (_, text, closed, expected) => {
    expect(read(text, closed)).toEqual(expected);
  });

  it('ends and stays in bounds for all bytes', () => {
    const piece = fc.constantFrom(
      'HTTP/1.1 200 OK\r\n',
      'Content-Length: ',
      'Transfer-Encoding: chunked\r\n',
      '\r\n',
      '-1',
      '5',
    );
    const text = fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.boolean(), (bytes, closed) => {
        const answers = answersOf(Buffer.from(bytes, 'latin1'), closed);
        const bodies = answers.reduce((sum, { body }) => sum + body.length, 0);
        expect(answers.length).toBeLessThanOrEqual(32);
        expect(bodies).toBeLessThanOrEqual(Buffer.byteLength(bytes, 'latin1'));
      }),
    );
  });
});
