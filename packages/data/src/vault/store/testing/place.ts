// A folder on a real disk for tests of the store, and a disk that is full after so many bytes.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Disk } from '@vallum/core';
import { nodeDisk } from '@vallum/core';
import { diskFull } from '../../format/testing/memory-disk.js';
import { keys } from '../../format/testing/sealed.js';
import type { SealedTree, SealTreeRequest } from '../seal-tree.js';
import { sealTree } from '../seal-tree.js';

export interface Place {
  readonly dir: string;
  readonly vault: string;
  at(path: string): string;
  put(files: Readonly<Record<string, string | Uint8Array>>): void;
  remove(): void;
}

export function makePlace(): Place {
  const dir = mkdtempSync(join(tmpdir(), 'vallum-vault-'));
  const vault = join(dir, 'vault');
  mkdirSync(vault);
  return {
    dir,
    vault,
    at: (path) => join(dir, path),
    put: (files) => {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), content);
      }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export const ID = '00112233445566778899aabbccddeeff';

export function sealAt(place: Place, path: string, more: Partial<SealTreeRequest> = {}): Promise<SealedTree> {
  const name = { project: 'p', kind: 'model', name: 'v1' } as const;
  return sealTree({
    disk: nodeDisk,
    vault: place.vault,
    id: ID,
    name,
    path: place.at(path),
    detached: [],
    keys,
    ...more,
  });
}

/** The disk without its ways of writing that go past `create` and `append`. */
const plainDisk = Object.fromEntries(
  Object.entries(nodeDisk).filter(([name]) => name !== 'openAppend' && name !== 'writeHeld'),
) as unknown as Disk;

/** Writes end when the room is used up, as on a full disk; removing gives none back. */
export function fullAfter(bytes: number): Disk {
  let room = bytes;
  const take = (path: string, wanted: Uint8Array): void => {
    room -= wanted.length;
    if (room < 0) throw diskFull(path);
  };
  return {
    ...plainDisk,
    create: async (path, content, mode) => {
      take(path, content);
      return nodeDisk.create(path, content, mode);
    },
    append: async (path, content) => {
      take(path, content);
      return nodeDisk.append(path, content);
    },
  };
}
