// Judges a LightGBM text model: structure that the library follows without checking, and parameters that make it read,
// write or connect when the model is trained further.
import { messageOf, parseJsonStrict } from '@vallum/core';
import { readLightgbm } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { followTexts } from './carried-texts.js';

export async function examineLightgbm(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readLightgbm(item.source.size));
  const { lightgbm } = context.rules.files;
  for (const { code, message, line } of report.problems) {
    const rule = code === 'trailing' ? 'VLM-LGB-005' : 'VLM-LGB-001';
    find(context, item, { rule, detail: `${message}, line ${line}`, location: { line } });
  }
  const objective = report.header.get('objective');
  const name = objective?.split(' ', 1)[0] ?? '';
  if (name !== '' && !lightgbm.objectives.includes(name))
    find(context, item, { rule: 'VLM-LGB-002', detail: JSON.stringify(objective?.slice(0, 120)) });
  for (const [key, value] of report.parameters) judgeParameter(context, item, key, value);
  if (report.categories !== undefined) judgeCategories(context, item, report.categories);
  if (report.fault !== undefined) skip(context, item, 'as a LightGBM model', report.fault);
  const texts = [...report.header.values(), ...report.parameters.values()];
  await followTexts(context, item, texts, 'VLM-LGB-006');
}

/** Leaves the folder, names a user's home, or another computer. */
const REACHES = /^(?:[\\/~]|[A-Za-z]:|\.\.(?:[\\/]|$))|[\\/]\.\.(?:[\\/]|$)|^[A-Za-z][\w+.-]*:\/\//;

function judgeParameter(context: Context, item: Item, key: string, value: string): void {
  if (value === '') return;
  const { parameters } = context.rules.files.lightgbm;
  const row = parameters.find(({ keys }) => keys.includes(key));
  const detail = `${key} = ${JSON.stringify(value.slice(0, 120))}`;
  if (row === undefined) {
    if (REACHES.test(value)) find(context, item, { rule: 'VLM-LGB-004', detail });
    return;
  }
  if (row.plain !== undefined && new RegExp(row.plain).test(value)) return;
  find(context, item, { rule: REACHES.test(value) ? row.outside : row.inside, detail: `${detail}, ${row.why}` });
}

/** A list of lists of plain values, or null. */
function judgeCategories(context: Context, item: Item, text: string): void {
  try {
    const value = parseJsonStrict(text, { maxBytes: context.budgets.maxTextBytes, maxDepth: 4 });
    const plain = (one: unknown): boolean => one === null || typeof one !== 'object';
    const fits =
      value === null || (Array.isArray(value) && value.every((list) => Array.isArray(list) && list.every(plain)));
    if (!fits) find(context, item, { rule: 'VLM-LGB-005', detail: 'its categories of pandas are no lists' });
  } catch (error) {
    skip(context, item, 'its categories of pandas', messageOf(error));
  }
}
