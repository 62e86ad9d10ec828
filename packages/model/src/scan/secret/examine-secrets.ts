// Secrets in the texts of a model folder. Personal data is none of the scanner's business.
import type { Context, Item } from '../context.js';
import { find, wholeText } from '../context.js';
import { count } from '../shell/note-commands.js';
import { findSecrets } from './find-secrets.js';

export async function examineSecrets(context: Context, item: Item): Promise<void> {
  // Longer texts are named as not read by whichever examination reads them whole.
  if (item.source.size > context.budgets.maxTextBytes) return;
  const text = await wholeText(context, item, 'for secrets');
  if (text === undefined) return;
  for (const { finding, start, what } of findSecrets(text)) {
    const line = 1 + count(text, start);
    find(context, item, { rule: finding, detail: `${what}, line ${line}`, location: { line } });
  }
}
