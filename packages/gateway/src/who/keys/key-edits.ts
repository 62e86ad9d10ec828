// What people do to the list of keys: create, rotate, revoke. A change is a new list, or an error that says what to do
// instead. Keys that ended stay in the list, so that a refusal can say which key it was, until twenty of them are there.
import { VallumError } from '@vallum/core';
import type { KeyHolder, KeyRecord } from './key-file.js';
import { checkHolder, keyHolder, KEYS_AT_ONCE, MAX_KEYS_OF_ONE, windowOf } from './key-file.js';
import { keyHasher } from './key-hash.js';
import type { RandomBytes } from './key-token.js';
import { keyIdOf, mintKeyToken } from './key-token.js';

export interface FreshKey {
  /** The key itself, to be shown once. */
  readonly token: string;
  readonly record: KeyRecord;
}

export interface KeyLife {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly until: number;
  readonly label?: string;
}

export interface HolderDraft {
  readonly principal: string;
  readonly roles: readonly string[];
  readonly name?: string;
  readonly group?: string;
}

export function makeKey(pepper: Uint8Array, random: RandomBytes, { now, until, label }: KeyLife): FreshKey {
  const token = mintKeyToken(random);
  const id = keyIdOf(token) ?? '';
  const hash = keyHasher(pepper)(token).toString('hex');
  const record = { id, hash, createdAt: iso(now), notBefore: iso(now), notAfter: iso(until) };
  return { token, record: { ...record, ...(label === undefined ? {} : { label }) } };
}

/** A new principal, or one whose keys all ended, with the roles given now. @throws VallumError `GATEWAY_KEY_THERE`, `GATEWAY_KEY_FORM` */
export function addKey(
  holders: readonly KeyHolder[],
  draft: HolderDraft,
  { record }: FreshKey,
  now: number,
): readonly KeyHolder[] {
  const before = holders.find(({ principal }) => principal === draft.principal);
  if (before?.keys.some((key) => isOpen(key, now)) === true)
    throw new VallumError('GATEWAY_KEY_THERE', `${draft.principal} has a key already`, {
      fix: `run vallum gateway keys rotate ${draft.principal}, or revoke the old key first`,
    });
  const holder = checked({ ...draft, roles: [...draft.roles], keys: withNewest(before?.keys ?? [], record, now) });
  return before === undefined ? [...holders, holder] : replaced(holders, holder);
}

/** A second key; the first one ends after the overlap, in milliseconds. @throws VallumError `GATEWAY_PRINCIPAL`, `GATEWAY_KEY_TWO` */
export function rotateKey(
  holders: readonly KeyHolder[],
  principal: string,
  { record }: FreshKey,
  { now, overlap }: { readonly now: number; readonly overlap: number },
): readonly KeyHolder[] {
  const before = holders.find((holder) => holder.principal === principal);
  if (before === undefined)
    throw new VallumError('GATEWAY_PRINCIPAL', `no principal ${JSON.stringify(principal.slice(0, 80))} has keys`, {
      fix: 'see vallum gateway keys list, or run vallum gateway keys create',
    });
  const open = before.keys.filter((key) => isOpen(key, now));
  if (open.length >= KEYS_AT_ONCE)
    throw new VallumError('GATEWAY_KEY_TWO', `${principal} has ${open.length} keys that count: ${idsOf(open)}`, {
      fix: 'revoke the one that nobody uses any more, or wait until it ends',
    });
  const end = now + overlap;
  const ending = before.keys.map((key) =>
    isOpen(key, now) && windowOf(key).until > end ? { ...key, notAfter: iso(end) } : key,
  );
  return replaced(holders, checked({ ...before, keys: withNewest(ending, record, now) }));
}

/** @throws VallumError `GATEWAY_KEY_ID`, `GATEWAY_KEY_REVOKED` */
export function revokeKey(
  holders: readonly KeyHolder[],
  id: string,
  { now, reason }: { readonly now: number; readonly reason: string },
): { readonly holders: readonly KeyHolder[]; readonly principal: string } {
  const holder = holders.find(({ keys }) => keys.some((key) => key.id === id));
  const found = holder?.keys.find((key) => key.id === id);
  if (holder === undefined || found === undefined)
    throw new VallumError('GATEWAY_KEY_ID', `there is no key ${JSON.stringify(id.slice(0, 80))}`, {
      fix: 'give the ten characters behind vlm_, see vallum gateway keys list',
    });
  if (found.revokedAt !== undefined)
    throw new VallumError('GATEWAY_KEY_REVOKED', `the key ${id} was revoked at ${found.revokedAt} already`);
  const keys = holder.keys.map((key) => (key === found ? { ...key, revokedAt: iso(now), revokedFor: reason } : key));
  return { holders: replaced(holders, checked({ ...holder, keys })), principal: holder.principal };
}

/** Neither revoked nor at its end. */
export function isOpen(key: KeyRecord, now: number): boolean {
  return key.revokedAt === undefined && windowOf(key).until > now;
}

/** Makes room by leaving out the oldest that ended. */
function withNewest(keys: readonly KeyRecord[], fresh: KeyRecord, now: number): KeyRecord[] {
  const surplus = keys.length + 1 - MAX_KEYS_OF_ONE;
  const ended = keys.filter((key) => !isOpen(key, now)).slice(0, Math.max(0, surplus));
  return [...keys.filter((key) => !ended.includes(key)), fresh];
}

function replaced(holders: readonly KeyHolder[], holder: KeyHolder): readonly KeyHolder[] {
  return holders.map((one) => (one.principal === holder.principal ? holder : one));
}

/** What a person typed has the same bounds as what is read. */
function checked(holder: KeyHolder): KeyHolder {
  const result = keyHolder.safeParse(holder);
  const issue = result.error?.issues[0];
  if (issue !== undefined)
    throw new VallumError('GATEWAY_KEY_FORM', `this cannot be written: ${issue.path.join('.')}: ${issue.message}`, {
      fix: 'give a principal such as web-shop, roles such as infer, and texts in plain characters',
    });
  checkHolder(holder);
  return holder;
}

function idsOf(keys: readonly KeyRecord[]): string {
  return keys.map(({ id }) => id).join(', ');
}

/** To the second: notBefore must not lie after the first use of a key, so it is cut and not rounded. */
function iso(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
