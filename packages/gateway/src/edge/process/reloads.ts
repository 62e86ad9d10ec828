// What may change under a running gateway: the file of API keys and the signed policies. Both are looked at all the
// time; what does not validate changes nothing, is told once, and the old ones go on to hold.
import { messageOf, sha256 } from '@vallum/core';
import type { Disk } from '@vallum/core';
import type { PolicySet } from '../../may/decide.js';
import type { GatewayAlert } from '../../records/events/alert.js';
import type { KeyPlaces, KeysAtHand } from '../../who/keys/key-store.js';
import { readKeys } from '../../who/keys/key-store.js';
import { revokedIds } from '../../who/keys/packed-keys.js';
import type { ToWorker } from './messages.js';

export interface ReloadOptions {
  readonly disk: Disk;
  readonly policies: PolicySet;
  readonly readPolicies?: () => Promise<PolicySet>;
  readonly keys?: KeyPlaces;
  /** To every worker. */
  readonly changed: (message: ToWorker) => void;
  /** Ids of the keys that the list calls revoked, each time that it was read after the start. */
  readonly revoked: (ids: readonly string[]) => void;
  readonly alert: (alert: GatewayAlert) => void;
}

export interface Reloaded {
  readonly policies: PolicySet;
  readonly keys: KeysAtHand | undefined;
}

export class Reloads {
  readonly #options: ReloadOptions;
  #now: Reloaded;
  /** What the file of keys looked like when it was read. */
  #seen: string;
  /** What was told of something that did not validate, so that it is told once. */
  readonly #told = new Map<'keys' | 'policies', string>();
  readonly #looking = new Set<'keys' | 'policies'>();

  private constructor(options: ReloadOptions, now: Reloaded, seen: string) {
    this.#options = options;
    this.#now = now;
    this.#seen = seen;
  }

  /** @throws VallumError `GATEWAY_KEYS`, `GATEWAY_PEPPER`, `GATEWAY_KEYS_MODE`, `DISK_READ` */
  static async open(options: ReloadOptions): Promise<Reloads> {
    const { disk, keys, policies } = options;
    const seen = await look(disk, keys);
    return new Reloads(options, { policies, keys: keys === undefined ? undefined : await readKeys(disk, keys) }, seen);
  }

  get now(): Reloaded {
    return this.#now;
  }

  /** Ids of the keys that are revoked and would count otherwise. */
  get revoked(): readonly string[] {
    const { keys } = this.#now;
    return keys === undefined ? [] : revokedIds(keys.packed, Date.now());
  }

  /** Never rejects. */
  lookAtKeys(): Promise<void> {
    return this.#try('keys', () => this.#lookAtKeys());
  }

  /** Never rejects. */
  lookAtPolicies(): Promise<void> {
    return this.#try('policies', () => this.#lookAtPolicies());
  }

  async #lookAtKeys(): Promise<void> {
    const { disk, keys: places, changed } = this.#options;
    const seen = await look(disk, places);
    if (places === undefined || seen === this.#seen) return;
    const keys = await readKeys(disk, places);
    this.#seen = seen;
    this.#now = { ...this.#now, keys };
    changed({ type: 'keys', keys });
    this.#options.revoked(this.revoked);
    this.#options.alert({ kind: 'reloaded', at: Date.now(), why: 'the file of API keys was read again' });
  }

  async #lookAtPolicies(): Promise<void> {
    const policies = await this.#options.readPolicies?.();
    if (policies === undefined || policies.digest === this.#now.policies.digest) return;
    this.#now = { ...this.#now, policies };
    this.#options.changed({ type: 'policies', policies });
    this.#options.alert({
      kind: 'reloaded',
      at: Date.now(),
      why: `policies ${policies.digest.slice(0, 12)} hold from now on`,
    });
  }

  async #try(what: 'keys' | 'policies', work: () => Promise<void>): Promise<void> {
    if (this.#looking.has(what)) return;
    this.#looking.add(what);
    try {
      await work();
      this.#told.delete(what);
    } catch (error) {
      const why = `${what} were not read again, the old ones hold: ${messageOf(error)}`;
      if (this.#told.get(what) === why) return;
      this.#told.set(what, why);
      this.#options.alert({ kind: 'reload-refused', at: Date.now(), why });
    } finally {
      this.#looking.delete(what);
    }
  }
}

/** What can be seen of the file without taking it apart. */
async function look(disk: Disk, places: KeyPlaces | undefined): Promise<string> {
  const stat = places === undefined ? undefined : await disk.stat(places.list);
  return sha256(Buffer.from(`${stat?.size} ${stat?.mtimeNs} ${stat?.ctimeNs} ${stat?.inode}`));
}
