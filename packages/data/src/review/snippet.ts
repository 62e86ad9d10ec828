// A few words of a row for the person who decides about it, without what identifies people or opens doors: personal data and
// secrets are masked, and what would move a cursor is replaced.
import { maskedText } from '../tables/masked-text.js';

const LOOKED_AT = 4000;
const SHOWN = 160;

export function snippetOf(text: string): string {
  const plain = maskedText(text.slice(0, LOOKED_AT)).replace(/\s+/g, ' ').replace(/\p{C}/gu, '?').trim();
  return plain.length <= SHOWN ? plain : `${plain.slice(0, SHOWN - 1)}…`;
}
