import { describe, expect, it } from 'vitest';
import { randomIds } from './random-ids.js';

describe('randomIds', () => {
  it('gives every byte of its stock once, in order, and fills it again when it is used up', () => {
    let next = 0;
    let fills = 0;
    const id = randomIds((stock) => {
      fills += 1;
      for (let at = 0; at < stock.length; at += 4) stock.writeUInt32BE((next += 1), at);
    });
    const ids = Array.from({ length: 1_000 }, () => id());
    expect(ids[0]).toBe('00000001000000020000000300000004');
    expect(ids[255]).toBe('000003fd000003fe000003ff00000400');
    expect(ids[256]).toBe('00000401000004020000040300000404');
    expect(new Set(ids).size).toBe(1_000);
    expect(fills).toBe(4);
  });

  it('gives ids of 128 bits of the system by default', () => {
    const id = randomIds();
    const ids = Array.from({ length: 600 }, () => id());
    expect(ids.every((one) => /^[0-9a-f]{32}$/.test(one))).toBe(true);
    expect(new Set(ids).size).toBe(600);
  });
});
