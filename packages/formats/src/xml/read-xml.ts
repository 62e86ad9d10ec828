// XML as far as a scanner needs it: the document type with its entities, processing instructions, elements with their
// attributes, and text. No entity is expanded and nothing is fetched. Threats: external entities and document types (XXE),
// entities of entities (billion laughs), XInclude, style sheets, encodings that hide markup. XML 1.0, sections 2-4.
import type { Parser } from '../bytes/parser.js';
import { Cursor, CursorError } from '../bytes/cursor.js';
import { parseBytes } from '../bytes/parser.js';
import type { XmlBytes } from './decode.js';
import { utf8OfUtf16, xmlEncoding } from './decode.js';
import type { Doctype } from './doctype.js';
import { readDoctype } from './doctype.js';

export interface XmlLimits {
  /** Bytes of one tag, comment, section or run of text that are looked at. */
  readonly maxToken: number;
  readonly maxTokens: number;
  readonly maxDepth: number;
  /** Bytes of a document in UTF-16. */
  readonly maxWide: number;
}

export const XML_LIMITS: XmlLimits = {
  maxToken: 4 * 1024 * 1024,
  maxTokens: 20_000_000,
  maxDepth: 1000,
  maxWide: 32 * 1024 * 1024,
};

export interface XmlElement {
  /** As written, with its prefix. */
  readonly name: string;
  /** Values as written: character references are not resolved. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly depth: number;
  readonly offset: number;
}

export interface XmlVisitor {
  readonly element?: (element: XmlElement) => void;
  readonly instruction?: (target: string, text: string, offset: number) => void;
  /** Text and CDATA of at least 8 bytes, with the name of the element that holds it; its first 64 KiB. */
  readonly text?: (text: string, parent: string, offset: number) => void;
}

export interface XmlReport {
  readonly bytes: XmlBytes;
  /** It starts with an XML declaration. */
  readonly declared: boolean;
  readonly doctype?: Doctype;
  /** Name of the root element. */
  readonly root?: string;
  readonly elements: number;
  /** The root was closed, and nothing but comments and spaces follows. */
  readonly closed: boolean;
  readonly fault?: string;
}

export function* readXml(size: number, visit: XmlVisitor = {}, limits: XmlLimits = XML_LIMITS): Parser<XmlReport> {
  const head = yield { offset: 0, length: 4096 };
  const bytes = xmlEncoding(head);
  if (bytes.encoding === 'other')
    return { bytes, declared: true, elements: 0, closed: false, fault: `it is in ${bytes.name}` };
  if (bytes.encoding !== 'ascii') {
    if (size > limits.maxWide)
      return { bytes, declared: true, elements: 0, closed: false, fault: `it has ${size} bytes in ${bytes.name}` };
    const text = utf8OfUtf16(yield { offset: 0, length: size }, bytes.encoding);
    const walker = new XmlWalker(text.length, visit, limits, bytes);
    return parseBytes(walker.run(), text);
  }
  return yield* new XmlWalker(size, visit, limits, bytes).run();
}

const NAME = /^[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*/;
const ATTRIBUTE = /\s+([^\s=/>"'<]+)\s*=\s*("[^"]*"|'[^']*')/y;
const TEXT_KEPT = 64 * 1024;
const STEP = 16 * 1024;

class XmlWalker {
  readonly #cursor: Cursor;
  readonly #visit: XmlVisitor;
  readonly #limits: XmlLimits;
  readonly #bytes: XmlBytes;
  readonly #open: string[] = [];
  #doctype: Doctype | undefined;
  #root: string | undefined;
  #elements = 0;
  #tokens = 0;
  #closed = false;
  #declared = false;

  constructor(size: number, visit: XmlVisitor, limits: XmlLimits, bytes: XmlBytes) {
    this.#cursor = new Cursor(0, size);
    this.#visit = visit;
    this.#limits = limits;
    this.#bytes = bytes;
  }

  *run(): Parser<XmlReport> {
    let fault: string | undefined;
    try {
      while (this.#cursor.left > 0) {
        if (++this.#tokens > this.#limits.maxTokens)
          throw new CursorError(`it has more than ${this.#limits.maxTokens} tags and texts`);
        yield* this.#token();
      }
    } catch (error) {
      if (!(error instanceof CursorError)) throw error;
      fault = error.message;
    }
    const closed = this.#closed && this.#open.length === 0;
    if (fault === undefined && !closed) fault = 'its root element is not closed';
    return {
      bytes: this.#bytes,
      declared: this.#declared,
      elements: this.#elements,
      closed,
      ...(this.#doctype === undefined ? {} : { doctype: this.#doctype }),
      ...(this.#root === undefined ? {} : { root: this.#root }),
      ...(fault === undefined ? {} : { fault }),
    };
  }

  *#token(): Parser<void> {
    const head = (yield* this.#cursor.peek(9)).toString('latin1');
    if (!head.startsWith('<')) return yield* this.#text();
    if (head.startsWith('<!--')) return void (yield* this.#until('-->', 4));
    if (head === '<![CDATA[') return this.#tellText(yield* this.#until(']]>', 9), this.#cursor.at);
    if (head.startsWith('<!DOCTYPE')) return yield* this.#document();
    if (head.startsWith('<!'))
      throw new CursorError(`a declaration stands outside a document type, at offset ${this.#cursor.at}`);
    const offset = this.#cursor.at;
    if (head.startsWith('<?')) {
      const text = yield* this.#until('?>', 2);
      const target = /^[^\s?]*/.exec(text)?.[0] ?? '';
      if (target.toLowerCase() === 'xml') this.#declared = true;
      else this.#visit.instruction?.(target, text.slice(target.length).trim(), offset);
      return;
    }
    if (head.startsWith('</')) return this.#close((yield* this.#until('>', 2)).trim(), offset);
    this.#element(yield* this.#tag(), offset);
  }

  /** Text up to the next tag. */
  *#text(): Parser<void> {
    const offset = this.#cursor.at;
    let kept = Buffer.alloc(0);
    for (;;) {
      const bytes = yield* this.#cursor.peek(STEP);
      const to = bytes.indexOf(0x3c);
      const part = to < 0 ? bytes : bytes.subarray(0, to);
      if (kept.length < TEXT_KEPT) kept = Buffer.concat([kept, part]);
      this.#cursor.skip(part.length);
      if (to >= 0 || this.#cursor.left === 0) break;
    }
    this.#tellText(kept.subarray(0, TEXT_KEPT).toString('utf8'), offset);
  }

  #tellText(text: string, offset: number): void {
    const trimmed = text.replace(/^\uFEFF/, '').trim();
    if (trimmed === '') return;
    if (this.#open.length === 0)
      throw new CursorError(
        `${JSON.stringify(trimmed.slice(0, 40))} stands outside its root element, at offset ${offset}`,
      );
    if (trimmed.length >= 8) this.#visit.text?.(trimmed.slice(0, TEXT_KEPT), this.#open.at(-1) ?? '', offset);
  }

  /** What stands between an opening, which is passed over, and the closing. */
  *#until(closing: string, opening: number): Parser<string> {
    const offset = this.#cursor.at;
    this.#cursor.skip(opening);
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const bytes = yield* this.#cursor.peek(STEP);
      const to = bytes.indexOf(closing, 0, 'latin1');
      if (to >= 0) {
        parts.push(Buffer.from(bytes.subarray(0, to)));
        this.#cursor.skip(to + closing.length);
        return Buffer.concat(parts).toString('utf8');
      }
      if (bytes.length >= this.#cursor.left) throw new CursorError(`what starts at offset ${offset} does not end`);
      const sure = bytes.length - closing.length + 1;
      parts.push(Buffer.from(bytes.subarray(0, sure)));
      length += sure;
      if (length > this.#limits.maxToken)
        throw new CursorError(`what starts at offset ${offset} has more than ${this.#limits.maxToken} bytes`);
      this.#cursor.skip(sure);
    }
  }

  /** A start tag without its brackets; a `>` inside quotes does not end it. */
  *#tag(): Parser<string> {
    const offset = this.#cursor.at;
    for (let length = 256; ; length *= 2) {
      const bytes = yield* this.#cursor.peek(Math.min(length, this.#limits.maxToken));
      const end = endOfTag(bytes);
      if (end >= 0) {
        const text = bytes.toString('utf8', 1, end);
        this.#cursor.skip(end + 1);
        return text;
      }
      if (bytes.length >= this.#cursor.left) throw new CursorError(`the tag at offset ${offset} does not end`);
      if (length >= this.#limits.maxToken)
        throw new CursorError(`the tag at offset ${offset} has more than ${this.#limits.maxToken} bytes`);
    }
  }

  #element(tag: string, offset: number): void {
    const name = NAME.exec(tag)?.[0];
    if (name === undefined) throw new CursorError(`a tag has no name, at offset ${offset}`);
    if (this.#open.length === 0 && this.#root !== undefined)
      throw new CursorError(`a second root element stands at offset ${offset}`);
    const empty = tag.endsWith('/');
    const attributes = new Map<string, string>();
    ATTRIBUTE.lastIndex = name.length;
    let end = name.length;
    for (let match = ATTRIBUTE.exec(tag); match !== null; match = ATTRIBUTE.exec(tag)) {
      attributes.set(match[1] ?? '', (match[2] ?? '').slice(1, -1));
      end = ATTRIBUTE.lastIndex;
    }
    if (!/^\s*\/?$/.test(tag.slice(end)))
      throw new CursorError(
        `the tag ${JSON.stringify(tag.slice(0, 40))} has an attribute without a value, at offset ${offset}`,
      );
    this.#elements += 1;
    this.#root ??= name;
    this.#visit.element?.({ name, attributes, depth: this.#open.length, offset });
    if (empty) {
      if (this.#open.length === 0) this.#closed = true;
      return;
    }
    if (this.#open.length >= this.#limits.maxDepth)
      throw new CursorError(`its elements are nested deeper than ${this.#limits.maxDepth}, at offset ${offset}`);
    this.#open.push(name);
  }

  #close(name: string, offset: number): void {
    if (this.#open.pop() !== name)
      throw new CursorError(`the closing tag ${JSON.stringify(name.slice(0, 40))} closes nothing, at offset ${offset}`);
    if (this.#open.length === 0) this.#closed = true;
  }

  *#document(): Parser<void> {
    const offset = this.#cursor.at;
    for (let length = STEP; ; length *= 4) {
      const bytes = yield* this.#cursor.peek(Math.min(length, this.#limits.maxToken));
      const found = readDoctype(bytes.toString('utf8'));
      if (found !== undefined) {
        this.#doctype = found.doctype;
        this.#cursor.skip(Buffer.byteLength(bytes.toString('utf8').slice(0, found.end)));
        return;
      }
      if (bytes.length >= this.#cursor.left || length >= this.#limits.maxToken) {
        // Its entities are told all the same: a reader may take them in before it meets the fault.
        this.#doctype = readDoctype(`${bytes.toString('utf8')}]>`)?.doctype;
        throw new CursorError(`the document type at offset ${offset} does not end`);
      }
    }
  }
}

function endOfTag(bytes: Buffer): number {
  let quote = 0;
  for (let index = 1; index < bytes.length; index++) {
    const byte = bytes[index];
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === 0x22 || byte === 0x27) quote = byte;
    else if (byte === 0x3e) return index;
  }
  return -1;
}
