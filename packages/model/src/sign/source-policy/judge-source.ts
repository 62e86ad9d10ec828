// One source against the policy: its origin, its bytes, its provenance and its name. All that is wrong is said, not only
// the first; `undecided` is what nobody can tell, which is never a pass.
import type { Finding, Reason } from '@vallum/core';
import { atOrAbove } from '@vallum/core';
import { shortRef } from '@vallum/trust';
import type { ProvenanceAnswer, Verified } from '../../provenance/answer.js';
import type { Believed } from '../../provenance/verify.js';
import { allowedFor, originProblem } from './origin.js';
import { findingOf } from './rules.js';
import type { SeenSource } from './seen.js';
import { conflictOf } from './seen.js';
import type { AllowedOrigin, SignerPin, Source } from './sources.js';

export interface SourceContext {
  readonly allowed: readonly AllowedOrigin[];
  readonly believed: Believed;
  readonly seen: readonly SeenSource[];
  /** What its provenance proves; undefined when there is none. */
  readonly answerOf: (source: Source) => ProvenanceAnswer | undefined;
}

export interface SourceAnswer {
  readonly findings: readonly Finding[];
  readonly undecided: readonly Reason[];
  /** What passed although it is the word of the signer alone, or speaks about a part. */
  readonly open: readonly string[];
}

/** Whom a pin means, as it is recorded: a principal, a CI job by its workflow and branch, or a name and its issuer. */
export function signerOf(pin: SignerPin | undefined, { trust }: Believed): string | undefined {
  if (pin === undefined) return undefined;
  const { principal, key, issuer, identity, workflow, branch } = pin;
  if (principal !== undefined) return principal;
  if (key !== undefined) return trust.principalOf(key)?.id ?? key;
  const place = [workflow, branch === undefined ? undefined : shortRef(branch)]
    .filter((part) => part !== undefined)
    .join(' on ');
  return `${identity ?? place} by ${issuer ?? 'nobody'}`;
}

export function labelOf({ kind, name }: Pick<Source, 'kind' | 'name'>): string {
  return `the ${kind === 'base' ? 'base model' : 'feed'} ${JSON.stringify(name)}`;
}

export function judgeSource(source: Source, context: SourceContext): SourceAnswer {
  const who = labelOf(source);
  const location = source.kind === 'feed' ? { feed: source.name } : { entry: source.name };
  const findings: Finding[] = [];
  const find = (...[rule, detail]: readonly [Parameters<typeof findingOf>[0], string]): void => {
    findings.push(findingOf(rule, who, detail, location));
  };
  const problem = originProblem(source.origin);
  const entry = problem === undefined ? allowedFor(source.origin, context.allowed) : undefined;
  if (problem !== undefined) find('origin-form', `${JSON.stringify(source.origin.slice(0, 200))}: ${problem}`);
  else if (entry === undefined) find('origin-not-allowed', source.origin);
  if (source.digest === undefined) find('unpinned', `its digest is ${source.actual}`);
  else if (source.digest !== source.actual) find('other-bytes', `${source.digest} is pinned, ${source.actual} is here`);
  const signer = signerOf(entry?.signer, context.believed);
  const conflict = conflictOf(
    { kind: source.kind, name: source.name, digest: source.actual, signer, replaces: source.replaces },
    context.seen,
  );
  if (conflict !== undefined)
    find(
      'name-reused',
      `the statement ${conflict.statement} recorded the digest ${conflict.digest}` +
        `${conflict.signer === undefined ? '' : ` by ${conflict.signer}`}, now it is ${source.actual}` +
        `${signer === undefined ? '' : ` by ${signer}`}`,
    );
  if (entry?.signer === undefined) return { findings, undecided: [], open: [] };
  const answer = context.answerOf(source);
  if (answer === undefined) {
    const message = `${who} has no provenance, and its origin asks for one by ${signer ?? 'a signer'}`;
    return { findings, undecided: [{ code: 'provenance-absent', message }], open: [] };
  }
  if (answer.status === 'verified') return { findings, undecided: [], open: openIn(source, entry.signer, answer) };
  const undecided: Reason[] = [];
  for (const { pin, message } of answer.problems)
    if (answer.status === 'refused' && pin !== 'form') find(pin, message);
    else
      undecided.push({
        code: pin === 'form' ? 'provenance-unreadable' : 'signer-untrusted',
        message: `${who}: ${message}`,
      });
  return { findings, undecided, open: [] };
}

function openIn(
  { covers }: Source,
  { workflow, branch }: SignerPin,
  { vouchedBy, signer }: Verified,
): readonly string[] {
  const hasWords = vouchedBy === 'signer' && (workflow !== undefined || branch !== undefined);
  return [
    ...(hasWords ? [`workflow and branch are the word of ${signer.principal}: no CI system vouches for them`] : []),
    ...(covers === undefined
      ? []
      : [`its provenance speaks about ${covers} alone, and the pinned digest about the rest`]),
  ];
}

export function isRefused(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => atOrAbove(severity, 'high'));
}
