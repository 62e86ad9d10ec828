// A folder of images as a table: what each file is, and for PNG what its pixels look like. Labels are the folders.
import { createHash } from 'node:crypto';
import type { Disk } from '@vallum/core';
import { imageSize } from '../image/image-size.js';
import type { PngImage } from '../image/read-png.js';
import { readPng } from '../image/read-png.js';
import type { Table } from '../table/table.js';
import type { Folder } from './walk.js';
import { labelOf } from './walk.js';
import type { Cell } from './rows-table.js';
import { RowsTable } from './rows-table.js';

const COLUMNS = [
  ...['path', 'label', 'format'].map((name) => ({ name, type: 'text' as const, stored: 'file' })),
  ...['bytes', 'width', 'height', 'channels', 'mean', 'sd'].map((name) => ({
    name,
    type: 'number' as const,
    stored: 'file',
  })),
  { name: 'sha256', type: 'text' as const, stored: 'file' },
];

/** `mean` and `sd` are of the grey value, 0 to 255, and missing where the pixels are not read (all but PNG). */
export function imagesTable(disk: Disk, root: string, folder: Folder, maxFileBytes: number): Table {
  const bytes = folder.files.reduce((sum, { size }) => sum + size, 0);
  return new RowsTable({
    format: 'images',
    columns: COLUMNS,
    bytes,
    async *rows(notes, progress, signal) {
      const counts = { skipped: 0, broken: 0, large: 0 };
      let read = 0;
      if (folder.links > 0) notes.set('links-skipped', folder.links, 'links are not followed');
      for (const { path, size } of folder.files) {
        signal?.throwIfAborted();
        progress((read += size));
        if (size > maxFileBytes) {
          notes.set('files-too-large', (counts.large += 1), `files of more than ${maxFileBytes} bytes are left out`);
          continue;
        }
        const content = await disk.read(`${root}/${path}`, maxFileBytes);
        const image = imageSize(content);
        if (image === undefined) {
          notes.set('files-skipped', (counts.skipped += 1), 'files that are no image are left out');
          continue;
        }
        const png = image.format === 'png' ? readPng(content) : undefined;
        if (png?.ok === false)
          notes.set('image-broken', (counts.broken += 1), `images cannot be decoded, the last one because ${png.why}`);
        const grey: readonly [Cell, Cell] = png?.ok === true ? greyOf(png.image) : [null, null];
        const channels = png?.ok === true ? png.image.channels : (image.channels ?? null);
        const sha256 = createHash('sha256').update(content).digest('hex');
        yield [path, labelOf(path), image.format, content.length, image.width, image.height, channels, ...grey, sha256];
      }
    },
  });
}

/** Mean and population standard deviation of the luma (ITU-R BT.601); transparency is not looked at. */
function greyOf({ channels, depth, samples }: PngImage): readonly [number, number] {
  const scale = depth === 16 ? 255 / 65535 : 1;
  let sum = 0;
  let squares = 0;
  const pixels = samples.length / channels;
  for (let at = 0; at < samples.length; at += channels) {
    const first = samples[at]!;
    const grey = scale * (channels < 3 ? first : 0.299 * first + 0.587 * samples[at + 1]! + 0.114 * samples[at + 2]!);
    sum += grey;
    squares += grey * grey;
  }
  const mean = sum / pixels;
  return [mean, Math.sqrt(Math.max(0, squares / pixels - mean * mean))];
}
