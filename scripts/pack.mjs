// Makes the one published package in build/vallum: a bundle without dependencies, its notices, README and licence,
// and then the tarball. Run by `npm run pack:vallum`; prints the path of the tarball.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'build', 'vallum');
const source = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'bin'), { recursive: true });

const { metafile } = await build({
  entryPoints: [join(root, 'packages/cli/src/main.ts')],
  outdir: join(out, 'dist'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['vallum-source'],
  external: ['onnxruntime-node'],
  legalComments: 'external',
  metafile: true,
  logLevel: 'warning',
  // Bundled CommonJS asks for these; the WebAssembly of Cedar is found beside the bundle through __dirname.
  banner: {
    js: "import { createRequire as __vallumRequire } from 'node:module'; import { fileURLToPath as __vallumPath } from 'node:url'; const require = __vallumRequire(import.meta.url); const __dirname = __vallumPath(new URL('.', import.meta.url));",
  },
});

const cedar = dirname(createRequire(import.meta.url).resolve('@cedar-policy/cedar-wasm/nodejs'));
cpSync(join(cedar, 'cedar_wasm_bg.wasm'), join(out, 'dist', 'cedar_wasm_bg.wasm'));

/** Names of the third-party packages whose code is in the bundle. */
function bundled() {
  const names = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match && !match[1].startsWith('@vallum/')) names.add(match[1]);
  }
  return [...names].sort();
}

function notice(name) {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE'].find((candidate) => {
    try {
      return readFileSync(join(folder, candidate));
    } catch {
      return false;
    }
  });
  const text = file ? readFileSync(join(folder, file), 'utf8') : `Licence: ${license}`;
  return `${name} ${version} (${license})\n\n${text}`;
}

writeFileSync(
  join(out, 'THIRD-PARTY-NOTICES.txt'),
  bundled()
    .map(notice)
    .join(`\n${'-'.repeat(80)}\n`),
);
writeFileSync(join(out, 'bin/vallum.js'), readFileSync(join(root, 'packages/cli/bin/vallum.js')));
chmodSync(join(out, 'bin/vallum.js'), 0o755);
cpSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
cpSync(join(root, 'README.md'), join(out, 'README.md'));
const { name, version, description, license, type, bin, peerDependencies, peerDependenciesMeta } = source;
const manifest = {
  name,
  version,
  description,
  license,
  type,
  bin,
  engines: { node: '>=20.19' },
  peerDependencies,
  peerDependenciesMeta,
};
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const printed = execFileSync('npm', ['pack', '--silent', '--pack-destination', join(root, 'build')], {
  cwd: out,
  encoding: 'utf8',
});
console.log(join(root, 'build', printed.trim().split('\n').at(-1)));
