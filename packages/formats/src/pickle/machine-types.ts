// What a pickle machine is given, what all machines over one input share, and why a machine pauses.
import type { Fault } from './broken.js';
import type { Payload } from './payloads.js';
import type { TorchStorage } from './torch-storages.js';
import type { CallSite, GlobalValue, Value } from './values.js';

export interface MachineLimits {
  readonly maxSteps: number;
  readonly maxStack: number;
  readonly maxMemo: number;
  /** Distinct imported names. */
  readonly maxGlobals: number;
  /** Bytes of a line in protocols 0 and 1. */
  readonly maxLine: number;
  /** Keys of dicts whose values are kept. */
  readonly keys: ReadonlySet<string>;
}

export type Pause =
  | { readonly state: 'more'; readonly bytes: number }
  | { readonly state: 'inline-array'; /** The state that the wrapper is given. */ readonly wrapper: Value }
  | { readonly state: 'stop' }
  | { readonly state: 'fault'; readonly fault: Fault };

/** What all machines over one input share: imported names, embedded payloads, oddities. */
export interface Shared {
  readonly globals: Map<string, GlobalValue>;
  readonly payloads: Payload[];
  readonly anomalies: Map<string, number>;
  /** Tensor storages that persistent ids name, by key. */
  readonly storages: Map<string, TorchStorage>;
  readonly visit: (site: CallSite) => void;
  steps: number;
}
