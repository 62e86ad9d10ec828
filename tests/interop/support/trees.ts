// Generated model folders: names that have broken signers (Unicode in both normal forms, spaces, colons, dots, quotes, any
// code point), deep ones, ones with thousands of files, empty files and folders; and one change to each.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shuffle } from '@vallum/stats';

const PARTS = [
  'a',
  'b.c',
  'b-c',
  'B',
  'model',
  'x y',
  ' ',
  'é',
  'e\u0301',
  'Å',
  'A\u030a',
  '한',
  '\u1112\u1161\u11ab',
  '日本',
  '😀',
  '\uffff',
  'c:0:9',
  ':',
  '..x',
  '...',
  '.x',
  'x.',
  '-',
  '~',
  '#1',
  'a\\b',
  '"',
  "'",
  'İ',
  'ß',
  '%2e',
  '*',
  '\t',
  'model.sig.bak',
];

const MANY = 2100;
/** As deep as folders may be here; the reference has no limit. */
const DEEP = 32;

export interface Tree {
  readonly dir: string;
  readonly files: readonly string[];
}

export interface TreePlan {
  readonly random: () => number;
  /** Names with a colon, which the reference cannot read in shards. Default: yes. */
  readonly colons?: boolean;
  /** Bytes of the next file. Default: 0 to 40. */
  readonly size?: () => number;
  readonly shape?: 'any' | 'deep' | 'many';
}

/** Any code point that can stand in a name, but for line breaks, which are refused in the strict profile. */
function anyCharacter(random: () => number): string {
  const point = 0x20 + Math.floor(random() * (random() < 0.5 ? 0x3000 : 0x20000));
  const character = String.fromCodePoint(point);
  return character === '/' || !character.isWellFormed() ? '_' : character;
}

export function makeTree(dir: string, { random, colons = true, shape = 'any', size }: TreePlan): Tree {
  const upTo = (most: number): number => 1 + Math.floor(random() * most);
  const part = (): string => {
    const base = random() < 0.2 ? anyCharacter(random) + anyCharacter(random) : (shuffle(PARTS, random)[0] ?? 'p');
    const number = random() < 0.3 ? '' : String(Math.floor(random() * (shape === 'many' ? 900 : 9)));
    const name = colons ? base + number : base.replaceAll(':', ';') + number;
    return name === '.' || name === '..' ? 'dots' : name;
  };
  const path = (depth: number): readonly string[] => Array.from({ length: depth }, part);
  const count = shape === 'many' ? MANY : upTo(12);
  const [files, folders] = [new Set<string>(), new Set<string>()];
  // A file cannot also be a folder.
  const free = (parts: readonly string[]): boolean =>
    !folders.has(parts.join('/')) && parts.every((_, index) => !files.has(parts.slice(0, index + 1).join('/')));
  const enter = (parts: readonly string[]): void => {
    parts.forEach((_, index) => folders.add(parts.slice(0, index + 1).join('/')));
    mkdirSync(join(dir, ...parts), { recursive: true });
  };
  const bytes = size ?? ((): number => (random() < 0.2 ? 0 : upTo(40)));
  while (files.size < count) {
    const parts = path(upTo(shape === 'deep' ? DEEP : 3));
    if (!free(parts)) continue;
    enter(parts.slice(0, -1));
    files.add(parts.join('/'));
    writeFileSync(join(dir, ...parts), Buffer.from(Array.from({ length: bytes() }, () => Math.floor(random() * 256))));
  }
  for (let empty = Math.floor(random() * 3); empty > 0; empty -= 1) {
    const parts = path(upTo(3));
    if (free(parts)) enter(parts);
  }
  return { dir, files: [...files] };
}

/** A byte more, a file less, a file more, or nothing. */
export function changeTree({ dir, files }: Tree, index: number): 'valid' | 'files-differ' {
  const victim = join(dir, files[index % files.length] as string);
  if (index % 4 === 0) appendFileSync(victim, 'x');
  else if (index % 4 === 1) rmSync(victim);
  else if (index % 4 === 2) writeFileSync(join(dir, 'new file'), 'x');
  else return 'valid';
  return 'files-differ';
}
