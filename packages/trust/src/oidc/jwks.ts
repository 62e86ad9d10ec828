// A key set as an issuer publishes it (RFC 7517 section 5), read once by the holder of the root and pinned. Keys for other
// uses or algorithms are left out and named; whatever is ambiguous or secret is refused whole.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject, parseJsonStrict } from '@vallum/core';
import { listOf } from '../fields.js';
import { distrust } from '../refusal.js';
import type { KeyMaterial, TokenAlgorithm } from './jwk.js';
import { algorithmOfMaterial, kidOf, readMaterial } from './jwk.js';

export type PublishedKey = KeyMaterial & { readonly kid: string; readonly alg: TokenAlgorithm };

export interface PublishedKeys {
  readonly keys: readonly PublishedKey[];
  /** Keys that no token is verified with, and why. */
  readonly skipped: readonly { readonly kid: string; readonly why: string }[];
}

const MAX_BYTES = 256 * 1024;
const MAX_KEYS = 50;

/** @throws VallumError `JWKS`, `ISSUER_KEY`, `JSON_INVALID`, `TRUST_FORMAT` */
export function readJwks(bytes: Uint8Array): PublishedKeys {
  const json = parseJsonStrict(bytes, { maxBytes: MAX_BYTES, maxDepth: 8 });
  if (!isJsonObject(json) || !Array.isArray(json['keys']))
    throw distrust('JWKS', 'this is not a key set', 'give the file that the issuer names as its jwks_uri');
  const keys: PublishedKey[] = [];
  const skipped: { kid: string; why: string }[] = [];
  const kids = new Set<string>();
  for (const entry of listOf(json['keys'], 'the key set', MAX_KEYS)) {
    if (!isJsonObject(entry)) throw distrust('JWKS', 'an entry of the key set is not a key');
    const kid = kidOf(entry['kid'], 'a key of the key set');
    if (kids.has(kid)) throw distrust('JWKS', `the key ${kid} stands twice in the key set`);
    kids.add(kid);
    const why = otherUse(entry);
    if (why !== undefined) skipped.push({ kid, why });
    else {
      const material = readMaterial(entry, `the key ${kid}`);
      keys.push({ ...material, kid, alg: algorithmOfMaterial(material) });
    }
  }
  if (keys.length > 0) return { keys, skipped };
  throw distrust('JWKS', 'the key set holds no key for ES256 or RS256 signatures');
}

/** Why a key is not for these signatures; undefined when nothing says so. */
function otherUse(entry: JsonObject): string | undefined {
  const { kty, crv, use, alg, key_ops: operations } = entry;
  if (use !== undefined && use !== 'sig') return 'it is not for signatures';
  if (Array.isArray(operations) && !(operations as readonly JsonValue[]).includes('verify'))
    return 'it does not verify';
  if (kty === 'OKP' || (kty === 'EC' && crv !== 'P-256')) return 'it is on another curve than P-256';
  const own = kty === 'EC' ? 'ES256' : kty === 'RSA' ? 'RS256' : undefined;
  return alg !== undefined && own !== undefined && alg !== own ? `it is not for ${own}` : undefined;
}
