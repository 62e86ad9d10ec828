// Temporary files for what is unpacked and too large for memory. Nobody else can open one (CWE-377, CWE-379): it lies in
// a folder of its own that only this user may enter, and has no name any more by the time something is written to it.
import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scratch, ScratchFile } from '../context.js';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** @param folder where temporary files go */
export function diskScratch(folder: string = tmpdir()): Scratch {
  return { create: () => create(folder) };
}

async function create(folder: string): Promise<ScratchFile> {
  const own = await fs.mkdtemp(join(folder, 'vallum-'));
  const handle = await open(join(own, 'scratch')).finally(() => fs.rm(own, { recursive: true, force: true }));
  return {
    write: async (offset, bytes) => {
      for (let done = 0; done < bytes.length;)
        done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    },
    read: async (offset, length) => {
      const buffer = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}

async function open(path: string): Promise<fs.FileHandle> {
  const handle = await fs.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await fs.unlink(path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
