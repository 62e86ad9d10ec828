// Templates, wherever they stand: files, keys of JSON and YAML, metadata of GGUF. A text that is known to be a template is
// judged whole, and inconclusive where it is none that Jinja takes. In any other text only tags are looked at that can be
// read, because braces also belong to other languages (Go, Handlebars, workflows, LaTeX).
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { JinjaBody } from '@vallum/formats';
import { readJinja } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip, wholeText } from '../context.js';
import type { Remark, RemarkKind } from './judge.js';
import { judgeTemplate } from './judge.js';

/** `chat`: rendered for conversations. `file`: a template of some program. `text`: a text that holds tags. */
export type TemplateUse = 'chat' | 'file' | 'text';

const RULE: Readonly<Record<RemarkKind, string>> = {
  reach: 'VLM-JNJ-001',
  built: 'VLM-JNJ-002',
  word: 'VLM-JNJ-002',
  call: 'VLM-JNJ-003',
  'computed-call': 'VLM-JNJ-003',
  unknown: 'VLM-JNJ-004',
  load: 'VLM-JNJ-005',
  'load-computed': 'VLM-JNJ-005',
  'load-outside': 'VLM-JNJ-005',
  endless: 'VLM-JNJ-007',
};
/** What nobody writes into a tag who is not after Python's objects. */
const SUSPECT = /__\w+__|\|\s*attr\b|\\x5f|\\u005f/i;
const MAX_TAGS = 5000;
const GRAVE: ReadonlySet<RemarkKind> = new Set(['load-outside', 'computed-call']);
const GRAVE_IN_CHAT: ReadonlySet<RemarkKind> = new Set(['call', 'load', 'load-computed', 'word']);
/** What workflows do in their tags, and other programs in theirs. */
const SOFT: ReadonlySet<RemarkKind> = new Set(['call', 'unknown']);

/** `${{ }}` belongs to workflows, which have functions of their own. */
function inWorkflow(text: string, at: number): boolean {
  const open = text.lastIndexOf('{{', at);
  return open > 0 && text[open - 1] === '$';
}

export async function examineTemplateFile(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as a template');
  if (text === undefined) return;
  const base = item.name.split(/[/\\]/).at(-1)?.toLowerCase() ?? '';
  const chat = context.rules.files.jinja.names.some((pattern) => new RegExp(pattern).test(base));
  examineTemplate(context, item, text, { use: chat ? 'chat' : 'file' });
}

/** Any other text that is no page and no program: it may be a template under another name. */
export async function guessTemplate(context: Context, item: Item): Promise<void> {
  const base = item.name.split(/[/\\]/).at(-1)?.toLowerCase() ?? '';
  if (item.source.size > context.budgets.maxTextBytes) return;
  if (context.rules.files.jinja.pages.includes(base.split('.').at(-1) ?? '')) return;
  const text = await wholeText(context, item, 'as a template');
  if (text !== undefined) examineTemplate(context, item, text, { use: 'text' });
}

/** @param where of the template in the item, as `chat_template` */
export function examineTemplate(
  context: Context,
  item: Item,
  text: string,
  { use, where }: { readonly use: TemplateUse; readonly where?: string },
): void {
  if (!text.includes('{{') && !text.includes('{%')) return;
  if (use === 'text' && tagsOf(text).next().done === true) return;
  const what = where === undefined ? 'the template' : `the template ${where}`;
  const report = readJinja(text);
  const tell = (remark: Remark): void => {
    if (use === 'text' && SOFT.has(remark.kind) && inWorkflow(text, remark.at)) return;
    // Programs offer their own functions to their own templates; a conversation has none to offer.
    const grave = GRAVE.has(remark.kind) || (use === 'chat' && GRAVE_IN_CHAT.has(remark.kind));
    const line = text.slice(0, remark.at).split('\n').length;
    find(context, item, {
      rule: RULE[remark.kind],
      detail: `${where === undefined ? '' : `${where}: `}${remark.detail}`,
      location: where === undefined ? { line } : {},
      // A private name that only stands there is odd in a conversation, and common in what writes programs.
      ...(grave ? { severity: 'high' as const } : remark.kind === 'word' ? { severity: 'medium' as const } : {}),
    });
    if (remark.kind === 'unknown' && use === 'chat') skip(context, item, what, `${remark.detail} is not known`);
  };
  if (report.fault === undefined) return judge(context, report.body, tell);
  const { message, at, budget } = report.fault;
  const suspect = judgeTags(context, text, tell);
  if (budget) return skip(context, item, what, message);
  if (use === 'text' && !suspect) return;
  const line = text.slice(0, at).split('\n').length;
  const detail = `${where === undefined ? '' : `${where}: `}${message} (line ${line})`;
  find(context, item, { rule: 'VLM-JNJ-006', detail, location: where === undefined ? { line } : {} });
  skip(context, item, what, message);
}

/** `{{ }}` and `{% %}`, from the left, each with the first end behind it; one pass, however many are never closed. */
function* tagsOf(text: string): Generator<{ readonly tag: string; readonly at: number }> {
  const open = { '{{': true, '{%': true };
  for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) {
    const start = text.slice(at, at + 2);
    if ((start !== '{{' && start !== '{%') || !open[start]) continue;
    const end = text.indexOf(start === '{{' ? '}}' : '%}', at + 2);
    open[start] = end >= 0;
    if (end < 0) continue;
    yield { tag: text.slice(at, end + 2), at };
    at = end + 1;
  }
}

function judge(context: Context, body: JinjaBody, tell: (remark: Remark) => void): void {
  for (const remark of judgeTemplate(body, context.rules.files.jinja)) tell(remark);
}

/**
 * Each tag of a text that as a whole is no template, as far as it can be read alone.
 * @returns whether one that cannot be read looks like an attack
 */
function judgeTags(context: Context, text: string, tell: (remark: Remark) => void): boolean {
  let suspect = false;
  let count = 0;
  for (const { tag, at } of tagsOf(text)) {
    count += 1;
    if (count > MAX_TAGS) return suspect || SUSPECT.test(text.slice(at));
    const word = /^\{%[-+]?\s*(\w+)/.exec(tag)?.[1];
    const alone = word === undefined || word === 'set' ? tag : `${tag}{% end${word} %}`;
    const { body, fault } = readJinja(alone);
    if (fault === undefined) judge(context, body, (remark) => tell({ ...remark, at: at + remark.at }));
    else suspect ||= SUSPECT.test(tag);
  }
  return suspect;
}

const MAX_DEPTH = 64;

/** Every text of a JSON or YAML value that holds tags; those under the keys of templates are templates. */
export function examineTemplatesIn(context: Context, item: Item, root: JsonValue): void {
  const keys = new Set(context.rules.files.jinja.keys);
  const visit = (value: JsonValue, path: string, use: TemplateUse, depth: number): void => {
    if (typeof value === 'string') {
      if (value.includes('{{') || value.includes('{%'))
        examineTemplate(context, item, value, { use, where: path === '' ? 'a text' : path.slice(0, 200) });
    } else if (depth > MAX_DEPTH * 4) skip(context, item, 'templates', 'it is nested too deep');
    else if (Array.isArray(value))
      for (const [index, one] of (value as readonly JsonValue[]).entries()) {
        if (typeof one === 'string' || typeof one === 'object') visit(one, `${path}[${index}]`, use, depth + 1);
      }
    else if (isJsonObject(value))
      for (const [key, one] of Object.entries(value))
        visit(one, path === '' ? key : `${path.slice(-200)}.${key}`, keys.has(key) ? 'chat' : use, depth + 1);
  };
  visit(root, '', 'text', 0);
}
