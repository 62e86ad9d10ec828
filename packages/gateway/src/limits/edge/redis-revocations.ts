// Revocations of a cluster: heard at once by publish and subscribe, and at the latest by asking for the epoch all the time,
// since a message that nobody hears is lost.
import { VallumError } from '@vallum/core';
import { decodeRevocation, encodeRevocation, MOST_ID, MOST_REVOCATIONS } from '../revocations.js';
import type { Revocation, Revocations } from '../revocations.js';
import type { RedisLink } from './redis-link.js';
import { REVOKE } from './redis-scripts.js';

/** With the time that an answer takes, a revocation holds everywhere within a second. */
const POLL_MS = 800;
const AT_ONCE = 1_000;

export interface RedisRevocationOptions {
  readonly link: RedisLink;
  readonly prefix: string;
  /** What this process knows; it is added to. */
  readonly revocations: Revocations;
  /** Told what is new, however it was heard: to be handed to the workers. */
  readonly onRevoked?: (fresh: readonly Revocation[]) => void;
}

export class RedisRevocations {
  readonly #options: RedisRevocationOptions;
  readonly #key: string;
  #epoch: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;
  #polling = false;

  constructor(options: RedisRevocationOptions) {
    this.#options = options;
    this.#key = `${options.prefix}:revoked`;
  }

  async start(): Promise<void> {
    const { link } = this.#options;
    this.#unsubscribe = await link.subscribe(this.#key, (message) => {
      const revocation = decodeRevocation(message);
      if (revocation !== undefined) this.#add([revocation]);
    });
    link.whenReady(() => void this.#begin());
    this.#timer = setInterval(() => void this.#poll(), POLL_MS);
    this.#timer.unref();
    await this.#poll();
  }

  /**
   * Holds in this process at once, and in the others when they hear of it.
   * @throws VallumError `REVOCATION_NOT_SHARED`: it holds here, and is told to the others when the store is back
   */
  async revoke(revocation: Revocation): Promise<void> {
    const { id } = revocation;
    if (id === '' || id.length > MOST_ID)
      throw new VallumError('REVOCATION_ID', `an id has 1 to ${MOST_ID} characters`, {
        fix: 'give the id as it is listed',
      });
    this.#add([revocation]);
    let isIn: boolean;
    try {
      isIn = await this.#tell([revocation]);
    } catch (cause) {
      throw notShared(
        'the shared state cannot be reached',
        'it is told to the other gateways when the store is back',
        cause,
      );
    }
    if (!isIn) throw notShared(`there are ${MOST_REVOCATIONS} revocations already`, 'remove the keys themselves');
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unsubscribe?.();
  }

  /** A store that lost its state gets back what is known here. */
  async #begin(): Promise<void> {
    const known = this.#options.revocations.all();
    try {
      for (let from = 0; from < known.length; from += AT_ONCE) await this.#tell(known.slice(from, from + AT_ONCE));
    } catch {
      // The connection was lost again; the next one begins anew.
      return;
    }
    this.#epoch = undefined;
    await this.#poll();
  }

  async #tell(revocations: readonly Revocation[]): Promise<boolean> {
    const values = [String(MOST_REVOCATIONS), ...revocations.map(encodeRevocation)];
    return (await this.#options.link.run(REVOKE, this.#key, values)) === '1';
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    try {
      const epoch = String(await this.#options.link.command(['GET', `${this.#key}:epoch`]));
      if (epoch !== this.#epoch) await this.#read();
      this.#epoch = epoch;
    } catch {
      // What is known goes on to count; asked again soon.
    } finally {
      this.#polling = false;
    }
  }

  async #read(): Promise<void> {
    let cursor = '0';
    let pages = 0;
    do {
      const words = ['SSCAN', `${this.#key}:ids`, cursor, 'COUNT', String(AT_ONCE)];
      const [next, texts] = (await this.#options.link.command(words)) as [string, string[]];
      this.#add(texts.map(decodeRevocation).filter((revocation) => revocation !== undefined));
      cursor = String(next);
      pages += 1;
    } while (cursor !== '0' && pages <= 2 * (MOST_REVOCATIONS / AT_ONCE));
  }

  #add(revocations: readonly Revocation[]): void {
    const fresh = this.#options.revocations.add(revocations);
    if (fresh.length > 0) this.#options.onRevoked?.(fresh);
  }
}

function notShared(why: string, fix: string, cause?: unknown): VallumError {
  return new VallumError('REVOCATION_NOT_SHARED', `the revocation holds for this gateway only: ${why}`, { fix, cause });
}
