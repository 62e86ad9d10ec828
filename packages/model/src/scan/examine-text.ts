// Texts: what a text does depends on who reads it, so its name and its first lines say which kinds it may be, and every
// kind that fits is examined. A name may add an examination, and it never takes one away.
import { messageOf } from '@vallum/core';
import type { Format } from '@vallum/formats';
import type { Context, Item } from './context.js';
import { skip } from './context.js';
import { guessYaml } from './document/examine-yaml.js';
import { TEXT_EXAMINERS } from './examiners.js';
import type { TextKindRule } from './rule-types.js';

/** @returns the kinds of text that it was examined as */
export async function examineText(
  context: Context,
  item: Item,
  formats: readonly Format[],
): Promise<readonly string[]> {
  const kinds = await kindsOf(context, item);
  for (const { kind, what } of kinds) {
    try {
      const load = TEXT_EXAMINERS[kind];
      if (load !== undefined) await (await load())(context, item);
      else skip(context, item, what, 'it is recognised, not examined');
    } catch (error) {
      context.signal?.throwIfAborted();
      skip(context, item, what, messageOf(error));
    }
  }
  // That a text may be Python is a guess, and takes no other away.
  if (
    kinds.every(({ kind }) => kind === 'python-text') &&
    !formats.includes('json') &&
    item.source.size <= context.budgets.maxTextBytes
  ) {
    await guessYaml(context, item);
    await (await import('./readme/examine-page.js')).examinePage(context, item);
  }
  if (!formats.includes('json') && !kinds.some(({ kind }) => context.rules.files.jinja.otherKinds.includes(kind)))
    await (await import('./template/examine-template.js')).guessTemplate(context, item);
  await (await import('./secret/examine-secrets.js')).examineSecrets(context, item);
  return kinds.map(({ kind }) => kind);
}

async function kindsOf(context: Context, item: Item): Promise<readonly TextKindRule[]> {
  const path = item.name.replaceAll('\\', '/').toLowerCase();
  const base = path.split('/').at(-1) ?? '';
  const extension = base.includes('.') ? (base.split('.').at(-1) ?? '') : '';
  const bytes = await item.source.read(0, 4096);
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return context.rules.files.names.texts.filter(
    (row) =>
      row.extensions?.includes(extension) === true ||
      row.names?.includes(base) === true ||
      (row.pattern !== undefined && new RegExp(row.pattern).test(base)) ||
      (row.path !== undefined && new RegExp(row.path).test(path)) ||
      (row.start !== undefined && new RegExp(row.start).test(head)),
  );
}
