// YAML as people write it by hand, reduced to JSON values. The attacker controls the text: tags build objects, `%YAML 1.1`
// changes what `yes` means, aliases multiply (the "billion laughs"), deep nesting overflows the stack of the parser, and
// a duplicate key gives two readers two meanings. Tags, directives and second documents are refused, the rest is bounded.
import type { JsonValue } from '@vallum/core';
import { VallumError } from '@vallum/core';
import { CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml';
import type { Alias, Document } from 'yaml';
import { bracketsDeeperThan, indentedDeeperThan } from '../nesting.js';

export interface YamlLimits {
  /** UTF-8 bytes; default 256 KiB. */
  readonly maxBytes?: number;
  /** Default 32. */
  readonly maxDepth?: number;
  /** Uses of `*name` in the text; default 100. */
  readonly maxAliases?: number;
  /** Values after aliases are replaced by what they stand for; default 100,000. */
  readonly maxNodes?: number;
}

interface Bounds {
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxNodes: number;
}

type Fail = (why: string, offset?: number) => VallumError;

/**
 * YAML 1.2, core schema, one document, string keys.
 * @throws VallumError `YAML_INVALID`, with line and column
 */
export function readYaml(text: string, limits: YamlLimits = {}): JsonValue {
  const lines = new LineCounter();
  const fail: Fail = (why, offset) => invalid(why, offset === undefined ? undefined : lines.linePos(offset));
  const maxBytes = limits.maxBytes ?? 256 * 1024;
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes)
    throw fail(`it has more than the ${maxBytes} bytes that are read`);
  if (!text.isWellFormed()) throw fail('it holds half of a surrogate pair');
  if (bracketsDeeperThan(text, 500) || indentedDeeperThan(text, 500)) throw fail('it is nested too deep');
  const bounds = {
    maxDepth: limits.maxDepth ?? 32,
    maxAliases: limits.maxAliases ?? 100,
    maxNodes: limits.maxNodes ?? 100_000,
  };
  const document = compose(text, lines, bounds, fail);
  return new Converter(document, bounds, fail).value(document.contents, 0);
}

function invalid(why: string, at: { line: number; col: number } | undefined): VallumError {
  const where = at === undefined ? '' : ` (line ${at.line}, column ${at.col})`;
  return new VallumError('YAML_INVALID', `this YAML is refused: ${why}${where}`, {
    fix: 'write plain YAML 1.2: each key once, no tags',
  });
}

function compose(text: string, lines: LineCounter, bounds: Bounds, fail: Fail): Document.Parsed {
  try {
    refuseTokens(text, bounds);
    // Duplicate keys are looked for below, with a set: the library compares every key with every other.
    const document = parseDocument(text, {
      schema: 'core',
      uniqueKeys: false,
      strict: true,
      prettyErrors: false,
      lineCounter: lines,
      // Below `error` the library reads the first of several documents and says nothing about the others.
      logLevel: 'error',
      resolveKnownTags: false,
      intAsBigInt: true,
    });
    const error = document.errors[0];
    if (error !== undefined) throw fail(firstLine(error.message), error.pos[0]);
    return document;
  } catch (error) {
    if (error instanceof VallumError) throw error;
    // The parser recurses: text that is nested thousands deep ends in a stack overflow, which V8 reports as an error.
    throw fail('it is nested too deep, or broken in a way that has no better name');
  }
}

function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? '';
  return (line.charAt(0).toLowerCase() + line.slice(1, 200)).replace(/[.:]+$/, '');
}

/** Refuses tags, directives and too many aliases before anything is built from them. */
function refuseTokens(text: string, bounds: Bounds): void {
  let offset = 0;
  let aliases = 0;
  let inScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    const marker = lexeme === CST.SCALAR || lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END;
    const type = inScalar ? 'scalar' : CST.tokenType(lexeme);
    if (type === 'tag' || type === 'directive-line' || type === 'alias') {
      // The composer fills the line counter later, so that these few look their line up themselves.
      const at = position(text, offset);
      if (type === 'tag') throw invalid(`the tag ${JSON.stringify(lexeme.slice(0, 40))} is not allowed`, at);
      if (type === 'directive-line') throw invalid('a directive (a line that starts with %) is not allowed', at);
      aliases += 1;
      if (aliases > bounds.maxAliases) throw invalid(`it uses more than ${bounds.maxAliases} aliases`, at);
    }
    inScalar = lexeme === CST.SCALAR;
    if (!marker) offset += lexeme.length;
  }
}

function position(text: string, offset: number): { line: number; col: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, col: offset - before.lastIndexOf('\n') };
}

class Converter {
  readonly #document: Document.Parsed;
  readonly #bounds: Bounds;
  readonly #fail: Fail;
  readonly #targets = new Map<Alias, unknown>();
  #nodes = 0;

  constructor(document: Document.Parsed, bounds: Bounds, fail: Fail) {
    this.#document = document;
    this.#bounds = bounds;
    this.#fail = fail;
  }

  value(node: unknown, depth: number): JsonValue {
    const at = offsetOf(node);
    this.#nodes += 1;
    if (this.#nodes > this.#bounds.maxNodes)
      throw this.#fail(`it unfolds to more than ${this.#bounds.maxNodes} values`, at);
    if (depth > this.#bounds.maxDepth) throw this.#fail(`it is nested deeper than ${this.#bounds.maxDepth}`, at);
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      const target = this.#resolve(node);
      if (target === undefined) throw this.#fail(`the alias *${node.source.slice(0, 40)} stands for nothing`, at);
      // An alias inside its own anchor ends at the depth bound.
      return this.value(target, depth + 1);
    }
    if (isScalar(node)) return this.#scalar(node.value, at);
    if (isSeq(node)) return node.items.map((item) => this.value(item, depth + 1));
    if (isMap(node)) {
      const entries = new Map<string, JsonValue>();
      for (const pair of node.items) {
        const key = this.#key(pair.key, at);
        if (entries.has(key))
          throw this.#fail(`the key ${JSON.stringify(key.slice(0, 80))} stands twice`, offsetOf(pair.key) ?? at);
        entries.set(key, this.value(pair.value, depth + 1));
      }
      return Object.fromEntries<JsonValue>(entries);
    }
    throw this.#fail('it holds something that is not JSON', at);
  }

  /** The library walks the whole document for each look-up, so every alias is looked up once, however often it unfolds. */
  #resolve(alias: Alias): unknown {
    if (!this.#targets.has(alias)) this.#targets.set(alias, alias.resolve(this.#document));
    return this.#targets.get(alias);
  }

  #key(node: unknown, at: number | undefined): string {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'string') return value;
    throw this.#fail('a key is not a string', offsetOf(node) ?? at);
  }

  #scalar(value: unknown, at: number | undefined): JsonValue {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'bigint') {
      if (!Number.isSafeInteger(Number(value))) throw this.#fail('an integer is too large', at);
      return Number(value);
    }
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.#fail('a number is not finite', at);
  }
}

function offsetOf(node: unknown): number | undefined {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined;
}
