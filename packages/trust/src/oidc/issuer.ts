// Issuers of identity tokens as trust.json pins them: the URL that tokens name, the keys as data, and the way in which this
// issuer writes its claims. Nothing is ever fetched: whoever answers for a URL today did not sign trust.json.
import type { JsonValue } from '@vallum/core';
import { fieldsOf, listOf, textOf } from '../fields.js';
import { distrust } from '../refusal.js';
import type { Dialect } from './claims.js';
import { DIALECT_NAMES, isDialect } from './claims.js';
import type { IssuerKey } from './jwk.js';
import { readIssuerKey } from './jwk.js';

export interface Issuer {
  /** Exactly as the claim `iss` has it. */
  readonly issuer: string;
  /** How it writes workflow and branch; a GitLab branch may be called `refs/heads/main`, so this is never guessed. */
  readonly claims: Dialect;
  readonly keys: readonly IssuerKey[];
}

const MAX_ISSUERS = 50;
const MAX_KEYS = 100;

/** @throws VallumError `TRUST_FORMAT`, `TRUST_TWICE`, `ISSUER_URL`, `ISSUER_KEY` */
export function readIssuers(json: JsonValue | undefined): readonly Issuer[] {
  const known = new Set<string>();
  return listOf(json, 'the list of issuers', MAX_ISSUERS).map((entry) => {
    const fields = fieldsOf(entry, 'an issuer', ['issuer', 'claims', 'keys']);
    const issuer = issuerUrl(textOf(fields['issuer'], 'the URL of an issuer', 300));
    if (known.has(issuer)) throw distrust('TRUST_TWICE', `the issuer ${issuer} stands twice in the trust file`);
    known.add(issuer);
    const { claims } = fields;
    if (!isDialect(claims))
      throw distrust(
        'ISSUER_CLAIMS',
        `the claims of ${issuer} are of an unknown form`,
        `the forms are ${DIALECT_NAMES}`,
      );
    const kids = new Set<string>();
    const keys = listOf(fields['keys'], `the keys of ${issuer}`, MAX_KEYS).map((key) => readIssuerKey(key, issuer));
    for (const { kid } of keys) {
      if (kids.has(kid)) throw distrust('TRUST_TWICE', `the key ${kid} of ${issuer} stands twice in the trust file`);
      kids.add(kid);
    }
    return { issuer, claims, keys };
  });
}

/** https, or http of this machine, without query and fragment (OpenID Connect Core section 2). */
function issuerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  const isPlain = url !== undefined && !/[?#\s]/.test(text) && url.username === '' && url.password === '';
  if (isPlain && (url.protocol === 'https:' || isLocal)) return text;
  throw distrust(
    'ISSUER_URL',
    `${JSON.stringify(text)} is not the URL of an issuer`,
    'give the https URL exactly as the claim iss has it',
  );
}
