// Finds the project a command stands in and reads its vallum.yaml. Every error names the file and what to do about it.
import { realpath } from 'node:fs/promises';
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { Declaration } from './declaration.js';
import { readDeclaration } from './declaration.js';
import { readNamed } from './read-named.js';
import type { ProjectPaths } from './paths.js';
import { pathsOf } from './paths.js';

const MAX_DECLARATION_BYTES = 256 * 1024;

/** The real path of the project's folder, links resolved. @throws VallumError `PROJECT_MISSING` */
export async function projectFolder(disk: Disk, folder: string): Promise<string> {
  const missing = (cause?: unknown): VallumError =>
    new VallumError('PROJECT_MISSING', `there is no folder ${folder}`, {
      fix: 'name the project with --project DIR',
      cause,
    });
  let root: string;
  try {
    root = await realpath(folder);
  } catch (cause) {
    throw missing(cause);
  }
  if ((await disk.stat(root))?.kind !== 'directory') throw missing();
  return root;
}

/** @throws VallumError `PROJECT_MISSING`, `PROJECT_KEY`, `YAML_INVALID`, `DISK_*` */
export async function openDeclaration(
  disk: Disk,
  folder: string,
): Promise<{ readonly paths: ProjectPaths; readonly declaration: Declaration }> {
  const paths = pathsOf(await projectFolder(disk, folder));
  if ((await disk.stat(paths.declaration)) === undefined)
    throw new VallumError('PROJECT_MISSING', `there is no vallum.yaml in ${folder}`, {
      fix: 'run vallum init, or name the project with --project DIR',
    });
  const declaration = await readNamed(
    disk,
    { path: paths.declaration, name: 'vallum.yaml', limit: MAX_DECLARATION_BYTES, fix: 'see docs/vallum-yaml.md' },
    readDeclaration,
  );
  return { paths, declaration };
}
