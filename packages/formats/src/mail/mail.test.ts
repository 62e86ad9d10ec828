import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMailDate } from './date.js';
import { htmlToText } from './html-to-text.js';
import { parseMail } from './parse-mail.js';

const mail = (...lines: string[]): Uint8Array => Buffer.from(lines.join('\r\n'), 'latin1');

describe('parseMailDate', () => {
  it.each([
    ['Thu, 22 Aug 2002 18:26:25 +0700 (ICT)', '2002-08-22T11:26:25.000Z'],
    ['22 Aug 2002 18:26 GMT', '2002-08-22T18:26:00.000Z'],
    ['Thu,  1 Aug 02 00:00:01 EDT', '2002-08-01T04:00:01.000Z'],
    ['Fri, 31 Dec 99 23:59:59 -0130', '2000-01-01T01:29:59.000Z'],
    ['1 Jan 2003 10:00:00', '2003-01-01T10:00:00.000Z'],
  ])('%s', (header, expected) => {
    expect(parseMailDate(header)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '31 Feb 2002 10:00:00 +0000',
    'Thu, 18 Jul 0102 10:00:00 +0000',
    '1 Jan 2003 25:00:00',
    '1 Foo 2003 10:00',
  ])('says null to %j', (header) => {
    expect(parseMailDate(header)).toBeNull();
  });

  it('gives ISO text or null for anything', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const date = parseMailDate(header);
        expect(date === null || new Date(date).toISOString() === date).toBe(true);
      }),
    );
  });
});

describe('htmlToText', () => {
  it.each([
    ['<p>one</p><p>two<br>three</p>', 'one\ntwo\nthree'],
    ['vi<b></b>ag<!-- x -->ra &#118;&#x69;a', 'viagra via'],
    ['<style>p { color: red }</style>a<script>var x = "</p>";</script>b', 'ab'],
    ['<SCRIPT type="a>b">hidden</SCRIPT >shown', 'shown'],
    ['<a title="x > y" href=z>link</a>', 'link'],
    ["<a title='never closed>still here</a>", 'still here'],
    ['1 < 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
    ['a&nbsp;&nbsp;b&bogus;c&#0;&#xD800;', 'a b&bogus;c\ufffd\ufffd'],
    ['<td>a</td><td>b</td>', 'a b'],
    ['seen<!-- never closed', 'seen'],
    ['seen<script>never closed', 'seen'],
  ])('%s', (markup, text) => {
    expect(htmlToText(markup)).toBe(text);
  });

  // Each of these makes a rescanning reader quadratic: minutes at this size, where one pass takes milliseconds.
  it.each([
    '<',
    '<a ',
    '<!--',
    '<a href="',
    '<a b=\'">',
    '<script>',
    '</script',
    '&#',
    '&a',
    '<b>',
    '>',
    '= "',
    '<style></styl',
  ])('takes one pass over a million characters of %j', (piece) => {
    expect(typeof htmlToText(piece.repeat(Math.ceil(1_000_000 / piece.length)))).toBe('string');
  });

  it('leaves no markup of known tags, for any markup', () => {
    const pieces = fc.constantFrom(
      '<b>',
      '</b>',
      '<p ',
      'x',
      '>',
      '"',
      "'",
      '=',
      '<!--',
      '-->',
      '<script>',
      '</script>',
      '&lt;',
      '<',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const text = htmlToText(parts.join(''));
        expect(text).toBe(text.trim());
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('parseMail', () => {
  it('reads subject, sender, date and text', async () => {
    const parsed = await parseMail(
      mail(
        'From a@b Thu Aug 22 12:36:23 2002',
        'From: "A. Person" <a@b.example>',
        'To: b@c.example, "B, C" <d@e.example>',
        'Subject: =?iso-8859-1?Q?caf=E9?=',
        ' today',
        'Date: Thu, 22 Aug 2002 18:26:25 +0700',
        '',
        'Hello',
        'there',
      ),
    );
    expect(parsed).toEqual({
      subject: 'café today',
      body: 'Hello\nthere\n',
      from: 'A. Person <a@b.example>',
      to: 'b@c.example, B, C <d@e.example>',
      date: '2002-08-22T11:26:25.000Z',
      unread: 0,
    });
  });

  it('reads both alternatives, encodings and charsets, and counts what it does not read', async () => {
    const parsed = await parseMail(
      mail(
        'Content-Type: multipart/mixed; boundary=M',
        '',
        '--M',
        'Content-Type: multipart/alternative; boundary=A',
        '',
        '--A',
        'Content-Type: text/plain; charset=iso-8859-1',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'na=EFve pl=',
        'ain',
        '--A',
        'Content-Type: text/html',
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('<p>only <b>here</b></p><script>no</script>').toString('base64'),
        '--A--',
        '--M',
        'Content-Type: image/png',
        'Content-Transfer-Encoding: base64',
        '',
        'AAAA',
        '--M--',
        '',
      ),
    );
    expect(parsed.body).toContain('naïve plain');
    expect(parsed.body).toContain('only here');
    expect(parsed.body).not.toContain('no');
    expect(parsed.unread).toBe(1);
  });

  it('reads a forwarded message without its dates, which the library prints in the zone of the machine', async () => {
    const parsed = await parseMail(
      mail(
        'Subject: fwd',
        'Content-Type: message/rfc822',
        '',
        'Subject: inner',
        'Date: Thu, 22 Aug 2002 18:26:25 +0700',
        '',
        'inner text',
      ),
    );
    expect(parsed.body).toBe('inner\ninner text\n');
  });

  it('stops at the depth of messages in messages', async () => {
    let inner = mail('Subject: deepest', '', 'text');
    for (let n = 0; n < 6; n += 1) inner = Buffer.concat([mail('Content-Type: message/rfc822', '', ''), inner]);
    const parsed = await parseMail(inner);
    expect(parsed.body).not.toContain('deepest');
    expect(parsed.unread).toBe(1);
  });

  it('gives a typed problem where a bound is passed', async () => {
    expect((await parseMail(mail('', 'x'), { maxBytes: 2 })).problem?.code).toBe('MAIL_TOO_LARGE');
    expect((await parseMail(Buffer.from('\n'.repeat(11)), { maxLines: 10 })).problem?.code).toBe('MAIL_TOO_MANY_LINES');
    expect((await parseMail(Buffer.from('\n'.repeat(2_000_000)))).problem?.code).toBe('MAIL_TOO_MANY_LINES');
    const many = mail(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      ...Array.from({ length: 50 }, () => '--b\r\n\r\nx'),
    );
    expect((await parseMail(many, { maxParts: 49 })).problem?.code).toBe('MAIL_TOO_MANY_PARTS');
    expect((await parseMail(many, { maxParts: 50 })).problem).toBeUndefined();
    expect(
      (await parseMail(mail(`Subject: ${'a'.repeat(3000)}`, '', ''), { maxHeaderBytes: 2000 })).problem?.code,
    ).toBe('MAIL_BROKEN');
    const deep = Array.from({ length: 30 }, (_, n) => [
      `Content-Type: multipart/mixed; boundary=b${n}`,
      '',
      `--b${n}`,
    ]).flat();
    expect((await parseMail(mail(...deep, '', 'x'))).problem?.code).toBe('MAIL_BROKEN');
  });

  it('never rejects, whatever the bytes', async () => {
    const lines = fc.constantFrom(
      'From: a@b',
      'Subject: =?utf-8?B?/////w==?=',
      'Date: never',
      'Content-Type: multipart/mixed; boundary="b"',
      'Content-Type: text/html; charset=nonsense',
      'Content-Type: message/rfc822',
      'Content-Transfer-Encoding: base64',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '--b',
      '--b--',
      '<p>x',
      '=ZZ=',
      '////',
      ' folded',
      ':',
      'From',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(lines, { maxLength: 30 }).map((parts) => new Uint8Array(mail(...parts))),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (input) => {
        const parsed = await parseMail(input);
        expect((parsed.subject + parsed.body + parsed.from).isWellFormed()).toBe(true);
        if (parsed.problem !== undefined) expect(parsed.subject + parsed.body).toBe('');
      }),
      { numRuns: 500 },
    );
  });
});
