// How the story is printed: numbered steps, sentences, the commands as people type them, and what they answered.
import type { Writable } from 'node:stream';
import type { Ran } from './world.js';

const WIDTH = 110;

export class Narrator {
  readonly #out: Writable;
  readonly #bold: (text: string) => string;

  constructor(out: Writable & { readonly isTTY?: boolean }) {
    this.#out = out;
    const colour = out.isTTY === true && process.env['NO_COLOR'] === undefined;
    this.#bold = (text) => (colour ? `\u001b[1m${text}\u001b[22m` : text);
  }

  readonly say = (...lines: readonly string[]): void => {
    for (const line of lines) this.#line(line);
    this.#line('');
  };

  readonly step = (number: number, title: string): void => {
    this.#line(this.#bold(`${number}. ${title}`));
    this.#line('');
  };

  /** The command, what it answered and its exit code; only the verdict and what follows it when asked. */
  readonly show = (ran: Ran, { verdictOnly = false }: { readonly verdictOnly?: boolean } = {}): void => {
    this.#line(this.#bold(`  ${ran.person}$ vallum ${ran.args.join(' ')}`));
    const lines = `${ran.stdout}${ran.stderr}`.trimEnd().split('\n');
    const verdict = lines.findIndex((line) => /^(PASS|REFUSED|NOT PROVEN) /.test(line));
    for (const line of verdictOnly && verdict >= 0 ? lines.slice(verdict) : lines)
      for (const part of wrap(`  ${line}`.trimEnd())) this.#line(part);
    this.#line(`  (exit ${ran.exit})`);
    this.#line('');
  };

  #line(text: string): void {
    this.#out.write(`${text}\n`);
  }
}

/** Breaks a long line between words; what follows stands a little further in than its beginning. */
function wrap(line: string): readonly string[] {
  const hanging = ' '.repeat((/^ */.exec(line)?.[0].length ?? 0) + 4);
  const lines: string[] = [];
  let rest = line;
  for (
    let cut = rest.lastIndexOf(' ', WIDTH);
    rest.length > WIDTH && cut > hanging.length;
    cut = rest.lastIndexOf(' ', WIDTH)
  ) {
    lines.push(rest.slice(0, cut));
    rest = `${hanging}${rest.slice(cut + 1)}`;
  }
  return [...lines, rest];
}
