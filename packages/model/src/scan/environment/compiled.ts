// Compiled Python files. RECORD gives no digest of those made on the spot. Python loads `__pycache__/x.TAG.pyc` in place of
// `x.py` when the time and size in its header fit, or unasked when the header says "unchecked" (PEP 552); a `.pyc` outside
// `__pycache__` is a module by itself. What the code in it does is not judged here.
import type { Disk, Sha256 } from '@vallum/core';

/** `of-source`: its source is there. `unchecked`: it is loaded whatever the source is. */
export type Compiled = 'of-source' | 'without-source' | 'unchecked';

const HEADER = 16;

export async function checkCompiled(
  disk: Disk,
  dir: string,
  path: string,
  files: ReadonlyMap<string, Sha256>,
): Promise<Compiled> {
  const [, folder, stem] = /^(.*?)__pycache__\/([^/]+?)\.[^/.]+(?:\.opt-[12])?\.pyc$/.exec(path) ?? [];
  if (folder === undefined || stem === undefined) return 'without-source';
  if (!files.has(`${folder}${stem}.py`)) return 'without-source';
  const file = await disk.open(`${dir}/${path}`);
  try {
    const head = await file.read(0, HEADER);
    // Flags: bit 0 says that a hash stands in place of time and size, bit 1 that it is checked.
    const flags = head.length < HEADER ? 0 : (head[4] ?? 0);
    return (flags & 0b11) === 0b01 ? 'unchecked' : 'of-source';
  } finally {
    await file.close();
  }
}
