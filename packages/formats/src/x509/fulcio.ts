// What Sigstore's certificate authority writes of the token that it saw (Fulcio's oid-info.md): who issued the token, and
// for a build which workflow ran, in which repository, on which ref. The oldest extensions hold bare text, the later
// ones a UTF8String.
import type { Extension } from './extensions.js';
import { DerError, readDer, TAG } from './der.js';
import { expectTag, utf8 } from './values.js';

export interface FulcioClaims {
  readonly issuer?: string;
  /** URI and ref of the workflow that signed: for a reusable workflow, that one. */
  readonly buildSignerUri?: string;
  readonly sourceRepositoryUri?: string;
  readonly sourceRepositoryRef?: string;
  readonly sourceRepositoryDigest?: string;
  /** URI and ref of the workflow at which the build started. */
  readonly buildConfigUri?: string;
}

const ARC = '1.3.6.1.4.1.57264.1.';
const BARE_ISSUER = `${ARC}1`;
const BARE_REF = `${ARC}6`;
const FIELDS = {
  issuer: `${ARC}8`,
  buildSignerUri: `${ARC}9`,
  sourceRepositoryUri: `${ARC}12`,
  sourceRepositoryDigest: `${ARC}13`,
  sourceRepositoryRef: `${ARC}14`,
  buildConfigUri: `${ARC}18`,
} as const;

/** @throws DerError, also where the old and the new form of one claim differ: two readers would see two issuers */
export function fulcioClaims(extensions: ReadonlyMap<string, Extension>): FulcioClaims {
  const claims: { -readonly [key in keyof FulcioClaims]: string } = {};
  for (const [field, oid] of Object.entries(FIELDS) as readonly (readonly [keyof FulcioClaims, string])[]) {
    const extension = extensions.get(oid);
    if (extension === undefined) continue;
    claims[field] = utf8(
      expectTag(readDer(extension.value), TAG.utf8String, `the claim ${oid}`).content,
      `the claim ${oid}`,
    );
  }
  for (const [field, oid] of [
    ['issuer', BARE_ISSUER],
    ['sourceRepositoryRef', BARE_REF],
  ] as const) {
    const extension = extensions.get(oid);
    if (extension === undefined) continue;
    const text = utf8(extension.value, `the claim ${oid}`);
    if ((claims[field] ?? text) !== text) throw new DerError(`the claim ${field} is given twice and differs`);
    claims[field] = text;
  }
  return claims;
}
