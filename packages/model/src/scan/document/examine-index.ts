// The index of a model in parts (`model.safetensors.index.json`): a loader opens every file that it names, so a name that
// leaves the folder reads what it should not, and a part that is missing leaves the model unseen.
import type { JsonValue } from '@vallum/core';
import { isJsonObject } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import { leavesFolder, lookUp } from './near.js';

const MAX_PARTS = 10_000;

export async function examineIndex(context: Context, item: Item, value: JsonValue): Promise<void> {
  const map = isJsonObject(value) ? value['weight_map'] : undefined;
  if (!isJsonObject(map)) return;
  const files = [...new Set(Object.values(map))];
  if (files.length > MAX_PARTS) skip(context, item, 'the parts of the model', `they are more than ${MAX_PARTS}`);
  for (const file of files.slice(0, MAX_PARTS)) {
    const quoted = JSON.stringify(file).slice(0, 200);
    if (typeof file !== 'string' || leavesFolder(file)) {
      find(context, item, { rule: 'VLM-STN-003', detail: quoted });
      continue;
    }
    const seen = await lookUp(context, item, file);
    if (seen.kind === 'link') find(context, item, { rule: 'VLM-STN-003', detail: `${quoted}, a link` });
    else if (seen.kind === 'absent') skip(context, item, `the part ${quoted}`, 'there is no such file');
    else if (seen.kind === 'unknown') skip(context, item, `the part ${quoted}`, 'it cannot be looked up');
  }
}
