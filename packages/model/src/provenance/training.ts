// What was known when a model was trained, as a value. Wire form: `slsa.ts`.
import type { Sha256, Subject } from '@vallum/core';

export interface NamedDigest {
  readonly name: string;
  readonly sha256: Sha256;
  /** Where it came from. */
  readonly uri?: string;
}

export interface TrainingProvenance {
  /** The model folder, by Vallum's directory digest. */
  readonly subject: Subject;
  /** Root digest of OpenSSF Model Signing: carried beside the subject, since it does not cover names. */
  readonly omsRoot?: Sha256;
  readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> };
  /** What started the training: the path of a workflow, or the name of a script. */
  readonly workflow?: string;
  /** Full git reference that it ran on: `refs/heads/main`. */
  readonly ref?: string;
  readonly seed?: number;
  /** Number of rows of each feed that trained the model. */
  readonly trained: Readonly<Record<string, number>>;
  /** The dataset by its manifest; absent where only the rows of the feeds are known. */
  readonly dataset?: NamedDigest;
  /** Digest of rows.jsonl of each feed. */
  readonly feeds: readonly NamedDigest[];
  readonly base?: NamedDigest;
  /** Digest of the training code. */
  readonly code?: Sha256;
  /** SHA-1 or SHA-256 id of the commit that was checked out. */
  readonly commit?: string;
  /** Lock file or other capture of the environment. */
  readonly environment?: NamedDigest;
  readonly container?: NamedDigest;
  readonly invocationId?: string;
  /** UTC. */
  readonly startedOn?: string;
  readonly finishedOn?: string;
  /** Digest of run.json. */
  readonly run?: Sha256;
}
