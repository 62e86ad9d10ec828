// Shell scripts, scripts of Windows, makefiles and sources of other languages that lie beside weights. A shell script is read
// as a shell reads it; the others are read for known patterns.
import { readMakefile } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip, wholeText } from '../context.js';
import { noteInvisible } from '../readme/invisible.js';
import { count, judgeWindows, noteCommands, rulesOf } from './note-commands.js';
import { judgeProgram, textsOf } from './programs.js';

export async function examineShell(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as a shell script');
  if (text === undefined) return;
  noteInvisible(context, item, text);
  const { fault } = noteCommands(context, item, text, { line: 1 });
  // What stands behind was read as well as it could be, and another shell may read it otherwise.
  if (fault?.kind === 'syntax' && !/\.(?:fish|csh|bats)$/i.test(item.name))
    skip(context, item, 'as a shell script', `${fault.why}, line ${fault.line}`);
}

export async function examineWindowsScript(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as a script of Windows');
  if (text === undefined) return;
  for (const { rule, severity, detail, line } of judgeWindows(text, rulesOf(context)))
    find(context, item, {
      rule,
      detail: `${detail}, line ${line}`,
      location: { line },
      ...(severity === undefined ? {} : { severity }),
    });
}

export async function examineMakefile(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as a makefile');
  if (text === undefined) return;
  for (const { line, target, text: recipe, always } of readMakefile(text))
    noteCommands(context, item, recipe, { line, ...(always || target === '' ? {} : { name: `${target}:` }) });
}

/** Longest source that is read; bundles beyond it are named as not read. */
const MAX_SOURCE = 8 * 1024 * 1024;

export async function examineProgram(context: Context, item: Item): Promise<void> {
  if (item.source.size > MAX_SOURCE)
    return skip(context, item, 'as source', `it has ${item.source.size} bytes, more than ${MAX_SOURCE}`);
  const text = await wholeText(context, item, 'as source');
  if (text === undefined) return;
  const rules = rulesOf(context);
  for (const { rule, severity, what, index } of judgeProgram(text, rules)) {
    const line = 1 + count(text, index);
    find(context, item, {
      rule,
      detail: `${what}, line ${line}`,
      location: { line },
      ...(severity === undefined ? {} : { severity }),
    });
  }
  for (const { text: command, index } of textsOf(text, rules))
    noteCommands(context, item, command, { line: 1 + count(text, index), from: 'high', name: 'a text' });
  find(context, item, {
    rule: 'VLM-SHL-014',
    detail: 'pipes into programs, sockets beside shells, decoded or fetched code',
  });
}
