// Variables of a script as far as they are certain: assigned constants, and the operators of `${...}` over them. A variable
// that is not known stays as `$NAME`; the scripts that filled it go wherever it goes.
import type { ShellScript } from './script.js';

export interface Value {
  readonly text: string;
  readonly known: boolean;
  readonly runs: readonly ShellScript[];
  readonly items?: readonly string[];
  /** Ways of writing that hid it. */
  readonly tricks?: readonly string[];
}

export interface Expansion extends Value {
  readonly tricks: readonly string[];
}

/** Ways of writing that stay odd when the value is put into a variable first. */
const CARRIED: ReadonlySet<string> = new Set(['ansi-c', 'decoded']);

/** Stands between words where an unquoted variable falls apart into several. */
export const SPLIT = '\u001f';

/** Begin with `/` on every system, which slices of them are used for. */
const ROOTED: ReadonlySet<string> = new Set(['PATH', 'HOME', 'PWD', 'SHELL', 'BASH', 'OLDPWD']);
const NAME = /^(!?)([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(?:\[([^\]]*)\])?/;

export class Variables {
  readonly #values = new Map<string, Value>();
  #unfolded = 0;
  readonly #maxUnfolded: number;

  constructor(maxUnfolded: number) {
    this.#maxUnfolded = maxUnfolded;
  }

  get exhausted(): boolean {
    return this.#unfolded > this.#maxUnfolded;
  }

  set(name: string, value: Value, append: boolean): void {
    const old = append ? this.#values.get(name) : undefined;
    const text = (old?.text ?? '') + value.text;
    this.#spend(text.length);
    if (this.exhausted) return;
    this.#values.set(name, {
      text,
      known: value.known && (!append || old?.known === true),
      runs: [...(old?.runs ?? []), ...value.runs].slice(0, 20),
      tricks: [...(old?.tricks ?? []), ...(value.tricks ?? [])].filter((trick) => CARRIED.has(trick)).slice(0, 5),
      ...(value.items === undefined ? {} : { items: [...(old?.items ?? []), ...value.items] }),
    });
  }

  forget(name: string): void {
    this.#values.delete(name);
  }

  /** `$name` */
  get(name: string): Expansion {
    if (name === 'IFS' && !this.#values.has(name)) return { ...literal(SPLIT), tricks: ['ifs'] };
    const value = this.#values.get(name);
    if (value === undefined) return { ...open(`$${name}`), tricks: [] };
    this.#spend(value.text.length);
    return { tricks: [], ...(this.exhausted ? open(`$${name}`) : value) };
  }

  /** What stands between the braces of `${...}`; `word` reads the words that its operators take. */
  braces(inner: string, word: (text: string) => Value): Expansion {
    if (/^#[A-Za-z_]/.test(inner)) return { ...open(`$${inner}`), tricks: [] };
    const [whole, indirect, name = '', index] = NAME.exec(inner) ?? [];
    if (whole === undefined) return { ...open(`$${inner}`), tricks: [] };
    if (indirect === '!') return this.#indirect(name);
    const base = index === undefined ? this.get(name) : this.#item(name, index);
    const rest = inner.slice(whole.length);
    if (rest === '') return base;
    return this.#operate(name, base, rest, word);
  }

  #indirect(name: string): Expansion {
    const target = this.get(name);
    return target.known ? { ...this.get(target.text), tricks: ['indirect'] } : { ...target, tricks: [] };
  }

  #item(name: string, index: string): Expansion {
    const value = this.#values.get(name);
    if (value?.items === undefined) return this.get(name);
    if (index === '@' || index === '*') return { tricks: [], ...value, text: value.items.join(SPLIT) };
    const item = value.items[Number(index)];
    return item === undefined ? { ...open(`$${name}`), tricks: [] } : { ...literal(item), tricks: ['array'] };
  }

  #operate(name: string, base: Expansion, rest: string, word: (text: string) => Value): Expansion {
    const missing = !base.known && base.text.startsWith('$');
    const fallback = /^:?([-=+?])(.*)$/s.exec(rest);
    if (fallback !== null && (rest[0] !== ':' || '-=+?'.includes(rest[1] ?? ''))) {
      const value = word(fallback[2] ?? '');
      const kind = fallback[1];
      if (kind === '=' && missing) this.set(name, value, false);
      if (kind === '?') return base;
      if (kind === '+') return { ...value, known: false, tricks: [] };
      // Nobody can tell whether it will be set from outside: the default is what the script says.
      return missing ? { ...value, tricks: [] } : base;
    }
    const slice = /^:\s*\(?(-?\d+)\)?(?::\s*(-?\d+))?\s*$/.exec(rest);
    if (slice !== null) return sliceOf(name, base, Number(slice[1]), slice[2]);
    if (!base.known) return base;
    return { ...base, ...edit(base.text, rest, (text) => word(text).text) };
  }

  #spend(units: number): void {
    this.#unfolded += units;
  }
}

function open(text: string): Value {
  return { text, known: false, runs: [] };
}

function literal(text: string): Value {
  return { text, known: true, runs: [] };
}

function sliceOf(name: string, base: Expansion, start: number, length: string | undefined): Expansion {
  const tricks = ['slice'];
  if (!base.known) return ROOTED.has(name) && start === 0 && length === '1' ? { ...literal('/'), tricks } : base;
  const from = start < 0 ? Math.max(0, base.text.length + start) : start;
  const to = length === undefined ? undefined : Number(length) < 0 ? Number(length) : from + Number(length);
  return { ...base, text: base.text.slice(from, to), tricks };
}

/** `#`, `%`, `/`, `^`, `,` with patterns that are plain text; another pattern leaves the value as it is. */
function edit(text: string, rest: string, word: (text: string) => string): { text: string; tricks: readonly string[] } {
  const replace = /^\/(\/?)((?:[^/\\]|\\.)*)(?:\/(.*))?$/s.exec(rest);
  if (replace !== null) {
    const pattern = word(replace[2] ?? '');
    const by = word(replace[3] ?? '');
    if (pattern === '' || /[*?[]/.test(pattern)) return { text, tricks: [] };
    return {
      text: replace[1] === '/' ? text.split(pattern).join(by) : text.replace(pattern, () => by),
      tricks: ['replace'],
    };
  }
  const trim = /^(##?|%%?)(.*)$/s.exec(rest);
  if (trim !== null) {
    const pattern = word(trim[2] ?? '');
    return { text: trimmed(text, trim[1] ?? '', pattern), tricks: [] };
  }
  if (/^\^\^/.test(rest)) return { text: text.toUpperCase(), tricks: ['case'] };
  if (/^,,/.test(rest)) return { text: text.toLowerCase(), tricks: ['case'] };
  if (rest === '@P' || rest === '@E') return { text, tricks: ['transform'] };
  return { text, tricks: [] };
}

function trimmed(text: string, op: string, pattern: string): string {
  const star = pattern.indexOf('*');
  const plain = pattern.replaceAll('*', '');
  if (/[?[]/.test(pattern) || plain === '') return text;
  if (op.startsWith('#')) {
    if (star < 0) return text.startsWith(plain) ? text.slice(plain.length) : text;
    const at = op === '##' ? text.lastIndexOf(plain) : text.indexOf(plain);
    return at < 0 ? text : text.slice(at + plain.length);
  }
  if (star < 0) return text.endsWith(plain) ? text.slice(0, -plain.length) : text;
  const at = op === '%%' ? text.indexOf(plain) : text.lastIndexOf(plain);
  return at < 0 ? text : text.slice(0, at);
}
