// The source of one notebook cell as IPython takes it apart: lines for a shell, magics, and the Python that is left. Lines
// inside brackets and long strings are Python whatever they begin with.

export interface CellCommand {
  readonly text: string;
  /** Line in the cell, from 1. */
  readonly line: number;
}

export interface CellMagic {
  readonly name: string;
  readonly argument: string;
  readonly line: number;
}

export interface CellSource {
  /** Python with as many lines as the cell; other lines are empty. */
  readonly python: string;
  readonly commands: readonly CellCommand[];
  readonly magics: readonly CellMagic[];
  /** A cell in another language: `%%bash`. */
  readonly other?: CellMagic & { readonly body: string };
}

/** Magics whose cell or argument is Python all the same. */
const PYTHON_CELLS = new Set([
  'time',
  'timeit',
  'capture',
  'prun',
  'python',
  'python2',
  'python3',
  'pypy',
  'memit',
  'mprun',
  'heat',
  'snakeviz',
  'debug',
  'px',
  'ipytest',
  'run_pytest',
  'wandb',
]);
const PYTHON_LINES = new Set(['time', 'timeit', 'prun', 'memit', 'lprun', 'mprun', 'debug']);
const SHELL_LINES = new Set(['system', 'sx', 'sc', '!']);
const LINE = /^(\s*)(?:([\w.,[\]'"* ]+?)\s*=\s*)?(!!?|%%?)(?=[^\s=%!])(.*)$/;

export function readCell(source: string): CellSource {
  const lines = source.split('\n');
  const start = lines.findIndex((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  const cell = /^\s*%%(!|[A-Za-z_][\w.]*)[ \t]*(.*)$/.exec(lines[start] ?? '');
  if (cell !== null && !PYTHON_CELLS.has(cell[1] ?? '')) {
    const body = lines.slice(start + 1).join('\n');
    const other = { name: cell[1] ?? '', argument: cell[2] ?? '', line: start + 1, body };
    return { python: '', commands: [], magics: [], other };
  }
  if (cell !== null) lines[start] = cell[1] === 'timeit' || cell[1] === 'prun' ? pythonOf(cell[2] ?? '') : '';
  return readLines(lines);
}

function readLines(lines: readonly string[]): CellSource {
  const commands: CellCommand[] = [];
  const magics: CellMagic[] = [];
  const python: string[] = [];
  const state = { depth: 0, quote: '' };
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    const found = state.depth === 0 && state.quote === '' ? LINE.exec(line) : null;
    if (found === null) {
      python.push(state.depth === 0 && state.quote === '' ? withoutHelp(line) : line);
      follow(line, state);
      continue;
    }
    const [, indent = '', name, mark = '', first = ''] = found;
    let rest = first;
    const at = index + 1;
    python.push(`${indent}${name === undefined ? 'pass' : `${name} = None`}`);
    while (rest.endsWith('\\') && index + 1 < lines.length) {
      index += 1;
      rest = `${rest.slice(0, -1)}\n${lines[index] ?? ''}`;
      python.push('');
    }
    if (mark.startsWith('!')) commands.push({ text: rest, line: at });
    else {
      const [, magic = '', argument = ''] = /^([\w.!]+)[ \t]*([^]*)$/.exec(rest) ?? [];
      if (SHELL_LINES.has(magic)) commands.push({ text: argument, line: at });
      else if (PYTHON_LINES.has(magic)) python[at - 1] = indent + pythonOf(argument);
      else magics.push({ name: magic, argument, line: at });
    }
  }
  return { python: python.join('\n'), commands, magics };
}

/** The statement behind the options of `%timeit -n 3`. */
function pythonOf(argument: string): string {
  const rest = argument.replace(/^(?:-[a-z]\s*\d*\s+)*/, '').trim();
  return rest === '' ? 'pass' : rest;
}

/** `name?` and `?name` show help. */
function withoutHelp(line: string): string {
  return /^\s*\?{1,2}[\w.*%]+\s*;?$|^\s*[\w.*%]+\?{1,2}\s*;?$/.test(line) ? '' : line;
}

/** Whether the next line still stands in a bracket or a long string. */
function follow(line: string, state: { depth: number; quote: string }): void {
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    if (state.quote !== '') {
      if (character === '\\') at += 1;
      else if (line.startsWith(state.quote, at)) {
        at += state.quote.length - 1;
        state.quote = '';
      }
    } else if (character === '#') break;
    else if (character === "'" || character === '"') {
      state.quote = line.startsWith(character.repeat(3), at) ? character.repeat(3) : character;
      at += state.quote.length - 1;
    } else if ('([{'.includes(character)) state.depth += 1;
    else if (')]}'.includes(character)) state.depth = Math.max(0, state.depth - 1);
  }
  // A plain string ends with its line.
  if (state.quote.length === 1 && !line.endsWith('\\')) state.quote = '';
}
