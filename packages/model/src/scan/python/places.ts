// Files that Python code touches: secrets that it reads, and places from which programs start by themselves.
import type { PythonCall } from '@vallum/formats';
import { HOLE } from '@vallum/formats';
import type { CompiledShellRules } from '../shell/shell-rules.js';
import { textsOf } from './addresses.js';
import type { CodeRules } from './code-rules.js';

const OPENS =
  /^(?:builtins\.open|builtins\.file|io\.open|codecs\.open|os\.open|pathlib\.Path\.open|tarfile\.open|zipfile\.ZipFile)$/;
const READS =
  /^(?:pathlib\.Path\.read_(?:text|bytes)|os\.listdir|os\.scandir|os\.walk|glob\.i?glob|pathlib\.Path\.r?glob|shutil\.(?:copy|copy2|copyfile|copytree|make_archive|move)|linecache\.getlines?|numpy\.(?:fromfile|loadtxt|genfromtxt)|fileinput\.input|sqlite3\.connect|pandas\.read_\w+|json\.load)$/;
const WRITES =
  /^(?:pathlib\.Path\.(?:write_(?:text|bytes)|symlink_to|hardlink_to|rename|replace|touch)|os\.(?:rename|replace|link|symlink|makedirs)|shutil\.(?:copy|copy2|copyfile|copytree|move))$/;

const SWEEPS = /^(?:os\.(?:walk|listdir|scandir)|glob\.i?glob|pathlib\.Path\.r?glob)$/;
/** A whole home folder or a whole machine. */
const EVERYTHING = /^(?:\/|~\/?|\/home\/?|\/Users\/?|[A-Z]:[\\/]*)(?:\*\*?(?:\/\*)?)?$/;

export type Touch = { readonly kind: 'secret' | 'persist' | 'wipe' | 'sweep'; readonly path: string };

export function touchOf(
  call: PythonCall,
  name: string,
  rules: CodeRules,
  shell: CompiledShellRules,
): Touch | undefined {
  if (name === 'shutil.rmtree' || name === 'os.removedirs')
    return found(
      'wipe',
      call.arguments.slice(0, 1).flatMap((value) => textsOf(value)),
      shell.wipes,
    );
  const opens = OPENS.test(name);
  if (!opens && !READS.test(name) && !WRITES.test(name)) return undefined;
  const texts = [...call.arguments.slice(0, 2), ...call.keywords.values()].flatMap((value) => textsOf(value));
  const mode =
    textsOf(call.keywords.get('mode') ?? call.arguments[1] ?? { kind: 'unknown', from: new Set() })[0] ?? 'r';
  if (WRITES.test(name) || (opens && /^[rb+t]*[waxU+]/.test(mode) && mode.length <= 4)) {
    const start = found('persist', texts, rules.startPlaces) ?? found('persist', texts, shell.profiles);
    if (start !== undefined) return start;
    for (const { test } of shell.persistence) {
      const other = found('persist', texts, test);
      if (other !== undefined) return other;
    }
  }
  return (
    found('secret', texts, rules.secretPlaces) ??
    (SWEEPS.test(name) ? found('sweep', texts.slice(0, 1), EVERYTHING) : undefined)
  );
}

function found(kind: Touch['kind'], texts: readonly string[], pattern: RegExp): Touch | undefined {
  const hit = texts.find((text) => text.length < 4096 && pattern.test(text.replaceAll(HOLE, '*')));
  return hit === undefined ? undefined : { kind, path: hit.replaceAll(HOLE, '...').slice(0, 120) };
}
