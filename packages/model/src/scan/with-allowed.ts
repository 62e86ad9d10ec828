// Names that a policy lets pickles use besides the lists of Vallum. Whoever writes the policy answers for them, and the answer
// of the scan names them; what is known to run commands or to load code cannot be allowed at all.
import { VallumError } from '@vallum/core';
import type { AllowEntry } from './rule-types.js';
import type { Rules } from './rules.js';
import { buildRules } from './rules.js';

/** @throws VallumError `SCAN_POLICY` for a name that is known to run commands or code */
export function withAllowed(rules: Rules, allow: readonly AllowEntry[]): Rules {
  if (allow.length === 0) return rules;
  const grave = rules.files.explain.explain.filter(({ severity }) => severity === 'critical');
  for (const name of allow.flatMap(({ names }) => names)) {
    const known = grave.find(({ names }) => names.some((row) => covers(row, name)));
    if (known !== undefined)
      throw new VallumError('SCAN_POLICY', `${name} cannot be allowed, since it ${known.why}`, {
        fix: 'suppress the finding for the one file that was reviewed',
      });
  }
  const own = { pack: 'policy', packages: [], allow };
  return buildRules({ ...rules.files, packs: [...rules.files.packs, own] });
}

/** Rows are `module:name`, with `*` for every name and `module.*` for submodules. */
function covers(row: string, key: string): boolean {
  const [module = '', name = ''] = row.split(':');
  const [ownModule = '', ownName = ''] = key.split(':');
  const base = module.replace(/\.\*$/, '');
  const within = ownModule === base || (base !== module && ownModule.startsWith(`${base}.`));
  return within && (name === '*' || name === ownName || ownName.startsWith(`${name}.`));
}
