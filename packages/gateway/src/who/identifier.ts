// Who asks: turns what a transport found on a request into one caller, or says no. A request may say it in one way only: two
// that differ would let one part of a system see one caller and another part the other.
import type { Clock } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { IdentitySettings } from '../config/schema.js';
import type { Caller, Credentials } from '../door/caller.js';
import type { Refusal, Soon } from '../door/refusal.js';
import { isRefusal, refuse } from '../door/refusal.js';
import { certificateFinder } from './certificates.js';
import type { KeyRing } from './keys/key-ring.js';
import { looksLikeKey } from './keys/key-token.js';
import { keySetUrl } from './token/key-set-place.js';
import type { KeySetTrouble, LoadKeySet } from './token/key-source.js';
import { KeySource } from './token/key-source.js';
import type { TrustedIssuer } from './token/verify-token.js';
import { tokenVerifier } from './token/verify-token.js';

export interface IdentifierOptions {
  readonly settings: IdentitySettings;
  /** Absent: no API key counts. */
  readonly keyRing?: KeyRing;
  readonly loadKeySet: LoadKeySet;
  readonly clock: Clock;
  readonly onTrouble: (trouble: KeySetTrouble) => void;
}

export interface Identifier {
  /** At once, unless keys of an issuer have to be asked for. @param now milliseconds since the epoch */
  identify(credentials: Credentials, now: number): Soon<Caller | Refusal>;
  /** From the next request on. */
  useKeys(keyRing: KeyRing | undefined): void;
  /** Asks every issuer whose keys are not fresh; never rejects. For the start, and for a timer on a quiet gateway. */
  refresh(): Promise<void>;
}

const BEARER = /^bearer +([^\s,]+)$/i;

/** @throws VallumError `GATEWAY_ISSUER`, `GATEWAY_JWKS`, `GATEWAY_CERTIFICATE_NAME` for settings that contradict themselves */
export function identifier({ settings, keyRing, loadKeySet, clock, onTrouble }: IdentifierOptions): Identifier {
  let ring = keyRing;
  const issuers = new Map<string, TrustedIssuer>();
  for (const one of settings.issuers) {
    if (issuers.has(one.issuer))
      throw new VallumError('GATEWAY_ISSUER', `identity.issuers: ${one.issuer} stands twice`, {
        fix: 'write each issuer once',
      });
    // A place that cannot be used is found now and not with the first token.
    keySetUrl(one.jwks);
    issuers.set(one.issuer, {
      settings: one,
      source: new KeySource({ settings: one, load: loadKeySet, clock, onTrouble }),
    });
  }
  const verifyToken = tokenVerifier(issuers);
  const findCertificate = certificateFinder(settings.certificates);
  const own = new Set<string>(settings.own);
  const marked = (found: Caller | Refusal): Caller | Refusal =>
    !isRefusal(found) && own.has(found.principal) ? { ...found, own: true } : found;

  const byKey = (token: string, now: number): Caller | Refusal =>
    ring === undefined ? refuse('unauthenticated', 'this gateway has no API keys') : ring.find(token, now);
  const byHeader = (given: string, isKey: boolean, now: number): Soon<Caller | Refusal> =>
    isKey || looksLikeKey(given) ? byKey(given, now) : verifyToken(given, now);

  return {
    identify: ({ authorization, apiKey, certificate }, now) => {
      const held = certificate === undefined ? undefined : findCertificate(certificate, now);
      if (authorization === undefined && apiKey === undefined)
        return held === undefined ? refuse('unauthenticated', 'the request says nothing about who asks') : marked(held);
      const bearer = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
      if (authorization !== undefined && bearer === undefined)
        return refuse('unauthenticated', 'the header authorization is not of the form "Bearer CREDENTIAL"');
      if (bearer !== undefined && apiKey !== undefined && bearer !== apiKey)
        return refuse('bad-request', 'the request has two credentials that differ');
      const found = byHeader(bearer ?? apiKey ?? '', apiKey !== undefined, now);
      const finish = (caller: Caller | Refusal): Caller | Refusal => agreeing(marked(caller), held);
      return found instanceof Promise ? found.then(finish) : finish(found);
    },
    useKeys: (next) => (ring = next),
    refresh: async () => {
      const now = clock().getTime();
      await Promise.all([...issuers.values()].map(({ source }) => source.refresh(now)));
    },
  };
}

/** The header decides. A certificate that stands for nobody only carried the connection; one of somebody else contradicts. */
function agreeing(caller: Caller | Refusal, held: Caller | Refusal | undefined): Caller | Refusal {
  if (isRefusal(caller) || held === undefined || isRefusal(held) || held.principal === caller.principal) return caller;
  return refuse(
    'bad-request',
    `the credential is of ${caller.principal} and the client certificate of ${held.principal}`,
  );
}
