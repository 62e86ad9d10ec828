// `.pth` files in site-packages. Python runs every line that begins with `import`, at every start, before any program of the
// environment (site.py, addpackage); this is how malicious wheels stay (PyPI, 2023 and later). Lines are judged by what they
// say, never by the name of the file: a line that matches an allowed form may only import a module that RECORD vouches for.
import type { EnvironmentRuleFile } from './rules.js';

export type PthLine =
  | { readonly kind: 'code'; readonly line: number; readonly text: string }
  /** Of an allowed form; `module` must be one that was installed and is unchanged. */
  | { readonly kind: 'allowed'; readonly line: number; readonly what: string; readonly module?: string }
  | { readonly kind: 'path'; readonly line: number; readonly path: string };

const MAX_LINES = 10_000;

/** From Python 3.13 on these end a line too, so that a comment can hide one. */
const LINE_ENDS = /\r\n|[\n\r\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/;

export function readPth(text: string, rules: EnvironmentRuleFile): readonly PthLine[] {
  const allow = rules.pth.allow.map(({ what, pattern }) => ({ what, pattern: new RegExp(pattern) }));
  const lines = text.replace(/^\uFEFF/, '').split(LINE_ENDS);
  return lines.slice(0, MAX_LINES).flatMap((raw, at): readonly PthLine[] => {
    const line = at + 1;
    const own = raw.trimEnd();
    if (own === '' || raw.startsWith('#')) return [];
    if (!/^import[ \t]/.test(raw)) return [{ kind: 'path', line, path: own }];
    for (const { what, pattern } of allow) {
      const match = pattern.exec(own);
      const module = match?.groups?.['module'];
      if (match !== null) return [{ kind: 'allowed', line, what, ...(module === undefined ? {} : { module }) }];
    }
    return [{ kind: 'code', line, text: own.slice(0, 120) }];
  });
}
