// A list of very many keys for measurements: real forms, hashes that are random except where a token is wanted.
import { randomBytes } from 'node:crypto';
import { encodeKeyList } from '../keys/key-file.js';
import { makeKey } from '../keys/key-edits.js';
import { pepperMark } from '../keys/key-hash.js';

export interface ManyKeys {
  readonly bytes: Uint8Array;
  readonly pepper: Uint8Array;
  /** One key of each principal. */
  readonly tokens: readonly string[];
}

const DAY = 86_400_000;

/** Principals with ten keys each, of which the last one counts at `now`. */
export function manyKeys(principals: number, now: number): ManyKeys {
  const pepper = randomBytes(32);
  const tokens: string[] = [];
  const holders = Array.from({ length: principals }, (_, at) => {
    const keys = Array.from({ length: 10 }, (_unused, age) => {
      const start = now - (9 - age) * 90 * DAY;
      const { token, record } = makeKey(pepper, randomBytes, { now: start, until: start + 90 * DAY });
      if (age === 9) tokens.push(token);
      return record;
    });
    return {
      principal: `principal-${at}`,
      roles: ['infer', `infer:model-${at % 20}`],
      group: `group-${at % 500}`,
      keys,
    };
  });
  return { bytes: encodeKeyList(pepperMark(pepper), holders), pepper, tokens };
}
