// A JSON Web Token in compact form (RFC 7519, RFC 7515 section 3.1), taken apart and not yet believed. The attacker
// controls every byte. Refused: other than three parts, base64url with slack, duplicate JSON keys, `crit`, headers that
// bring a key along (`jwk`, `jku`, `x5u`, `x5c`: CVE-2018-0114), encrypted or unencoded forms, and size.
import type { JsonObject } from '@vallum/core';
import { isJsonObject, messageOf, parseJsonStrict } from '@vallum/core';
import { distrust } from '../refusal.js';
import { decodeBase64url } from './base64url.js';

/** Characters of the longest token that is read. */
export const MAX_TOKEN_LENGTH = 16 * 1024;
const MAX_HEADER_BYTES = 2048;
const MAX_DEPTH = 8;
const FORBIDDEN = ['crit', 'jwk', 'jku', 'x5u', 'x5c', 'b64', 'zip', 'enc', 'epk', 'p2c', 'p2s'];

export interface ReadToken {
  /** As the header has them; they only choose and never decide. */
  readonly alg: string;
  readonly kid: string;
  readonly claims: JsonObject;
  readonly signature: Buffer;
  /** What was signed. */
  readonly input: Buffer;
}

/** @throws VallumError `TOKEN_FORM` */
export function readToken(token: string): ReadToken {
  if (token.length > MAX_TOKEN_LENGTH) throw broken(`has ${token.length} characters, more than ${MAX_TOKEN_LENGTH}`);
  const parts = token.split('.');
  const [head = '', body = '', sig = ''] = parts;
  if (parts.length !== 3) throw broken('does not have three parts');
  const header = objectOf(head, 'header', MAX_HEADER_BYTES);
  const forbidden = FORBIDDEN.find((name) => Object.hasOwn(header, name));
  if (forbidden !== undefined) throw broken(`has the header ${forbidden}, which is not accepted`);
  const { alg, kid } = header;
  if (typeof alg !== 'string' || typeof kid !== 'string') throw broken('does not name its algorithm and key');
  const signature = decodeBase64url(sig);
  if (signature === undefined || signature.length === 0) throw broken('has no signature in canonical base64url');
  const claims = objectOf(body, 'payload', MAX_TOKEN_LENGTH);
  return { alg, kid, claims, signature, input: Buffer.from(`${head}.${body}`) };
}

function objectOf(part: string, what: string, maxBytes: number): JsonObject {
  const bytes = decodeBase64url(part);
  if (bytes === undefined) throw broken(`has a ${what} that is not canonical base64url`);
  try {
    const json = parseJsonStrict(bytes, { maxBytes, maxDepth: MAX_DEPTH });
    if (isJsonObject(json)) return json;
  } catch (error) {
    throw broken(`has a broken ${what}: ${messageOf(error)}`);
  }
  throw broken(`has a ${what} that is not an object`);
}

function broken(why: string): Error {
  return distrust('TOKEN_FORM', `the token ${why}`, 'hand over the token exactly as the CI system gave it');
}
