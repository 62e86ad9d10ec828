// Python source beside the weights. Nothing is run: the source is read, its calls are followed through names and constants,
// and each is judged by what it does and by when it would happen. What cannot be read is never a pass.
import type { PythonReport } from '@vallum/formats';
import { PYTHON_LIMITS, readPython } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import { rulesOf } from '../shell/note-commands.js';
import { codeRules } from './code-rules.js';
import type { CodeRules } from './code-rules.js';
import type { ShellKit } from './commands.js';
import { judgePython } from './judge-python.js';
import { judgeLook } from './look.js';

export async function examinePython(context: Context, item: Item): Promise<void> {
  const { size } = item.source;
  if (size > PYTHON_LIMITS.maxBytes)
    return skip(context, item, 'as Python source', `it has ${size} bytes, more than ${PYTHON_LIMITS.maxBytes}`);
  notePython(context, item, await item.source.read(0, size));
}

export interface PythonPlace {
  /** Told in front of what was seen. */
  readonly name?: string;
  /** Added to its line numbers. */
  readonly line?: number;
  /** Names the place of a line, where there are no lines of the file. */
  readonly place?: (line: number) => string;
  /** Somebody has to run it: nothing imports it. */
  readonly program?: boolean;
}

export const pythonRules = ({ rules }: Context): CodeRules =>
  codeRules(rules.files.pythonCode, rules.files.known.standardLibrary);

export const shellKit = (context: Context): ShellKit => ({
  rules: rulesOf(context),
  severityOf: (rule) => context.rules.finding(rule).severity,
});

export function notePython(context: Context, item: Item, bytes: Uint8Array, place: PythonPlace = {}): PythonReport {
  const rules = pythonRules(context);
  const base = (item.name.split(/[/\\]/).at(-1) ?? '').toLowerCase();
  const read = readPython(bytes, rules.implicit);
  const report = place.program === true ? asProgram(read) : read;
  const sightings = [...judgePython(report, rules, shellKit(context), rules.rolesOf(base)), ...judgeLook(report)];
  const prefix = place.name === undefined ? '' : `${place.name}: `;
  const at = (line: number): string => place.place?.(line) ?? `line ${line + (place.line ?? 0)}`;
  for (const { rule, severity, detail, line, key } of sightings)
    find(context, item, {
      rule,
      severity,
      detail: `${prefix}${detail}, ${at(line)}`,
      key: prefix + key,
      ...(place.place === undefined && place.name === undefined
        ? { location: { line: line + (place.line ?? 0) } }
        : {}),
    });
  for (const { line, message } of report.faults.slice(0, 3))
    skip(context, item, `${prefix}as Python source`, line === 0 ? message : `${message}, ${at(line)}`);
  return report;
}

function asProgram(report: PythonReport): PythonReport {
  const run = <T extends { when: PythonReport['calls'][number]['when'] }>(one: T): T => ({ ...one, when: 'main' });
  return { ...report, calls: report.calls.map(run), writes: report.writes.map(run), hasMain: true };
}
