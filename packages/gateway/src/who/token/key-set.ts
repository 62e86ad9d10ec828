// The public keys of an issuer, as it publishes them (RFC 7517 section 5). A key of a form that is not understood, a weak one
// and one whose id stands twice are left out and named; the others count. An attacker who can answer for the issuer is
// believed: that is what TLS and the address in gateway.yaml are for.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, parseJsonStrict, VallumError } from '@vallum/core';
import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';

export const MAX_KEY_SET_BYTES = 256 * 1024;
const MAX_KEYS = 100;
const MAX_KID = 200;
const MIN_RSA_BITS = 2048;
/** Verifying takes longer with more. */
const MAX_RSA_BITS = 8192;
const MAX_EXPONENT = 2n ** 32n;
const SECRETS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const TYPES = ['rsa', 'ec', 'ed25519'];

export interface IssuerKey {
  readonly kid: string;
  /** The one algorithm that the issuer means it for, where it says so. */
  readonly alg?: string;
  readonly key: KeyObject;
}

export interface KeySet {
  readonly keys: ReadonlyMap<string, IssuerKey>;
  /** One sentence for each key that does not count. */
  readonly skipped: readonly string[];
}

/** @throws VallumError `GATEWAY_JWKS`, `JSON_INVALID` */
export function readKeySet(bytes: Uint8Array): KeySet {
  const json = parseJsonStrict(bytes, { maxBytes: MAX_KEY_SET_BYTES, maxDepth: 8 });
  const list = isJsonObject(json) ? json['keys'] : undefined;
  if (!Array.isArray(list) || list.length > MAX_KEYS)
    throw new VallumError('GATEWAY_JWKS', `this is not a key set of at most ${MAX_KEYS} keys`, {
      fix: 'give what the issuer names as its jwks_uri',
    });
  const keys = new Map<string, IssuerKey>();
  const twice = new Set<string>();
  const skipped: string[] = [];
  (list as readonly JsonValue[]).forEach((entry, at) => {
    const read = readKey(entry);
    if (typeof read === 'string') skipped.push(`key ${at + 1} ${read}`);
    else if (keys.has(read.kid)) twice.add(read.kid);
    else keys.set(read.kid, read);
  });
  for (const kid of twice) {
    keys.delete(kid);
    skipped.push(`the kid ${JSON.stringify(kid)} stands twice`);
  }
  return { keys, skipped };
}

/** The key, or why it does not count. */
function readKey(entry: JsonValue): IssuerKey | string {
  if (!isJsonObject(entry)) return 'is not an object';
  const { kid, use, alg, key_ops: operations } = entry;
  if (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID) return 'has no kid';
  if (use !== undefined && use !== 'sig') return 'is not for signatures';
  if (Array.isArray(operations) && !(operations as readonly JsonValue[]).includes('verify'))
    return 'is not for verifying';
  if (alg !== undefined && typeof alg !== 'string') return 'has an algorithm that is no text';
  // Whoever publishes a secret has none; its holder could be anybody.
  if (SECRETS.some((name) => Object.hasOwn(entry, name))) return 'is private or symmetric';
  const key = publicKeyOf(entry);
  if (key === undefined) return 'cannot be read';
  const weakness = weaknessOf(key);
  return weakness ?? { kid, key, ...(alg === undefined ? {} : { alg }) };
}

function publicKeyOf({ kty, crv, x, y, n, e }: JsonObject): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty, crv, x, y, n, e } as Record<string, string>, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function weaknessOf(key: KeyObject): string | undefined {
  if (!TYPES.includes(key.asymmetricKeyType ?? '')) return 'is of a type that no allowed algorithm uses';
  if (key.asymmetricKeyType !== 'rsa') return undefined;
  const { modulusLength: bits = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) return `is an RSA key of ${bits} bits`;
  const isPlain = publicExponent >= 3n && publicExponent % 2n === 1n && publicExponent < MAX_EXPONENT;
  return isPlain ? undefined : 'has a public exponent that no RSA key has';
}
