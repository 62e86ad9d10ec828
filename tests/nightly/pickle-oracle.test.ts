// The pickle machine beside CPython's two unpicklers, over many streams. `npm test` runs a sample of it.
import { describe, expect, it } from 'vitest';
import { askOracle } from '../support/pickle-oracle.js';

const STREAMS = 100_000;

describe('the machine and CPython', () => {
  it.each(['c', 'python'] as const)(
    `see the same over ${STREAMS} streams, reader in %s`,
    (reader) => {
      const { streams, calls, whole, differences } = askOracle(reader, STREAMS);
      console.log(`${reader}: ${streams} streams, ${whole} to STOP, ${calls} calls, ${differences.length} differences`);
      expect(streams).toBe(STREAMS);
      expect(calls).toBeGreaterThan(STREAMS / 30);
      expect(whole).toBeGreaterThan(STREAMS / 100);
      expect(differences.slice(0, 5)).toEqual([]);
    },
    600_000,
  );
});
