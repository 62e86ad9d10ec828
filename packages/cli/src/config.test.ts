// Where keys and pins are looked for: a variable that is set to nothing must never mean the folder one stands in.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { readConfig } from './config.js';

afterEach(() => vi.unstubAllEnvs());

const AT_HOME = join(homedir(), '.config', 'vallum');

test.each([
  ['/keys', '/config', '/keys'],
  ['', '/config', '/config/vallum'],
  ['', '', AT_HOME],
  ['', 'relative', AT_HOME],
])('VALLUM_KEYS=%j and XDG_CONFIG_HOME=%j give %s', (keys, home, expected) => {
  vi.stubEnv('VALLUM_KEYS', keys);
  vi.stubEnv('XDG_CONFIG_HOME', home);
  expect(readConfig().keys).toBe(expected);
});
