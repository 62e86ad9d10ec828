// Which folders and files of site-packages a line of a `.pth` file puts on the import path. site.py resolves it as text
// (`os.path.abspath`), so that `a/../b`, `./b` and the way round through the parents all mean `b`; on Windows a backslash parts
// too. A line that leaves the folder may come back under a name that nobody knows here, so every end of it is a candidate.
export interface AddedPath {
  /** Places in the folder that it may mean, as `foldPath` writes them. */
  readonly inside: readonly string[];
  /** It may mean a place outside. */
  readonly leaves: boolean;
}

export function addedPath(line: string): AddedPath {
  const ways = [resolve(line, /\//), resolve(line, /[/\\]/)];
  const inside = ways.flatMap(({ parts, leaves }) =>
    leaves ? parts.map((_, at) => parts.slice(at).join('/')) : [parts.join('/')],
  );
  return { inside: [...new Set(inside.map(foldPath))], leaves: ways.some(({ leaves }) => leaves) };
}

/** Deeper than any package: what the end of it means is what matters. */
const MAX_PARTS = 64;
/** No system opens a longer path, once it is resolved. */
const MAX_LENGTH = 8_192;

function resolve(line: string, separator: RegExp): { readonly parts: readonly string[]; readonly leaves: boolean } {
  const parts: string[] = [];
  let leaves = /^(?:[/\\]|[A-Za-z]:)/.test(line);
  for (const part of line.split(separator)) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) leaves = true;
  }
  const last = parts.slice(-MAX_PARTS);
  const length = last.reduce((sum, part) => sum + part.length, 0);
  return { parts: length > MAX_LENGTH ? [] : last, leaves: leaves || parts.length > MAX_PARTS };
}

/** Two spellings that some file systems take for one. */
export function foldPath(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
