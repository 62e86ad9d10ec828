// Everything that carrying one request takes.
import type { UpstreamPool } from '../upstream/pool.js';
import type { Links } from './links.js';
import type { HeldBytes } from './read-body.js';

export interface RestContext {
  readonly upstream: (name: string) => UpstreamPool;
  /** Nothing is answered that was not written down. */
  readonly isDurable: boolean;
  /** Bytes of bodies and long answers. */
  readonly held: HeldBytes;
  readonly links: Links;
  /** Milliseconds that a reader may take none of what is written for it. */
  readonly stallMs: number;
}
