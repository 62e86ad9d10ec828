// Everything that carrying one request takes.
import type { UpstreamPool } from '../upstream/pool.js';
import type { HeldBytes } from './read-body.js';

export interface RestContext {
  readonly upstream: (name: string) => UpstreamPool;
  /** Nothing is answered that was not written down. */
  readonly isDurable: boolean;
  readonly held: HeldBytes;
}
