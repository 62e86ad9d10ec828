// Follows symbolic links inside a model folder, component by component, and only as far as the folder's edge. A link is
// somebody else's word for where bytes are: `../../etc/shadow`, an absolute path and a ring of links are refused.
import type { Disk, FileStat } from '@vallum/core';
import { messageOf } from '@vallum/core';

/** What a link points to, as readlink(2) gives it. */
export type LinkReader = (path: string) => Promise<string>;

/** Where a path really lies, or the reason why it is not followed there. */
export type Followed = { readonly source: string; readonly stat: FileStat } | { readonly refused: string };

/** Linux stops at forty as well. */
const MAX_HOPS = 40;

/** @param path relative to `dir`; `source` in the answer is too, and holds no link */
export async function follow(disk: Disk, dir: string, path: string, read: LinkReader): Promise<Followed> {
  const todo = path.split('/');
  const done: string[] = [];
  let hops = 0;
  while (todo.length > 0) {
    const part = todo.shift() as string;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (done.pop() === undefined) return { refused: 'it leaves the model folder' };
      continue;
    }
    const here = [...done, part].join('/');
    const stat = await disk.stat(`${dir}/${here}`);
    if (stat === undefined) return { refused: 'it points to nothing' };
    if (stat.kind !== 'link') {
      done.push(part);
      if (todo.length > 0 && stat.kind !== 'directory') return { refused: 'it points to nothing' };
      continue;
    }
    hops += 1;
    if (hops > MAX_HOPS) return { refused: 'its links form a ring' };
    const target = await read(`${dir}/${here}`).catch((error: unknown) => messageOf(error));
    if (target.startsWith('/')) return { refused: 'it is absolute' };
    todo.unshift(...target.split('/'));
  }
  const source = done.join('/');
  const stat = source === '' ? undefined : await disk.stat(`${dir}/${source}`);
  return stat === undefined ? { refused: 'it points to the model folder itself' } : { source, stat };
}
