// Against node:crypto, which reads certificates by OpenSSL: whatever both can say of a certificate must be the same.
import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derWriter, x509 } from '../testing/index.js';
import { readCertificate } from './read-certificate.js';
import type { CertificateFields } from './read-certificate.js';

const { der, derTrue, integer, octets, oid, sequence, setOf, time, utf8String } = derWriter;
const { alternativeNames, constraints, extension, fulcioClaim, makeCertificate, purposes, usage } = x509;

function fields(bytes: Uint8Array): CertificateFields {
  const read = readCertificate(bytes);
  if (!read.ok) throw new Error(read.problem);
  return read.certificate;
}

function byNode(bytes: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

const keys = x509.ecKey();
const make = (...extensions: readonly Buffer[]): Buffer => makeCertificate({ subject: 'a', keys, extensions }).der;
const problem = (bytes: Uint8Array): string => {
  const read = readCertificate(bytes);
  return read.ok ? 'none' : read.problem;
};

describe('readCertificate', () => {
  it('agrees with node:crypto on generated certificates', () => {
    const text = fc.string({ unit: fc.constantFrom(...'abcXYZ019-._ é中'), minLength: 1, maxLength: 20 });
    const host = fc.stringMatching(/^[a-z0-9.-]{1,30}$/);
    const date = fc.date({ min: new Date('1951-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
    const plan = fc.record({
      subject: text,
      issuer: text,
      from: date,
      until: date,
      names: fc.array(fc.tuple(fc.constantFrom('email', 'dns', 'uri'), host), { minLength: 1, maxLength: 4 }),
      ca: fc.boolean(),
      pathLength: fc.option(fc.nat(300), { nil: undefined }),
      uses: fc.uniqueArray(fc.constantFrom(x509.CODE_SIGNING, x509.SERVER_AUTH, '1.2.3.4'), { minLength: 1 }),
      critical: fc.boolean(),
    });
    fc.assert(
      fc.property(plan, ({ subject, issuer, from, until, names, ca, pathLength, uses, critical }) => {
        const made = makeCertificate({
          subject,
          keys,
          issuer: { name: derWriter.commonName(issuer), keys },
          from,
          until,
          extensions: [
            constraints(ca, ca ? pathLength : undefined),
            purposes(...uses),
            alternativeNames(...names),
            extension('1.2.3.5', Buffer.from('x'), critical),
          ],
        });
        const node = new X509Certificate(made.der);
        const read = fields(made.der);
        expect(read.serial.toUpperCase()).toBe(node.serialNumber);
        expect(read.notBefore.getTime()).toBe(Date.parse(node.validFrom));
        expect(read.notAfter.getTime()).toBe(Date.parse(node.validTo));
        expect(Buffer.from(read.publicKey)).toEqual(node.publicKey.export({ type: 'spki', format: 'der' }));
        expect(read.basicConstraints?.ca).toBe(node.ca);
        expect(read.basicConstraints?.pathLength).toBe(ca ? pathLength : undefined);
        expect(read.extendedKeyUsage).toEqual(node.keyUsage);
        const label = { email: 'email', dns: 'DNS', uri: 'URI' };
        expect(node.subjectAltName).toBe(names.map(([kind, value]) => `${label[kind as 'dns']}:${value}`).join(', '));
        expect(read.alternativeNames).toEqual(names.map(([kind, value]) => ({ kind, value })));
        expect(read.unknownCritical).toEqual(critical ? ['1.2.3.5'] : []);
        expect(read.subjectText).toBe(`CN=${subject}`);
        expect(Buffer.from(read.issuer)).toEqual(derWriter.commonName(issuer));
      }),
      { numRuns: 150 },
    );
  });

  it('names every bit of keyUsage', () => {
    const all = [
      'digitalSignature',
      'nonRepudiation',
      'keyEncipherment',
      'dataEncipherment',
      'keyAgreement',
      'keyCertSign',
    ];
    for (const name of [...all, 'cRLSign']) expect([...(fields(make(usage(name))).keyUsage ?? [])]).toEqual([name]);
    expect([...(fields(make(usage(...all))).keyUsage ?? [])]).toEqual(all);
  });

  it('reads every kind of alternative name', () => {
    const names = sequence(
      der(0xa0, Buffer.concat([oid('1.3.6.1.4.1.57264.1.7'), der(0xa0, utf8String('dev'))])),
      der(0x81, Buffer.from('a@b')),
      der(0xa4, derWriter.commonName('dir')),
      der(0x87, Buffer.of(10, 0, 0, 1)),
      der(0x87, Buffer.alloc(16, 0xab)),
      der(0x88, Buffer.of(0x2a, 3)),
    );
    expect(fields(make(extension('2.5.29.17', names))).alternativeNames).toEqual([
      { kind: 'other', value: 'dev', oid: '1.3.6.1.4.1.57264.1.7' },
      { kind: 'email', value: 'a@b' },
      { kind: 'directory', value: 'CN=dir' },
      { kind: 'ip', value: '10.0.0.1' },
      { kind: 'ip', value: Array.from({ length: 8 }, () => 'abab').join(':') },
      { kind: 'id', value: '2a03' },
    ]);
  });

  it('reads the claims of Fulcio in both forms', () => {
    const bare = (number: number, text: string): Buffer =>
      extension(`1.3.6.1.4.1.57264.1.${number}`, Buffer.from(text));
    const read = fields(
      make(bare(1, 'https://i'), fulcioClaim(8, 'https://i'), fulcioClaim(12, 'https://r'), bare(6, 'refs/heads/m')),
    );
    expect(read.fulcio).toEqual({
      issuer: 'https://i',
      sourceRepositoryUri: 'https://r',
      sourceRepositoryRef: 'refs/heads/m',
    });
    expect(problem(make(bare(1, 'https://i'), fulcioClaim(8, 'https://j')))).toMatch(/differs/);
  });

  it('escapes names that could mislead a reader', () => {
    const made = makeCertificate({ subject: 'good\u001b[31m, CN=evil\u202e', keys });
    expect(fields(made.der).subjectText).toBe('CN=good\\1b[31m\\, CN\\=evil\\\u202e');
  });

  it.each([
    ['an extension that stands twice', make(constraints(false), constraints(true)), /twice/],
    ['critical written as FALSE', make(sequence(oid('1.2.3'), der(1, Buffer.of(0)), octets(Buffer.of()))), /not DER/],
    ['the CA flag written as FALSE', make(extension('2.5.29.19', sequence(der(1, Buffer.of(0))))), /not DER/],
    ['a path length without the CA flag', make(extension('2.5.29.19', sequence(integer(1)))), /another type/],
    ['a negative path length', make(extension('2.5.29.19', sequence(derTrue(), der(2, Buffer.of(0xff))))), /negative/],
    ['an empty list of purposes', make(extension('2.5.29.37', sequence())), /empty/],
    ['an empty list of names', make(extension('2.5.29.17', sequence())), /empty/],
    ['a name with a zero byte', make(alternativeNames(['dns', 'good.example\0.evil'])), /control character/],
    ['a name that is not ASCII', make(alternativeNames(['email', 'é@b'])), /ASCII/],
    ['an address of five bytes', make(alternativeNames(['ip', Buffer.alloc(5)])), /16 bytes/],
    ['bytes after the names', make(extension('2.5.29.17', Buffer.concat([sequence(), Buffer.of(0)]))), /follow/],
    ['an empty list of extensions', make(), /empty/],
    ['bytes after the certificate', Buffer.concat([make(constraints(false)), Buffer.of(0)]), /follow/],
    ['nothing', Buffer.alloc(0), /cut short/],
  ])('refuses %s', (_, bytes, why) => {
    expect(problem(bytes)).toMatch(why);
  });

  it('refuses another algorithm inside than outside', () => {
    const good = make(constraints(false));
    const inner = good.indexOf(oid('1.2.840.10045.4.3.2'));
    const changed = Buffer.from(good);
    changed[inner + 9] = 3;
    expect(problem(changed)).toMatch(/inside and outside/);
  });

  it('refuses extensions in a certificate of version 1, and version 1 written out', () => {
    const body = (...version: readonly Buffer[]): Buffer =>
      sequence(
        sequence(
          ...version,
          integer(1),
          sequence(oid('1.2.3')),
          setlessName,
          sequence(time(new Date('2026-01-01')), time(new Date('2027-01-01'))),
          setlessName,
          keys.publicKey.export({ type: 'spki', format: 'der' }),
          ...(version.length > 1 ? [] : [der(0xa3, sequence(constraints(true)))]),
        ),
        sequence(oid('1.2.3')),
        derWriter.bits(Buffer.of(1)),
      );
    const setlessName = sequence(setOf(sequence(oid('2.5.4.3'), utf8String('v'))));
    expect(problem(body())).toMatch(/only version 3/);
    expect(problem(body(der(0xa0, integer(0))))).toMatch(/version/);
    expect(problem(body(der(0xa0, integer(2))))).toBe('none');
  });

  it('never throws, and accepts no mutant that node:crypto reads otherwise', () => {
    const samples = [
      make(constraints(true, 3), usage('digitalSignature', 'keyCertSign'), purposes(x509.CODE_SIGNING)),
      make(alternativeNames(['email', 'a@b.example'], ['uri', 'https://x/y']), fulcioClaim(8, 'https://issuer')),
    ];
    const edit = fc.record({ at: fc.nat(2000), byte: fc.nat(255), kind: fc.nat(2) });
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 3 }), (sample, edits) => {
        let bytes = Buffer.from(sample);
        for (const { at, byte, kind } of edits) {
          const index = at % bytes.length;
          if (kind === 0) bytes[index] = byte;
          else if (kind === 1) bytes = bytes.subarray(0, Math.max(1, index));
          else bytes = Buffer.concat([bytes.subarray(0, index), Buffer.of(byte), bytes.subarray(index)]);
        }
        const read = readCertificate(bytes);
        if (!read.ok) return;
        const node = byNode(bytes);
        // What node:crypto cannot read it cannot verify either, so it ends no path.
        if (node === undefined) return;
        accepted += 1;
        // A critical extension that we do not know ends every path here; OpenSSL may know it, and find it malformed.
        if (read.certificate.unknownCritical.length > 0) return;
        expect(read.certificate.notAfter.getTime()).toBe(Date.parse(node.validTo));
        expect(read.certificate.basicConstraints?.ca ?? false).toBe(node.ca);
        expect(read.certificate.extendedKeyUsage).toEqual(node.keyUsage);
      }),
      { numRuns: 3000 },
    );
    // Changed names, keys and signatures are still certificates.
    expect(accepted).toBeGreaterThan(100);
  });

  it('never throws for bytes of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readCertificate(bytes).ok).toBe(false);
      }),
      { numRuns: 1500 },
    );
  });
});
