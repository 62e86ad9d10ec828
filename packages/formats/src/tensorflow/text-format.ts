// Protobuf's text format, turned into wire format by a table of fields, so that one reader judges both. The text is the
// attacker's: nesting and length are bounded, and a field that the table does not know is told, because protobuf refuses it.
// Grammar: "Text Format Language Specification" of protobuf.

/** `name: [number, kind]`; a kind is `text`, `number`, `none` (its value is passed over) or the name of a message. */
export type TextSchema = Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>;

export interface WireFromText {
  readonly bytes: Uint8Array;
  /** Names of fields that the schema does not know. */
  readonly unknown: readonly string[];
  readonly fault?: string;
}

const MAX_DEPTH = 100;
const MAX_UNKNOWN = 20;

class TextError extends Error {}

/** @param enums values of enumerations by name; others count as 0 */
export function wireFromText(
  text: string,
  schema: TextSchema,
  root: string,
  enums: Readonly<Record<string, number>>,
): WireFromText {
  const reader = new TextReader(text, schema, enums);
  try {
    return { bytes: reader.message(root, '', 0), unknown: reader.unknown };
  } catch (error) {
    if (error instanceof TextError) return { bytes: new Uint8Array(0), unknown: reader.unknown, fault: error.message };
    throw error;
  }
}

/** Names of the outermost fields in the order they come, at most `limit`, or undefined when it is no such text. */
export function outerNames(text: string, limit: number): readonly string[] | undefined {
  const reader = new TextReader(text, {}, {});
  try {
    return reader.names(limit);
  } catch (error) {
    if (error instanceof TextError) return undefined;
    throw error;
  }
}

class TextReader {
  readonly unknown: string[] = [];
  readonly #text: string;
  readonly #schema: TextSchema;
  readonly #enums: Readonly<Record<string, number>>;
  #at = 0;

  constructor(text: string, schema: TextSchema, enums: Readonly<Record<string, number>>) {
    this.#text = text;
    this.#schema = schema;
    this.#enums = enums;
  }

  names(limit: number): readonly string[] {
    const found: string[] = [];
    for (this.#space(); this.#at < this.#text.length && found.length < limit; this.#space()) {
      found.push(this.#name());
      this.#value('none', 1, () => {});
    }
    return found;
  }

  message(kind: string, close: string, depth: number): Uint8Array {
    if (depth > MAX_DEPTH) throw new TextError('it is nested too deep');
    const parts: Uint8Array[] = [];
    for (;;) {
      this.#space();
      if (this.#at >= this.#text.length) {
        if (close === '') return Buffer.concat(parts);
        throw new TextError('it ends inside a message');
      }
      if (close !== '' && this.#text[this.#at] === close) {
        this.#at += 1;
        return Buffer.concat(parts);
      }
      const name = this.#name();
      const field = this.#schema[kind]?.[name];
      if (field === undefined && kind !== 'none' && this.unknown.length < MAX_UNKNOWN)
        this.unknown.push(name.slice(0, 100));
      const [number, type] = field ?? [0, 'none'];
      this.#value(type, depth, (bytes, wire) => {
        if (number === 0) return;
        parts.push(varint(number * 8 + wire));
        if (wire === 2) parts.push(varint(bytes.length));
        parts.push(bytes);
      });
    }
  }

  /** A value, a list of values, or a message. */
  #value(kind: string, depth: number, emit: (bytes: Uint8Array, wire: 0 | 2) => void): void {
    this.#space();
    const colon = this.#take(':');
    this.#space();
    if (colon && this.#take('[')) {
      for (this.#space(); !this.#take(']'); this.#space()) {
        this.#one(kind, depth, emit);
        this.#space();
        this.#take(',');
      }
    } else this.#one(kind, depth, emit);
    this.#space();
    if (!this.#take(';')) this.#take(',');
  }

  #one(kind: string, depth: number, emit: (bytes: Uint8Array, wire: 0 | 2) => void): void {
    const head = this.#text[this.#at];
    if (head === '{' || head === '<') {
      this.#at += 1;
      const known = this.#schema[kind] === undefined ? 'none' : kind;
      return emit(this.message(known, head === '{' ? '}' : '>', depth + 1), 2);
    }
    if (head === '"' || head === "'") {
      const bytes = this.#strings();
      if (kind !== 'none') emit(bytes, 2);
      return;
    }
    const scalar = this.#scalar();
    if (kind !== 'number') return;
    const value =
      scalar === 'true' || scalar === 't' || scalar === 'True' ? 1 : (this.#enums[scalar] ?? Number(scalar));
    emit(varint(Number.isSafeInteger(value) && value > 0 ? value : 0), 0);
  }

  #name(): string {
    if (this.#take('[')) {
      const end = this.#text.indexOf(']', this.#at);
      if (end < 0) throw new TextError('a name does not end');
      const name = this.#text.slice(this.#at, end);
      this.#at = end + 1;
      return `[${name}]`;
    }
    const match = this.#match(/[A-Za-z_]\w*/y);
    if (match === '') throw new TextError(`there is no name at ${this.#at}`);
    return match;
  }

  #scalar(): string {
    const match = this.#match(/-?\s*[\w.+-]+/y);
    if (match === '') throw new TextError(`there is no value at ${this.#at}`);
    return match.replace(/\s/g, '');
  }

  /** Texts that follow one another are one. */
  #strings(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (;;) {
      this.#space();
      const quote = this.#text[this.#at];
      if (quote !== '"' && quote !== "'")
        return parts.length === 1 ? (parts[0] ?? new Uint8Array(0)) : Buffer.concat(parts);
      const start = this.#at + 1;
      let end = start;
      for (let char = this.#text[end]; char !== quote; char = this.#text[end]) {
        if (char === undefined || char === '\n') throw new TextError('a text does not end');
        end += char === '\\' ? 2 : 1;
      }
      this.#at = end + 1;
      parts.push(unescape(this.#text.slice(start, end)));
    }
  }

  #space(): void {
    this.#match(/(?:\s+|#[^\n]*)*/y);
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += match.length;
    return match;
  }
}

const SIMPLE: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

function unescape(text: string): Uint8Array {
  if (!text.includes('\\')) return Buffer.from(text, 'utf8');
  const parts: Uint8Array[] = [];
  let plain = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', plain)) {
    if (at > plain) parts.push(Buffer.from(text.slice(plain, at), 'utf8'));
    const rest = text.slice(at + 1, at + 11);
    const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
    const hex = /^[xX]([0-9A-Fa-f]{1,2})/.exec(rest);
    const point = /^(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/.exec(rest);
    if (octal !== undefined) parts.push(Uint8Array.of(Number.parseInt(octal, 8)));
    else if (hex !== null) parts.push(Uint8Array.of(Number.parseInt(hex[1] ?? '', 16)));
    else if (point !== null) parts.push(Buffer.from(codePoint(point[1] ?? point[2] ?? ''), 'utf8'));
    else parts.push(Uint8Array.of(SIMPLE[rest[0] ?? ''] ?? text.charCodeAt(at + 1)));
    plain = at + 1 + (octal?.length ?? hex?.[0].length ?? point?.[0].length ?? 1);
  }
  parts.push(Buffer.from(text.slice(plain), 'utf8'));
  return Buffer.concat(parts);
}

function codePoint(hex: string): string {
  const value = Number.parseInt(hex, 16);
  return value <= 0x10ffff ? String.fromCodePoint(value) : '\ufffd';
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}
