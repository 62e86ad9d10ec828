// Files that a document names beside itself: whether the name stays in the folder, and what lies there. Links are not
// followed, neither the file nor any folder on the way to it (CVE-2026-27489, CVE-2026-34447).
import type { Context, Item } from '../context.js';

export type Near =
  | { readonly kind: 'file'; readonly size: number }
  /** A symbolic or hard link, a special file, or a way through one. */
  | { readonly kind: 'link' }
  | { readonly kind: 'absent' }
  /** Inside an archive there is no folder to look into. */
  | { readonly kind: 'unknown' };

/** True for anything but a plain relative path that stays in the document's folder. */
export function leavesFolder(location: string): boolean {
  if (location === '' || location.length > 4096) return true;
  if (/[\\\0-\x1f:]/.test(location) || location.startsWith('/') || location.startsWith('~')) return true;
  return location.split('/').some((part) => part === '..' || part === '');
}

export async function lookUp(context: Context, item: Item, location: string): Promise<Near> {
  if (context.near === undefined || item.entry !== undefined) return { kind: 'unknown' };
  const parts = location.split('/');
  for (let count = 1; count < parts.length; count++) {
    const stat = await context.near(parts.slice(0, count).join('/'));
    if (stat === undefined) return { kind: 'absent' };
    if (stat.kind !== 'directory') return { kind: 'link' };
  }
  const stat = await context.near(location);
  if (stat === undefined) return { kind: 'absent' };
  // A hard link shares its bytes with a name elsewhere, which may be somebody else's file (CVE-2026-34446).
  return stat.kind === 'file' && (stat.links ?? 1) === 1 ? { kind: 'file', size: stat.size } : { kind: 'link' };
}
