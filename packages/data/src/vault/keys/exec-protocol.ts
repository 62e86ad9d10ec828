// What is said between the vault and a program that keeps keys: one JSON object in, one JSON object out
// (docs/vault-key-exec.md). The program is chosen by the operator and still not believed: its answer is bounded, read
// strictly, and checked against what was asked; what it prints for people is shown without control characters.
import type { JsonObject, JsonValue } from '@vallum/core';
import { canonicalJson, isJsonObject, messageOf, parseJsonStrict, VallumError } from '@vallum/core';
import { KEY_BYTES } from '../format/chunked-encryption.js';
import { bytesOf, isKekId, MAX_WRAPPED_BYTES } from '../format/key-record.js';
import type { ProviderStatus, WrappedKey } from './provider.js';

export const EXEC_SCHEMA = 'vallum/key-exec/v1';
export const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_RETIRED = 256;

export type ExecRequest =
  | { readonly op: 'wrap'; readonly key: Uint8Array; readonly context: Uint8Array }
  | { readonly op: 'unwrap'; readonly kek: string; readonly wrapped: Uint8Array; readonly context: Uint8Array }
  | { readonly op: 'status' };

export function encodeRequest(request: ExecRequest): string {
  const members: Record<string, JsonValue> = { schema: EXEC_SCHEMA };
  for (const [name, value] of Object.entries<string | Uint8Array>({ ...request }))
    members[name] = typeof value === 'string' ? value : Buffer.from(value).toString('base64');
  return `${canonicalJson(members)}\n`;
}

export function wrapAnswer(output: Uint8Array, id: string): WrappedKey {
  const { kek, wrapped } = answer(output, id, ['kek', 'wrapped']);
  const bytes = bytesOf(wrapped, MAX_WRAPPED_BYTES);
  if (!isKekId(kek) || bytes === undefined) throw wrong(id, 'its kek or wrapped key has the wrong form');
  return { kek, wrapped: bytes };
}

export function unwrapAnswer(output: Uint8Array, id: string): Buffer {
  const key = bytesOf(answer(output, id, ['key'])['key'], KEY_BYTES);
  if (key?.length !== KEY_BYTES) throw wrong(id, `its key does not have ${KEY_BYTES} bytes`);
  return key;
}

export function statusAnswer(output: Uint8Array, id: string): ProviderStatus {
  const { active, retired } = answer(output, id, ['active', 'retired']);
  if (!isKekId(active) || !Array.isArray(retired) || retired.length > MAX_RETIRED)
    throw wrong(id, 'its status names no active key or no list of retired ones');
  const ids = retired.filter(isKekId);
  if (ids.length !== retired.length) throw wrong(id, 'its status names something that is no key id');
  return { active, retired: ids };
}

/** @throws VallumError `VAULT_EXEC` also for `{"error": "..."}`, with that sentence */
function answer(output: Uint8Array, id: string, members: readonly string[]): JsonObject {
  const json = readJson(output, id);
  if (!isJsonObject(json) || json['schema'] !== EXEC_SCHEMA) throw wrong(id, `its schema is not ${EXEC_SCHEMA}`);
  if (typeof json['error'] === 'string')
    throw new VallumError('VAULT_EXEC', `the key program ${id} refuses: ${printable(json['error'])}`, {
      fix: 'see what the program says, and whether its token or service is there',
    });
  if (Object.keys(json).sort().join() !== [...members, 'schema'].sort().join())
    throw wrong(id, `it does not have ${members.join(' and ')}`);
  return json;
}

function readJson(output: Uint8Array, id: string): JsonValue {
  try {
    return parseJsonStrict(output, { maxBytes: MAX_ANSWER_BYTES, maxDepth: 2 });
  } catch (error) {
    throw wrong(id, messageOf(error));
  }
}

/** One line of at most 400 characters, without anything that a terminal acts on. */
export function printable(text: string): string {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return line.length > 400 ? `${line.slice(0, 400)}...` : line;
}

function wrong(id: string, why: string): VallumError {
  return new VallumError('VAULT_EXEC', `the key program ${id} gives no usable answer: ${why}`, {
    fix: 'see docs/vault-key-exec.md for what it has to answer',
  });
}
