// `vallum env capture`: an installed site-packages folder as one small file that a training job can keep beside its run. Reads
// files, runs no Python. What is wrong with the folder is written into the capture, so that it cannot pass for a clean one.
import type { Disk, Finding } from '@vallum/core';
import { atOrAbove, VallumError } from '@vallum/core';
import type { Environment } from '@vallum/formats';
import { digestFiles } from './captures.js';
import { environmentRules } from './rules.js';
import { checkSitePackages } from './site-packages.js';

export interface CapturedEnvironment {
  readonly environment: Environment;
  readonly findings: readonly Finding[];
}

/**
 * @param dir a site-packages folder
 * @throws VallumError `ENVIRONMENT_FOLDER` when it is none, and those of the tree
 */
export async function captureEnvironment(disk: Disk, dir: string, signal: AbortSignal): Promise<CapturedEnvironment> {
  if ((await disk.stat(dir))?.kind !== 'directory')
    throw new VallumError('ENVIRONMENT_FOLDER', `${dir} is not a folder`, {
      fix: 'give a site-packages folder, such as .venv/lib/python3.11/site-packages',
    });
  const files = await digestFiles(disk, dir);
  const rules = environmentRules();
  const site = await checkSitePackages({ disk, dir, shown: dir, files, rules, signal });
  const { environment, findings } = site;
  if (environment.packages.length === 0)
    throw new VallumError('ENVIRONMENT_FOLDER', `${dir} holds no installed package (*.dist-info)`, {
      fix: 'give the site-packages folder itself',
    });
  const grave = findings.filter(({ severity }) => atOrAbove(severity, 'high'));
  const notes = grave.map(({ rule, message }) => ({
    code: 'unread' as const,
    text: `${rule}: ${message}`.slice(0, 300),
  }));
  return { environment: { ...environment, notes: [...environment.notes, ...notes] }, findings };
}
