// Secrets in the texts of a model folder. Personal data is none of the scanner's business.
import type { Context, Item } from '../context.js';
import { find, skip, wholeText } from '../context.js';
import { count } from '../shell/note-commands.js';
import { findSecrets, TOLD } from './find-secrets.js';

export async function examineSecrets(context: Context, item: Item): Promise<void> {
  // Longer texts are named as not read by whichever examination reads them whole.
  if (item.source.size > context.budgets.maxTextBytes) return;
  const text = await wholeText(context, item, 'for secrets');
  if (text === undefined) return;
  const { found, more } = findSecrets(text);
  for (const { finding, start, what } of found) {
    const line = 1 + count(text, start);
    find(context, item, { rule: finding, detail: `${what}, line ${line}`, location: { line } });
  }
  if (more) skip(context, item, 'further secrets', `more than ${TOLD} are not listed`);
}
