// What a route does about personal data and secrets in the texts that pass it: leave them, mask them, or refuse.
// Callers and upstreams choose the texts. A text with more matches than are reported is refused, never half masked.
import type { Match, RuleSet } from '@vallum/detect';
import { defaultRules, scanMany } from '@vallum/detect';
import { bodyEnd } from './key-bodies.js';

export type TextMode = 'off' | 'mask' | 'refuse';

export interface TextSettings {
  readonly personalData: TextMode;
  readonly secrets: TextMode;
}

/** What was masked, as counts by rule id. Ids come from the rules, never from a text. */
export type MaskCounts = Readonly<Record<string, number>>;

export interface MaskedTexts {
  /** The same array where nothing was masked. */
  readonly texts: readonly string[];
  readonly masked: MaskCounts;
}

/** Why texts are not passed on: a sentence for operators that holds nothing of the texts. */
export interface TextFault {
  readonly fault: string;
  /** Index of the text. */
  readonly at: number;
}

/** Of a scanned text, sorted by start, without overlaps; a key is covered with its body. */
export interface Cover extends Pick<Match, 'rule' | 'start' | 'end' | 'masked'> {
  /** The body of a key goes on where the text ends. */
  readonly open: boolean;
}

/** Times that a masked text is looked at again: what is left of two neighbours could read as something new. */
const PASSES = 4;

/** Undefined where both modes are `off`: then no text need be looked at. About 50 MB of text a second. */
export function compileTextGuard(settings: TextSettings, rules: RuleSet = defaultRules()): TextGuard | undefined {
  const modeOf = { personal: settings.personalData, secret: settings.secrets };
  const wanted = rules.rules.filter(({ kind }) => modeOf[kind] !== 'off');
  if (wanted.length === 0) return undefined;
  const refused = new Set(wanted.filter(({ kind }) => modeOf[kind] === 'refuse').map(({ id }) => id));
  return new TextGuard({ ...rules, rules: wanted }, refused);
}

export class TextGuard {
  readonly #rules: RuleSet;
  readonly #refused: ReadonlySet<string>;

  constructor(rules: RuleSet, refused: ReadonlySet<string>) {
    this.#rules = rules;
    this.#refused = refused;
  }

  /** What has to be covered in each text, or why they may not pass. */
  look(texts: readonly string[]): readonly (readonly Cover[])[] | TextFault {
    const covers: (readonly Cover[])[] = [];
    for (const [at, { matches, stopped }] of scanMany(texts, this.#rules).entries()) {
      const refused = matches.find(({ rule }) => this.#refused.has(rule));
      if (refused !== undefined) return { fault: `it holds what the rule ${refused.rule} looks for`, at };
      if (stopped.length > 0) return { fault: `it holds more matches of ${stopped.join(', ')} than are masked`, at };
      covers.push(coversOf(texts[at] ?? '', matches));
    }
    return covers;
  }

  /** Masking what is masked changes nothing. */
  mask(texts: readonly string[]): MaskedTexts | TextFault {
    let shown = texts;
    const counts = new Map<string, number>();
    for (let pass = 0; pass < PASSES; pass += 1) {
      const looked = this.look(shown);
      if ('fault' in looked) return looked;
      if (looked.every((covers) => covers.length === 0)) return { texts: shown, masked: Object.fromEntries(counts) };
      for (const covers of looked) for (const { rule } of covers) counts.set(rule, (counts.get(rule) ?? 0) + 1);
      shown = shown.map((text, at) => covered(text, looked[at] ?? []));
    }
    return { fault: `what is left after masking ${PASSES} times is still something to mask`, at: 0 };
  }
}

function coversOf(text: string, matches: readonly Match[]): readonly Cover[] {
  const covers: Cover[] = [];
  let behind = 0;
  for (const { rule, start, end: found, masked } of matches) {
    const { end, open } = bodyEnd(rule, text, found);
    // Where two rules meet in one place, the first of them covers it, and the second what stands out behind it.
    if (end <= behind) continue;
    covers.push({ rule, start: Math.max(start, behind), end, masked, open });
    behind = end;
  }
  return covers;
}

function covered(text: string, covers: readonly Cover[]): string {
  let shown = '';
  let at = 0;
  for (const { start, end, masked } of covers) {
    shown += text.slice(at, start) + masked;
    at = end;
  }
  return shown + text.slice(at);
}
