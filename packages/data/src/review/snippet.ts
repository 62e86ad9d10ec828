// A few words of a row for the person who decides about it, without what identifies people or opens doors: personal data and
// secrets are masked, and what would move a cursor is replaced.
import { defaultRules, scanText } from '@vallum/detect';

const LOOKED_AT = 4000;
const SHOWN = 160;

export function snippetOf(text: string): string {
  const looked = text.slice(0, LOOKED_AT);
  let masked = '';
  let at = 0;
  for (const { start, end, masked: shown } of [...scanText(looked, defaultRules())].sort((a, b) => a.start - b.start)) {
    if (start >= at) masked += looked.slice(at, start) + shown;
    at = Math.max(at, end);
  }
  const plain = (masked + looked.slice(at)).replace(/\s+/g, ' ').replace(/\p{C}/gu, '?').trim();
  return plain.length <= SHOWN ? plain : `${plain.slice(0, SHOWN - 1)}…`;
}
