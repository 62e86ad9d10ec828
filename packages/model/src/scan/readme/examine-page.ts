// Pages beside weights: a reader copies their commands, an assistant reads their comments. Commands are judged like a script's
// (fetch and run, remote shells, decoded code, data sent away); ordinary set-up of tools and known installers is left alone.
import type { Context, Item } from '../context.js';
import { find, wholeText } from '../context.js';
import { examineYamlText } from '../document/examine-yaml.js';
import { judgeName } from '../document/examine-requirements.js';
import { count, noteCommands, rulesOf } from '../shell/note-commands.js';
import { judgeProgram, textsOf } from '../shell/programs.js';
import { hiddenPhrases, instructionPhrases, isInstructionFile } from './assistant-text.js';
import { noteInvisible } from './invisible.js';
import type { Page } from './read-page.js';
import { readPage } from './read-page.js';

/** Without one of these words nothing in a command is of interest. */
const TRIGGER =
  /\b(?:curl|wget|fetch|aria2c|iwr|irm|iex|invoke-\w{1,40}|powershell|pwsh|certutil|bitsadmin|mshta|regsvr32|nc|ncat|netcat|socat|telnet|mkfifo|base64|base32|xxd|openssl|crontab|authorized_keys|mkfs\S{0,20}|shred|xmrig|eval|launchctl|scp|schtasks)\b|\/dev\/(?:tcp|udp|sd)|rm\s{1,4}-[a-z]{0,10}[rf]|\bdd\b[^\n]{0,300}\bof=|\|[ \t]{0,20}(?:sudo\s{1,4})?(?:[^\s|]{0,100}\/)?(?:ba|z|da|k)?sh\b|\b(?:python\d?|perl|ruby|node|php)\s+-[ce]\b|ld\.so\.preload|LaunchAgents|\$IFS|\$\{IFS/i;
const SHELL =
  /^(?:|sh|bash|shell|zsh|console|shell-session|shellsession|terminal|text|txt|plaintext|cmd|bat|batch|powershell|ps1|ps|pwsh|fish|ksh|none|output|session|sh-session|bash-session|shellscript)$/;
/** Characters of one line; commands are not longer. */
const MAX_LINE = 8000;
const MAX_PAGE = 4 * 1024 * 1024;

export async function examinePage(context: Context, item: Item): Promise<void> {
  // Longer texts are word lists and data, whose lines nobody copies.
  if (item.source.size > MAX_PAGE) return;
  const text = await wholeText(context, item, 'as a page');
  if (text === undefined) return;
  const page = readPage(text);
  const instructions = isInstructionFile(item.name, context.rules.files.assistant);
  if (page.frontMatter !== undefined) examineYamlText(context, item, page.frontMatter, { firstLine: 2, guess: true });
  noteInvisible(context, item, text);
  noteHidden(context, item, page);
  noteActive(context, item, text);
  const rule = instructions ? 'VLM-WSP-007' : 'VLM-RDM-001';
  noteBlocks(context, item, page, rule);
  noteProse(context, item, page, rule);
  noteInstalls(context, item, page);
  if (!instructions) return;
  for (const { text: phrase, index } of instructionPhrases(text, context.rules.files.assistant)) {
    const line = 1 + count(text, index);
    find(context, item, {
      rule: 'VLM-WSP-007',
      detail: `${JSON.stringify(phrase.slice(0, 120))}, line ${line}`,
      location: { line },
    });
  }
}

function noteBlocks(context: Context, item: Item, page: Page, rule: string): void {
  for (const { line, language, text } of page.blocks) {
    if (!TRIGGER.test(text)) continue;
    if (SHELL.test(language))
      noteCommands(context, item, withoutPrompts(text), { line, place: 'page', from: 'high', rule });
    else if (/^(?:dockerfile|docker|yaml|yml|makefile|make|toml|ini)$/.test(language))
      for (const [index, one] of text.split('\n').entries()) noteLine(context, item, one, line + index, rule);
    else noteCode(context, item, text, line, rule);
  }
}

/** Code of another language: what it fetches and runs, and the commands in its texts; `!` hands a line to the shell. */
function noteCode(context: Context, item: Item, text: string, line: number, rule: string): void {
  const rules = rulesOf(context);
  const where = { place: 'page' as const, from: 'high' as const, rule };
  for (const { what, index } of judgeProgram(text, rules))
    find(context, item, {
      rule,
      detail: `${what}, line ${line + count(text, index)}`,
      location: { line: line + count(text, index) },
    });
  for (const { text: command, index } of textsOf(text, rules))
    noteCommands(context, item, command, { ...where, line: line + count(text, index) });
  for (const match of text.matchAll(/^[ \t]*(?:!|%sx |%%(?:bash|sh)\n)(.+)$/gm))
    noteCommands(context, item, match[1] ?? '', { ...where, line: line + count(text, match.index) });
}

/** Lines of a terminal: those with a prompt are the commands, the others what they print. */
function withoutPrompts(text: string): string {
  const lines = text.split('\n');
  const prompt =
    /^\s*(?:\([\w.-]+\)\s*)?(?:\[?[\w.-]+@[\w.-]+[^\n$#]{0,60})?(?:\$|%|❯|➜|PS [^>\n]{0,80}>|C:\\[^>\n]{0,80}>)\s+/;
  if (!lines.some((line) => prompt.test(line))) return text;
  let continued = false;
  return lines
    .map((line) => {
      const shown = prompt.test(line) || continued;
      continued = shown && line.endsWith('\\');
      return shown ? line.replace(prompt, '').replace(/^> /, '') : '';
    })
    .join('\n');
}

function noteProse(context: Context, item: Item, page: Page, rule: string): void {
  let held = '';
  let start = 0;
  for (const { line, text } of page.lines) {
    if (held === '') start = line;
    if (/\\\s*$/.test(text) && held.length < 4000) {
      held += `${text.replace(/\\\s*$/, ' ')}`;
      continue;
    }
    const joined = held + text;
    // In a table the bar between commands is escaped.
    const whole = /^\s*\|/.test(joined) ? joined.replaceAll('\\|', '|') : joined;
    held = '';
    if (TRIGGER.test(whole)) noteLine(context, item, whole, start, rule);
  }
  if (held !== '' && TRIGGER.test(held)) noteLine(context, item, held, start, rule);
}

const CODE =
  /(`+)(?!`)([^`]{1,2000}?)\1(?!`)|<code[^>]{0,200}>([\s\S]{1,2000}?)<\/code>|<pre[^>]{0,200}>([\s\S]{1,4000}?)<\/pre>/g;

/** Code in a line, or the line from the first word that may be a command. */
function noteLine(context: Context, item: Item, text: string, line: number, rule: string): void {
  const spans = [...text.slice(0, MAX_LINE).matchAll(CODE)].map((match) => match[2] ?? match[3] ?? match[4] ?? '');
  const start = TRIGGER.exec(text);
  // In a sentence the command goes on to the end of the line; quotes of the sentence are not the shell's.
  const rest =
    start === null
      ? ''
      : text
          .slice(backToWord(text, start.index))
          .slice(0, MAX_LINE)
          .replace(/["'”’`]+[.,;]?\s*$/, '');
  const candidates =
    spans.length > 0
      ? spans
      : [rest.replace(/\s+(?:to|and then|in order to)\s+\w+.*$/i, (tail) => (tail.includes('|') ? tail : ''))];
  for (const span of candidates)
    if (TRIGGER.test(span))
      noteCommands(
        context,
        item,
        entities(spans.length > 0 ? span : span.replaceAll('`', ' ')).replace(/^\s*[$>#]\s+/, ''),
        { line, place: 'page', from: 'high', rule },
      );
}

/** A pipe into a shell starts at what is piped. */
function backToWord(text: string, index: number): number {
  const from = Math.max(0, index - 400);
  const before = text.slice(from, index);
  const at = before.search(
    /(?:^|[\s:"'(])(?:sudo\s+)?(?:bash|sh|zsh|source|\.|eval|python\d?|echo|printf|cat|exec)\s[^|]*$/,
  );
  return at < 0 ? index : from + at + (/^[\s:"'(]/.test(before.slice(at)) ? 1 : 0);
}

function entities(text: string): string {
  return text
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<[a-z/][^<>\n]{0,300}>/gi, (tag) =>
      /^<\/?(?:b|i|em|strong|span|a|kbd|code|pre|p|div|font|u)\b/i.test(tag) ? '' : tag,
    )
    .replace(
      /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/gi,
      (_whole, decimal?: string, hex?: string, name?: string) => {
        const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : undefined;
        if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : '';
        return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }[(name ?? '').toLowerCase()] ?? '';
      },
    );
}

function noteHidden(context: Context, item: Item, page: Page): void {
  for (const { line, text } of page.hidden) {
    const phrase = hiddenPhrases(text, context.rules.files.assistant);
    if (phrase === undefined) continue;
    find(context, item, {
      rule: 'VLM-RDM-002',
      detail: `${JSON.stringify(phrase.text.replace(/\s+/g, ' ').slice(0, 120))}, line ${line}`,
      location: { line },
      ...(phrase.grave ? { severity: 'high' as const } : {}),
    });
  }
}

function noteActive(context: Context, item: Item, text: string): void {
  if (/\.html?$/i.test(item.name)) return;
  const match =
    /<script\b[^>]{0,300}>|\]\(\s*(?:javascript|data:text\/html|vbscript):|<iframe\b[^>]{0,300}\bsrcdoc|<\w+\b[^>]{0,300}\son(?:error|load|click)\s*=/i.exec(
      text,
    );
  if (match !== null)
    find(context, item, {
      rule: 'VLM-RDM-004',
      detail: `\`${match[0].slice(0, 80)}\`, line ${1 + count(text, match.index)}`,
    });
}

const INSTALL = /\b(pip[\d.]*|uv pip|uv|pipx|conda|npm|yarn|pnpm|npx)\s+(?:install|add|i)\s+([^\n`|;&<>()#]{1,300})/g;

function noteInstalls(context: Context, item: Item, page: Page): void {
  const texts = [
    ...page.blocks.filter(({ language }) => SHELL.test(language) || language === 'python'),
    ...page.lines.filter(({ text }) => /`|^\s{0,12}[$!>%]?\s*(?:pip|npm|uv|conda)/.test(text)),
  ];
  for (const { line, text } of texts)
    for (const match of text.matchAll(INSTALL)) {
      const registry = /npm|yarn|npx/.test(match[1] ?? '') ? 'npm' : 'pypi';
      for (const word of (match[2] ?? '').split(/\s+/)) {
        const name = /^["']?(@?[a-z0-9][\w./-]*)(?:\[[^\]]*\])?(?:[=<>~!@^].*)?["']?$/i.exec(word)?.[1];
        if (name === undefined || word.startsWith('-') || /[./]/.test(name.replace(/^@[^/]+\//, ''))) continue;
        judgeName(context, item, name, line + count(text, match.index), registry);
      }
    }
}
