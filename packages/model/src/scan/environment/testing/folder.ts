// A project folder on disk for the tests of dep.scan and secret.scan, and an installed package made by hand.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import type { ControlResult, Planned, RunContext } from '@vallum/core';
import { isBlocked } from '@vallum/core';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface Folder {
  readonly root: string;
  write(files: Files): void;
  remove(): void;
}

export function makeFolder(files: Files = {}): Folder {
  const root = mkdtempSync(join(tmpdir(), 'vallum-environment-'));
  const write = (all: Files): void => {
    for (const [path, content] of Object.entries(all)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
  };
  write(files);
  return { root, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}

const digest = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('base64url');

/** A distribution as pip installs it: its files, METADATA, and a RECORD of them all. */
export function installed(name: string, version: string, files: Files): Files {
  const info = `${name}-${version}.dist-info`;
  const all: Files = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/INSTALLER`]: 'pip\n',
  };
  const lines = Object.entries(all).map(
    ([path, content]) =>
      `${path.includes(',') ? `"${path.replaceAll('"', '""')}"` : path},sha256=${digest(content)},${Buffer.byteLength(content)}`,
  );
  return { ...all, [`${info}/RECORD`]: `${[...lines, `${info}/RECORD,,`].join('\n')}\n` };
}

/** The same files in a folder. */
export function below(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
}

const CONTEXT: RunContext = { signal: new AbortController().signal, progress: () => {} };

export async function runOf(planned: Planned): Promise<ControlResult> {
  if (isBlocked(planned)) throw new Error(`blocked: ${planned.blocked.message}`);
  return planned.run(CONTEXT);
}

/** Ids of the rules at or above medium, sorted, once each. */
export function rulesIn({ findings }: ControlResult): readonly string[] {
  const shown = findings.filter(({ severity }) => severity !== 'info' && severity !== 'low');
  return [...new Set(shown.map(({ rule }) => rule))].sort();
}
