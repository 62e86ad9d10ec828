// Where something comes from, in its one plain form. The attacker picks the text: a user before an `@` that looks like the
// host, letters of other alphabets (CWE-1007), a trailing dot, a default port, percent escapes, `..` and http for https
// all make two texts of one place or one text of two. So an origin is not normalised: what is not plain is refused, and
// what is plain is compared byte by byte, at the boundary of a path segment.
import { SCHEMES } from './rules.js';

const MAX_LENGTH = 1000;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`);
const SEGMENT = /^[A-Za-z0-9._~+=,@-]+$/;
const DEFAULT_PORTS: readonly string[] = ['443'];

/** Why a text is no plain origin; undefined when it is one. */
export function originProblem(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (/[^\x21-\x7e]/.test(text)) return 'it holds a character that is not plain ASCII';
  const [, scheme, authority = '', path = ''] = /^([^:/?#]+):\/\/([^/?#\\]*)(.*)$/.exec(text) ?? [];
  if (scheme === undefined) return 'it is not SCHEME://HOST/PATH';
  if (!SCHEMES.includes(scheme)) return `the scheme ${scheme} is none of ${SCHEMES.join(', ')}`;
  if (authority.includes('@')) return 'it names a user before its host';
  const [host = '', port, more] = authority.split(':');
  if (more !== undefined || !HOST.test(host)) return 'its host is not a plain name in lower case';
  if (port !== undefined && !isPort(port)) return 'its port is not a plain number other than the default';
  return pathProblem(path);
}

function isPort(port: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(port) && Number(port) < 65_536 && !DEFAULT_PORTS.includes(port);
}

function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'it has no path, not even "/"';
  const segments = path.slice(1).split('/');
  // One slash at the end is the usual way to write a folder.
  if (segments.at(-1) === '') segments.pop();
  for (const segment of segments) {
    if (segment === '.' || segment === '..' || segment === '') return 'its path holds an empty or a dot segment';
    if (!SEGMENT.test(segment)) return 'its path holds a character other than letters, digits and . _ ~ + = , @ -';
  }
  return undefined;
}

/** The one text of a place: with and without a slash at the end it is the same. */
function folder(text: string): string {
  return text.endsWith('/') ? text : `${text}/`;
}

/** The first allowed origin that admits nothing, or that says a second time, and maybe otherwise, what one place needs. */
export function allowedProblem(
  allowed: readonly { readonly origin: string }[],
): { readonly at: number; readonly problem: string } | undefined {
  const known = new Map<string, string>();
  for (const [at, { origin }] of allowed.entries()) {
    const odd = originProblem(origin);
    if (odd !== undefined) return { at, problem: `an origin is plain, and ${odd}` };
    const before = known.get(folder(origin));
    if (before !== undefined) return { at, problem: `it is the same place as ${before}, which is allowed already` };
    known.set(folder(origin), origin);
  }
  return undefined;
}

/** True when a plain origin is the allowed one or lies below it. */
export function isBelow(origin: string, allowed: string): boolean {
  return folder(origin).startsWith(folder(allowed));
}

/** The most specific of the allowed origins that an origin lies below. @param allowed without an `allowedProblem` */
export function allowedFor<T extends { readonly origin: string }>(
  origin: string,
  allowed: readonly T[],
): T | undefined {
  const fitting = allowed.filter((one) => isBelow(origin, one.origin));
  return fitting.sort((a, b) => b.origin.length - a.origin.length)[0];
}
