// The cache as bytes: one line with an HMAC-SHA-256 of all that follows, then JSON. An attacker may write what they like
// where the cache lies; without the key nothing of it is parsed, and with it every field is still checked.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { JsonObject, JsonValue } from '@vallum/core';
import { canonicalJson, isJsonObject, parseJsonStrict } from '@vallum/core';
import type { CacheEntry, StatCache } from './stat-cache.js';

export const MAX_CACHE_BYTES = 64 * 1024 * 1024;
export const MAX_CACHE_ENTRIES = 200_000;

const NAME = 'vallum/stat-cache/v2';
const HEAD_BYTES = NAME.length + 1 + 64 + 1;

function head(key: Uint8Array, body: Uint8Array): Buffer {
  const mac = createHmac('sha256', key).update(`${NAME}\n`).update(body).digest('hex');
  return Buffer.from(`${NAME} ${mac}\n`);
}

export function encodeCache(cache: StatCache, key: Uint8Array): Buffer {
  const entries = cache.entries.map((entry) => [
    entry.path,
    entry.from,
    entry.to,
    entry.algorithm,
    entry.digest,
    entry.bytes,
    entry.size,
    ...[entry.mtimeNs, entry.ctimeNs, entry.inode, entry.device].map(String),
    entry.seenMs,
  ]);
  const body = Buffer.from(canonicalJson({ ...cache, entries }));
  return Buffer.concat([head(key, body), body]);
}

/** Undefined for anything that was not written with this key, whole and unchanged. Never throws. */
export function decodeCache(bytes: Uint8Array, key: Uint8Array): StatCache | undefined {
  if (bytes.length < HEAD_BYTES || bytes.length > MAX_CACHE_BYTES) return undefined;
  const body = bytes.subarray(HEAD_BYTES);
  if (!timingSafeEqual(bytes.subarray(0, HEAD_BYTES), head(key, body))) return undefined;
  try {
    return readBody(parseJsonStrict(body, { maxBytes: MAX_CACHE_BYTES, maxDepth: 4 }));
  } catch {
    return undefined;
  }
}

function readBody(json: JsonValue): StatCache | undefined {
  if (!isJsonObject(json) || Object.keys(json).length !== 4) return undefined;
  const { folder, writtenMs, fullMs, entries: rows }: JsonObject = json;
  if (typeof folder !== 'string' || !isCount(writtenMs) || !isCount(fullMs)) return undefined;
  if (!Array.isArray(rows) || rows.length > MAX_CACHE_ENTRIES) return undefined;
  const entries = (rows as readonly JsonValue[]).map(readEntry);
  if (!entries.every((entry) => entry !== undefined)) return undefined;
  return { folder, writtenMs, fullMs, entries };
}

function readEntry(row: JsonValue): CacheEntry | undefined {
  if (!Array.isArray(row) || row.length !== 12) return undefined;
  const [path, from, to, algorithm, digest, bytes, size, mtime, ctime, inode, device, seenMs] =
    row as readonly JsonValue[];
  if (typeof path !== 'string' || typeof algorithm !== 'string' || typeof digest !== 'string') return undefined;
  if (!isCount(from) || !(to === -1 || isCount(to)) || !isCount(bytes)) return undefined;
  if (!isCount(size) || !isCount(seenMs) || !/^(?:[0-9a-f]{64}|[0-9a-f]{128})$/.test(digest)) return undefined;
  const numbers = [mtime, ctime, inode, device].map(bigOf);
  const [mtimeNs, ctimeNs, inodeNumber, deviceNumber] = numbers;
  if (mtimeNs === undefined || ctimeNs === undefined) return undefined;
  if (inodeNumber === undefined || deviceNumber === undefined) return undefined;
  const times = { mtimeNs, ctimeNs, inode: inodeNumber, device: deviceNumber, seenMs };
  return { path, from, to, algorithm, digest, bytes, size, ...times };
}

function isCount(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A time may lie before 1970. */
function bigOf(value: JsonValue | undefined): bigint | undefined {
  return typeof value === 'string' && /^-?[0-9]{1,20}$/.test(value) ? BigInt(value) : undefined;
}
