// One source against the policy: its origin, its bytes, its provenance and its name. All that is wrong is said, not only
// the first; `undecided` is what nobody can tell, which is never a pass.
import type { Finding, Reason } from '@vallum/core';
import { atOrAbove } from '@vallum/core';
import type { Believed, ProvenancePins } from '../../provenance/verify.js';
import { verifyProvenance } from '../../provenance/verify.js';
import { allowedFor, originProblem } from './origin.js';
import { findingOf } from './rules.js';
import type { SeenSource } from './seen.js';
import { conflictOf } from './seen.js';
import type { AllowedOrigin, SignerPin, Source } from './sources.js';

export interface SourceContext {
  readonly allowed: readonly AllowedOrigin[];
  readonly believed: Believed;
  readonly seen: readonly SeenSource[];
  /** Bytes of the provenance file; undefined when there is none. */
  readonly provenanceOf: (source: Source) => Uint8Array | undefined;
}

export interface SourceAnswer {
  readonly findings: readonly Finding[];
  readonly undecided: readonly Reason[];
}

/** The principal that a pin means. */
export function principalOf(pin: SignerPin | undefined, { trust }: Believed): string | undefined {
  return pin?.principal ?? (pin?.key === undefined ? undefined : trust.principalOf(pin.key)?.id);
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
  const signer = principalOf(entry?.signer, context.believed);
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
  const undecided: Reason[] = [];
  if (entry?.signer !== undefined) {
    const answer = provenanceAnswer(source, { ...entry.signer, digest: source.actual }, context);
    for (const { pin, message } of answer.wrong) if (pin !== 'form') find(pin, message);
    undecided.push(...answer.undecided);
  }
  return { findings, undecided };
}

function provenanceAnswer(source: Source, pins: ProvenancePins, { believed, provenanceOf }: SourceContext) {
  const who = labelOf(source);
  const bytes = provenanceOf(source);
  if (bytes === undefined) {
    const message = `${who} has no provenance, and its origin asks for one by ${pins.principal ?? pins.key ?? 'a signer'}`;
    return { wrong: [], undecided: [{ code: 'provenance-absent', message }] };
  }
  const answer = verifyProvenance(bytes, pins, believed);
  if (answer.status === 'verified') return { wrong: [], undecided: [] };
  if (answer.status === 'refused') return { wrong: answer.problems, undecided: [] };
  const undecided = answer.problems.map(({ pin, message }) => ({
    code: pin === 'form' ? 'provenance-unreadable' : 'signer-untrusted',
    message: `${who}: ${message}`,
  }));
  return { wrong: [], undecided };
}

export function isRefused(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => atOrAbove(severity, 'high'));
}
