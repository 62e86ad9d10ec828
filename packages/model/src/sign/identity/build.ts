// The build that a keyless certificate speaks about, by the claims of the token that the authority copied. A reusable
// workflow signs under its own name for any repository that calls it, so that name alone is everybody: which workflow
// started the build, in which repository, has to be said too, and is compared whole.
import type { CertificateFields } from '@vallum/formats';

export interface Build {
  /** URI of the workflow at which it started, with its repository, without its ref. */
  readonly workflow?: string;
  /** Full reference that it ran on. */
  readonly ref?: string;
}

/** What does not fit together is left out: a workflow of another repository, or of another ref than the one that it ran on. */
export function buildOf({
  buildConfigUri,
  sourceRepositoryUri,
  sourceRepositoryRef,
}: CertificateFields['fulcio']): Build {
  const ref = sourceRepositoryRef;
  const ofRepository = sourceRepositoryUri !== undefined && buildConfigUri?.startsWith(`${sourceRepositoryUri}/`);
  const workflow =
    ref !== undefined && ofRepository === true && buildConfigUri?.endsWith(`@${ref}`) === true
      ? buildConfigUri.slice(0, -ref.length - 1)
      : undefined;
  return { ...(workflow === undefined ? {} : { workflow }), ...(ref === undefined ? {} : { ref }) };
}

/** True when the name is that of a workflow which a build of another repository, or of one that is not told, has called. */
export function isCalled({ alternativeNames, fulcio }: CertificateFields): boolean {
  const { buildConfigUri, sourceRepositoryUri: repository, sourceRepositoryRef } = fulcio;
  const ofWorkflow = buildConfigUri !== undefined || (repository === undefined && sourceRepositoryRef !== undefined);
  const isOwn = (uri: string): boolean => repository !== undefined && uri.startsWith(`${repository}/`);
  return ofWorkflow && alternativeNames.some(({ kind, value }) => kind === 'uri' && !isOwn(value));
}
