// All API keys of a gateway as a worker holds them, and the answer to "whose key is this?".
import type { Sha256 } from '@vallum/core';
import { timingSafeEqual } from 'node:crypto';
import type { Caller } from '../../door/caller.js';
import type { Refusal } from '../../door/refusal.js';
import { refuse } from '../../door/refusal.js';
import { KEY_HASH_BYTES, keyHasher } from './key-hash.js';
import { keyIdOf, keyNumber } from './key-token.js';
import type { PackedKeys } from './packed-keys.js';
import { packKeys, ROW } from './packed-keys.js';

export interface KeyRing {
  /** Digest of the list that it was opened from: another one, another ring. */
  readonly epoch: Sha256;
  /** Number of keys, those that count no longer included. */
  readonly size: number;
  /**
   * Whose key this is; `own` is false in every answer. Whatever is wrong with a key, its sender gets the same refusal, and an
   * unknown id costs the same work as a known one.
   * @param now milliseconds since the epoch
   */
  find(token: string, now: number): Caller | Refusal;
}

/** @throws VallumError `GATEWAY_KEYS`, `GATEWAY_PEPPER` when the hashes were made with another pepper */
export function openKeyRing(bytes: Uint8Array, pepper: Uint8Array): KeyRing {
  return openPackedKeys(packKeys(bytes, pepper), pepper);
}

/** What another process of this gateway packed, with the same pepper. */
export function openPackedKeys({ epoch, holders, rows: packed }: PackedKeys, pepper: Uint8Array): KeyRing {
  const rows = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const hashOf = keyHasher(pepper);
  const none = Buffer.alloc(KEY_HASH_BYTES);
  const no = (why: string): Refusal => refuse('unauthenticated', why);
  return {
    epoch,
    size: rows.length / ROW.bytes,
    find: (token, now) => {
      const id = keyIdOf(token);
      if (id === undefined) return no('the API key is broken: its form or its checksum is wrong');
      const at = findRow(rows, keyNumber(id));
      const kept = at === undefined ? none : rows.subarray(at + ROW.hash, at + ROW.bytes);
      const fits = timingSafeEqual(hashOf(token), kept);
      if (at === undefined) return no(`there is no API key ${id}`);
      if (!fits) return no(`the secret is not that of the API key ${id}`);
      const holder = holders[rows.readUInt32LE(at + ROW.holder)];
      if (holder === undefined) return no(`the API key ${id} belongs to nobody`);
      const { principal, roles, group } = holder;
      if (rows.readUInt32LE(at + ROW.revoked) !== 0) return no(`the API key ${id} of ${principal} was revoked`);
      if (!(now >= rows.readDoubleLE(at + ROW.from))) return no(`the API key ${id} of ${principal} does not count yet`);
      if (!(now < rows.readDoubleLE(at + ROW.until))) return no(`the API key ${id} of ${principal} has expired`);
      return { principal, roles, means: 'key', credential: id, group, own: false };
    },
  };
}

/** Offset of the row with this id, by halving. */
function findRow(rows: Buffer, id: number): number | undefined {
  let low = 0;
  let high = rows.length / ROW.bytes;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = rows.readDoubleLE(middle * ROW.bytes);
    if (found === id) return middle * ROW.bytes;
    if (found < id) low = middle + 1;
    else high = middle;
  }
  return undefined;
}
