// Characters that nobody sees and a program reads: tag characters and variation selectors that carry text, long runs of
// zero-width characters, and marks that turn the order of letters round (Trojan Source, CVE-2021-42574).
import type { Context, Item } from '../context.js';
import { find } from '../context.js';
import { count } from '../shell/note-commands.js';

const TAGS = /[\u{E0020}-\u{E007E}]{3,}/gu;
const FLAG = /\u{1F3F4}[\u{E0020}-\u{E007E}]{2,6}\u{E007F}/gu;
const SELECTORS = /(?:[\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}]){4,}/u;
const ZERO_WIDTH = /[\u200B\u200C\u200D\u2060-\u2064\u180E\uFEFF]{12,}/;
const OVERRIDE = /[\u202D\u202E]/;
const ANY =
  /[\u180E\u200B-\u200D\u202D\u202E\u2060-\u2064\uFE00-\uFE0F\uFEFF]|[\u{E0020}-\u{E007E}\u{E0100}-\u{E01EF}]/u;

export function noteInvisible(context: Context, item: Item, text: string): void {
  if (!ANY.test(text)) return;
  const tell = (index: number, detail: string, severity?: 'high'): void => {
    const line = 1 + count(text, index);
    find(context, item, {
      rule: 'VLM-RDM-003',
      detail: `${detail}, line ${line}`,
      location: { line },
      ...(severity === undefined ? {} : { severity }),
    });
  };
  const plain = text.replace(FLAG, (flag) => '.'.repeat(flag.length));
  const [tags] = plain.matchAll(TAGS);
  if (tags !== undefined) {
    const words = [...tags[0]].map((one) => String.fromCharCode((one.codePointAt(0) ?? 0) - 0xe0000)).join('');
    tell(tags.index, `tag characters that say ${JSON.stringify(words.slice(0, 80))}`, 'high');
  }
  const selectors = SELECTORS.exec(plain);
  if (selectors !== null) tell(selectors.index, 'variation selectors in a row, which can carry text', 'high');
  const zero = ZERO_WIDTH.exec(plain);
  if (zero !== null) tell(zero.index, 'a run of zero-width characters');
  const override = OVERRIDE.exec(plain);
  if (override !== null) tell(override.index, 'a mark that turns the order of letters round');
}
