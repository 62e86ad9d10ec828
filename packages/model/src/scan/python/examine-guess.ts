// Texts under other names that have a line of Python near their start: a loader that runs `exec(open('weights.txt').read())` does not
// mind the name. Only what would be grave is told, and a text that is no Python says nothing.
import { atOrAbove } from '@vallum/core';
import { readPython } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find } from '../context.js';
import { pythonRules, shellKit } from './examine-python.js';
import { judgePython } from './judge-python.js';

const MAX_BYTES = 1024 * 1024;

export async function guessPython(context: Context, item: Item): Promise<void> {
  if (item.source.size > MAX_BYTES || isNamedPython(context, item)) return;
  const rules = pythonRules(context);
  const report = readPython(await item.source.read(0, item.source.size), rules.implicit);
  if (report.faults.length > 0) return;
  for (const { rule, severity, detail, key, line } of judgePython(report, rules, shellKit(context), new Set()))
    if (atOrAbove(severity, 'high'))
      find(context, item, { rule, severity, detail: `as Python source: ${detail}`, key, location: { line } });
}

/** Whether it is examined as Python anyway. */
function isNamedPython({ rules }: Context, item: Item): boolean {
  const base = (item.name.split(/[/\\]/).at(-1) ?? '').toLowerCase();
  const row = rules.files.names.texts.find(({ kind }) => kind === 'python');
  return row?.names?.includes(base) === true || row?.extensions?.includes(base.split('.').at(-1) ?? '') === true;
}
