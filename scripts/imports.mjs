// Checks the arrows of the house (.dependency-cruiser.cjs), and that the check itself can see: it must have cruised more
// than a few modules, and a planted forbidden import by package name must be reported.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const MINIMUM_MODULES = 60;

async function violations(paths) {
  const { enhancedResolveOptions, ...rest } = options;
  const tsConfig = extractTSConfig(join(root, options.tsConfig.fileName));
  const { output } = await cruise(paths, { ...rest, ruleSet: { forbidden }, validate: true }, enhancedResolveOptions, {
    tsConfig,
  });
  return { modules: output.summary.totalCruised, found: output.summary.violations };
}

const house = await violations(['packages', 'examples']);
for (const { rule, from, to } of house.found) console.error(`${rule.name}: ${from} -> ${to}`);

// The canary lives inside a room only while it is looked for. As .mts no build takes it up, should it be left behind.
const cage = mkdtempSync(join(root, 'packages/data/src/canary-'));
let seen;
try {
  cpSync('tests/fixtures/canary/forbidden-import.ts.txt', join(cage, 'forbidden-import.mts'));
  seen = await violations([cage.slice(root.length)]);
} finally {
  rmSync(cage, { recursive: true });
}
const caught = new Set(seen.found.map(({ rule }) => rule.name));
const missed = ['arrows-of-data', 'outside-at-the-edge', 'doors-only'].filter((rule) => !caught.has(rule));
for (const rule of missed) console.error(`the canary was not caught by ${rule}`);
if (house.modules < MINIMUM_MODULES) console.error(`only ${house.modules} modules were looked at`);

const good = house.found.length === 0 && missed.length === 0 && house.modules >= MINIMUM_MODULES;
console.log(
  `imports: ${house.modules} modules, ${house.found.length} violations, canary ${missed.length === 0 ? 'caught' : 'MISSED'}`,
);
process.exitCode = good ? 0 : 1;
