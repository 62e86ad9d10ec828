// Feeds on a temporary disk for tests: small mails written by readable code, and a disk that fails on demand.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { ControlResult, Disk, JsonValue, Planned, RunContext } from '@vallum/core';
import { isBlocked, nodeDisk, VallumError } from '@vallum/core';
import type { FeedRef } from '../rows/row-source.js';

export interface TestRow {
  readonly id?: string;
  readonly received?: string;
  readonly label?: string;
  readonly mail?: string;
}

export const context = (): RunContext => ({ signal: new AbortController().signal, progress: () => undefined });

export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(`${tmpdir()}/vallum-data-`);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function mailOf(subject: string, body: string): string {
  return `Subject: ${subject}\n\n${body}\n`;
}

/** Writes a feed; `facts` replaces keys of feed.json, a row key that is left out gets a sensible value. */
export async function writeFeed(
  folder: string,
  name: string,
  rows: readonly TestRow[],
  facts: Record<string, JsonValue> = {},
): Promise<FeedRef> {
  const path = `${folder}/${name}`;
  await nodeDisk.makeDirectory(path);
  const feed = {
    schema: 'vallum/feed/v1',
    name,
    source: 'a test',
    license: 'CC0-1.0',
    received: '2026-02-01',
    ...facts,
  };
  const lines = rows.map((row, index) =>
    JSON.stringify({
      id: `r${index + 1}`,
      received: '2026-01-31',
      label: 'ham',
      mail: mailOf(`s${index}`, `body ${index}`),
      ...row,
    }),
  );
  await nodeDisk.write(`${path}/feed.json`, Buffer.from(JSON.stringify(feed)));
  await nodeDisk.write(`${path}/rows.jsonl`, Buffer.from(lines.map((line) => `${line}\n`).join('')));
  return { name, path };
}

/** A disk on which one file cannot be read, which works for root too. */
export function unreadable(file: string): Disk {
  const refuse = (path: string): void => {
    if (path.endsWith(file)) throw new VallumError('DISK_READ', `cannot read ${path}: permission denied`);
  };
  return {
    ...nodeDisk,
    read: async (path, limit) => {
      refuse(path);
      return nodeDisk.read(path, limit);
    },
    open: async (path) => {
      refuse(path);
      return nodeDisk.open(path);
    },
  };
}

export async function run(planned: Planned): Promise<ControlResult> {
  if (isBlocked(planned)) throw new Error(`blocked: ${planned.blocked.message}`);
  return planned.run(context());
}

/** The code of the VallumError that the work ends with. */
export async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof VallumError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing was refused');
}
