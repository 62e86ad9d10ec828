// Is the name in a keyless certificate the one that is trusted? Compared whole and exactly: a pattern that is searched
// for lets `https://evil.example/?https://github.com/good/` through. A workflow and a branch are read from the claims of
// the token, which the authority copied, so that a valid signature by another workflow of the same repository is refused.
import type { CertificateFields } from '@vallum/formats';
import type { Profile } from '../method.js';
import { Refusal } from '../refusal.js';

export interface WantedSigner {
  /** The one name in the certificate, exactly: an e-mail address or the URI of a workflow. */
  readonly identity: string;
  /** URL of the OpenID Connect issuer that vouched for the name, exactly. */
  readonly issuer: string;
  /** Path in its repository of the workflow at which the build started: `.github/workflows/release.yml`. */
  readonly workflow?: string;
  /** Branch or full ref on which it ran: `main`, `refs/heads/main`, `refs/tags/v1`. */
  readonly branch?: string;
}

/** @throws Refusal `identity-mismatch` */
export function assertSigner(leaf: CertificateFields, wanted: WantedSigner, profile: Profile): void {
  const names = leaf.alternativeNames.map((name) => name.value);
  const [name] = names;
  if (profile === 'strict' && names.length !== 1)
    throw mismatch(`the certificate has ${names.length} names, where exactly one is believed`);
  if (!names.includes(wanted.identity)) throw differs('it was signed by', name, wanted.identity);
  const { issuer, sourceRepositoryRef: ref } = leaf.fulcio;
  if (issuer !== wanted.issuer) throw differs('the name was vouched for by', issuer, wanted.issuer);
  if (wanted.branch !== undefined && ref !== fullRef(wanted.branch))
    throw differs('it was signed on', ref, fullRef(wanted.branch));
  if (wanted.workflow !== undefined) assertWorkflow(leaf, wanted.workflow);
}

function fullRef(branch: string): string {
  return branch.startsWith('refs/') ? branch : `refs/heads/${branch}`;
}

/** `REPOSITORY/PATH@REF` of the certificate against `PATH`; GitLab writes two slashes between them. */
function assertWorkflow(leaf: CertificateFields, workflow: string): void {
  const { buildConfigUri: uri, sourceRepositoryUri: repository, sourceRepositoryRef: ref } = leaf.fulcio;
  if (uri === undefined || repository === undefined || ref === undefined)
    throw mismatch('the certificate names no workflow: it is not of a build');
  const allowed = [`${repository}/${workflow}@${ref}`, `${repository}//${workflow}@${ref}`];
  if (!allowed.includes(uri)) throw differs('it was signed by the workflow', uri, `${repository}/${workflow}@${ref}`);
}

function differs(what: string, is: string | undefined, wanted: string): Refusal {
  return mismatch(`${what} ${is === undefined ? 'nobody named' : JSON.stringify(is)}, not ${JSON.stringify(wanted)}`);
}

function mismatch(message: string): Refusal {
  return new Refusal('identity-mismatch', message);
}
