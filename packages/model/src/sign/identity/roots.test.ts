import { x509 } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import { readRoots } from './roots.js';

const one = x509.makeCertificate({ subject: 'one', extensions: [x509.constraints(true)] }).der;
const two = x509.makeCertificate({ subject: 'two', extensions: [x509.constraints(true)] }).der;

describe('readRoots', () => {
  it('reads a bundle of several certificates', () => {
    expect(readRoots(Buffer.from(x509.pem(one, two)))).toEqual([one, two]);
  });

  it.each([
    ['an empty file', ''],
    ['a certificate that is no DER', x509.pem(one, Buffer.concat([two, Buffer.of(0)]))],
    ['a key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
    ['a file cut short', x509.pem(one).slice(0, 200)],
  ])('refuses %s rather than trusting fewer', (_, text) => {
    expect(() => readRoots(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'ROOTS_INVALID' }));
  });
});
