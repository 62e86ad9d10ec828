// The whole plaintext as a file of its owner only. It is written chunk by chunk, each one verified before, under a name
// that nobody looks for, and gets its own name when all of it is there and durable: a program that loads the file never
// meets half of it, nor anything that was not sealed.
import { createHash } from 'node:crypto';
import type { Disk, Sha256 } from '@vallum/core';
import { VallumError } from '@vallum/core';
import { sourceOf } from './batches.js';
import type { SealedReader } from './open.js';
import { writePrivate, writeWhole } from './output.js';

const OWNER_ONLY = 0o600;

export interface ToFileRequest {
  readonly disk: Disk;
  readonly reader: SealedReader;
  /** Nothing may be there yet. */
  readonly target: string;
  /** What the plaintext has to hash to, from a source other than the vault: a manifest, the ledger. */
  readonly sha256?: Sha256;
  /** The folder is the caller's alone and gets its name when all is there. */
  readonly privately?: boolean;
  readonly signal?: AbortSignal;
}

/** @throws VallumError `VAULT_EXISTS`, `VAULT_DAMAGED`, `VAULT_DIGEST`, `DISK_WRITE`; then nothing is left at the target */
export async function openToFile(request: ToFileRequest): Promise<void> {
  const { disk, reader, target, sha256, signal, privately = false } = request;
  const write = privately ? writePrivate : writeWhole;
  await write({ disk, path: target, mode: OWNER_ONLY }, async (output) => {
    const hash = sha256 === undefined ? undefined : createHash('sha256');
    for await (const piece of sourceOf(reader).chunks) {
      signal?.throwIfAborted();
      hash?.update(piece);
      await output.append(piece);
    }
    if (hash !== undefined && hash.digest('hex') !== sha256)
      throw new VallumError(
        'VAULT_DIGEST',
        `what was sealed as ${reader.header.object} is not the content expected`,
        {
          fix: 'find out who sealed it: the ciphertext is whole, but it is not what the manifest names',
        },
        'unproven',
      );
  });
}
