// Bad input for captured environments, advisories and allowed secrets.
import { mkdirSync, symlinkSync } from 'node:fs';
import type { Row, Spoil } from './row.js';
import { edit, inProject, put } from './row.js';

const CAPTURE = ['env', 'capture'];
const LOCK = `numpy==1.26.4 --hash=sha256:${'a'.repeat(64)}\n`;
const declared =
  (environment: string, more = ''): Spoil =>
  async (place) => {
    await put('lock.txt', LOCK)(place);
    await edit('vallum.yaml', 'v1: { model', `v1: { environment: ${environment}, model`)(place);
    await edit('vallum.yaml', 'labels: [ham, spam]', `labels: [ham, spam]\n${more}`)(place);
  };
const secrets = (entry: string): Spoil =>
  edit('vallum.yaml', 'labels: [ham, spam]', `labels: [ham, spam]\nsecrets: { allowed: [${entry}] }`);
const ENTRY = `file: a.py, rule: jwt, sha256: ${'a'.repeat(64)}, reason: "made up for a test"`;
/** One control more than was released; the poisoning scan, which was waived, runs again. */
const CHECKED_MORE = 'spam-filter@v1: 9 controls, 7 reused';

export const environment: readonly Row[] = [
  {
    condition: 'capture a folder that is not there',
    on: 'fresh',
    args: [...CAPTURE, 'nowhere'],
    exit: 3,
    first: 'vallum: nowhere is not a folder [ENVIRONMENT_FOLDER]',
    also: ['fix: give a site-packages folder, such as .venv/lib/python3.11/site-packages'],
  },
  {
    condition: 'capture a folder without packages',
    on: 'fresh',
    args: [...CAPTURE, 'models'],
    exit: 3,
    first: 'vallum: models holds no installed package (*.dist-info) [ENVIRONMENT_FOLDER]',
  },
  {
    condition: 'capture a folder with a link',
    on: 'fresh',
    spoil: inProject((file) => {
      mkdirSync(file('site'));
      symlinkSync('/etc', file('site/x'));
    }),
    args: [...CAPTURE, 'site'],
    exit: 3,
    first: 'vallum: site/x is a symbolic link, so its digest cannot be computed [TREE_KIND]',
  },
  {
    condition: 'an environment that is not there',
    on: 'released',
    spoil: declared('gone.txt'),
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED_MORE,
    also: ['gone.txt is not there'],
  },
  {
    condition: 'an environment that is broken',
    on: 'released',
    spoil: async (place) => {
      await declared('broken.json')(place);
      await put('broken.json', '{')(place);
    },
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED_MORE,
    also: ['not read'],
  },
  {
    condition: 'advisories that are not there',
    on: 'released',
    spoil: declared('lock.txt', 'advisories: gone'),
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED_MORE,
    also: ['the advisories that vallum.yaml names are not at'],
  },
  {
    condition: 'an environment outside the project',
    on: 'fresh',
    spoil: declared('../lock.txt'),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: the key "versions.v1.environment": a path stays inside the project: relative, with "/", without ".." [PROJECT_KEY]',
  },
  {
    condition: 'a misspelt key of an allowed secret',
    on: 'fresh',
    spoil: secrets(`{ ${ENTRY}, untill: 2099-01-01 }`),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "secrets.allowed.0.untill" is not known [PROJECT_KEY]',
    also: ['did you mean "until"?'],
  },
  {
    condition: 'an allowed secret without a last day',
    on: 'fresh',
    spoil: secrets(`{ ${ENTRY} }`),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "secrets.allowed.0.until" is missing [PROJECT_KEY]',
  },
  {
    condition: 'an allowed secret with a last day that is none',
    on: 'fresh',
    spoil: secrets(`{ ${ENTRY}, until: 2099-02-30 }`),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "secrets.allowed.0.until": a last day is YYYY-MM-DD [PROJECT_KEY]',
  },
];
