// The one reading of a request target. Two programs that read one path differently are how doors are walked around
// (CVE-2023-1177 and its kind), so only targets with a single reading go on, and what goes on is our text, not the caller's.
import type { Refusal } from './refusal.js';
import { refuse } from './refusal.js';

const MOST_CHARACTERS = 2_048;
const PLAIN = /^(?:\/[A-Za-z0-9._~-]+)+$/;
const ESCAPED = /%([0-9A-Fa-f]{2})/g;
const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/**
 * The canonical path of an origin-form target (RFC 9112 section 3.2.1): percent-escapes of unreserved characters undone
 * once, nothing else changed. Refused: absolute, authority and asterisk forms, queries and fragments, empty and dot
 * segments, escapes of anything but unreserved characters (a slash, a dot by `%252e`, a NUL), parameters, backslashes.
 */
export function canonicalPath(target: string): string | Refusal {
  if (target.length > MOST_CHARACTERS)
    return refuse('bad-path', `the target has more than ${MOST_CHARACTERS} characters`);
  const path = target.includes('%') ? unescapeOnce(target) : target;
  if (path === undefined) return refuse('bad-path', 'the path has an escape that is not of an unreserved character');
  if (!PLAIN.test(path))
    return refuse('bad-path', 'the path has more than one reading, or characters that no route has');
  if (path.includes('/.') && path.split('/').some((part) => part === '.' || part === '..'))
    return refuse('bad-path', 'the path has a dot segment');
  return path;
}

function unescapeOnce(target: string): string | undefined {
  let isPlain = true;
  const path = target.replace(ESCAPED, (_, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    // An escaped dot is unreserved and still refused where it makes a dot segment: the check comes after this.
    if (!UNRESERVED.test(character)) isPlain = false;
    return character;
  });
  return isPlain && !path.includes('%') ? path : undefined;
}
