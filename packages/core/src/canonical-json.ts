// Canonical JSON (RFC 8785, JCS): the same value gives the same bytes, so that a digest or a signature can be redone by
// anyone. ECMAScript's own number and string forms are the ones that the RFC prescribes; only the key order is ours.
import { VallumError } from './errors.js';
import type { JsonValue } from './json.js';

/** @throws VallumError `JSON_NOT_CANONICAL` for NaN, infinities, lone surrogates and anything that is not JSON */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refuse('a number that is not finite');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw refuse(`a ${typeof value}`);
  // RFC 8785 3.2.3 sorts by UTF-16 code units, which is what the default sort does.
  const members = Object.entries(value).filter(([, member]) => (member as unknown) !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${text(key)}:${canonicalJson(member)}`).join(',')}}`;
}

function text(value: string): string {
  if (!value.isWellFormed()) throw refuse('half of a surrogate pair');
  return JSON.stringify(value);
}

function refuse(what: string): VallumError {
  return new VallumError('JSON_NOT_CANONICAL', `${what} has no canonical JSON form`);
}
