// Is the name in a keyless certificate the one that is trusted? Compared whole and exactly: a pattern that is searched
// for lets `https://evil.example/?https://github.com/good/` through. A workflow and a branch are read from the claims of
// the token, which the authority copied, so that a valid signature by another workflow of the same repository is refused,
// and one by the same workflow in another repository too.
import type { CertificateFields } from '@vallum/formats';
import { fullRef } from '@vallum/trust';
import type { Profile } from '../method.js';
import { Refusal } from '../refusal.js';
import { buildOf, isCalled } from './build.js';
import { hasName } from './names.js';

export interface WantedName {
  /** The one name in the certificate, exactly: an e-mail address or the URI of a workflow. */
  readonly identity: string;
  /** URL of the OpenID Connect issuer that vouched for the name, exactly. */
  readonly issuer: string;
}

export interface WantedBuild {
  /** URI of the workflow at which the build started, with its repository, without its ref. */
  readonly workflow?: string;
  /** Branch or full ref on which it ran: `main`, `refs/heads/main`, `refs/tags/v1`. */
  readonly branch?: string;
}

export type WantedSigner = WantedName & WantedBuild;

/** @throws Refusal `identity-mismatch` */
export function assertName(leaf: CertificateFields, wanted: WantedName, profile: Profile): void {
  const names = leaf.alternativeNames;
  if (profile === 'strict' && names.length !== 1)
    throw mismatch(`the certificate has ${names.length} names, where exactly one is believed`);
  if (!hasName(leaf, wanted.identity)) throw differs('it was signed by', names[0]?.value, wanted.identity);
  const { issuer } = leaf.fulcio;
  if (issuer !== wanted.issuer) throw differs('the name was vouched for by', issuer, wanted.issuer);
}

/**
 * Where a workflow signed that others may call, the caller has to be pinned; the reference has no such pin, so `compat` asks
 * for it only with a branch, which otherwise would be one of any repository. @throws Refusal `identity-mismatch`
 */
export function assertBuild(leaf: CertificateFields, wanted: WantedBuild, profile: Profile): void {
  const { workflow, ref } = buildOf(leaf.fulcio);
  if (wanted.branch !== undefined && ref !== fullRef(wanted.branch))
    throw differs('it was signed on', ref, fullRef(wanted.branch));
  if (wanted.workflow !== undefined) {
    if (workflow === undefined) throw mismatch('the certificate names no workflow: it is not of a build');
    if (workflow !== wanted.workflow) throw differs('it was signed by the workflow', workflow, wanted.workflow);
  } else if (isCalled(leaf) && (profile === 'strict' || wanted.branch !== undefined)) throw uncalled(leaf);
}

/** For a name that every caller of a workflow gets, when no workflow is pinned. */
export function uncalled(leaf: CertificateFields): Refusal {
  const { sourceRepositoryUri: repository = 'a repository that it does not name' } = leaf.fulcio;
  return mismatch(
    `it was signed by a workflow that others may call, here from ${JSON.stringify(repository)}: ` +
      `the workflow that called it has to be pinned too`,
  );
}

function differs(what: string, is: string | undefined, wanted: string): Refusal {
  return mismatch(`${what} ${is === undefined ? 'nobody named' : JSON.stringify(is)}, not ${JSON.stringify(wanted)}`);
}

function mismatch(message: string): Refusal {
  return new Refusal('identity-mismatch', message);
}
