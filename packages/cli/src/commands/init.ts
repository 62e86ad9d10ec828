// `vallum init`: drafts vallum.yaml from the feeds and model folders that are there already. It never overwrites one.
import { basename } from 'node:path';
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { projectFolder } from '../project/open-declaration.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export async function initCommand(io: Io): Promise<Answer> {
  const root = await projectFolder(io.disk, io.folder);
  const path = `${root}/vallum.yaml`;
  const feeds = await foldersWith(io.disk, root, 'feeds', 'feed.json');
  const models = await foldersWith(io.disk, root, 'models', 'model.json');
  const text = draft(projectName(basename(root)), feeds, models);
  if (!(await io.disk.create(path, Buffer.from(text))))
    throw new VallumError('INIT_EXISTS', `${path} is there already`, { fix: 'edit it, or remove it first' });
  const found = `${feeds.length} feeds and ${models.length} model folders`;
  return {
    exit: EXIT.pass,
    text: [
      `Wrote ${printable(path)} with ${found}.`,
      ...(feeds.length === 0 ? ['  no folder feeds/NAME with feed.json was found: see docs/vallum-yaml.md'] : []),
      ...(models.length === 0 ? ['  no folder models/VERSION with model.json was found'] : []),
      'Next: read it, then run vallum trust init and vallum check.',
    ].join('\n'),
    json: { schema: 'vallum/init/v1', file: path, feeds, models },
  };
}

function projectName(folder: string): string {
  return NAME.test(folder) ? folder : 'my-project';
}

/** Names of the folders below `root/parent` that hold a certain file. */
async function foldersWith(disk: Disk, root: string, parent: string, file: string): Promise<readonly string[]> {
  if ((await disk.stat(`${root}/${parent}`))?.kind !== 'directory') return [];
  const found: string[] = [];
  for (const name of await disk.list(`${root}/${parent}`))
    if (NAME.test(name) && (await disk.stat(`${root}/${parent}/${name}/${file}`))?.kind === 'file') found.push(name);
  return found;
}

function draft(project: string, feeds: readonly string[], models: readonly string[]): string {
  const map = (lines: readonly string[]): string => (lines.length === 0 ? ' {}' : `\n${lines.join('\n')}`);
  return `# What Vallum guards here. See docs/vallum-yaml.md.
schema: vallum/project/v1
project: ${project}

# What a row can be labelled.
labels: [negative, positive]

# Where rows come from: folders with feed.json (source, licence) and the rows.
feeds:${map(feeds.map((name) => `  ${name}: feeds/${name}`))}

# Model versions and the feeds that each one was trained on.
versions:${map(models.map((name) => `  ${name}:\n    model: models/${name}\n    feeds: [${feeds.join(', ')}]`))}

# Classes of personal data that may be in the rows, each with its reason. Anything else fails data.pii_scan.
personalData:
  approved: []
`;
}
