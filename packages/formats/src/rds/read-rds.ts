// What R's serialised objects hold that is code (R internals, "Serialization Formats"; src/main/serialize.c). Reading one
// builds promises: expressions that R evaluates when somebody looks at the value (CVE-2024-27322), closures, byte code that
// its interpreter trusts, and ALTREP objects whose class is found by name. Binary formats only: XDR and native.
import type { Parser } from '../bytes/parser.js';
import { Cursor, CursorError } from '../bytes/cursor.js';

export interface RdsLimits {
  readonly maxItems: number;
  readonly maxDepth: number;
  readonly maxKept: number;
}

export const RDS_LIMITS: RdsLimits = { maxItems: 10_000_000, maxDepth: 1500, maxKept: 100 };

export interface RdsCode {
  readonly kind: 'promise' | 'closure' | 'hook' | 'bytecode' | 'altrep' | 'persistent' | 'pointer';
  readonly offset: number;
  /** A promise: its value is not there yet. */
  readonly pending?: boolean;
  /** A promise: it is a variable of an environment, as R itself writes arguments that nobody has used. */
  readonly variable?: boolean;
  /** Name of the variable of a hook, of the class of an ALTREP object, or of the first functions that a promise calls. */
  readonly names?: readonly string[];
}

export interface RdsReport {
  readonly items: number;
  readonly code: readonly RdsCode[];
  /** Kinds of code that were more than are kept. */
  readonly dropped: boolean;
  readonly end: number;
  readonly fault?: string;
}

const HEADER = /^(?:RD[XB][23]\n)?([XB])\n/;

/** Offset behind the letters that announce the format, and the byte order; undefined for what is none, or is ASCII. */
export function rdsHeader(head: Uint8Array): { readonly start: number; readonly little: boolean } | undefined {
  const match = HEADER.exec(Buffer.from(head.subarray(0, 8)).toString('latin1'));
  if (match === null) return undefined;
  const start = match[0].length;
  const little = match[1] === 'B';
  const view = Buffer.from(head.subarray(start, start + 4));
  if (view.length < 4) return undefined;
  const version = little ? view.readUInt32LE() : view.readUInt32BE();
  return version === 2 || version === 3 ? { start, little } : undefined;
}

export function* readRds(size: number, limits: RdsLimits = RDS_LIMITS): Parser<RdsReport> {
  const header = rdsHeader(yield { offset: 0, length: 16 });
  if (header === undefined)
    return { items: 0, code: [], dropped: false, end: 0, fault: 'it is no binary serialisation of R' };
  const reader = new RdsReader(header.start, size, header.little, limits);
  try {
    yield* reader.document();
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    return { ...reader.report(), fault: error.message };
  }
  return reader.report();
}

const HOOK = /^\.(?:First|Last|First\.sys|Last\.sys|onLoad|onAttach|Rprofile)$/;
const SYMBOL = 1;
const PAIRS: ReadonlySet<number> = new Set([2, 3, 5, 6, 17]);
const CLOSURE = 3;
const ENVIRONMENT = 4;
const PROMISE = 5;
const CALL = 6;
const STRING = 9;
const BYTES: Readonly<Record<number, number>> = { 10: 4, 13: 4, 14: 8, 15: 16, 24: 1 };
const UNBOUND = 252;
const REFERENCE = 255;

interface What {
  readonly type: number;
  /** Of a symbol or a string. */
  readonly name?: string;
}

class RdsReader {
  readonly #cursor: Cursor;
  readonly #little: boolean;
  readonly #limits: RdsLimits;
  readonly #references: What[] = [];
  readonly #code: RdsCode[] = [];
  #items = 0;
  #dropped = false;
  /** Functions that the promise being read calls. */
  #called: string[] | undefined;
  /** Items of an environment's frame or table, however deep in pairs. */
  #inFrame = false;

  constructor(start: number, size: number, little: boolean, limits: RdsLimits) {
    this.#cursor = new Cursor(start, size);
    this.#little = little;
    this.#limits = limits;
  }

  report(): RdsReport {
    return { items: this.#items, code: this.#code, dropped: this.#dropped, end: this.#cursor.at };
  }

  *document(): Parser<void> {
    const version = yield* this.#int();
    yield* this.#int();
    yield* this.#int();
    if (version === 3) yield* this.#skip(yield* this.#int(), 1);
    yield* this.#item(0);
  }

  *#int(): Parser<number> {
    const bytes = yield* this.#cursor.need(4);
    return this.#little ? bytes.readInt32LE() : bytes.readInt32BE();
  }

  *#length(): Parser<number> {
    const length = yield* this.#int();
    if (length >= 0) return length;
    if (length !== -1) throw new CursorError(`a length is negative, at offset ${this.#cursor.at - 4}`);
    return (yield* this.#int()) * 2 ** 32 + (yield* this.#int());
  }

  *#skip(count: number, width: number): Parser<void> {
    if (!(count >= 0)) throw new CursorError(`a length is negative, at offset ${this.#cursor.at - 4}`);
    this.#cursor.skip(count * width);
  }

  *#text(): Parser<string> {
    const length = yield* this.#int();
    if (length === -1) return 'NA';
    if (length < 0) throw new CursorError(`a length is negative, at offset ${this.#cursor.at - 4}`);
    if (length <= 256) return (yield* this.#cursor.need(length)).toString('utf8');
    yield* this.#skip(length, 1);
    return '';
  }

  #refer(what: What): What {
    this.#references.push(what);
    return what;
  }

  #tell(code: RdsCode): void {
    if (this.#code.length < this.#limits.maxKept) this.#code.push(code);
    else this.#dropped = true;
  }

  #count(depth: number): void {
    if (depth > this.#limits.maxDepth)
      throw new CursorError(`it is nested deeper than ${this.#limits.maxDepth}, at offset ${this.#cursor.at}`);
    if (++this.#items > this.#limits.maxItems)
      throw new CursorError(`it holds more than ${this.#limits.maxItems} items`);
  }

  *#item(depth: number): Parser<What> {
    this.#count(depth);
    const offset = this.#cursor.at;
    const flags = yield* this.#int();
    const type = flags & 0xff;
    if (PAIRS.has(type)) return yield* this.#pairs(flags, offset, depth);
    const attributed = (flags & 0x200) !== 0;
    if (type === REFERENCE) {
      const index = flags >>> 8 === 0 ? yield* this.#int() : flags >>> 8;
      const what = this.#references[index - 1];
      if (what === undefined) throw new CursorError(`a reference points to nothing, at offset ${offset}`);
      return what;
    }
    const frame = this.#inFrame;
    if (type !== 19) this.#inFrame = false;
    const what = yield* this.#plain(type, offset, depth);
    this.#inFrame = false;
    if (attributed && type !== ENVIRONMENT && type !== SYMBOL) yield* this.#item(depth + 1);
    this.#inFrame = frame;
    return what;
  }

  *#plain(type: number, offset: number, depth: number): Parser<What> {
    const width = BYTES[type];
    if (width !== undefined) {
      yield* this.#skip(yield* this.#length(), width);
      return { type };
    }
    switch (type) {
      case SYMBOL:
        return this.#refer({ type, name: (yield* this.#item(depth + 1)).name ?? '' });
      case STRING:
        return { type, name: yield* this.#text() };
      case ENVIRONMENT:
        yield* this.#environment(depth);
        return { type };
      case 7:
      case 8:
        return { type, name: yield* this.#text() };
      case 16:
      case 19:
      case 20:
        for (let left = yield* this.#length(); left > 0; left--) yield* this.#item(depth + 1);
        return { type };
      case 21:
        this.#tell({ kind: 'bytecode', offset });
        yield* this.#int();
        yield* this.#bytecode(depth + 1);
        return { type };
      case 22:
        this.#refer({ type });
        this.#tell({ kind: 'pointer', offset });
        yield* this.#item(depth + 1);
        yield* this.#item(depth + 1);
        return { type };
      case 23:
        return this.#refer({ type });
      case 25:
        return { type };
      case 238: {
        const names = yield* this.#pairNames(depth);
        this.#tell({ kind: 'altrep', offset, names });
        yield* this.#item(depth + 1);
        yield* this.#item(depth + 1);
        return { type };
      }
      case 247:
      case 248:
      case 249:
        if (type === 247) this.#tell({ kind: 'persistent', offset });
        this.#refer({ type });
        yield* this.#int();
        for (let left = yield* this.#length(); left > 0; left--) yield* this.#item(depth + 1);
        return { type };
      case 241:
      case 242:
      case 250:
      case 251:
      case UNBOUND:
      case 253:
      case 254:
        return { type };
      default:
        throw new CursorError(`an item has the unknown type ${type}, at offset ${offset}`);
    }
  }

  *#environment(depth: number): Parser<void> {
    this.#refer({ type: ENVIRONMENT });
    yield* this.#int();
    yield* this.#item(depth + 1);
    this.#inFrame = true;
    yield* this.#item(depth + 1);
    this.#inFrame = true;
    yield* this.#item(depth + 1);
    this.#inFrame = false;
    yield* this.#item(depth + 1);
  }

  /** Lists of pairs, calls, closures and promises are one after the other in the second half of each. */
  *#pairs(first: number, start: number, depth: number): Parser<What> {
    const frame = this.#inFrame;
    let flags = first;
    let offset = start;
    const type = flags & 0xff;
    for (;;) {
      const kind = flags & 0xff;
      if ((flags & 0x200) !== 0) {
        this.#inFrame = false;
        yield* this.#item(depth + 1);
      }
      if (kind === PROMISE) {
        yield* this.#promise((flags & 0x400) !== 0, offset, depth, frame);
        break;
      }
      this.#inFrame = false;
      const tag = (flags & 0x400) !== 0 ? (yield* this.#item(depth + 1)).name : undefined;
      if (kind === CLOSURE) this.#tell({ kind: 'closure', offset });
      this.#inFrame = frame && kind === 2;
      const head = yield* this.#item(depth + 1);
      // Variables of a saved workspace: R runs some functions by their name.
      if (depth === 0 && head.type === CLOSURE && HOOK.test(tag ?? ''))
        this.#tell({ kind: 'hook', offset, names: [tag ?? ''] });
      if (kind === CALL && head.name !== undefined && (this.#called?.length ?? 9) < 8) this.#called?.push(head.name);
      this.#inFrame = frame && kind === 2;
      // The rest of a list is read here, so that a long one is not deep.
      const next = yield* this.#cursor.peek(4);
      if (next.length < 4) throw new CursorError(`it ends inside a value, at offset ${this.#cursor.at}`);
      const ahead = this.#little ? next.readInt32LE() : next.readInt32BE();
      if (!PAIRS.has(ahead & 0xff)) {
        yield* this.#item(depth + 1);
        break;
      }
      this.#count(depth);
      offset = this.#cursor.at;
      flags = ahead;
      this.#cursor.skip(4);
    }
    this.#inFrame = frame;
    return { type };
  }

  *#promise(environment: boolean, offset: number, depth: number, variable: boolean): Parser<void> {
    this.#inFrame = false;
    if (environment) yield* this.#item(depth + 1);
    const value = yield* this.#item(depth + 1);
    const before = this.#called;
    this.#called = [];
    yield* this.#item(depth + 1);
    this.#tell({ kind: 'promise', offset, pending: value.type === UNBOUND, variable, names: this.#called });
    this.#called = before;
  }

  /** Names in a list of pairs: of an ALTREP object, its class and package. */
  *#pairNames(depth: number): Parser<readonly string[]> {
    const from = this.#references.length;
    const before = this.#called;
    const names: string[] = [];
    let flags = yield* this.#int();
    while (PAIRS.has(flags & 0xff)) {
      this.#count(depth);
      if ((flags & 0x200) !== 0) yield* this.#item(depth + 1);
      if ((flags & 0x400) !== 0) yield* this.#item(depth + 1);
      const { name } = yield* this.#item(depth + 1);
      if (name !== undefined && names.length < 4) names.push(name);
      flags = yield* this.#int();
    }
    if ((flags & 0xff) !== 254)
      throw new CursorError(`the class of an object is no list, at offset ${this.#cursor.at} (${from})`);
    this.#called = before;
    return names;
  }

  *#bytecode(depth: number): Parser<void> {
    this.#count(depth);
    yield* this.#item(depth + 1);
    for (let left = yield* this.#int(); left > 0; left--) {
      const type = yield* this.#int();
      if (type === 21) yield* this.#bytecode(depth + 1);
      else yield* this.#bytecodeCall(type, depth + 1);
    }
  }

  *#bytecodeCall(first: number, depth: number): Parser<void> {
    this.#count(depth);
    let type = first;
    if (type === 243) return void (yield* this.#int());
    if (type === 244) {
      yield* this.#int();
      type = yield* this.#int();
    }
    if (type !== CALL && type !== 2 && type !== 239 && type !== 240) return void (yield* this.#item(depth + 1));
    if (type >= 239) yield* this.#item(depth + 1);
    yield* this.#item(depth + 1);
    yield* this.#bytecodeCall(yield* this.#int(), depth + 1);
    yield* this.#bytecodeCall(yield* this.#int(), depth + 1);
  }
}
