// Names inside a signed manifest. The attacker may control them: `../x` would read outside the model, `./x` and `x` would
// be two names for one file, and an ignored `.` would hide everything (signing reference, section 3).
import { Refusal } from './refusal.js';

/** Paths that signers leave out unless told otherwise: version control, not model (OMS v1.0). */
export const GIT_PATHS = ['.git', '.gitattributes', '.github', '.gitignore'] as const;

const MAX_LENGTH = 4096;

/** The path again, if it is the one way to write a file below the model. @throws Refusal `path-unsafe` */
export function canonicalPath(path: string): string {
  // A path too long to be one is not taken apart first.
  const parts = path.length > MAX_LENGTH ? [''] : path.split('/');
  const unsafe = parts.some((part) => part === '' || part === '.' || part === '..');
  if (unsafe || !path.isWellFormed() || /[\0\n\r]/.test(path))
    throw new Refusal('path-unsafe', `the signature names ${JSON.stringify(path.slice(0, 200))}, not a plain path`);
  return path;
}

/** The path as Python's PurePosixPath writes it: without empty and `.` parts. It may still leave the folder. */
export function posixPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const lead = path.startsWith('/') ? (/^\/\/(?!\/)/.test(path) ? '//' : '/') : '';
  return `${lead}${parts.join('/')}` || '.';
}

/** True for a path that cannot leave the folder it is relative to, other than through a link. */
export function staysInside(path: string): boolean {
  return !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..');
}

/** True when the path is one of `ignored` or lies below one. */
export function isIgnored(path: string, ignored: ReadonlySet<string>): boolean {
  // Ancestor by ancestor: a hostile list of 100,000 ignored paths must not cost 100,000 comparisons a file.
  for (let cut = path.indexOf('/'); cut !== -1; cut = path.indexOf('/', cut + 1))
    if (ignored.has(path.slice(0, cut))) return true;
  // `.` stands for all; the strict readers never let it into the list.
  return ignored.has(path) || ignored.has('.');
}

/** Order by path component, which the reference signer writes. */
export function byComponent(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (part !== other) return byCodePoint(part, other);
  }
  return left.length - right.length;
}

/** Code point order of whole names, which UTF-8 bytes have too (OMS v1.0 section 5.2.1). */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
