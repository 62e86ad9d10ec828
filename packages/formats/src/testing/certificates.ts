// Makes X.509 certificates for tests, good ones and ones that are broken in exactly one way. Keys are made in the test and
// thrown away.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Der } from './der-writer.js';
import { bits, commonName, der, derTrue, integer, octets, oid, sequence, time, utf8String } from './der-writer.js';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function ecKey(namedCurve = 'prime256v1'): KeyPair {
  return generateKeyPairSync('ec', { namedCurve });
}

export interface MadeCertificate {
  readonly name: Der;
  readonly keys: KeyPair;
  readonly der: Buffer;
}

export interface CertificatePlan {
  /** Common name, or the whole name as DER. */
  readonly subject: string | Der;
  readonly keys?: KeyPair;
  /** Default: itself. */
  readonly issuer?: Pick<MadeCertificate, 'name' | 'keys'>;
  readonly from?: Date;
  readonly until?: Date;
  readonly extensions?: readonly Der[];
  /** Digest of the signature. */
  readonly digest?: 'sha1' | 'sha256';
}

const ALGORITHMS: Readonly<Record<string, Der>> = {
  'ec sha1': sequence(oid('1.2.840.10045.4.1')),
  'ec sha256': sequence(oid('1.2.840.10045.4.3.2')),
  'rsa sha1': sequence(oid('1.2.840.113549.1.1.5'), der(0x05, Buffer.of())),
  'rsa sha256': sequence(oid('1.2.840.113549.1.1.11'), der(0x05, Buffer.of())),
};

let serial = 0x1000;

export function makeCertificate(plan: CertificatePlan): MadeCertificate {
  const keys = plan.keys ?? ecKey();
  const name = typeof plan.subject === 'string' ? commonName(plan.subject) : plan.subject;
  const issuer = plan.issuer ?? { name, keys };
  const digest = plan.digest ?? 'sha256';
  const algorithm = ALGORITHMS[`${issuer.keys.privateKey.asymmetricKeyType} ${digest}`];
  if (algorithm === undefined) throw new Error('the issuer needs an EC or RSA key');
  serial += 1;
  const body = sequence(
    der(0xa0, integer(2)),
    integer(serial),
    algorithm,
    issuer.name,
    sequence(time(plan.from ?? new Date('2026-01-01T00:00:00Z')), time(plan.until ?? new Date('2027-01-01T00:00:00Z'))),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...(plan.extensions === undefined ? [] : [der(0xa3, sequence(...plan.extensions))]),
  );
  const signature = sign(digest, body, { key: issuer.keys.privateKey, dsaEncoding: 'der' });
  return { name, keys, der: sequence(body, algorithm, bits(signature)) };
}

export function extension(type: string, value: Uint8Array, critical = false): Der {
  return sequence(oid(type), ...(critical ? [derTrue()] : []), octets(value));
}

/** @param pathLength of an authority */
export function constraints(ca: boolean, pathLength?: number): Der {
  const limit = pathLength === undefined ? [] : [integer(pathLength)];
  return extension('2.5.29.19', ca ? sequence(derTrue(), ...limit) : sequence(), true);
}

const USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
];

export function usage(...names: readonly string[]): Der {
  const positions = names.map((name) => USAGES.indexOf(name));
  const byte = positions.reduce((sum, position) => sum | (0x80 >> position), 0);
  return extension('2.5.29.15', bits(Buffer.of(byte), 7 - Math.max(...positions)), true);
}

export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

export function purposes(...oids: readonly string[]): Der {
  return extension('2.5.29.37', sequence(...oids.map(oid)));
}

const NAME_TAGS = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const;

/** Kind and value of a subject alternative name; an `other` one is of the type by which Fulcio names users. */
export type NamePlan = readonly [keyof typeof NAME_TAGS, string | Uint8Array] | readonly ['other', string];

export function alternativeNames(...names: readonly NamePlan[]): Der {
  return extension('2.5.29.17', sequence(...names.map(nameOf)));
}

function nameOf([kind, value]: NamePlan): Der {
  if (kind !== 'other') return der(NAME_TAGS[kind], Buffer.from(value));
  return der(0xa0, Buffer.concat([oid('1.3.6.1.4.1.57264.1.7'), der(0xa0, utf8String(value))]));
}

/** A claim as Fulcio writes it from number 8 on. */
export function fulcioClaim(number: number, text: string): Der {
  return extension(`1.3.6.1.4.1.57264.1.${number}`, utf8String(text));
}

export function pem(...certificates: readonly Uint8Array[]): string {
  return certificates
    .map((bytes) => {
      const lines =
        Buffer.from(bytes)
          .toString('base64')
          .match(/.{1,64}/g) ?? [];
      return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
    })
    .join('');
}
