// How the story is printed, and how it is held to its word: what an act shows is claimed, and a claim that does not hold ends the
// story with another exit code.
import type { Writable } from 'node:stream';
import type { Share } from './chance.js';
import { interval } from './chance.js';
import type { Ran } from './world.js';

const WIDTH = 110;

export class Narrator {
  readonly #out: Writable;
  readonly #isColoured: boolean;
  /** Claims that did not hold. */
  readonly broken: string[] = [];

  constructor(out: Writable & { readonly isTTY?: boolean }) {
    this.#out = out;
    this.#isColoured = out.isTTY === true && process.env['NO_COLOR'] === undefined;
  }

  readonly act = (number: number, title: string): void => {
    this.#line('');
    this.#line(this.#paint(1, `${number}. ${title}`));
  };

  readonly say = (...lines: readonly string[]): void => {
    for (const line of lines) for (const part of wrapped(line)) this.#line(part);
  };

  /** The command as somebody typed it, and what it answered. */
  readonly show = ({ person, args, stdout, stderr, exit }: Ran, most = 12): void => {
    this.#line(this.#paint(1, `  ${person}$ vallum ${args.join(' ')}`));
    for (const line of `${stdout}${stderr}`.trimEnd().split('\n').slice(0, most)) this.say(`  ${line}`.trimEnd());
    this.#line(`  (exit ${exit})`);
  };

  readonly table = (rows: readonly (readonly string[])[]): void => {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
    for (const row of rows)
      this.#line(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`.trimEnd());
  };

  readonly claim = (sentence: string, holds: boolean): void => {
    if (!holds) this.broken.push(sentence);
    this.say(holds ? this.#paint(32, `  [holds] ${sentence}`) : this.#paint(31, `  [DOES NOT HOLD] ${sentence}`));
  };

  #paint(code: number, text: string): string {
    return this.#isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  #line(text: string): void {
    this.#out.write(`${text}\n`);
  }
}

/** `83.2 % of 1000 (95 %: 80.7-85.4)` */
export function told(share: Share): string {
  const [low, high] = interval(share).map((value) => (100 * value).toFixed(1));
  return `${((100 * share.hits) / share.n).toFixed(1)} % of ${share.n} (95 %: ${low}-${high})`;
}

/** Breaks a long line between words; what follows stands a little further in. */
function wrapped(line: string): readonly string[] {
  const hanging = ' '.repeat((/^ */.exec(line)?.[0].length ?? 0) + 2);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > WIDTH) {
    const cut = rest.lastIndexOf(' ', WIDTH);
    if (cut <= hanging.length) break;
    lines.push(rest.slice(0, cut));
    rest = `${hanging}${rest.slice(cut + 1)}`;
  }
  return [...lines, rest];
}
