// The list of keys in the form in which workers hold it: one row of 64 bytes for each key, sorted by id, and the principals.
// Reading a hundred thousand keys takes a second and leaves 100 MB of used memory behind, so that one process does it and
// the workers get the result, which they need not read.
import type { Sha256 } from '@vallum/core';
import { pause, sha256, VallumError } from '@vallum/core';
import type { Caller } from '../../door/caller.js';
import type { KeyHolder, KeyRecord } from './key-file.js';
import { readKeyList, windowOf } from './key-file.js';
import { KEY_HASH_BYTES, PEPPER_BYTES, pepperMark } from './key-hash.js';
import { keyIdOfNumber, keyNumber } from './key-token.js';

export type PackedHolder = Pick<Caller, 'principal' | 'roles' | 'group'>;

/** Plain values only: it can be sent to another process with the advanced serialization of `node:cluster`. */
export interface PackedKeys {
  /** Digest of the list that it was made from. */
  readonly epoch: Sha256;
  readonly holders: readonly PackedHolder[];
  /** See `ROW`; numbers are little-endian. */
  readonly rows: Uint8Array;
}

/** Where in a row what stands: id as a number, times as milliseconds since the epoch, index of the holder, revoked or not. */
export const ROW = {
  id: 0,
  from: 8,
  until: 16,
  holder: 24,
  revoked: 28,
  hash: 32,
  bytes: 32 + KEY_HASH_BYTES,
} as const;

/** About two milliseconds. */
const KEYS_A_TURN = 200;

/** @throws VallumError `GATEWAY_KEYS`, `GATEWAY_PEPPER` when the hashes were made with another pepper */
export function packKeys(bytes: Uint8Array, pepper: Uint8Array): PackedKeys {
  const packer = new Packer();
  for (const holder of holdersFor(bytes, pepper)) packer.add(holder);
  return packer.finish(sha256(bytes));
}

/** The same, with turns for whatever else the process does. @throws as `packKeys` */
export async function packKeysInTurns(bytes: Uint8Array, pepper: Uint8Array): Promise<PackedKeys> {
  const packer = new Packer();
  let read = 0;
  for (const holder of holdersFor(bytes, pepper)) {
    packer.add(holder);
    read += holder.keys.length + 1;
    if (read < KEYS_A_TURN) continue;
    read = 0;
    await pause();
  }
  return packer.finish(sha256(bytes));
}

/** Ids of the keys that were revoked and have not expired. @param now milliseconds since the epoch */
export function revokedIds({ rows: packed }: PackedKeys, now: number): readonly string[] {
  const rows = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const ids: string[] = [];
  for (let at = 0; at < rows.length; at += ROW.bytes)
    if (rows.readUInt32LE(at + ROW.revoked) !== 0 && now < rows.readDoubleLE(at + ROW.until))
      ids.push(keyIdOfNumber(rows.readDoubleLE(at + ROW.id)));
  return ids;
}

function holdersFor(bytes: Uint8Array, pepper: Uint8Array): Iterable<KeyHolder> {
  const { pepper: mark, holders } = readKeyList(bytes);
  if (pepper.length === PEPPER_BYTES && pepperMark(pepper) === mark) return holders;
  throw new VallumError('GATEWAY_PEPPER', 'the API keys were made with another pepper than the one that lies there', {
    fix: 'restore keys/pepper of the state folder from a copy, or make new keys',
  });
}

class Packer {
  readonly #holders: PackedHolder[] = [];
  /** Few sets of roles, many principals. */
  readonly #roles = new Map<string, readonly string[]>();
  #rows = Buffer.alloc(256 * ROW.bytes);
  #size = 0;

  add({ principal, roles, group, keys }: KeyHolder): void {
    const set = alone(roles.join(' '));
    const shared = this.#roles.get(set) ?? set.split(' ');
    this.#roles.set(set, shared);
    const id = alone(principal);
    this.#holders.push({ principal: id, roles: shared, group: group === undefined ? id : alone(group) });
    for (const key of keys) this.#addKey(key);
  }

  #addKey({ id, hash, revokedAt, ...key }: KeyRecord): void {
    const at = this.#size * ROW.bytes;
    if (at === this.#rows.length) this.#rows = Buffer.concat([this.#rows, Buffer.alloc(at)]);
    const { from, until } = windowOf(key);
    this.#rows.writeDoubleLE(keyNumber(id), at + ROW.id);
    this.#rows.writeDoubleLE(from, at + ROW.from);
    this.#rows.writeDoubleLE(until, at + ROW.until);
    this.#rows.writeUInt32LE(this.#holders.length - 1, at + ROW.holder);
    this.#rows.writeUInt32LE(revokedAt === undefined ? 0 : 1, at + ROW.revoked);
    this.#rows.write(hash, at + ROW.hash, 'hex');
    this.#size += 1;
  }

  finish(epoch: Sha256): PackedKeys {
    const ids = Float64Array.from({ length: this.#size }, (_, row) => this.#rows.readDoubleLE(row * ROW.bytes));
    const order = Uint32Array.from(ids.keys()).sort((a, b) => (ids[a] ?? 0) - (ids[b] ?? 0));
    const rows = new Uint8Array(this.#size * ROW.bytes);
    order.forEach((row, at) => {
      rows.set(this.#rows.subarray(row * ROW.bytes, (row + 1) * ROW.bytes), at * ROW.bytes);
    });
    return { epoch, holders: this.#holders, rows };
  }
}

/** The same text, without the document that it was cut from: a part of a string keeps all of it in memory. */
function alone(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
