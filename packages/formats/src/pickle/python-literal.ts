// A Python literal as `ast.literal_eval` reads it, without evaluating anything. The attacker writes the text: escapes,
// implicit concatenation and repeated keys say something else than they show. What is not read here for certain is refused.

export type Literal =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'word'; readonly word: 'True' | 'False' | 'None' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'tuple' | 'list'; readonly items: readonly Literal[] }
  | { readonly kind: 'dict'; readonly entries: ReadonlyMap<string, Literal> };

const MAX_DEPTH = 32;
const MAX_ITEMS = 200_000;
const GAP = /(?:[ \t\f\r\n]|#[^\r\n]*)*/y;
const NUMBER = /(?:0|[1-9][0-9]{0,17})L?(?![\w.])/y;
const WORD = /(?:True|False|None)(?!\w)/y;
const STRING = /([bBuU]?[rR]?|[rR][bB])('(?!'')|"(?!""))/y;
const EMPTY = /([bBuU]?[rR]?|[rR][bB])(?:''(?!')|""(?!"))/y;
const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\\'"abfnrtv])|(\r\n|\n|\r))/y;
const NAMED: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

class Unreadable extends Error {}

/** Undefined for anything but a literal of the forms above, a dict with a key twice included. */
export function readPythonLiteral(text: string): Literal | undefined {
  try {
    const reader = new LiteralReader(text);
    return reader.whole();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

class LiteralReader {
  readonly #text: string;
  #at = 0;
  #items = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Literal {
    const value = this.#value(0);
    this.#match(GAP);
    if (this.#at < this.#text.length) throw new Unreadable();
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  /** The next character behind white space and comments is `character`, and is taken. */
  #takes(character: string): boolean {
    this.#match(GAP);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #value(depth: number): Literal {
    if (depth > MAX_DEPTH || ++this.#items > MAX_ITEMS) throw new Unreadable();
    if (this.#takes('(')) return this.#group(depth);
    if (this.#takes('[')) return { kind: 'list', items: this.#sequence(']', depth).items };
    if (this.#takes('{')) return this.#dict(depth);
    const word = this.#match(WORD)?.[0];
    if (word === 'True' || word === 'False' || word === 'None') return { kind: 'word', word };
    const digits = this.#match(NUMBER)?.[0];
    if (digits !== undefined) return { kind: 'int', value: Number(digits.replace('L', '')) };
    return this.#strings();
  }

  /** Brackets around one value without a comma are no tuple. */
  #group(depth: number): Literal {
    const { items, comma } = this.#sequence(')', depth);
    const [only] = items;
    return only !== undefined && items.length === 1 && !comma ? only : { kind: 'tuple', items };
  }

  #sequence(end: string, depth: number): { readonly items: readonly Literal[]; readonly comma: boolean } {
    const items: Literal[] = [];
    for (let comma = true; ;) {
      if (this.#takes(end)) return { items, comma };
      if (!comma) throw new Unreadable();
      items.push(this.#value(depth + 1));
      comma = this.#takes(',');
    }
  }

  #dict(depth: number): Literal {
    const entries = new Map<string, Literal>();
    for (let comma = true; ;) {
      if (this.#takes('}')) return { kind: 'dict', entries };
      if (!comma) throw new Unreadable();
      const key = this.#value(depth + 1);
      if (key.kind !== 'text' || entries.has(key.text) || !this.#takes(':')) throw new Unreadable();
      entries.set(key.text, this.#value(depth + 1));
      comma = this.#takes(',');
    }
  }

  /** One string or several side by side, which are one. */
  #strings(): Literal {
    let whole = '';
    let bytes = false;
    for (let count = 0; ; count++) {
      this.#match(GAP);
      const empty = this.#match(EMPTY);
      const open = empty ?? this.#match(STRING);
      if (open === null) {
        if (count === 0) throw new Unreadable();
        return bytes ? { kind: 'bytes' } : { kind: 'text', text: whole };
      }
      const prefix = (open[1] ?? '').toLowerCase();
      if (count > 0 && prefix.includes('b') !== bytes) throw new Unreadable();
      bytes = prefix.includes('b');
      if (empty === null) whole += this.#string(open[2] ?? '', prefix.includes('r'));
    }
  }

  #string(quote: string, raw: boolean): string {
    let text = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === '\n' || character === '\r') throw new Unreadable();
      if (character === '\\') {
        // A raw string with a backslash is legal, and nobody writes one.
        if (raw) throw new Unreadable();
        text += this.#escape();
        continue;
      }
      this.#at += 1;
      if (character === quote) return text;
      text += character;
    }
  }

  #escape(): string {
    const match = this.#match(ESCAPE);
    if (match === null) throw new Unreadable();
    const [, octal, byte, short, long, letter] = match;
    if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8));
    const hex = byte ?? short ?? long;
    if (hex === undefined) return letter === undefined ? '' : (NAMED[letter] ?? letter);
    const point = parseInt(hex, 16);
    if (point > 0x10ffff) throw new Unreadable();
    return String.fromCodePoint(point);
  }
}
