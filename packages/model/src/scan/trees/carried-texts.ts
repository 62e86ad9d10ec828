// Texts in a model that are something else: a pickle, compiled Python, a program or an archive, as it is or encoded; and
// texts that are a program in Python, which no library writes into a model and some loader may run.
import type { Payload } from '@vallum/formats';
import { actsAsPython, contentOfText, NumberRun, readsAsPython } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, skip } from '../context.js';
import { followConstants } from '../pickle/follow-constants.js';
import type { Value } from './numbers.js';

const MAX_TEXTS = 1_000_000;
const MAX_FOLLOWED = 200;

/** Every text in a value, keys too. */
export function* textsIn(root: Value): Generator<string> {
  const open: Value[] = [root];
  let count = 0;
  for (let value = open.pop(); value !== undefined && count < MAX_TEXTS; value = open.pop()) {
    if (typeof value === 'string') {
      count += 1;
      yield value;
    } else if (typeof value === 'object' && value !== null && !(value instanceof NumberRun)) {
      if (!Array.isArray(value)) yield* Object.keys(value);
      for (const inner of Object.values(value) as readonly Value[])
        if (typeof inner === 'string' || (typeof inner === 'object' && inner !== null)) open.push(inner);
    }
  }
}

const ONE_CALL = /^\s*[A-Za-z_][\w.]*\s*\([\s\S]*\)[\w.()'"\s]*;?\s*$/;

/** Statements that reach out, or one call that does. */
export function isProgram(text: string): boolean {
  return text.includes('(') && (actsAsPython(text) || (ONE_CALL.test(text) && readsAsPython(text)));
}

/** @param program rule for a text that is a program */
export async function followTexts(
  context: Context,
  item: Item,
  texts: Iterable<string>,
  program: string,
): Promise<void> {
  const payloads: Payload[] = [];
  for (const text of texts) {
    const found = contentOfText(text);
    if (found === undefined) {
      if (isProgram(text)) find(context, item, { rule: program, detail: JSON.stringify(text.slice(0, 120)) });
      continue;
    }
    if (payloads.length >= MAX_FOLLOWED) {
      skip(context, item, 'further texts that look like something else', `there are more than ${MAX_FOLLOWED}`);
      break;
    }
    const bytes = Buffer.from(text, 'utf8');
    payloads.push({ offset: 0, length: bytes.length, ...found, bytes });
  }
  await followConstants(context, item, payloads, false);
}
