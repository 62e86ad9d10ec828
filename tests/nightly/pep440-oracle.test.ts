// The order of versions beside Python's own `packaging`, which pip carries; without an interpreter the test says so and fails.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { comparePep440, parsePep440 } from '../../packages/model/src/scan/environment/advisories/pep440.js';
import { version } from '../../packages/model/src/scan/environment/testing/versions.js';

const PAIRS = 50_000;
const SCRIPT = `
import sys, json
try:
    from packaging.version import Version, InvalidVersion
except ImportError:
    from pip._vendor.packaging.version import Version, InvalidVersion
out = []
for a, b in json.load(sys.stdin):
    try:
        x, y = Version(a), Version(b)
        out.append((x > y) - (x < y))
    except InvalidVersion:
        out.append(None)
json.dump(out, sys.stdout)
`;

it(`${PAIRS} pairs of versions are ordered as Python orders them`, () => {
  const python = ['.venv/interop/bin/python', '.venv/bin/python'].find((path) => existsSync(path)) ?? 'python3';
  const odd = fc.string({ unit: fc.constantFrom(...'01.abrcdevpost+-_! v'), maxLength: 12 });
  const one = fc.oneof({ arbitrary: version, weight: 4 }, { arbitrary: odd, weight: 1 });
  const pairs = fc.sample(fc.tuple(one, one), { numRuns: PAIRS, seed: 440 });
  const { stdout, stderr } = spawnSync(python, ['-c', SCRIPT], {
    input: JSON.stringify(pairs),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stderr).toBe('');
  const expected = JSON.parse(stdout) as readonly (number | null)[];
  const differences = pairs.flatMap(([a, b], at) => {
    const [x, y] = [parsePep440(a), parsePep440(b)];
    const own = x === undefined || y === undefined ? null : Math.sign(comparePep440(x, y));
    return own === expected[at] ? [] : [{ a, b, own, python: expected[at] }];
  });
  console.log(
    `${pairs.length} pairs, ${expected.filter((answer) => answer !== null).length} of versions, ${differences.length} differences`,
  );
  expect(differences.slice(0, 5)).toEqual([]);
});
