// The one form of a captured Python environment, whichever tool wrote the capture: lock files, `pip freeze`, conda, a
// site-packages folder. The attacker controls every byte of a capture; a reader that stops early would hide the packages
// behind the place where it stopped, so whatever is not read is a note of code `unread`, never nothing.

/** `index`: a package index by name and version. `vcs`, `url` and `path` bypass it. */
export type PackageSource = 'index' | 'url' | 'vcs' | 'path' | 'unknown';

export interface EnvironmentPackage {
  /** As PEP 503 normalises it; names of conda as they are, in lower case. */
  readonly name: string;
  readonly ecosystem: 'pypi' | 'conda';
  readonly version?: string;
  /** False where the version is a range or a prefix, so that two installations may differ. */
  readonly exact: boolean;
  readonly source: PackageSource;
  /** Address or path for every source but `index`. */
  readonly location?: string;
  /** Of a version control system: all digits of the commit. */
  readonly commit?: string;
  /** `sha256:<hex>` and the like, in lower case. */
  readonly hashes: readonly string[];
  /** Address of the index, where the capture names it. */
  readonly index?: string;
  readonly yanked?: true;
  readonly line?: number;
}

/** `first` replaces the default index, `extra` stands beside it, `links` is a page or folder, `trusted` needs no TLS. */
export interface EnvironmentIndex {
  readonly role: 'first' | 'extra' | 'links' | 'trusted';
  readonly url: string;
  readonly line?: number;
}

export interface EnvironmentNote {
  /** `unread`: something that may name packages was not read. `refers`: it names another file. */
  readonly code: 'unread' | 'refers';
  readonly text: string;
  readonly line?: number;
}

export interface Environment {
  /** Which tool's form it is: `requirements`, `poetry.lock`, ... */
  readonly format: string;
  readonly packages: readonly EnvironmentPackage[];
  readonly indexes: readonly EnvironmentIndex[];
  readonly notes: readonly EnvironmentNote[];
}

export const ENVIRONMENT_LIMITS = {
  /** Bytes of one capture. */
  maxBytes: 32 * 1024 * 1024,
  maxPackages: 50_000,
  /** Hashes of one package: one for each file that the index offers. */
  maxHashes: 2_000,
} as const;

/** PEP 503: runs of `-`, `_` and `.` are one dash, in lower case. */
export function normalName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

const HASH_LENGTHS: Readonly<Record<string, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  blake2b: 128,
};

/** `sha256:AB..`, `sha256=ab..` or 64 bare digits to `sha256:ab..`; undefined for what is no hash. */
export function normalHash(text: string): string | undefined {
  const [, named, digits = ''] = /^(?:([a-z0-9]+)[:=])?([0-9a-f]{32,128})$/i.exec(text.trim()) ?? [];
  const algorithm = named?.toLowerCase() ?? (digits.length === 64 ? 'sha256' : digits.length === 32 ? 'md5' : '');
  return HASH_LENGTHS[algorithm] === digits.length ? `${algorithm}:${digits.toLowerCase()}` : undefined;
}

/** The hash in the fragment of an address, as pip and conda write it: `#sha256=...`, `#<md5>`. */
export function fragmentHash(url: string): string | undefined {
  const fragment = url.slice(url.indexOf('#') + 1);
  if (!url.includes('#')) return undefined;
  for (const part of fragment.split('&')) {
    const hash = normalHash(part);
    if (hash !== undefined) return hash;
  }
  return undefined;
}

export interface Located {
  readonly source: PackageSource;
  readonly location: string;
  readonly commit?: string;
}

/** What an address in place of a version says: a commit of a repository, an archive, a path. */
export function located(address: string): Located {
  const location = address.trim();
  const vcs = /^(?:git|hg|svn|bzr)\+|^git:|^[\w.-]+@[\w.-]+:/i.test(location);
  if (vcs) {
    // Of the path alone: pip takes no revision out of a query or a fragment.
    const path = (location.split(/[?#]/)[0] ?? '').replace(/^[a-z+]+:\/\/[^/]*/i, '');
    const revision = path.includes('@') ? path.slice(path.lastIndexOf('@') + 1) : '';
    return { source: 'vcs', location, ...(isCommit(revision) ? { commit: revision.toLowerCase() } : {}) };
  }
  if (/^file:/i.test(location) || !/^[a-z][a-z0-9+.-]*:/i.test(location)) return { source: 'path', location };
  return { source: 'url', location };
}

/** A whole commit: a short one, a branch and a tag can all be moved. */
export function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text);
}

const MAX_NOTES = 1_000;

/** Collects what one capture says, within the limits. */
export class Gathered {
  readonly #format: string;
  readonly #packages: EnvironmentPackage[] = [];
  readonly #indexes: EnvironmentIndex[] = [];
  readonly #notes: EnvironmentNote[] = [];
  readonly #referred = new Set<string>();
  #dropped = 0;
  #unsaid = 0;

  constructor(format: string) {
    this.#format = format;
  }

  add(one: EnvironmentPackage): void {
    if (this.#packages.length >= ENVIRONMENT_LIMITS.maxPackages) this.#dropped += 1;
    else this.#packages.push(one);
  }

  index(one: EnvironmentIndex): void {
    const known = this.#indexes.some(({ role, url }) => role === one.role && url === one.url);
    if (known) return;
    if (this.#indexes.length >= 1_000) this.unread('further indexes');
    else this.#indexes.push(one);
  }

  unread(text: string, line?: number): void {
    this.#note('unread', text, line);
  }

  refers(text: string, line?: number): void {
    this.#note('refers', text, line);
  }

  #note(code: EnvironmentNote['code'], text: string, line: number | undefined): void {
    const note = { code, text: text.slice(0, 300), ...(line === undefined ? {} : { line }) };
    if (this.#notes.length >= MAX_NOTES) this.#unsaid += 1;
    else if (code === 'unread' || !this.#referred.has(text)) this.#notes.push(note);
    if (code === 'refers') this.#referred.add(text);
  }

  get environment(): Environment {
    const dropped = [
      [this.#dropped, `packages beyond ${ENVIRONMENT_LIMITS.maxPackages}`] as const,
      [this.#unsaid, `notes beyond ${MAX_NOTES}`] as const,
    ].flatMap(([count, what]) => (count === 0 ? [] : [{ code: 'unread' as const, text: `${count} ${what}` }]));
    return {
      format: this.#format,
      packages: this.#packages,
      indexes: this.#indexes,
      notes: [...dropped, ...this.#notes],
    };
  }
}
