// Makes the one published package in build/vallum: a bundle without dependencies, its notices, README and licence,
// and then the tarball. Run by `npm run pack:vallum [-- --out FOLDER]`; prints the path of the tarball.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle, CEDAR } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'build') } } });
const target = resolve(values.out);
const out = join(target, 'vallum');
const source = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'bin'), { recursive: true });

const metafile = await bundle(join(out, 'build'));

/** Names of the third-party packages whose code is published with ours. */
function bundled() {
  const names = new Set([CEDAR]);
  for (const input of Object.keys(metafile.inputs)) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match && !match[1].startsWith('@vallum/')) names.add(match[1]);
  }
  return [...names].sort();
}

function notice(name) {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license'].find((candidate) => {
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
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const manifest = { name, version, description, license, type, bin, engines, peerDependencies, peerDependenciesMeta };
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const printed = execFileSync('npm', ['pack', '--silent', '--pack-destination', target], { cwd: out, encoding: 'utf8' });
console.log(join(target, printed.trim().split('\n').at(-1)));
