// What a verdict tells without being changed by it: an approval stands although a statement that it saw was revoked since.
import { isSha256 } from '@vallum/core';
import type { Candidate } from './candidates.js';
import type { JudgeInput } from './input.js';
import type { Revocations } from './revocations.js';

/** Parameter in which an approval lists the ids of the statements that it saw. */
export const SEEN = 'saw';

export function revokedSince(
  { entry, evidence }: Candidate,
  input: JudgeInput,
  revocations: Revocations,
): readonly string[] {
  const saw = evidence.predicate.parameters[SEEN];
  if (!Array.isArray(saw)) return [];
  return (saw as readonly unknown[]).filter(isSha256).flatMap((id) => {
    const seen = input.statements.filter((statement) => statement.id === id);
    const revoked =
      revocations.ofId(id) ?? seen.map((one) => revocations.ofStatement(one)).find((one) => one !== undefined);
    if (revoked === undefined) return [];
    return [
      `${entry.id.slice(0, 12)} saw the statement ${id.slice(0, 12)}, and ${revoked.what} was revoked since (${revoked.reason})`,
    ];
  });
}
