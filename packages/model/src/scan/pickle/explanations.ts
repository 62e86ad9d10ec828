// Says what a refused name is known for. It raises a severity and adds a sentence; it never decides whether there is a
// finding: the scanner finds the same with an empty list, and a test holds it to that.
import type { GlobalValue, Value } from '@vallum/formats';
import type { Severity } from '@vallum/core';
import { SEVERITIES } from '@vallum/core';
import type { RuleFiles } from '../rule-types.js';
import type { Allowlist } from './allowlist.js';
import { isWithin } from './allowlist.js';

export class Explanations {
  readonly #rows: RuleFiles['explain'];
  readonly #allowlist: Allowlist;

  constructor(files: RuleFiles, allowlist: Allowlist) {
    this.#rows = files.explain;
    this.#allowlist = allowlist;
  }

  find(value: GlobalValue): { readonly severity: Severity; readonly why: string } | undefined {
    const key = this.#allowlist.canonical(value.module, value.name, true);
    const found = this.#rows.explain.filter((row) => row.names.some((name) => covers(name, key)));
    return found.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))[0];
  }

  /** True for a name of a scanner, or of pickle's own machinery. */
  isTampering(value: GlobalValue): boolean {
    const key = this.#allowlist.canonical(value.module, value.name, true);
    const top = key.split(/[.:]/)[0] ?? '';
    return this.#rows.tampering.some((name) => name === key || (!name.includes(':') && name === top));
  }
}

function covers(row: string, key: string): boolean {
  const cut = row.indexOf(':');
  const at = key.indexOf(':');
  const module = row.slice(0, cut);
  const name = row.slice(cut + 1);
  const ownModule = key.slice(0, at);
  const ownName = key.slice(at + 1);
  const within = module.endsWith('.*') ? isWithin(ownModule, module.slice(0, -2)) : ownModule === module;
  return within && (name === '*' || name === ownName || ownName.startsWith(`${name}.`));
}

/** The name at the bottom of a chain of calls. */
export function rootGlobal(value: Value): GlobalValue | undefined {
  let at = value;
  for (let depth = 0; depth < 64; depth++) {
    if (at.kind === 'global') return at;
    if (at.kind === 'result') at = at.callee;
    else if (at.kind === 'instance') at = at.of;
    else return undefined;
  }
  return undefined;
}
