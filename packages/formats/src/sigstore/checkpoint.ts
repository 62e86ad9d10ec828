// The signed head of a transparency log inside a bundle (C2SP signed-note and tlog-checkpoint), looked at before Sigstore's
// library sees it. The library searches the log's address for the signer's name *as a regular expression*, and that name
// is the attacker's: `(.+)+Z` would keep it busy for years. It also leaves the proof's own copy of tree size and root
// unread, so that a proof could say one thing and the signed head another.
import type { JsonObject, JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';

const MAX_TEXT = 16 * 1024;
const MAX_SIGNATURES = 32;
/** Key names have no space and no plus; here, no character either that means something in an expression, but the dot. */
const SIGNATURE = /^\u2014 [A-Za-z0-9][A-Za-z0-9./:_-]{0,199} [A-Za-z0-9+/]{8,8192}={0,2}$/;

export interface CheckpointProblem {
  /** True when it is readable but says something else than the proof. */
  readonly contradicts: boolean;
  readonly problem: string;
}

/** @param proof `inclusionProof` of a log entry */
export function checkpointProblem(proof: JsonObject): CheckpointProblem | undefined {
  const checkpoint = proof['checkpoint'];
  const text = isJsonObject(checkpoint) ? checkpoint['envelope'] : undefined;
  if (typeof text !== 'string' || text.length > MAX_TEXT)
    return malformed(`is not text of up to ${MAX_TEXT} characters`);
  const end = text.indexOf('\n\n');
  const lines = end === -1 ? [] : text.slice(end + 2).split('\n');
  if (lines.pop() !== '' || lines.length === 0 || lines.length > MAX_SIGNATURES)
    return malformed(`is not a text with 1 to ${MAX_SIGNATURES} signatures`);
  if (!lines.every((line) => SIGNATURE.test(line))) return malformed('has a signature line that is none');
  const [, size, root] = text.slice(0, end).split('\n');
  if (size === undefined || root === undefined || !/^(0|[1-9]\d{0,18})$/.test(size))
    return malformed('does not give the size and the root of a log');
  const same = textOf(proof['treeSize']) === size && proof['rootHash'] === root;
  return same ? undefined : { contradicts: true, problem: 'the proof and the signed head of the log differ' };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined;
}

function malformed(why: string): CheckpointProblem {
  return { contradicts: false, problem: `the signed head of the log ${why}` };
}
