// Files between their writing and their sync: what a loss of power leaves of them, and that none stays open.
import { beforeEach, expect, test } from 'vitest';
import { MemoryDisk } from '../testing/memory-disk.js';
import { syncTogether, writeGroup, writeUnsynced } from './unsynced.js';

const filesOf = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ path: `/p/${at}`, bytes: Buffer.from(`file ${at}`) }));

const write = (disk: MemoryDisk, count: number) =>
  writeGroup(filesOf(count), (file, mayHold) => writeUnsynced(disk, file, mayHold));

let disk: MemoryDisk;
beforeEach(async () => {
  disk = new MemoryDisk();
  await disk.makeDirectory('/p');
  await disk.sync('/');
});

test.each([3, 64, 65, 200])(
  '%d files: durable once they and their folder are synced, and not before',
  async (count) => {
    const written = await write(disk, count);
    expect(disk.held).toBe(count <= 64 ? count : 0);
    expect(disk.afterPowerLoss().files()).toEqual([]);
    await syncTogether(disk, written, ['/p', '/p']);
    const after = disk.afterPowerLoss();
    for (const { path, bytes } of filesOf(count)) expect(Buffer.from(after.bytesOf(path))).toEqual(bytes);
    expect([disk.held, written.length]).toEqual([0, count]);
  },
);

test('whichever call fails, all are closed', async () => {
  for (let call = 1; call <= 21; call += 1) {
    disk.dieAt({ call, mode: 'full' });
    const group = write(disk, 10).then((written) => syncTogether(disk, written, ['/p']));
    await expect(group, `call ${call}`).rejects.toThrow('the disk is full');
    expect(disk.held, `call ${call}`).toBe(0);
  }
});
