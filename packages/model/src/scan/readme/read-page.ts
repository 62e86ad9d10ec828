// The parts of a page that matter: code blocks, code in lines, lines of prose that hold a command, and what a person does not
// see. Markdown, reStructuredText, HTML and plain text are read alike, since the name decides nothing. Linear in the text.

export interface CodeBlock {
  readonly line: number;
  /** As the page names it, in lower case. */
  readonly language: string;
  readonly text: string;
}

export interface HiddenText {
  readonly line: number;
  readonly text: string;
}

export interface Page {
  readonly frontMatter?: string;
  readonly blocks: readonly CodeBlock[];
  /** Every line that is not in a fenced block. */
  readonly lines: readonly { readonly line: number; readonly text: string }[];
  readonly hidden: readonly HiddenText[];
}

const FENCE = /^[ \t>*+-]{0,20}?(`{3,}|~{3,})[ \t]*\{?\.?([\w+#.-]*)/;

export function readPage(text: string): Page {
  const lines = text.split(/\r\n|\r|\n/);
  const blocks: CodeBlock[] = [];
  const prose: { line: number; text: string }[] = [];
  let start = 0;
  let frontMatter: string | undefined;
  if (/^---\s*$/.test(lines[0]?.replace(/^\uFEFF/, '') ?? '')) {
    const close = lines.findIndex((line, at) => at > 0 && /^(?:---|\.\.\.)\s*$/.test(line));
    if (close > 0) {
      frontMatter = lines.slice(1, close).join('\n');
      start = close + 1;
    }
  }
  for (let at = start; at < lines.length; at++) {
    const fence = FENCE.exec(lines[at] ?? '');
    if (fence === null || underlines(lines[at] ?? '', lines[at - 1] ?? '')) {
      prose.push({ line: at + 1, text: lines[at] ?? '' });
      continue;
    }
    const mark = fence[1] ?? '```';
    const close = new RegExp(`^[ \\t>]*${mark[0] === '~' ? '~' : '`'}{${mark.length},}[ \\t]*$`);
    const body: string[] = [];
    const line = at + 2;
    for (at += 1; at < lines.length && !close.test(lines[at] ?? ''); at++)
      body.push((lines[at] ?? '').replace(/^[ \t]*>[ \t]?/, ''));
    blocks.push({ line, language: (fence[2] ?? '').toLowerCase(), text: body.join('\n') });
  }
  return { blocks, lines: prose, hidden: hiddenTexts(text), ...(frontMatter === undefined ? {} : { frontMatter }) };
}

/** The line under a heading of reStructuredText is no fence. */
function underlines(line: string, before: string): boolean {
  return /^~{3,}\s*$/.test(line) && /^\S/.test(before) && line.trim().length >= before.trim().length;
}

const HIDDEN: readonly RegExp[] = [
  /^\[(?:\/\/|comment|_metadata_)[^\]\n]{0,40}\]:\s*(?:#|<>)?\s*["'(]([^\n]{8,4000})["')]\s*$/gim,
  /^\[[^\]\n]{1,60}\]:\s*#\s*\(([^\n]{8,4000})\)\s*$/gm,
  /<(\w+)\b[^<>]{0,300}(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0|color\s*:\s*(?:white|#fff(?:fff)?|transparent)\b|\bhidden\b)[^<>]{0,300}>([\s\S]{8,4000}?)<\/\1>/gi,
];
const MAX_HIDDEN = 500;
const MAX_COMMENT = 20_000;

function hiddenTexts(text: string): readonly HiddenText[] {
  const found: HiddenText[] = [];
  const add = (index: number, hidden: string): void => {
    if (found.length >= MAX_HIDDEN) return;
    let line = 1;
    for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
    found.push({ line, text: hidden });
  };
  for (let at = text.indexOf('<!--'); at >= 0;) {
    const close = text.indexOf('-->', at + 4);
    // A comment without an end hides the rest of the page.
    const end = close < 0 ? text.length : close;
    if (end - at > 12) add(at, text.slice(at + 4, Math.min(end, at + MAX_COMMENT)));
    at = close < 0 ? -1 : text.indexOf('<!--', close);
  }
  for (const pattern of HIDDEN)
    for (const match of text.matchAll(pattern)) add(match.index, match[2] ?? match[1] ?? '');
  return found;
}
