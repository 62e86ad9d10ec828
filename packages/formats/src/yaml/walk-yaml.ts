// YAML as its lenient readers take it: several documents, tags, directives, keys of any kind, keys that stand twice. Answers
// the values and every tag with its handle resolved, so that `!!python/name:x`, `!<tag:yaml.org,2002:python/name:x>` and a
// %TAG directive are one. `readYaml` is the strict reader; here nothing is refused that PyYAML or SnakeYAML would take.
import type { JsonValue } from '@vallum/core';
import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, Parser } from 'yaml';
import type { Alias, CST, Document } from 'yaml';
import { bracketsDeeperThan, indentedDeeperThan } from '../nesting.js';

export interface YamlTag {
  /** Resolved: `tag:yaml.org,2002:python/name:os.system`, or `!Ref` for a local tag. */
  readonly tag: string;
  readonly line: number;
  /** The value, where it is one short scalar. */
  readonly value?: string;
}

export interface YamlWalk {
  readonly documents: readonly JsonValue[];
  readonly tags: readonly YamlTag[];
  /** A key that stands twice, what the parser could not read, or what was left out by a limit. */
  readonly problems: readonly string[];
}

export interface WalkYamlLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxNodes: number;
  readonly maxTags: number;
  readonly maxDocuments: number;
}

const LIMITS: WalkYamlLimits = {
  maxBytes: 4 * 1024 * 1024,
  maxDepth: 64,
  maxNodes: 200_000,
  maxTags: 2000,
  maxDocuments: 1000,
};

/** The parser needs a kilobyte for each level, and its own stack. */
const MOST_OPEN = 500;

/** Never throws. */
export function walkYaml(text: string, limits: Partial<WalkYamlLimits> = {}): YamlWalk {
  const bounds = { ...LIMITS, ...limits };
  if (text.length > bounds.maxBytes)
    return { documents: [], tags: [], problems: [`it has more than ${bounds.maxBytes} characters`] };
  if (bracketsDeeperThan(text, MOST_OPEN) || indentedDeeperThan(text, MOST_OPEN))
    return { documents: [], tags: [], problems: ['it is nested too deep'] };
  const lines = new LineCounter();
  try {
    const composer = new Composer({
      schema: 'core',
      uniqueKeys: false,
      strict: false,
      logLevel: 'silent',
      resolveKnownTags: false,
      lineCounter: lines,
    });
    const walk = new Walk(bounds, lines);
    const documents: JsonValue[] = [];
    for (const document of composer.compose(untilBroken(new Parser(lines.addNewLine).parse(text)))) {
      if (documents.length >= bounds.maxDocuments) {
        walk.problems.add(`it has more than ${bounds.maxDocuments} documents`);
        break;
      }
      documents.push(walk.document(document));
    }
    return { documents, tags: walk.tags, problems: [...walk.problems] };
  } catch {
    // The parser recurses: text that is nested thousands deep ends in a stack overflow.
    return { documents: [], tags: [], problems: ['it is nested too deep, or broken in a way that has no better name'] };
  }
}

/** Broken text makes an error of every sign; after some of them nothing new is learned. */
function* untilBroken(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  let errors = 0;
  for (const token of tokens) {
    if (token.type === 'error') errors += 1;
    yield token;
    if (errors > 50) return;
  }
}

class Walk {
  readonly tags: YamlTag[] = [];
  readonly problems = new Set<string>();
  readonly #bounds: WalkYamlLimits;
  readonly #lines: LineCounter;
  #nodes = 0;
  #document: Document.Parsed | undefined;
  readonly #targets = new Map<Alias, unknown>();

  constructor(bounds: WalkYamlLimits, lines: LineCounter) {
    this.#bounds = bounds;
    this.#lines = lines;
  }

  document(document: Document.Parsed): JsonValue {
    this.#document = document;
    for (const error of document.errors)
      this.#problem(`line ${this.#lines.linePos(error.pos[0]).line}: ${error.message.split('\n', 1)[0] ?? ''}`);
    return this.#value(document.contents, 0);
  }

  #problem(text: string): void {
    if (this.problems.size < 20) this.problems.add(text.slice(0, 200));
  }

  #value(node: unknown, depth: number): JsonValue {
    this.#nodes += 1;
    if (this.#nodes > this.#bounds.maxNodes || depth > this.#bounds.maxDepth) {
      this.#problem(
        depth > this.#bounds.maxDepth
          ? `it is nested deeper than ${this.#bounds.maxDepth}`
          : `it unfolds to more than ${this.#bounds.maxNodes} values`,
      );
      return null;
    }
    if (node === null || node === undefined) return null;
    this.#tag(node);
    if (isAlias(node)) return this.#value(this.#resolve(node), depth + 1);
    if (isScalar(node)) return scalar(node.value, node.source);
    if (isSeq(node)) return node.items.map((item) => this.#value(item, depth + 1));
    if (!isMap(node)) return null;
    const entries = new Map<string, JsonValue>();
    for (const pair of node.items) {
      const keyValue = this.#value(pair.key, depth + 1);
      const key = typeof keyValue === 'string' ? keyValue : JSON.stringify(keyValue);
      const value = this.#value(pair.value, depth + 1);
      if (entries.has(key)) {
        // Readers differ in which one counts, so both are kept in view.
        this.#problem(`the key ${JSON.stringify(key.slice(0, 80))} stands twice`);
        entries.set(`${key}\u0000`, Object.fromEntries<JsonValue>([[key, value]]));
      } else entries.set(key, value);
    }
    return Object.fromEntries<JsonValue>(entries);
  }

  #resolve(alias: Alias): unknown {
    if (!this.#targets.has(alias))
      this.#targets.set(alias, this.#document === undefined ? undefined : alias.resolve(this.#document));
    return this.#targets.get(alias);
  }

  #tag(node: unknown): void {
    if (
      typeof node !== 'object' ||
      node === null ||
      !('tag' in node) ||
      typeof node.tag !== 'string' ||
      node.tag === ''
    )
      return;
    if (this.tags.length >= this.#bounds.maxTags) return this.#problem(`it has more than ${this.#bounds.maxTags} tags`);
    const range = 'range' in node && Array.isArray(node.range) && typeof node.range[0] === 'number' ? node.range[0] : 0;
    const value = isScalar(node) ? String(scalar(node.value, node.source)).slice(0, 200) : undefined;
    this.tags.push({
      tag: decoded(node.tag),
      line: this.#lines.linePos(range).line,
      ...(value === undefined ? {} : { value }),
    });
  }
}

/** Tags may be written with `%6f` in place of letters. */
function decoded(tag: string): string {
  return tag.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function scalar(value: unknown, source: string | undefined): string | number | boolean | null {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return source ?? '';
}
