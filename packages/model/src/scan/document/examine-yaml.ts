// YAML: tags that build objects while it is read (PyYAML's unsafe loaders, SnakeYAML, HyperPyYAML, Ruby's Psych), keys that make
// a loader import something, and what has a shape that is known: compose files, workflows, environments. Tags are taken from a
// parser, with every handle resolved; where the text is broken, also from its lines, since another parser may read further.
import type { YamlTag } from '@vallum/formats';
import { walkYaml } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip, wholeText } from '../context.js';
import { applyKeys } from './json-keys.js';
import { examineYamlShapes } from '../workspace/yaml-shapes.js';

export const examineYaml = (context: Context, item: Item): Promise<void> => examine(context, item, true);

/** Where YAML is only a guess, tags are looked for and nothing else. */
export const guessYaml = (context: Context, item: Item): Promise<void> => examine(context, item, false);

const CORE = 'tag:yaml.org,2002:';

// A tag outside YAML's own types, in a line of broken YAML; %TAG gives such a tag another name.
const TAG =
  /^(?!\s*#)(?:.*[\s[{,:?-])?(!!?(?!(?:str|int|float|bool|null|map|seq|set|omap|pairs|binary|timestamp|merge|value|yaml)\b)[A-Za-z%][\w.:/%-]*|!<[^>]{1,200}>)/;

/** Line ends of YAML 1.1, which PyYAML still takes; YAML 1.2 has them in the middle of a line, or of a comment. */
const OLD_LINE_ENDS = /[\u0085\u2028\u2029]/g;
const LINE_ENDS = /\r\n?|[\n\u0085\u2028\u2029]/;

/** Tags may be written with `%6f` in place of letters. */
const decoded = (tag: string): string =>
  tag.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** A line without quoted values and without its comment. A quote inside a word quotes nothing. */
function bare(line: string): string {
  return line.replace(/(?<=^|[\s:,[{-])(?:"(?:[^"\\]|\\.)*"|'[^']*')/g, '""').replace(/(^|\s)#.*$/, '');
}

async function examine(context: Context, item: Item, strict: boolean): Promise<void> {
  const text = await wholeText(context, item, 'as YAML');
  if (text === undefined) return;
  if (!strict) return noteLines(context, item, text, /python|java|ruby|object|new|apply/i);
  examineYamlText(context, item, text);
}

interface YamlPlace {
  readonly firstLine?: number;
  /** It may be no YAML at all: what cannot be read is not told. */
  readonly guess?: boolean;
}

/** YAML that stands in a file of its own or at the head of a page. */
export function examineYamlText(
  context: Context,
  item: Item,
  text: string,
  { firstLine = 1, guess = false }: YamlPlace = {},
): void {
  const { documents, tags, problems } = walkYaml(text);
  const older = text.replace(OLD_LINE_ENDS, '\n');
  if (older !== text) examineOlder(context, item, older, tags);
  for (const tag of tags) noteTag(context, item, { ...tag, line: tag.line + firstLine - 1 });
  for (const value of documents) {
    applyKeys(context, item, value);
    examineYamlShapes(context, item, value);
  }
  if (problems.length === 0) return;
  // A parser that stops early sees nothing behind: the lines are looked at, too.
  if (/[!]|%TAG/.test(text)) noteLines(context, item, text, /./);
  if (!guess) skip(context, item, 'as YAML', problems[0] ?? 'it is broken');
}

/** The same text as PyYAML divides it into lines: what the other reading has not told. */
function examineOlder(context: Context, item: Item, text: string, known: readonly YamlTag[]): void {
  const { documents, tags, problems } = walkYaml(text);
  const seen = new Set(known.map(({ tag, value }) => `${tag} ${value ?? ''}`));
  for (const tag of tags) if (!seen.has(`${tag.tag} ${tag.value ?? ''}`)) noteTag(context, item, tag);
  for (const value of documents) {
    applyKeys(context, item, value);
    examineYamlShapes(context, item, value);
  }
  if (problems.length > 0 && /[!]|%TAG/.test(text)) noteLines(context, item, text, /./);
}

function noteLines(context: Context, item: Item, text: string, only: RegExp): void {
  for (const [index, line] of text.split(LINE_ENDS).entries()) {
    if (!line.includes('!') && !line.startsWith('%')) continue;
    const written = TAG.exec(bare(line.slice(0, 2000)))?.[1] ?? (/^%TAG\b/.test(line) ? '%TAG' : undefined);
    const tag = written === '%TAG' || written === undefined ? written : decoded(written);
    if (tag === undefined || !(tag === '%TAG' || only.test(tag))) continue;
    const full = tag.startsWith('!!') ? `${CORE}${tag.slice(2)}` : tag.startsWith('!<') ? tag.slice(2, -1) : tag;
    if (tag === '%TAG')
      find(context, item, {
        rule: 'VLM-YML-003',
        severity: 'medium',
        detail: `%TAG in line ${index + 1}`,
        location: { line: index + 1 },
      });
    else noteTag(context, item, { tag: full, line: index + 1 });
  }
}

function noteTag(context: Context, item: Item, { tag, line, value }: YamlTag): void {
  const rules = context.rules.files.yamlTags;
  const core = tag.startsWith(CORE) ? tag.slice(CORE.length) : undefined;
  if (core !== undefined && rules.core.includes(core)) return;
  const tell = (rule: string, severity?: 'medium' | 'critical'): void =>
    find(context, item, {
      rule,
      detail: `${core === undefined ? tag : `!!${core}`}${value === undefined || value === '' ? '' : ` ${value.slice(0, 60)}`} in line ${line}`,
      location: { line },
      ...(severity === undefined ? {} : { severity }),
    });
  if (core !== undefined) {
    if (new RegExp(rules.plain).test(tag)) return tell('VLM-YML-003');
    if (new RegExp(rules.names).test(tag)) return tell('VLM-YML-003');
    return tell('VLM-YML-001');
  }
  if (new RegExp(rules.builderNames).test(tag)) return tell('VLM-YML-003');
  if (new RegExp(rules.builders, 'i').test(tag))
    return tell('VLM-YML-002', /(?:apply|call|eval|exec|shell|os\.|subprocess)/i.test(tag) ? 'critical' : undefined);
  tell('VLM-YML-003');
}
