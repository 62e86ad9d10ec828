// What may be shown of a text that is not a cell, such as the name of a column: in a file without a header the first row, with
// somebody's address in it, is taken for names.
import { defaultRules, maskText } from '@vallum/detect';

/** Personal data and secrets in it are masked; all else stays. */
export function maskedText(text: string): string {
  return maskText(text, defaultRules());
}

/** All texts in a plain value. Keys stay: they are ours. */
export function maskedTexts<T>(value: T): T {
  if (typeof value === 'string') return maskedText(value) as T;
  if (Array.isArray(value)) return value.map(maskedTexts) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskedTexts(each as unknown)])) as T;
}
