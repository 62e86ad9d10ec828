// `.pth` files in site-packages. Python runs every line that begins with `import`, at every start, before any program of the
// environment (site.py, addpackage); this is how malicious wheels stay (PyPI, 2023 and later). Lines are judged by what they
// say, never by the name of the file. Python up to 3.12 ends lines as text files do, later ones as `str.splitlines` does: the
// same bytes are a comment for one and code for the other, so that each line is judged under both.
import { pythonLines } from '@vallum/formats';
import type { AllowedLine, EnvironmentRuleFile } from './rules.js';

export type PthLine =
  | { readonly kind: 'code'; readonly line: number; readonly text: string }
  /** Of an allowed form; `module` is what it imports, from `owner` or as the finder of an editable install. */
  | {
      readonly kind: 'allowed';
      readonly line: number;
      readonly what: string;
      readonly module?: string;
      readonly owner?: string;
    }
  | { readonly kind: 'path'; readonly line: number; readonly path: string };

export interface PthReport {
  readonly lines: readonly PthLine[];
  /** There is more than what is read. */
  readonly cut: boolean;
}

/** Lines that say something; comments and empty lines do not count. */
const MAX_LINES = 10_000;
/** Characters of one line of an allowed form. */
const MAX_ALLOWED = 4_096;

/** @param text of the file, whose line numbers are those of an editor */
export function readPth(text: string, rules: EnvironmentRuleFile): PthReport {
  const allow = rules.pth.allow.map((rule) => ({ rule, pattern: new RegExp(rule.pattern) }));
  const lines: PthLine[] = [];
  let line = 0;
  for (const whole of pythonLines(text.replace(/^\uFEFF/, ''), 'file')) {
    line += 1;
    const parts = pythonLines(whole, 'splitlines');
    let first = true;
    for (const part of parts) {
      if (first && part !== whole) lines.push(...readLine(whole, line, allow));
      first = false;
      lines.push(...readLine(part, line, allow));
      if (lines.length > MAX_LINES) return { lines: lines.slice(0, MAX_LINES), cut: true };
    }
  }
  return { lines, cut: false };
}

function readLine(
  raw: string,
  line: number,
  allow: readonly { readonly rule: AllowedLine; readonly pattern: RegExp }[],
): readonly PthLine[] {
  const own = raw.trimEnd();
  if (own === '' || raw.startsWith('#')) return [];
  if (!/^import[ \t]/.test(raw)) return [{ kind: 'path', line, path: own }];
  for (const { rule, pattern } of own.length > MAX_ALLOWED ? [] : allow) {
    const match = pattern.exec(own);
    if (match === null) continue;
    const module = match.groups?.['module'];
    const { what, owner } = rule;
    const named = { ...(module === undefined ? {} : { module }), ...(owner === undefined ? {} : { owner }) };
    return [{ kind: 'allowed', line, what, ...named }];
  }
  return [{ kind: 'code', line, text: own.slice(0, 120) }];
}
