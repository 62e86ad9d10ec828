import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { x509 } from '../testing/index.js';
import { PEM_LIMITS, readPemCertificates } from './pem.js';

const one = x509.makeCertificate({ subject: 'one' }).der;
const two = x509.makeCertificate({ subject: 'two' }).der;
const problem = (text: string): string => {
  const read = readPemCertificates(Buffer.from(text));
  return read.ok ? 'none' : read.problem;
};

describe('readPemCertificates', () => {
  it('reads several certificates, with text around them and either end of line', () => {
    const text = `# Roots\n${x509.pem(one)}between\n${x509.pem(two)}`;
    for (const variant of [text, text.replaceAll('\n', '\r\n')]) {
      const read = readPemCertificates(Buffer.from(variant));
      expect(read).toEqual({ ok: true, certificates: [one, two] });
    }
  });

  it.each([
    ['nothing', '', /no certificate/],
    [
      'a private key beside it',
      `${x509.pem(one)}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
      /PRIVATE KEY/,
    ],
    ['a block that is cut short', x509.pem(one).slice(0, -10), /malformed/],
    ['a block without its base64', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', /not base64/],
    ['text inside a block', x509.pem(one).replace('MI', '*I'), /malformed/],
    ['base64 that is not canonical', '-----BEGIN CERTIFICATE-----\nAB==\n-----END CERTIFICATE-----\n', /not base64/],
    ['too many bytes', 'x'.repeat(PEM_LIMITS.maxBytes + 1), /more than/],
  ])('refuses %s', (_, text, why) => {
    expect(problem(text)).toMatch(why);
  });

  it('never throws, and takes linear time over openings that never close', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => problem(text) !== 'none'),
      { numRuns: 300 },
    );
    expect(problem('-----BEGIN CERTIFICATE-----\nA'.repeat(50_000))).toMatch(/malformed/);
  });
});
