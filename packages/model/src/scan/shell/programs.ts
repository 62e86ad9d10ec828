// Source of other languages, and code after `-c` and `-e`: read for known patterns only (a socket beside a shell, text that is
// decoded or fetched and run), and for shell commands in its texts. No program is proven harmless so.
import type { Severity } from '@vallum/core';
import type { CompiledShellRules } from './shell-rules.js';

export interface ProgramSighting {
  readonly rule: string;
  readonly severity?: Severity;
  readonly what: string;
  readonly index: number;
}

/** Longest piece of source that one pattern sees, so that patterns with gaps stay quick. */
const PIECE = 64 * 1024;
const OVERLAP = 2048;

export function judgeProgram(text: string, rules: CompiledShellRules): readonly ProgramSighting[] {
  return matchAll(text, rules.programs);
}

export function matchAll(text: string, patterns: CompiledShellRules['programs']): readonly ProgramSighting[] {
  const found: ProgramSighting[] = [];
  for (let start = 0; start < text.length; start += PIECE - OVERLAP) {
    const piece = text.slice(start, start + PIECE);
    for (const { test, row } of patterns) {
      const match = test.exec(piece);
      if (match !== null)
        found.push({
          rule: row.rule,
          severity: row.severity,
          what: `${row.what}: \`${match[0].replace(/\s+/g, ' ').slice(0, 120)}\``,
          index: start + match.index,
        });
    }
    if (start + PIECE >= text.length) break;
  }
  return found;
}

const TEXTS = /"((?:[^"\\\n]|\\.){0,4000})"|'((?:[^'\\\n]|\\.){0,4000})'|`((?:[^`\\]|\\.){0,4000})`/gs;
const MAX_TEXTS = 2000;

/** Texts in a program that may be commands. */
export function* textsOf(source: string, rules: CompiledShellRules): Generator<{ text: string; index: number }> {
  let count = 0;
  for (const match of source.matchAll(TEXTS)) {
    const text = (match[1] ?? match[2] ?? match[3] ?? '').replace(/\\(["'`$\\])/g, '$1').replace(/\\n/g, '\n');
    if (!rules.strings.test(text)) continue;
    if (++count > MAX_TEXTS) return;
    yield { text, index: match.index };
  }
}
