// Node 20 runs no TypeScript: a child process of a test is bundled, with everything it imports, into one file.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** @param name a file of this folder @param folder where the bundle goes @returns its path */
export async function bundleChild(name: string, folder: string): Promise<string> {
  const outfile = `${folder}/${name.replace(/\.ts$/, '.mjs')}`;
  await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['vallum-source'],
    logLevel: 'error',
  });
  return outfile;
}
