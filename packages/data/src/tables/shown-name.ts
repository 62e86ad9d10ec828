// What of a label, a source or the name of a column may stand in a report. A name that people gave is shown, up to a bound; what
// looks like personal data or a secret is masked, because a column of addresses can be taken for a label, and reports are kept.
import { defaultRules, scanBounded } from '@vallum/detect';
import { maskedCell } from './cells.js';

const MOST = 60;
const LOOKED_AT = 4096;

/** As it is, or masked. */
export function shownName(name: string): string {
  const { matches, stopped } = scanBounded(name.slice(0, LOOKED_AT), defaultRules());
  if (matches.length > 0 || stopped.length > 0) return maskedCell(name, 'text');
  return name.length > MOST ? `${name.slice(0, MOST)}…` : name;
}
