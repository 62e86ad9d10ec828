// Public keys of an issuer, pinned in trust.json: P-256 for ES256, RSA of at least 2048 bits for RS256, nothing else. The
// algorithm belongs to the key and never comes from a token (RFC 8725 section 3.1; CVE-2015-9235, CVE-2016-10555: a public
// key taken for an HMAC secret). Private members and symmetric keys are refused: a secret in a public file is no secret.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, parseTime } from '@vallum/core';
import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { fieldsOf, textOf, timeOf } from '../fields.js';
import { distrust } from '../refusal.js';
import { decodeBase64url } from './base64url.js';

export type TokenAlgorithm = 'ES256' | 'RS256';

/** What of a key decides whether two keys are the same one (RFC 7638 section 3.2). */
export type KeyMaterial =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string };

export type IssuerKey = KeyMaterial & {
  readonly kid: string;
  readonly alg: TokenAlgorithm;
  /** Tokens issued from the first to the second instant count, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
};

const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;
const MAX_KID = 200;
const COORDINATE_BYTES = 32;
const SECRETS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The two or three members that make the key. @throws VallumError `ISSUER_KEY` */
export function readMaterial(json: JsonValue | undefined, where: string): KeyMaterial {
  if (!isJsonObject(json)) throw broken(where, 'is not an object');
  if (SECRETS.some((name) => Object.hasOwn(json, name)))
    throw broken(where, 'holds a private or symmetric key', 'ask the issuer for its public keys, and replace this one');
  const material = materialOf(json, where);
  publicKeyOfMaterial(material, where);
  return material;
}

function materialOf(json: JsonObject, where: string): KeyMaterial {
  if (json['kty'] === 'EC' && json['crv'] === 'P-256')
    return { kty: 'EC', crv: 'P-256', x: coordinate(json['x'], where), y: coordinate(json['y'], where) };
  if (json['kty'] === 'RSA') {
    const n = bytesOf(json['n'], where);
    const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
    if (n[0] === 0 || bits < MIN_RSA_BITS || bits > MAX_RSA_BITS)
      throw broken(where, `is an RSA key of ${bits} bits, not of ${MIN_RSA_BITS} to ${MAX_RSA_BITS}`);
    const e = bytesOf(json['e'], where);
    const exponent = e.readUIntBE(0, Math.min(e.length, 6));
    if (e[0] === 0 || e.length > 4 || exponent < 3 || exponent % 2 === 0)
      throw broken(where, 'has a public exponent that no RSA key has');
    return { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') };
  }
  throw broken(where, 'is neither a P-256 nor an RSA key');
}

function coordinate(value: JsonValue | undefined, where: string): string {
  const bytes = bytesOf(value, where);
  if (bytes.length !== COORDINATE_BYTES) throw broken(where, `has a coordinate that is not ${COORDINATE_BYTES} bytes`);
  return bytes.toString('base64url');
}

function bytesOf(value: JsonValue | undefined, where: string): Buffer {
  const bytes = typeof value === 'string' && value.length < 4096 ? decodeBase64url(value) : undefined;
  if (bytes === undefined || bytes.length === 0) throw broken(where, 'has a member that is not base64url');
  return bytes;
}

/** @throws VallumError `ISSUER_KEY` for a point that is not on the curve */
export function publicKeyOfMaterial(material: KeyMaterial, where: string): KeyObject {
  try {
    return createPublicKey({ key: { ...material }, format: 'jwk' });
  } catch {
    throw broken(where, 'cannot be read');
  }
}

export function algorithmOfMaterial({ kty }: KeyMaterial): TokenAlgorithm {
  return kty === 'EC' ? 'ES256' : 'RS256';
}

export function kidOf(value: JsonValue | undefined, where: string): string {
  return textOf(value, `the kid of ${where}`, MAX_KID);
}

/** A key as trust.json holds it. @throws VallumError `TRUST_FORMAT`, `ISSUER_KEY`, `TRUST_WINDOW` */
export function readIssuerKey(json: JsonValue, issuer: string): IssuerKey {
  const where = `a key of ${issuer}`;
  const members = isJsonObject(json) && json['kty'] === 'EC' ? ['kty', 'crv', 'x', 'y'] : ['kty', 'n', 'e'];
  const fields = fieldsOf(json, where, ['kid', 'alg', 'notBefore', 'notAfter', ...members]);
  const material = readMaterial(fields, where);
  const alg = algorithmOfMaterial(material);
  if (fields['alg'] !== alg) throw broken(where, `is for another algorithm than ${alg}`);
  const notBefore = timeOf(fields['notBefore'], `the start of ${where}`);
  const notAfter = timeOf(fields['notAfter'], `the end of ${where}`);
  if (parseTime(notBefore) > parseTime(notAfter))
    throw distrust('TRUST_WINDOW', `${where} ends before it starts`, 'give notBefore a date before notAfter');
  return { ...material, kid: kidOf(fields['kid'], where), alg, notBefore, notAfter };
}

function broken(where: string, why: string, fix?: string): Error {
  return distrust('ISSUER_KEY', `${where} ${why}`, fix ?? 'pin P-256 or RSA keys of at least 2048 bits');
}
