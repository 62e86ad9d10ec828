// Attacks of one format beside their clean twins, and what every such table is held to: an attack fails with the rule that
// names it, under names that say something else too, and its twin passes.
import { expect, it } from 'vitest';
import { buildRules } from '../rules.js';
import { verdictOf } from './scan-bytes.js';

export interface Attack {
  readonly what: string;
  readonly rule: string;
  readonly attack: Uint8Array;
  readonly clean: Uint8Array;
}

/** Built once: digesting every rule file takes longer than most scans. */
export const RULES = buildRules();

const MISLEADING = ['weights.bin', 'notes.txt', 'model'];

/** @param name as the format's own library names its files */
export function holdAgainst(name: string, attacks: readonly Attack[]): void {
  it.each(attacks.map((one) => [one.what, one] as const))('fails %s', async (_, { rule, attack, clean }) => {
    for (const as of [name, ...MISLEADING])
      expect([as, await verdictOf(as, attack, { rules: RULES })]).toEqual([
        as,
        expect.stringMatching(new RegExp(`^fail .*${rule}`)),
      ]);
    expect(await verdictOf(name, clean, { rules: RULES })).toBe('pass');
  });
}
