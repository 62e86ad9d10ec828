// The list of API keys, `vallum/gateway-keys/v1`: who holds which keys, and of each key what is needed to recognise it and
// never the key. Whoever can write this file can let anybody in, so that it is read strictly: unknown fields, an id or a
// principal that stands twice, and more than two keys that count at one instant are refused.
import { messageOf, parseJsonStrict, parseTime, VallumError } from '@vallum/core';
import * as z from 'zod';
import { KEY_ID } from './key-token.js';
import { sliceList } from './list-slices.js';

export const KEYS_SCHEMA = 'vallum/gateway-keys/v1';
/** Of the whole file. */
export const MAX_KEYS_BYTES = 128 * 1024 ** 2;
/** Keys at once: one in use, and the next one while callers change over. */
export const KEYS_AT_ONCE = 2;
/** Of one principal, ended and revoked ones included. */
export const MAX_KEYS_OF_ONE = 20;
const MAX_KEYS = 250_000;
const MAX_PRINCIPALS = 100_000;
const MAX_ENTRY = { maxBytes: 64 * 1024, maxDepth: 4 };

const time = z.string().refine(isTime, 'a time is UTC, like 2026-12-31T00:00:00Z');
/** Printable: it is shown on terminals. */
const text = z.string().regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u, 'a text has 1 to 200 printable characters');
const principal = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a principal has letters, digits, ".", "_" and "-", at most 64');
const role = z
  .string()
  .regex(/^[a-z][A-Za-z0-9._:-]{0,127}$/, 'a role begins with a lower-case letter, such as infer or infer:spam-filter');

const keyRecord = z.strictObject({
  id: z.string().regex(KEY_ID),
  /** HMAC-SHA-256 of the whole key under the pepper, hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: time,
  /** Counts from the first instant on, and no longer at the second. */
  notBefore: time,
  notAfter: time,
  revokedAt: time.optional(),
  revokedFor: text.optional(),
  label: text.optional(),
});
export const keyHolder = z.strictObject({
  principal,
  name: text.optional(),
  roles: z.array(role).min(1).max(32),
  /** Accounts that are looked at together; the principal itself by default. */
  group: principal.optional(),
  keys: z.array(keyRecord).max(MAX_KEYS_OF_ONE),
});
const frame = z.strictObject({
  schema: z.literal(KEYS_SCHEMA),
  /** Mark of the pepper that the hashes were made with. */
  pepper: z.string().regex(/^[0-9a-f]{16}$/),
  principals: z.array(z.never()),
});

export type KeyRecord = z.infer<typeof keyRecord>;
export type KeyHolder = z.infer<typeof keyHolder>;

export interface KeyList {
  /** See `pepperMark`. */
  readonly pepper: string;
  /** Read once, from first to last; each step may throw as `readKeyList` does. */
  readonly holders: Iterable<KeyHolder>;
}

/** @throws VallumError `GATEWAY_KEYS`, naming the entry */
export function readKeyList(bytes: Uint8Array): KeyList {
  const sliced = reading('the list of keys', () => {
    if (bytes.length > MAX_KEYS_BYTES) throw new Error(`it has more than ${MAX_KEYS_BYTES} bytes`);
    return sliceList(bytes);
  });
  const { pepper } = reading('the list of keys', () => frame.parse(parseJsonStrict(sliced.frame)));
  return { pepper, holders: holdersOf(sliced.entries) };
}

function* holdersOf(entries: Iterable<Uint8Array>): Iterable<KeyHolder> {
  const principals = new Set<string>();
  const ids = new Set<string>();
  for (const bytes of entries) {
    const where = `principal ${principals.size + 1} in the list of keys`;
    const holder = reading(where, () => keyHolder.parse(parseJsonStrict(bytes, MAX_ENTRY)));
    reading(`${holder.principal} in the list of keys`, () => {
      checkHolder(holder);
      if (principals.has(holder.principal)) throw new Error('it stands there twice');
      principals.add(holder.principal);
      for (const { id } of holder.keys) {
        if (ids.has(id)) throw new Error(`the key ${id} stands there twice`);
        ids.add(id);
      }
      if (ids.size > MAX_KEYS) throw new Error(`there are more than ${MAX_KEYS} keys`);
      if (principals.size > MAX_PRINCIPALS) throw new Error(`there are more than ${MAX_PRINCIPALS} principals`);
    });
    yield holder;
  }
}

/** @throws Error for a key that ends before it begins, and for more than two that count at one instant */
export function checkHolder({ keys }: KeyHolder): void {
  const windows = keys.map((key) => ({ id: key.id, isRevoked: key.revokedAt !== undefined, ...windowOf(key) }));
  for (const { id, from, until } of windows) if (from > until) throw new Error(`the key ${id} ends before it begins`);
  const open = windows.filter(({ isRevoked }) => !isRevoked);
  // Most overlap where one of them begins.
  for (const { from: at } of open)
    if (open.filter(({ from, until }) => from <= at && at < until).length > KEYS_AT_ONCE)
      throw new Error(`more than ${KEYS_AT_ONCE} of its keys count at one time`);
}

/** Milliseconds since the epoch: counts from the first on, until before the second. */
export function windowOf({ notBefore, notAfter }: Pick<KeyRecord, 'notBefore' | 'notAfter'>): {
  readonly from: number;
  readonly until: number;
} {
  return { from: parseTime(notBefore).getTime(), until: parseTime(notAfter).getTime() };
}

/** One line per principal, so that changes can be compared line by line. */
export function encodeKeyList(pepper: string, holders: readonly KeyHolder[]): Uint8Array {
  const lines = holders.map((holder) => `    ${JSON.stringify(holder)}`).join(',\n');
  const list = lines === '' ? '[]' : `[\n${lines}\n  ]`;
  const head = `{\n  "schema": ${JSON.stringify(KEYS_SCHEMA)},\n  "pepper": ${JSON.stringify(pepper)},\n`;
  return Buffer.from(`${head}  "principals": ${list}\n}\n`);
}

function isTime(value: string): boolean {
  try {
    parseTime(value);
    return true;
  } catch {
    return false;
  }
}

function reading<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const why = issue === undefined ? messageOf(error) : `${issue.path.join('.')}: ${issue.message}`;
    throw new VallumError('GATEWAY_KEYS', `${where} cannot be read: ${why}`, {
      fix: 'restore the file from a copy; only vallum gateway keys writes it',
    });
  }
}
