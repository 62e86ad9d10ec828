// The signature file travels with a model, and its digest cannot cover it: what lies in the vault as model.sig may be anything.
// Only the one that `signature.verify` found good leaves with the model, and only where the verdict rests on that evidence.
import type { Sha256 } from '@vallum/core';
import { kindOf, VallumError } from '@vallum/core';
import type { OpenedTree } from '@vallum/data';
import type { LedgerStatement, Verdict } from '@vallum/policy';
import { readEvidence } from '@vallum/policy';

const KIND = 'signature.verify';

/** Digest of the signature file that was found good; undefined where the verdict does not rest on one. */
export function judgedSignature(
  { evidence }: Pick<Verdict, 'evidence'>,
  statements: readonly LedgerStatement[],
): Sha256 | undefined {
  for (const { id, statement } of statements) {
    if (!evidence.includes(id) || kindOf(statement.predicateType) !== KIND) continue;
    const { outcome, inputs = [] } = readEvidence(statement.predicate)?.predicate ?? {};
    const [signature] = inputs;
    if (outcome === 'pass' && signature !== undefined && 'digest' in signature) return signature.digest.sha256;
  }
  return undefined;
}

/** @throws VallumError `OPEN_EXPORT` when the object holds something besides its digest that the verdict is not about */
export function assertJudged(
  { manifest }: Pick<OpenedTree, 'manifest'>,
  name: string,
  judged: Sha256 | undefined,
): void {
  const other = manifest.files.find(({ detached, sha256 }) => detached === true && sha256 !== judged);
  if (other === undefined) return;
  throw new VallumError(
    'OPEN_EXPORT',
    judged === undefined
      ? `${name} was sealed with ${other.path}, and the verdict rests on no good signature`
      : `${name} was sealed with another ${other.path} than the one that was verified`,
    { fix: 'put the right signature file beside the model, or none, then check and seal the version again' },
    'unproven',
  );
}
