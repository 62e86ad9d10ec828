// An identity provider where anybody can sign up: it signs tokens, and the gateway knows its key set from a file.
import { generateKeyPairSync, sign } from 'node:crypto';

export const ISSUER = 'https://accounts.example';
export const AUDIENCE = 'models';
const KEY_ID = 'story-1';
const LIFE_SECONDS = 3_600;

export class Accounts {
  readonly #keys = generateKeyPairSync('ed25519');

  /** What the provider publishes (RFC 7517). */
  get keySet(): object {
    const key = this.#keys.publicKey.export({ format: 'jwk' });
    return { keys: [{ ...key, kid: KEY_ID, alg: 'EdDSA', use: 'sig' }] };
  }

  /** A token (RFC 7519) of the account with this name. */
  token(name: string): string {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: name, roles: ['infer'], iat: now, exp: now + LIFE_SECONDS };
    const text = [{ alg: 'EdDSA', typ: 'JWT', kid: KEY_ID }, claims].map(encode).join('.');
    return `${text}.${sign(null, Buffer.from(text), this.#keys.privateKey).toString('base64url')}`;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
