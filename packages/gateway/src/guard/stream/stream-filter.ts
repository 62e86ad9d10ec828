// Masks a text that arrives in pieces, such as the deltas of a chat. The upstream cuts the pieces as it likes, and a secret cut in
// two must not pass in two halves, so the last characters are held back until what follows them is known.
// Work is done at fixed distances in the text and never where a piece ends: however a text is cut, the same comes out.
import { bodyEnd, LONGEST_END } from '../text/key-bodies.js';
import type { Cover, TextFault, TextGuard } from '../text/text-guard.js';

/** UTF-16 units held back: more than the rules with spaces in them need, with their words of context. */
export const HELD = 256;
/** A run of printable ASCII without a space may be one long token; it is held back whole up to this length. */
export const LONGEST_RUN = 16_384;
/** What stands before a token and announces it. */
const LEAD = 64;
/** Text already given out that the rules still look back at. */
const BEHIND = 256;
/** Distance between two looks: a piece of any size costs about nine looks at each of its characters. */
const STRIDE = 64;

/**
 * Matches longer than `HELD` with spaces in them, and than `LONGEST_RUN` without, are masked from where they are seen;
 * everything shorter as in the whole text.
 */
export class StreamFilter {
  readonly #guard: TextGuard;
  readonly #counts: Map<string, number>;
  #behind = '';
  #held = '';
  /** Text until the next look. */
  #unseen = '';
  /** Length of the run of printable ASCII at the end of what is held, and what was given out before. */
  #run = 0;
  /** Rule of the key whose body is being left out. */
  #inside: string | undefined;

  /** @param counts what is masked is added, by rule id; several filters may share it */
  constructor(guard: TextGuard, counts: Map<string, number>) {
    this.#guard = guard;
    this.#counts = counts;
  }

  /** Text that may go on to the caller by now, possibly none. */
  push(text: string): string | TextFault {
    let shown = '';
    for (let at = 0; at < text.length;) {
      const piece = text.slice(at, at + STRIDE - this.#unseen.length);
      at += piece.length;
      this.#unseen += piece;
      if (this.#unseen.length < STRIDE) break;
      const more = this.#look(false);
      if (typeof more !== 'string') return more;
      shown += more;
    }
    return shown;
  }

  /** What was held back, at the end of the text; a new text may begin after it. */
  finish(): string | TextFault {
    const shown = this.#look(true);
    this.#behind = '';
    this.#run = 0;
    this.#inside = undefined;
    return shown;
  }

  #look(last: boolean): string | TextFault {
    this.#held += this.#unseen;
    this.#run = runLength(this.#unseen, this.#run);
    this.#unseen = '';
    if (this.#inside !== undefined && !this.#leaveOut(this.#inside, last)) return '';
    const whole = this.#behind + this.#held;
    const from = this.#behind.length;
    const limit = last ? whole.length : this.#decidedUntil(whole, from);
    if (limit <= from) return '';
    const looked = this.#guard.look([whole]);
    if ('fault' in looked) return looked;
    return this.#give(whole, from, { limit, covers: looked[0] ?? [] });
  }

  /** Nothing that begins before it can still become a match, save for what the class says. */
  #decidedUntil(whole: string, from: number): number {
    const limit = whole.length - HELD;
    const run = Math.max(from, whole.length - this.#run);
    return run < limit && whole.length - from < LONGEST_RUN + LEAD ? run - LEAD : limit;
  }

  /** True when the body of the key is over and what is held follows it. */
  #leaveOut(rule: string, last: boolean): boolean {
    const { end, open } = bodyEnd(rule, this.#held, 0);
    if (open) {
      // Its end may have begun to arrive.
      this.#held = last ? '' : this.#held.slice(-LONGEST_END);
      return false;
    }
    this.#behind = this.#held.slice(Math.max(0, end - BEHIND), end);
    this.#held = this.#held.slice(end);
    this.#inside = undefined;
    return true;
  }

  #give(whole: string, from: number, { limit, covers }: { limit: number; covers: readonly Cover[] }): string {
    let shown = '';
    let at = from;
    let until = limit;
    for (const { rule, start, end, masked, open } of covers) {
      if (end <= at) continue;
      if (start >= until) break;
      if (end > until && !open && whole.length - start <= LONGEST_RUN && until < whole.length) {
        // It may still grow.
        until = Math.max(at, start);
        break;
      }
      shown += whole.slice(at, Math.max(at, start)) + masked;
      this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
      at = end;
      until = Math.max(until, end);
      if (open) this.#inside = rule;
    }
    if (until > at && until < whole.length && isInsidePair(whole, until)) until -= 1;
    shown += whole.slice(at, until);
    this.#behind = whole.slice(Math.max(0, until - BEHIND), until);
    this.#held = whole.slice(until);
    return shown;
  }
}

/** Of the run at the end, after a piece that follows `before` characters of one. */
function runLength(piece: string, before: number): number {
  let start = piece.length;
  while (start > 0 && isTokenCode(piece.charCodeAt(start - 1))) start -= 1;
  return start === 0 ? before + piece.length : piece.length - start;
}

function isTokenCode(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}

function isInsidePair(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code < 0xe000 && (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
