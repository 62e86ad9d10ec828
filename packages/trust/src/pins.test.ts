import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk, sha256 } from '@vallum/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { comparePin, isPinned, pinsPath, readPins, writePin } from './pins.js';

const here = { project: 'spam-filter', path: '/srv/spam' };
const root = sha256('root');
const other = sha256('other');

describe('pins', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vallum-pins-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are unpinned at first', async () => {
    for (const place of [folder, join(folder, 'absent')]) {
      const pins = await readPins(nodeDisk, place);
      expect(comparePin(pins, here, root)).toBe('unpinned');
      expect(isPinned(pins, here)).toBe(false);
    }
  });

  it('count by name or by path; a mismatch of either is a mismatch', async () => {
    await writePin(nodeDisk, folder, here, root);
    const pins = await readPins(nodeDisk, folder);
    const moved = { ...here, path: '/elsewhere' };
    const renamed = { ...here, project: 'renamed' };
    expect([here, moved, renamed].map((project) => comparePin(pins, project, root))).toEqual([
      'pinned',
      'pinned',
      'pinned',
    ]);
    expect([here, moved, renamed].map((project) => comparePin(pins, project, other))).toEqual(
      Array.from({ length: 3 }, () => 'mismatch'),
    );
    expect(comparePin(pins, { project: 'x', path: '/x' }, root)).toBe('unpinned');
    expect([here, moved, renamed].every((project) => isPinned(pins, project))).toBe(true);
  });

  it('are a mismatch when name and path were pinned to different roots', async () => {
    await writePin(nodeDisk, folder, here, root);
    await writePin(nodeDisk, folder, { project: 'other', path: '/other' }, other);
    const pins = await readPins(nodeDisk, folder);
    const mixed = { project: here.project, path: '/other' };
    expect(comparePin(pins, mixed, root)).toBe('mismatch');
    expect(comparePin(pins, mixed, other)).toBe('mismatch');
  });

  it('are replaced by a new pin, and keep the others', async () => {
    await writePin(nodeDisk, folder, here, root);
    await writePin(nodeDisk, folder, { project: '__proto__', path: '/p' }, root);
    await writePin(nodeDisk, folder, here, other);
    const pins = await readPins(nodeDisk, folder);
    expect(comparePin(pins, here, other)).toBe('pinned');
    expect(comparePin(pins, { project: '__proto__', path: '/q' }, root)).toBe('pinned');
    expect((await nodeDisk.stat(pinsPath(folder)))?.mode).toBe(0o600);
  });

  it('are refused when others may write them, or when they are broken', async () => {
    await writePin(nodeDisk, folder, here, root);
    await chmod(pinsPath(folder), 0o666);
    await expect(readPins(nodeDisk, folder)).rejects.toMatchObject({ code: 'KEY_MODE' });
    await chmod(pinsPath(folder), 0o600);
    for (const text of ['{', '{}', '{"schema":"vallum/pins/v1","names":[{"project":"a"}],"paths":[]}']) {
      await writeFile(pinsPath(folder), text);
      await expect(readPins(nodeDisk, folder)).rejects.toMatchObject({ name: 'VallumError' });
    }
  });
});
