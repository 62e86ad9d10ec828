// What of a label, a source or the name of a column may stand in a report. A name that people gave is shown, up to a bound; what
// looks like personal data or a secret is masked, because a column of addresses can be taken for a label, and reports are kept.
import { maskedText } from './masked-text.js';

const MOST = 60;
const LOOKED_AT = 4096;

export function shownName(name: string): string {
  const shown = maskedText(name.slice(0, LOOKED_AT));
  return shown.length > MOST ? `${shown.slice(0, MOST)}…` : shown;
}
