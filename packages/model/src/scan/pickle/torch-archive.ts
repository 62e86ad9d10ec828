// What a zip of torch holds by the names of its entries: raw tensors, TorchScript, or a package with Python sources. The
// sources of TorchScript end in .py and are no Python: torch compiles them, and they can only call its operators.
import type { Context, Item } from '../context.js';
import { find, wholeText } from '../context.js';
import type { Draft } from '../report.js';
import type { RuleFiles } from '../rule-types.js';

export interface TorchArchive {
  readonly findings: readonly Draft[];
  /** Raw numbers: nothing to examine but the start. */
  readonly isStorage: (name: string) => boolean;
  readonly isScript: (name: string) => boolean;
  /** Bytes of each entry. */
  readonly sizes: ReadonlyMap<string, number>;
}

export function torchArchive(entries: readonly { readonly name: string; readonly size: number }[]): TorchArchive {
  const names = entries.map(({ name }) => name);
  const storages = foldersOf(names, /^(.*\/)?data\.pkl$/, 'data/');
  const scripts = foldersOf(names, /^(.*\/)?constants\.pkl$/, 'code/');
  const exported = foldersOf(names, /^(.*\/)?archive_format$/, 'data/weights/');
  const packages = names.filter((name) => /^(?:.*\/)?\.data\/(?:extern_modules|python_version)$/.test(name));
  const sources = names.filter((name) => name.endsWith('.py'));
  const findings =
    packages.length > 0 && sources.length > 0
      ? [{ rule: 'VLM-PKL-026', detail: `${sources.length} Python files, such as ${sources[0]?.slice(0, 100) ?? ''}` }]
      : [];
  return {
    findings,
    sizes: new Map(entries.map(({ name, size }) => [name, size])),
    isStorage: (name) => {
      const cut = name.lastIndexOf('/') + 1;
      const folder = name.slice(0, cut);
      const rest = name.slice(cut);
      return (storages.has(folder) && /^\d+$/.test(rest)) || (exported.has(folder) && /^weight_\d+$/.test(rest));
    },
    isScript: (name) => name.endsWith('.py') && [...scripts].some((folder) => name.startsWith(folder)),
  };
}

function foldersOf(names: readonly string[], marker: RegExp, below: string): ReadonlySet<string> {
  const found = names.map((name) => marker.exec(name)).filter((match) => match !== null);
  return new Set(found.map((match) => `${match[1] ?? ''}${below}`));
}

const OUTER = /^(?:class |def |op_version_set\b|#|from __torch__|import __torch__|\)|\s|$|[A-Za-z_]\w*\s*[:=])/;
const PYTHON =
  /^\s*(?:import|from)\s+(?!__torch__)|\b(?:exec|eval|compile|__import__|open|globals)\s*\(|\b__(?:builtins|class|subclasses|import|globals|bases|mro)__/m;
const OPERATOR = /\bops\.([A-Za-z_]\w*)\.([A-Za-z_]\w*)/g;
/** Without a call as well: a function may be put into a variable first. */
const OF_TORCH = /(?<![\w.])torch\.([A-Za-z_]\w*)/g;
/** Any value has the operators of torch as methods. */
const METHOD = /\.([A-Za-z_]\w*)/g;
/** The name of all operators, or of a namespace, put into a variable: what is called then is not to be seen. */
const ALIAS =
  /(?<![\w.])(?:torch(?![\w.])|ops(?!\w)(?!\.[A-Za-z_]\w*\.[A-Za-z_])|torch\.ops(?!\w)(?!\.[A-Za-z_]\w*\.))/;
/** What the lexer of TorchScript reads as one: a string, and what stands between words. */
const LEXEME =
  /"""(?:[^\\]|\\[^])*?"""|'''(?:[^\\]|\\[^])*?'''|"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|(?:\s|\\\r?\n|#[^\n]*)+/g;

/** The program without strings, comments and white space, but for one space where words would run together. */
function bare(text: string): string {
  return text.replace(LEXEME, (lexeme: string, at: number) => {
    if (/^["']/.test(lexeme)) return '""';
    return /\w/.test(text[at - 1] ?? '') && /\w/.test(text[at + lexeme.length] ?? '') ? ' ' : '';
  });
}

/** What only looks like TorchScript is examined as the Python that its name says, besides. */
export async function examineTorchScript(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as TorchScript');
  if (text === undefined) return;
  for (const operator of operatorsOf(bare(text), context.rules.files.torchScript))
    find(context, item, { rule: 'VLM-PKL-027', detail: `it calls ${operator}` });
  if (
    !/(?:^|\/)code\/__torch__/.test(item.name) ||
    PYTHON.test(text) ||
    !text.split('\n').every((line) => OUTER.test(line))
  )
    await context.inside(item);
}

/** Operators that are not known to stay inside the process, as they are written. */
function operatorsOf(code: string, rules: RuleFiles['torchScript']): ReadonlySet<string> {
  const { namespaces, operators, reachesOut, methods } = rules;
  const told = new Set<string>();
  for (const [operator, namespace = '', name = ''] of code.matchAll(OPERATOR)) {
    const known = namespaces.includes(namespace) || operators[namespace]?.includes(name) === true;
    if (!known || reachesOut.includes(name)) told.add(operator);
  }
  for (const [operator, name = ''] of code.matchAll(OF_TORCH)) if (reachesOut.includes(name)) told.add(operator);
  for (const [, name = ''] of code.matchAll(METHOD)) if (methods.includes(name)) told.add(`the method ${name}`);
  if (ALIAS.test(code)) told.add('operators through a variable');
  return told;
}
