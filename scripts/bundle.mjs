// Bundles the command into a few files, which start three times as fast as the hundreds that the compiler writes.
// Run by the build for the checkout (`node scripts/bundle.mjs`), and by pack.mjs for the published package.
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pastDoors } from './past-doors.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

// Cedar stays a CommonJS file of its own beside the bundle: it looks for its WebAssembly in its own folder, and inside a
// bundle its functions would be reachable as a default export only, other than in a checkout.
export const CEDAR = '@cedar-policy/cedar-wasm';
const cedar = dirname(createRequire(import.meta.url).resolve(`${CEDAR}/nodejs`));
const cedarBeside = {
  name: 'cedar-beside',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@cedar-policy\/cedar-wasm\/nodejs$/ }, () => ({ path: './cedar_wasm.cjs', external: true })),
};

/** @returns what esbuild says of its inputs */
export async function bundle(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: {
      main: join(root, 'packages/cli/src/main.ts'),
      'hash-thread': join(root, 'packages/core/src/hashing/edge/hash-thread.ts'),
      'worker-main': join(root, 'packages/gateway/src/edge/process/worker-main.ts'),
      'detector-thread': join(root, 'packages/gateway/src/edge/process/detector-thread.ts'),
      'scan-thread': join(root, 'packages/model/src/scan/edge/scan-thread.ts'),
    },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['vallum-source'],
    external: ['onnxruntime-node'],
    plugins: [cedarBeside, pastDoors(root)],
    legalComments: 'external',
    metafile: true,
    logLevel: 'warning',
    // Bundled CommonJS (commander) asks for it.
    banner: {
      js: "import { createRequire as __vallumRequire } from 'node:module'; const require = __vallumRequire(import.meta.url);",
    },
  });
  cpSync(join(cedar, 'cedar_wasm.js'), join(outdir, 'cedar_wasm.cjs'));
  cpSync(join(cedar, 'cedar_wasm_bg.wasm'), join(outdir, 'cedar_wasm_bg.wasm'));
  return metafile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(join(root, 'packages/cli/build'));
