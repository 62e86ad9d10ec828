// Versions of Python packages and their order (PEP 440). Advisories say "introduced 1.0, fixed 1.2.1": a wrong order, such
// as of `1.0rc1` and `1.0`, clears what is vulnerable. Numbers of any length are compared as digits, never as doubles.

export interface Pep440 {
  readonly epoch: string;
  readonly release: readonly string[];
  /** Phase and number: `a`, `b`, `rc`. */
  readonly pre?: readonly [string, string];
  readonly post?: string;
  readonly dev?: string;
  readonly local?: readonly string[];
}

const VERSION =
  /^v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]*))?(?:-([0-9]+)|([-_.]?(?:post|rev|r)[-_.]?)([0-9]*))?(?:([-_.]?dev[-_.]?)([0-9]*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

const PHASES: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };
const MAX_LENGTH = 256;

/** Undefined for what is no version of PEP 440. */
export function parsePep440(text: string): Pep440 | undefined {
  const trimmed = text.trim().toLowerCase();
  const match = trimmed.length > MAX_LENGTH ? null : VERSION.exec(trimmed);
  if (match === null) return undefined;
  const [, epoch, release = '', phase, preNumber, dash, postWord, postNumber, devWord, devNumber, local] = match;
  const post = dash ?? (postWord === undefined ? undefined : (postNumber ?? ''));
  return {
    epoch: plain(epoch ?? '0'),
    release: withoutZeros(release.split('.').map(plain)),
    ...(phase === undefined ? {} : { pre: [PHASES[phase] ?? phase, plain(preNumber ?? '')] as const }),
    ...(post === undefined ? {} : { post: plain(post) }),
    ...(devWord === undefined ? {} : { dev: plain(devNumber ?? '') }),
    ...(local === undefined ? {} : { local: local.split(/[-_.]/) }),
  };
}

/** Digits without leading zeros; nothing is zero. */
function plain(digits: string): string {
  return digits.replace(/^0+(?=.)/, '') || '0';
}

function withoutZeros(release: readonly string[]): readonly string[] {
  let end = release.length;
  while (end > 1 && release[end - 1] === '0') end -= 1;
  return release.slice(0, end);
}

/** Below zero where `a` comes first, zero where they are the same version. */
export function comparePep440(a: Pep440, b: Pep440): number {
  return (
    compareNumbers(a.epoch, b.epoch) ||
    compareLists(a.release, b.release, compareNumbers) ||
    comparePre(a, b) ||
    compareOptional(a.post, b.post, -1) ||
    compareOptional(a.dev, b.dev, 1) ||
    compareLocal(a.local, b.local)
  );
}

function compareNumbers(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

function compareLists(a: readonly string[], b: readonly string[], compare: (a: string, b: string) => number): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const order = compare(a[at] ?? '', b[at] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** `1.0.dev1` comes before `1.0a1`, which comes before `1.0` and `1.0.post1`. */
function phaseRank({ pre, post, dev }: Pep440): number {
  if (pre !== undefined) return 0;
  return post === undefined && dev !== undefined ? -1 : 1;
}

function comparePre(a: Pep440, b: Pep440): number {
  const order = phaseRank(a) - phaseRank(b);
  if (order !== 0 || a.pre === undefined || b.pre === undefined) return order;
  if (a.pre[0] !== b.pre[0]) return a.pre[0] < b.pre[0] ? -1 : 1;
  return compareNumbers(a.pre[1], b.pre[1]);
}

/** @param absent where a missing part stands: -1 before every number, 1 behind it */
function compareOptional(a: string | undefined, b: string | undefined, absent: -1 | 1): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? absent : -absent;
  return compareNumbers(a, b);
}

/** Numbers come behind words, longer behind shorter, anything behind nothing. */
function compareLocal(a: readonly string[] | undefined, b: readonly string[] | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return compareLists(a, b, (left, right) => {
    const numbers = [left, right].map((part) => /^[0-9]+$/.test(part));
    if (numbers[0] === true && numbers[1] === true) return compareNumbers(plain(left), plain(right));
    if (numbers[0] !== numbers[1]) return numbers[0] === true ? 1 : -1;
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
