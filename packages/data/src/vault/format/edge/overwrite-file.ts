// Writes over a file where it lies, without truncating it first: a truncated file gives its blocks back unwritten. Random
// bytes, then zeros, each made durable; a link is not followed.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { messageOf, VallumError } from '@vallum/core';

const MAX_BYTES = 1024 * 1024;

/** @throws VallumError `DISK_WRITE` when it cannot be written, is no regular file or is larger than any key file */
export async function overwriteFile(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new Error('it is no regular file');
      if (stat.size > MAX_BYTES) throw new Error(`it has ${stat.size} bytes, more than any key file`);
      for (const bytes of [randomBytes(stat.size), Buffer.alloc(stat.size)]) {
        for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten;
        await handle.sync();
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new VallumError('DISK_WRITE', `cannot overwrite ${path}: ${messageOf(error)}`, {
      fix: 'its key may still be readable: check permissions and try again',
      cause: error,
    });
  }
}
