// The document type of an XML document: which external parts it names, which entities it declares, and how large they would
// become if somebody expanded them. XML 1.0, sections 2.8 and 4.2. Sizes are computed, nothing is expanded.

export interface Entity {
  readonly name: string;
  /** `%`: it stands in the document type itself. */
  readonly parameter: boolean;
  /** Where its content comes from, when it is not here. */
  readonly system?: string;
  readonly publicId?: string;
  /** Length of its own text. */
  readonly length: number;
  /** Characters that one use becomes. Infinity for one that uses itself. */
  readonly expanded: number;
  /** Entities inside entities, this one included. */
  readonly levels: number;
}

export interface Doctype {
  readonly root: string;
  readonly publicId?: string;
  readonly system?: string;
  readonly entities: readonly Entity[];
  /** Declarations that could not be read. */
  readonly broken: number;
}

const QUOTED = `("[^"]*"|'[^']*')`;
const START = new RegExp(
  `^<!DOCTYPE\\s+([^\\s>\\[]{1,200})\\s*(?:(SYSTEM)\\s*${QUOTED}|(PUBLIC)\\s*${QUOTED}(?:\\s*${QUOTED})?)?\\s*`,
);
const ENTITY = new RegExp(
  `^<!ENTITY\\s+(%\\s+)?([^\\s"'>]{1,200})\\s+(?:${QUOTED}|SYSTEM\\s*${QUOTED}|PUBLIC\\s*${QUOTED}\\s*${QUOTED})(?:\\s+NDATA\\s+[^\\s>]+)?\\s*>`,
);
const MAX_ENTITIES = 10_000;

interface Raw {
  readonly name: string;
  readonly parameter: boolean;
  readonly text: string;
  readonly system?: string;
  readonly publicId?: string;
}

/** @returns undefined when the document type does not end in this text */
export function readDoctype(text: string): { readonly doctype: Doctype; readonly end: number } | undefined {
  const start = START.exec(text);
  if (start === null)
    return text.includes('>')
      ? { doctype: { root: '', entities: [], broken: 1 }, end: text.indexOf('>') + 1 }
      : undefined;
  const system = start[3] ?? start[6];
  const head = {
    root: start[1] ?? '',
    ...(start[5] === undefined ? {} : { publicId: bare(start[5]) }),
    ...(system === undefined ? {} : { system: bare(system) }),
  };
  let at = start[0].length;
  const raw: Raw[] = [];
  let broken = 0;
  if (text[at] === '[') {
    const subset = readSubset(text, at + 1, raw);
    if (subset === undefined) return undefined;
    broken = subset.broken;
    at = subset.end;
  }
  const close = text.indexOf('>', at);
  if (close < 0) return undefined;
  return { doctype: { ...head, entities: sized(raw), broken }, end: close + 1 };
}

function bare(quoted: string): string {
  return quoted.slice(1, -1);
}

/** Declarations up to the closing bracket. */
function readSubset(
  text: string,
  from: number,
  into: Raw[],
): { readonly end: number; readonly broken: number } | undefined {
  let broken = 0;
  for (let at = from; at < text.length;) {
    if (text[at] === ']') return { end: at + 1, broken };
    if (text.startsWith('<!--', at)) at = after(text, '-->', at + 4);
    else if (text.startsWith('<?', at)) at = after(text, '?>', at + 2);
    else if (text.startsWith('<!ENTITY', at)) {
      const end = endOfDeclaration(text, at);
      const match = ENTITY.exec(text.slice(at, end));
      if (match === null) broken += 1;
      else if (into.length < MAX_ENTITIES) into.push(entityIn(match));
      else broken += 1;
      at = end;
    } else if (text.startsWith('<!', at)) at = endOfDeclaration(text, at);
    else at += 1;
    if (at === Infinity) return undefined;
  }
  return undefined;
}

function after(text: string, closing: string, from: number): number {
  const at = text.indexOf(closing, from);
  return at < 0 ? Infinity : at + closing.length;
}

function endOfDeclaration(text: string, from: number): number {
  let quote = '';
  for (let at = from + 2; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return at + 1;
  }
  return Infinity;
}

function entityIn(match: RegExpExecArray): Raw {
  const system = match[4] ?? match[6];
  return {
    name: match[2] ?? '',
    parameter: match[1] !== undefined,
    text: match[3] === undefined ? '' : bare(match[3]),
    ...(system === undefined ? {} : { system: bare(system) }),
    ...(match[5] === undefined ? {} : { publicId: bare(match[5]) }),
  };
}

/** The first declaration of a name counts. */
function sized(raw: readonly Raw[]): readonly Entity[] {
  const byName = new Map<string, Raw>();
  for (const one of raw) {
    const key = keyOf(one);
    if (!byName.has(key)) byName.set(key, one);
  }
  const sizes = new Map<string, { expanded: number; levels: number }>();
  const open = new Set<string>();
  const sizeOf = (key: string): { expanded: number; levels: number } => {
    const known = sizes.get(key);
    const one = byName.get(key);
    if (known !== undefined) return known;
    if (one === undefined) return { expanded: 0, levels: 0 };
    // Deep chains are as good as endless: no document has them.
    if (open.has(key) || open.size > 100) return { expanded: Infinity, levels: Infinity };
    open.add(key);
    let expanded = one.text.length;
    let levels = 0;
    for (const [, percent, name] of one.text
      .replace(/&#(?:37|x25);/g, '%')
      .replace(/&#(?:38|x26);/g, '&')
      .matchAll(/(?:(%)|&)([^\s;&%#]{1,200});/g)) {
      const inner = sizeOf(`${percent ?? ''}${name ?? ''}`);
      expanded += inner.expanded;
      levels = Math.max(levels, inner.levels);
    }
    open.delete(key);
    const size = { expanded, levels: levels + 1 };
    sizes.set(key, size);
    return size;
  };
  return raw.map((one) => {
    const { name, parameter, system, publicId, text } = one;
    return {
      name,
      parameter,
      length: text.length,
      ...sizeOf(keyOf(one)),
      ...(system === undefined ? {} : { system }),
      ...(publicId === undefined ? {} : { publicId }),
    };
  });
}

function keyOf({ name, parameter }: { readonly name: string; readonly parameter: boolean }): string {
  return `${parameter ? '%' : ''}${name}`;
}
