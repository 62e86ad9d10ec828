// Commands that Python code runs: which program, as far as the source says, and what the shell's judge says of the line.
import type { Severity } from '@vallum/core';
import { atOrAbove } from '@vallum/core';
import type { PythonCall, PythonValue } from '@vallum/formats';
import { HOLE, readShell } from '@vallum/formats';
import { allCommands, callOf, textsRun } from '../shell/calls.js';
import { judgeCommands } from '../shell/note-commands.js';
import type { CompiledShellRules } from '../shell/shell-rules.js';
import type { CodeRules } from './code-rules.js';

export interface CommandJudgement {
  /** Row of the severity table. */
  readonly kind: 'process' | 'process-named' | 'process-harmless' | 'process-install';
  /** The command line, as far as it is known. */
  readonly shown: string;
  /** What the shell's judge found, from `high` on. */
  readonly grave?: { readonly severity: Severity; readonly why: string; readonly rule: string };
}

export interface ShellKit {
  readonly rules: CompiledShellRules;
  /** Of a rule of the shell's judge. */
  readonly severityOf: (rule: string) => Severity;
}

export function judgeCommand(call: PythonCall, rules: CodeRules, shell: ShellKit): CommandJudgement {
  const lines = commandLines(call);
  const [worst] = lines.map((line) => judgeLine(line, rules, shell)).sort((a, b) => rank(a) - rank(b));
  return worst ?? { kind: 'process', shown: '' };
}

const ORDER = ['process', 'process-named', 'process-install', 'process-harmless'];
const rank = (one: CommandJudgement): number =>
  one.grave === undefined ? 1 + ORDER.indexOf(one.kind) : one.grave.severity === 'critical' ? -1 : 0;

interface Line {
  /** For the shell's judge. */
  readonly text: string;
  readonly shown: string;
  /** The program is known. */
  readonly known: boolean;
}

const FIRST = ['args', 'cmd', 'command', 'commands', 'program', 'file', 'path'];
/** What calls that spread the arguments over several parameters put in front of the program. */
const SPREAD = /\.(?:exec|spawn|posix_spawn|create_subprocess_exec|subprocess_exec)/;

function commandLines(call: PythonCall): readonly Line[] {
  const named = FIRST.map((name) => call.keywords.get(name)).find((value) => value !== undefined);
  if (SPREAD.test(call.path) && call.arguments.length > 0) {
    const skip = /\.spawn[lv]/.test(call.path) ? 1 : 0;
    const rest = call.arguments.slice(skip);
    const list = rest.find((value) => value.kind === 'list');
    return [list?.kind === 'list' ? argumentLine([rest[0] ?? list, ...list.items.slice(1)]) : argumentLine(rest)];
  }
  if (/run_cell_magic$|run_line_magic$/.test(call.path))
    return call.arguments.slice(-1).flatMap((value) => valueLines(value));
  const first = call.arguments[0] ?? named;
  return first === undefined ? [] : valueLines(first);
}

function valueLines(value: PythonValue): readonly Line[] {
  if (value.kind === 'some') return value.of.flatMap((one) => valueLines(one)).slice(0, 16);
  if (value.kind === 'list') {
    // With `shell=True` a list of one text is a line for the shell.
    const [only] = value.items;
    return value.items.length === 1 && only?.kind === 'text' ? valueLines(only) : [argumentLine(value.items)];
  }
  if (value.kind !== 'text') return [{ text: '', shown: '', known: false }];
  const text = value.text.replaceAll(HOLE, '$HOLE');
  return [{ text, shown: value.text.replaceAll(HOLE, '...'), known: !/^\s*\$HOLE/.test(text) }];
}

function argumentLine(items: readonly PythonValue[]): Line {
  const words = items.slice(0, 200).map(wordOf);
  const [first] = words;
  const text = words.map((word) => (word === undefined ? '"$HOLE"' : quoted(word))).join(' ');
  return {
    text,
    shown: words.map((word) => word ?? '...').join(' '),
    known: first !== undefined && !first.startsWith('$HOLE'),
  };
}

function wordOf(value: PythonValue): string | undefined {
  if (value.kind === 'text') return value.text.replaceAll(HOLE, '$HOLE');
  if (value.kind === 'number') return String(value.value);
  if (value.kind === 'path' && value.path === 'sys.executable') return 'python';
  if (value.kind === 'some') return value.of.map(wordOf).find((word) => word !== undefined);
  return undefined;
}

const quoted = (word: string): string => (/^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

function judgeLine(
  { text, shown, known }: Line,
  rules: CodeRules,
  { rules: shell, severityOf }: ShellKit,
): CommandJudgement {
  const told = shown.replace(/\s+/g, ' ').slice(0, 120);
  const graded = judgeCommands(text, shell).sightings.map((one) => ({
    ...one,
    severity: one.severity ?? severityOf(one.rule),
  }));
  const grave =
    graded.find(({ severity }) => severity === 'critical') ??
    graded.find(({ severity }) => atOrAbove(severity, 'high'));
  const kind = kindOf(text, known, rules, shell);
  if (grave === undefined) return { kind, shown: told };
  return { kind, shown: told, grave: { severity: grave.severity, why: grave.detail, rule: grave.rule } };
}

/** Modules that `python -m` runs and that only build, test or start what the user names. */
const MODULES =
  /^(?:torch\.distributed\.\w+|accelerate\.commands\.\w+|venv|virtualenv|pytest|unittest|build|black|ruff|isort|tensorboard|http\.server|json\.tool|timeit|compileall|coverage|mypy|pylint|sphinx|deepspeed\.launcher\.\w+)$/;

function kindOf(text: string, known: boolean, rules: CodeRules, shell: CompiledShellRules): CommandJudgement['kind'] {
  if (!known) return 'process';
  const calls = [...allCommands(readShell(text).script)].map((command) => callOf(command, shell));
  const kinds = calls.flatMap((call) => {
    if (call === undefined) return [];
    const inner = textsRun(call, shell).filter(
      ({ interpreter, word }) => interpreter === 'sh' && word.known && word.text !== text,
    );
    if (inner.length > 0) return inner.map(({ word }) => kindOf(word.text, true, rules, shell));
    const words = call.args.map((word) => word.text);
    if (call.name.startsWith('$HOLE') || call.name === '') return ['process' as const];
    const module = call.name === 'python' ? words[words.indexOf('-m') + 1] : undefined;
    const installs = rules.installers.has(call.name) || (words.includes('-m') && rules.installers.has(module ?? ''));
    if (installs)
      return [
        words.includes('install') || words.includes('add')
          ? ('process-install' as const)
          : ('process-harmless' as const),
      ];
    if (words.length > 0 && words.every((word) => ASKS.test(word)) && !call.program.text.startsWith('.'))
      return ['process-harmless' as const];
    if (call.name === 'python' && (words.length === 0 || words.every((word) => /^(?:--version|-V)$/.test(word))))
      return ['process-harmless' as const];
    if (words.includes('-m') && MODULES.test(module ?? '')) return ['process-harmless' as const];
    return [
      rules.programs.has(call.name) || SHELL_WORDS.has(call.name)
        ? ('process-harmless' as const)
        : ('process-named' as const),
    ];
  });
  return kinds.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))[0] ?? 'process';
}

/** A program that is asked what it is. */
const ASKS = /^(?:--?version|-[vV]|--?help|-h)$/;

const SHELL_WORDS = new Set([
  'cd',
  'export',
  'set',
  'ulimit',
  'exit',
  '[',
  'test',
  'true',
  'pushd',
  'popd',
  'unset',
  'source',
  'module',
  'wait',
]);
