// A witness: it sees checkpoints of logs and cosigns one only if it goes on from the last one that it cosigned, so a log
// cannot show two histories to people who ask for this witness's cosignature (C2SP tlog-witness). Whoever asks may be the
// log itself, turned hostile, or anybody else; only the log's signature and the proof count.
import { messageOf, VallumError, type Clock, type Disk } from '@vallum/core';
import type { SigningKey } from '@vallum/trust';
import { EMPTY_ROOT } from '../merkle/hash.js';
import { verifyConsistency } from '../merkle/verify.js';
import { readCheckpoint, type ReadCheckpoint } from '../note/checkpoint.js';
import { cosign, cosignedAt } from '../note/cosignature.js';
import { isLineOf, rawEd25519, withLines } from '../note/signed-note.js';
import { encodeVkey, isSignedByKey, type VerifierKey } from '../note/vkey.js';
import { readAddCheckpoint, type AddCheckpoint } from './request.js';
import { WitnessState } from './witness-state.js';

export interface WitnessOptions {
  readonly disk: Disk;
  /** Folder of its own; nobody else may write there. */
  readonly dir: string;
  readonly name: string;
  /** Ed25519, used for nothing else: cosignatures do not name their witness. */
  readonly key: SigningKey;
  /** Keys of the logs that are witnessed; a log may have several while its key is rotated. */
  readonly logs: readonly VerifierKey[];
  readonly clock: Clock;
}

export interface WitnessAnswer {
  /** HTTP status. */
  readonly status: 200 | 400 | 403 | 404 | 409 | 422 | 500 | 503;
  readonly body: string;
  /** True where the body is the size that the witness knows. */
  readonly isSize?: boolean;
}

export class Witness {
  readonly #options: WitnessOptions;
  readonly #state: WitnessState;
  readonly #verifier: VerifierKey;
  /** Requests are answered one after the other: looking at the last checkpoint and replacing it must not be split. */
  #last: Promise<unknown> = Promise.resolve();

  /** @throws VallumError `NOTE_KEY` for a key that is not Ed25519 */
  constructor(options: WitnessOptions) {
    this.#options = options;
    this.#state = new WitnessState(options.disk, options.dir);
    const publicKey = rawEd25519(options.key.publicKey.export({ type: 'spki', format: 'der' }));
    this.#verifier = { name: options.name, publicKey, use: 'witness' };
  }

  /** The key that its cosignatures are verified with. */
  get vkey(): string {
    return encodeVkey(this.#verifier);
  }

  /** Never throws. */
  addCheckpoint(body: string): Promise<WitnessAnswer> {
    const answer = this.#last.then(() => this.#answer(body)).catch(failed);
    this.#last = answer;
    return answer;
  }

  async #answer(body: string): Promise<WitnessAnswer> {
    let request: AddCheckpoint;
    let checkpoint: ReadCheckpoint;
    try {
      request = readAddCheckpoint(body);
      checkpoint = readCheckpoint(request.checkpoint);
    } catch (error) {
      return { status: 400, body: `${messageOf(error)}\n` };
    }
    const known = this.#options.logs.filter(({ name }) => name === checkpoint.origin);
    if (known.length === 0) return { status: 404, body: 'this witness does not know the log\n' };
    const signers = known.filter((key) => isSignedByKey(checkpoint, key));
    if (signers.length === 0) return { status: 403, body: 'no known key of the log signed the checkpoint\n' };
    if (request.oldSize > checkpoint.size) return { status: 400, body: 'the old size is above the new one\n' };
    const before = await this.#state.last(checkpoint.origin);
    if (before !== undefined && areFormer(signers) && !areFormer(known.filter((key) => isSignedByKey(before, key))))
      return { status: 403, body: 'the log has a newer key, and this one counts no more\n' };
    const size = before?.size ?? 0;
    if (before !== undefined && contradicts(before, checkpoint))
      await this.#state.keepContradiction(checkpoint.origin, before, checkpoint);
    if (request.oldSize !== size) return { status: 409, body: `${size}\n`, isSize: true };
    if (before !== undefined && contradicts(before, checkpoint))
      return { status: 409, body: `${size}\n`, isSize: true };
    if (!goesOn(before, checkpoint, request)) return { status: 422, body: 'the consistency proof does not hold\n' };
    return this.#cosign(before, checkpoint, signers);
  }

  async #cosign(
    before: ReadCheckpoint | undefined,
    checkpoint: ReadCheckpoint,
    signers: readonly VerifierKey[],
  ): Promise<WitnessAnswer> {
    const now = this.#options.clock();
    const earlier = before === undefined ? undefined : cosignedAt(before.note, this.#verifier);
    // A cosignature says "the largest until now": one that is dated before the last would be false.
    if (earlier !== undefined && now.getTime() < earlier.getTime())
      return { status: 503, body: 'the clock of this witness is behind its last cosignature\n' };
    const { note, origin } = checkpoint;
    const line = cosign(note.text, this.#verifier, this.#options.key.privateKey, now);
    // Anybody may add lines to a note: only one good line of each known key is kept, so what is kept can be read again.
    const ofLog = signers.flatMap((key) => note.signatures.find((signature) => isLineOf(signature, key)) ?? []);
    await this.#state.remember(origin, withLines(note, ofLog) + line);
    return { status: 200, body: line };
  }
}

function areFormer(keys: readonly VerifierKey[]): boolean {
  return keys.every(({ until }) => until !== undefined);
}

/** Two signed roots for one size. */
function contradicts(before: ReadCheckpoint, checkpoint: ReadCheckpoint): boolean {
  return before.size === checkpoint.size && before.root !== checkpoint.root;
}

function goesOn(
  before: ReadCheckpoint | undefined,
  { size, root }: ReadCheckpoint,
  { hashes }: AddCheckpoint,
): boolean {
  if (size === 0 && root !== EMPTY_ROOT.toString('hex')) return false;
  if (before === undefined || before.size === 0) return hashes.length === 0;
  return verifyConsistency({ oldSize: before.size, newSize: size, hashes }, before.root, root);
}

function failed(error: unknown): WitnessAnswer {
  // Strangers ask: where the state lies is not their business.
  const isLost = error instanceof VallumError && error.code === 'WITNESS_STATE';
  return { status: 500, body: isLost ? 'what this witness vouched for is lost or damaged\n' : 'no answer\n' };
}
