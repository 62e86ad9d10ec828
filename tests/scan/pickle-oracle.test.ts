// A sample of the comparison with CPython that `npm run test:oracle` makes over many streams. Needs python3.
import { describe, expect, it } from 'vitest';
import { askOracle, hasPython } from '../support/pickle-oracle.js';

const STREAMS = 300;

describe.skipIf(!hasPython())('the machine and CPython (skipped where there is no python3)', () => {
  it.each(['c', 'python'] as const)(`see the same over ${STREAMS} streams, reader in %s`, (reader) => {
    const { calls, whole, differences } = askOracle(reader, STREAMS);
    expect(differences).toEqual([]);
    expect(calls).toBeGreaterThan(STREAMS / 30);
    expect(whole).toBeGreaterThan(0);
  });
});
