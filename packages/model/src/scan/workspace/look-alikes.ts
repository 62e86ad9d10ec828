// Names of packages that look like popular ones (typosquatting): one edit away (Damerau-Levenshtein), the same but for
// separators, letters that look alike, or a popular name with an affix. A name that is itself popular or known never counts.
// The lists are data (`rules/popular-packages.json`) with their source named there.

export interface PackageNames {
  readonly popular: readonly string[];
  /** Near a popular name and in wide use themselves. */
  readonly known: readonly string[];
}

export interface PopularPackages {
  readonly source: string;
  readonly pypi: PackageNames;
  readonly npm: PackageNames;
  readonly affixes: {
    readonly prefixes: readonly string[];
    readonly suffixes: readonly string[];
    readonly top: number;
  };
}

/** Names shorter than it are one edit from too many others: only swapped and doubled letters count. */
const EDIT_LENGTH = 5;

const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Letters that look alike become one. */
const skeleton = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(
      /[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0501\u03bf\u0391]/g,
      (letter) => LOOKS_LIKE[letter] ?? letter,
    )
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
    .replace(/0/g, 'o')
    .replace(/[1i|]/g, 'l')
    .replace(/5/g, 's')
    .replace(/-/g, '');

const LOOKS_LIKE: Readonly<Record<string, string>> = {
  '\u0430': 'a',
  '\u0435': 'e',
  '\u043e': 'o',
  '\u0440': 'p',
  '\u0441': 'c',
  '\u0443': 'y',
  '\u0445': 'x',
  '\u0456': 'i',
  '\u0501': 'd',
  '\u03bf': 'o',
};

export interface LookAlike {
  readonly name: string;
  /** A popular name with something added, as honest packages are named too. */
  readonly added: boolean;
}

interface Names {
  readonly popular: readonly string[];
  readonly all: ReadonlySet<string>;
  /** Answers so far; a file names the same packages again and again. */
  readonly asked: Map<string, LookAlike | undefined>;
}

const MAX_ASKED = 20_000;

const prepared = new WeakMap<PackageNames, Names>();

function namesOf(list: PackageNames): Names {
  const known = prepared.get(list);
  if (known !== undefined) return known;
  const popular = list.popular.map(normal);
  const made = {
    popular,
    all: new Set([...popular, ...list.known.map(normal)]),
    asked: new Map<string, LookAlike | undefined>(),
  };
  prepared.set(list, made);
  return made;
}

/** The popular name that this one could be taken for; undefined when there is none. */
export function looksLike(
  name: string,
  list: PackageNames,
  { prefixes, suffixes, top }: PopularPackages['affixes'],
): LookAlike | undefined {
  const own = normal(name);
  const names = namesOf(list);
  if (names.asked.has(own)) return names.asked.get(own);
  const answer = compare(own, names, { prefixes, suffixes, top });
  if (names.asked.size < MAX_ASKED) names.asked.set(own, answer);
  return answer;
}

function compare(
  own: string,
  { popular, all }: Names,
  { prefixes, suffixes, top }: PopularPackages['affixes'],
): LookAlike | undefined {
  if (own.length < 3 || own.length > 100 || own.startsWith('@types/') || own === 'python' || all.has(own))
    return undefined;
  // `boto3`, `jinja2`: a digit at the end is how a new major version is named.
  const digit = /\d$/.test(own) && all.has(own.slice(0, -1)) ? own.slice(0, -1) : undefined;
  const near = digit === undefined ? popular.find((other) => isNear(own, other)) : undefined;
  if (near !== undefined) return { name: near, added: false };
  const bare = [
    ...prefixes.filter((one) => own.startsWith(one)).map((one) => own.slice(one.length)),
    ...suffixes.filter((one) => own.endsWith(one)).map((one) => own.slice(0, -one.length)),
    ...(digit === undefined ? [] : [digit]),
  ].find((one) => one.length >= EDIT_LENGTH && popular.slice(0, top).includes(one));
  return bare === undefined ? undefined : { name: bare, added: true };
}

function isNear(own: string, other: string): boolean {
  if (Math.abs(own.length - other.length) > 3) return false;
  if (own.replaceAll('-', '') === other.replaceAll('-', '')) return true;
  if (other.length >= 4 && skeleton(own) === skeleton(other)) return true;
  if (!oneEdit(own, other)) return false;
  // Another first letter makes another word of a short name: `torch`, `porch`.
  if (other.length < 7 && own[0] !== other[0] && own[1] !== other[0]) return false;
  if (other.length < 7 && own[0] !== other[0] && own.length > other.length) return false;
  if (other.length >= EDIT_LENGTH) return true;
  const swapped = [...own].sort().join('') === [...other].sort().join('');
  const doubled =
    own.length === other.length + 1 && /(.)\1/.test(own) && [...own].every((letter) => other.includes(letter));
  return swapped || doubled;
}

/** Exactly one insertion, deletion, substitution or swap of neighbours (Damerau 1964). */
export function oneEdit(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  if (a.length > b.length) return a.slice(at + 1) === b.slice(at);
  if (a.length < b.length) return a.slice(at) === b.slice(at + 1);
  if (a.slice(at + 1) === b.slice(at + 1)) return true;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
