// Jupyter notebooks beside the weights. Their code runs when a person runs it, so what is ordinary in a notebook (installing a
// package, fetching data) stays ordinary; fetching and running, decoding and running, and shells to other machines do not.
import { atOrAbove, isJsonObject } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import type { CellMagic, NotebookCell } from '@vallum/formats';
import { readNotebook } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import { notePython } from '../python/examine-python.js';
import { judgeProgram } from '../shell/programs.js';
import { noteCommands, rulesOf } from '../shell/note-commands.js';

export function examineNotebook(context: Context, item: Item, value: JsonValue): void {
  if (!isJsonObject(value)) return;
  const report = readNotebook(value);
  if (report.fault !== undefined) skip(context, item, 'as a notebook', report.fault);
  for (const cell of report.cells) noteCell(context, item, cell);
  notePythonOf(context, item, report.cells);
  for (const { number, source } of report.foreign) noteForeign(context, item, report.language, number, source);
  for (const { number, what } of report.active)
    find(context, item, { rule: 'VLM-NTB-002', detail: `${what}, cell ${number}`, key: what });
  for (const key of report.kernel) find(context, item, { rule: 'VLM-NTB-003', detail: key.slice(0, 60) });
}

function noteCell(context: Context, item: Item, cell: NotebookCell): void {
  const name = `cell ${cell.number}`;
  for (const { text } of cell.commands) noteCommands(context, item, plainCommand(text), { name });
  for (const magic of cell.magics) noteMagic(context, item, magic, name);
  if (cell.other !== undefined) noteOther(context, item, cell.other, name);
  if (cell.atStart) find(context, item, { rule: 'VLM-NTB-004', detail: name });
}

/** IPython puts values of Python where `{name}` stands. */
const plainCommand = (text: string): string => text.replace(/\{[\w.[\]'"()+ -]{1,100}\}/g, '$VALUE');

const QUIET =
  /^(?:matplotlib|load_ext|reload_ext|unload_ext|autoreload|cd|pwd|ls|env|set_env|config|precision|pylab|who|whos|who_ls|reset|reset_selective|store|history|hist|notebook|pinfo2?|psearch|doctest_mode|automagic|colors|xmode|pprint|page|pdef|pdoc|pfile|psource|tb|dhist|dirs|pushd|popd|bookmark|tensorflow_version|tensorboard|watermark|mkdir|cat|cp|mv|rm|rmdir|more|less|man|logstart|logstop|save|memory_profiler|gui|killbgscripts|pycat|quickref|rerun|recall|rehashx|unalias|sql|wandb|bigquery|lsmagic|magic|pip|conda|mamba|uv|pdb|capture|html|aimport|shell|blackcellmagic|nb_black|nb_extension|R|octave|julia|connect_info|qtconsole|autocall|autosave|autoawait|alias|macro|edit|code_wrap|subplots|xdel|timeit|time)$/;

function noteMagic(context: Context, item: Item, { name, argument }: CellMagic, cell: string): void {
  switch (name) {
    case 'pip':
    case 'conda':
    case 'mamba':
    case 'uv':
    case 'rm':
    case 'cp':
    case 'mv':
    case 'shell':
      return void noteCommands(context, item, `${name === 'shell' ? '' : name} ${plainCommand(argument)}`, {
        name: cell,
      });
    case 'run':
    case 'load':
    case 'loadpy':
    case 'macro':
    case 'edit':
      if (/\b[a-z]+:\/\//i.test(argument))
        find(context, item, { rule: 'VLM-NTB-001', detail: `%${name} ${argument.slice(0, 120)}, ${cell}` });
      return;
    case 'alias':
      return void noteCommands(context, item, plainCommand(argument.replace(/^\S+\s*/, '')), { name: cell });
    case 'cython':
    case 'rscript':
      return skip(context, item, `%${name} in ${cell}`, 'its language is not read');
    default:
      if (!QUIET.test(name))
        find(context, item, { rule: 'VLM-NTB-005', detail: `%${name.slice(0, 40)}, ${cell}`, key: name });
  }
}

const SHELLS = /^(?:bash|sh|zsh|ksh|fish|system|sx|!|shell|cmd|powershell|pwsh|script|terminal|background)$/;
const TEXTS =
  /^(?:html|HTML|svg|SVG|latex|markdown|mermaid|sql|bigquery|R|julia|octave|stata|sas|writefile|writefilewithvariables|file|add|append|javascript|js|typescript|ai|cython|cu|cuda|cpp|c|rust|manim|perl|ruby|spark|configure|local|pyspark|graph_notebook|gremlin|sparql|oc|vega|d3|css|template|jinja|inline|skip|bokeh|dot|tikz|tutor|yaml|json|scala|kotlin|node|deno|rpy)$/;

function noteOther(
  context: Context,
  item: Item,
  { name, argument, body }: CellMagic & { body: string },
  cell: string,
): void {
  const at = `%%${name} of ${cell}`;
  const program = name === 'script' ? (/^(?:--\S+\s+)*(\S+)/.exec(argument)?.[1] ?? '') : name;
  if (SHELLS.test(name) && !/python|perl|ruby|node/.test(program))
    return void noteCommands(context, item, body, { name: at });
  if (/^python|^pypy/.test(program))
    return void notePython(context, { ...item, name: 'cell.ipynb' }, Buffer.from(body, 'utf8'), {
      name: at,
      program: true,
    });
  if (name === 'javascript' || name === 'js' || name === 'html' || name === 'HTML')
    if (/<script|\S/.test(body)) find(context, item, { rule: 'VLM-NTB-002', detail: `script in ${at}`, key: at });
  if (/^write/.test(name) || name === 'file') return noteWritten(context, item, argument, body, at);
  for (const { rule, what, severity } of judgeProgram(body, rulesOf(context)))
    find(context, item, { rule, detail: `${at}: ${what}`, ...(severity === undefined ? {} : { severity }) });
  if (!TEXTS.test(name)) find(context, item, { rule: 'VLM-NTB-005', detail: at, key: name });
}

/** A cell that writes a file: a place from which programs start, or code. */
function noteWritten(context: Context, item: Item, argument: string, body: string, at: string): void {
  const path = argument.replace(/^-a\s+/, '').trim();
  const { profiles, persistence } = rulesOf(context);
  const places = context.rules.files.pythonCode.startPlaces;
  if (
    profiles.test(path) ||
    persistence.some(({ test }) => test.test(path)) ||
    places.some((one) => new RegExp(one).test(path))
  )
    find(context, item, { rule: 'VLM-PYS-010', severity: 'high', detail: `${at} to ${path.slice(0, 120)}` });
  if (/\.(?:sh|bash|zsh)$/.test(path)) noteCommands(context, item, body, { name: at });
  if (/\.pyw?$/.test(path)) notePython(context, { ...item, name: path }, Buffer.from(body, 'utf8'), { name: at });
}

/** All Python of the notebook as one program, so that a name of one cell is known in the next. */
function notePythonOf(context: Context, item: Item, cells: readonly NotebookCell[]): void {
  const numbers: number[] = [];
  const texts = cells.map(({ python, number }) => {
    const lines = python.split('\n');
    for (let index = 0; index < lines.length; index++) numbers.push(number);
    return python;
  });
  const name = (line: number): string => `cell ${numbers[line - 1] ?? 0}`;
  notePython(context, { ...item, name: 'cells.ipynb' }, Buffer.from(texts.join('\n'), 'utf8'), {
    place: name,
    program: true,
  });
}

function noteForeign(context: Context, item: Item, language: string, number: number, source: string): void {
  const name = `cell ${number}`;
  if (/bash|^sh|shell|powershell/.test(language)) return void noteCommands(context, item, source, { name });
  for (const { rule, what, severity } of judgeProgram(source, rulesOf(context)))
    if (atOrAbove(severity ?? 'medium', 'medium'))
      find(context, item, { rule, detail: `${name}: ${what}`, ...(severity === undefined ? {} : { severity }) });
}
