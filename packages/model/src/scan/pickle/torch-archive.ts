// What a zip of torch holds by the names of its entries: raw tensors, TorchScript, or a package with Python sources. The
// sources of TorchScript end in .py and are no Python: torch compiles them, and they can only call its operators.
import type { Context, Item } from '../context.js';
import { find, wholeText } from '../context.js';
import type { Draft } from '../report.js';

export interface TorchArchive {
  readonly findings: readonly Draft[];
  /** Raw numbers: nothing to examine but the start. */
  readonly isStorage: (name: string) => boolean;
  readonly isScript: (name: string) => boolean;
  /** Bytes of each entry. */
  readonly sizes: ReadonlyMap<string, number>;
}

export function torchArchive(entries: readonly { readonly name: string; readonly size: number }[]): TorchArchive {
  const names = entries.map(({ name }) => name);
  const storages = foldersOf(names, /^(.*\/)?data\.pkl$/, 'data/');
  const scripts = foldersOf(names, /^(.*\/)?constants\.pkl$/, 'code/');
  const exported = foldersOf(names, /^(.*\/)?archive_format$/, 'data/weights/');
  const packages = names.filter((name) => /^(?:.*\/)?\.data\/(?:extern_modules|python_version)$/.test(name));
  const sources = names.filter((name) => name.endsWith('.py'));
  const findings =
    packages.length > 0 && sources.length > 0
      ? [{ rule: 'VLM-PKL-026', detail: `${sources.length} Python files, such as ${sources[0]?.slice(0, 100) ?? ''}` }]
      : [];
  return {
    findings,
    sizes: new Map(entries.map(({ name, size }) => [name, size])),
    isStorage: (name) => {
      const cut = name.lastIndexOf('/') + 1;
      const folder = name.slice(0, cut);
      const rest = name.slice(cut);
      return (storages.has(folder) && /^\d+$/.test(rest)) || (exported.has(folder) && /^weight_\d+$/.test(rest));
    },
    isScript: (name) => name.endsWith('.py') && [...scripts].some((folder) => name.startsWith(`${folder}__torch__`)),
  };
}

function foldersOf(names: readonly string[], marker: RegExp, below: string): ReadonlySet<string> {
  const found = names.map((name) => marker.exec(name)).filter((match) => match !== null);
  return new Set(found.map((match) => `${match[1] ?? ''}${below}`));
}

const OUTER = /^(?:class |def |op_version_set\b|#|from __torch__|import __torch__|\)|\s|$|[A-Za-z_]\w*\s*[:=])/;
const PYTHON =
  /^\s*(?:import|from)\s+(?!__torch__)|\b(?:exec|eval|compile|__import__|open|globals)\s*\(|\b__(?:builtins|class|subclasses|import|globals|bases|mro)__/m;
const OPERATOR = /\bops\.([A-Za-z_]\w*)\.([A-Za-z_]\w*)/g;
const OF_TORCH = /\btorch\.([A-Za-z_]\w*)\s*\(/g;

/** What only looks like TorchScript is examined as the Python that its name says. */
export async function examineTorchScript(context: Context, item: Item): Promise<void> {
  const text = await wholeText(context, item, 'as TorchScript');
  if (text === undefined) return;
  if (PYTHON.test(text) || !text.split('\n').every((line) => OUTER.test(line))) return context.inside(item);
  const { namespaces, reachesOut } = context.rules.files.torchScript;
  const tell = (operator: string): void => find(context, item, { rule: 'VLM-PKL-027', detail: `it calls ${operator}` });
  for (const [operator, namespace = '', name = ''] of text.matchAll(OPERATOR))
    if (!namespaces.includes(namespace) || reachesOut.includes(name)) tell(operator);
  for (const [, name = ''] of text.matchAll(OF_TORCH)) if (reachesOut.includes(name)) tell(`torch.${name}`);
}
