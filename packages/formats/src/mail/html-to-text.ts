// The text a reader would see of an HTML mail. The attacker writes the markup: unclosed tags and comments by the thousand
// (each regular expression over `<[^>]*>` rescans to the end), words cut by empty tags or entities to slip past a filter,
// text hidden in scripts. One pass, every character looked at a bounded number of times; nothing is ever rendered.
import entities from './entities.json' with { type: 'json' };

const NAMED: Readonly<Record<string, string>> = entities;
/** Raw-text elements: what is inside is no text for the reader. */
const DROPPED = /^(?:script|style|template|noembed|noframes|iframe)$/;
const BREAKING =
  /^(?:p|div|br|hr|tr|table|ul|ol|li|dl|dt|dd|h[1-6]|pre|blockquote|form|center|title|body|head|html|section|article|header|footer)$/;
const CELL = /^(?:td|th|option|img)$/;
const TAG_NAME = /^\/?([a-z][a-z0-9]{0,20})/i;
const ENTITY = /&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z][a-zA-Z0-9]{1,30}));?/g;

/** @returns text with `\n` between blocks and single spaces; at most `maxLength` UTF-16 units of the markup are read */
export function htmlToText(markup: string, maxLength = 4 * 1024 * 1024): string {
  const html = markup.slice(0, maxLength);
  const parts: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    const end = open < 0 ? html.length : open;
    if (end > at) parts.push(decodeEntities(html.slice(at, end).replace(/[\r\n]/g, ' ')));
    if (open < 0) break;
    at = markupEnd(html, open, parts);
  }
  return parts
    .join('')
    .replace(/[ \t\f\v\u00a0]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim()
    .toWellFormed();
}

/** Index after the comment, tag or dropped element at `open`; pushes what stands for it in the text. */
function markupEnd(html: string, open: number, parts: string[]): number {
  const next = html.charAt(open + 1);
  if (html.startsWith('<!--', open)) {
    const close = html.indexOf('-->', open + 4);
    return close < 0 ? html.length : close + 3;
  }
  if (!/[a-z/!?]/i.test(next)) {
    parts.push('<');
    return open + 1;
  }
  const close = tagEnd(html, open + 1);
  const name = TAG_NAME.exec(html.slice(open + 1, open + 24))?.[1]?.toLowerCase() ?? '';
  if (BREAKING.test(name)) parts.push('\n');
  else if (CELL.test(name)) parts.push(' ');
  return next !== '/' && DROPPED.test(name) ? droppedEnd(html, close, name) : close;
}

/** Index after the `>` that ends a tag; a `>` inside quotes does not. Text cut off inside a tag is no text. */
function tagEnd(html: string, start: number): number {
  let at = start;
  for (;;) {
    const close = html.indexOf('>', at);
    if (close < 0) return html.length;
    const mark = openQuote(html.slice(at, close));
    if (mark === undefined) return close + 1;
    const end = html.indexOf(mark, close);
    // An unclosed quote would swallow the rest of the mail and hide it from the checks: the tag ends at its first `>`.
    if (end < 0) return close + 1;
    at = end + 1;
  }
}

/** The quote that is still open at the end of this piece of a tag; quotes count only after `=`. */
function openQuote(piece: string): string | undefined {
  for (let at = piece.indexOf('='); at >= 0; at = piece.indexOf('=', at + 1)) {
    let first = at + 1;
    while (first < piece.length && piece.charCodeAt(first) <= 32) first += 1;
    const mark = piece.charAt(first);
    if (mark !== '"' && mark !== "'") continue;
    const close = piece.indexOf(mark, first + 1);
    if (close < 0) return mark;
    at = close;
  }
  return undefined;
}

function droppedEnd(html: string, from: number, name: string): number {
  const close = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
  close.lastIndex = from;
  const found = close.exec(html);
  return found === null ? html.length : tagEnd(html, found.index + 1);
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(ENTITY, (whole: string, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return Object.hasOwn(NAMED, name) ? (NAMED[name] ?? whole) : whole;
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? '0', 16);
    const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return valid ? String.fromCodePoint(code) : '\ufffd';
  });
}
