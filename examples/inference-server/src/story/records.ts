// Reads the gateway's records as a stranger would: the log is made of plain tiles (C2SP tlog-tiles), each entry with its length in two
// bytes before it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is looked at here; docs/gateway-records.md names all fields. */
export interface Entry {
  readonly id: string;
  readonly at: number;
  readonly outcome: string;
  readonly code?: string;
  readonly principal?: string;
  readonly step?: string;
  readonly input?: string;
  readonly times?: number;
}

/** @param log folder of the log */
export async function readEntries(log: string): Promise<readonly Entry[]> {
  const folder = join(log, 'tile', 'entries');
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  // A bundle that was still growing may lie beside the fuller one; the fullest counts.
  const bundles = new Map<string, Buffer>();
  for (const file of files) {
    const index = file.slice(folder.length).replace(/\.p[/\\].*$/, '');
    const bytes = await readFile(file);
    if (bytes.length > (bundles.get(index)?.length ?? 0)) bundles.set(index, bytes);
  }
  return [...bundles.values()].flatMap((bundle) => [...entriesOf(bundle)]).sort((a, b) => a.at - b.at);
}

function* entriesOf(bundle: Buffer): Generator<Entry> {
  for (let at = 0; at + 2 <= bundle.length;) {
    const size = bundle.readUInt16BE(at);
    yield JSON.parse(bundle.toString('utf8', at + 2, at + 2 + size)) as Entry;
    at += 2 + size;
  }
}
