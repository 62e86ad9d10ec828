// A text as it may be shown: what the rules find in it is masked, all else stays.
import type { RuleSet } from './rules.js';
import { scanText } from './scan-text.js';

export function maskText(text: string, rules: RuleSet): string {
  let shown = '';
  let at = 0;
  for (const { start, end, masked } of scanText(text, rules)) {
    // Where two rules meet in one place, the first of them has masked it.
    if (start >= at) shown += text.slice(at, start) + masked;
    at = Math.max(at, end);
  }
  return shown + text.slice(at);
}
