// Reads requirements.txt as pip does: continued lines, comments, options, specifiers, hashes, markers, URLs.
// The attacker controls it whole; an extra index or a URL decides whose code is installed. Grammar: pip's
// req_file.py and PEP 508, read leniently; what fits neither is a line of kind `unknown`.

export type Requirement =
  | {
      readonly kind: 'package';
      readonly line: number;
      readonly name: string;
      readonly specifier: string;
      /** One exact version: `==1.2.3` without a wildcard. */
      readonly pinned: boolean;
      readonly hashed: boolean;
      /** Where it comes from instead of the index: `name @ url`. */
      readonly url?: string;
    }
  | { readonly kind: 'url'; readonly line: number; readonly url: string; readonly editable: boolean }
  | { readonly kind: 'option'; readonly line: number; readonly name: string; readonly value: string }
  | { readonly kind: 'unknown'; readonly line: number; readonly text: string };

const MAX_LINES = 20_000;
const NAME = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*/;
const SPECIFIER = /^(?:\(?\s*(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*\)?\s*,?\s*)*$/;
const LOCATION = /^(?:[a-z][a-z0-9+.-]*:|\.{1,2}\/|\/|~\/|[A-Za-z]:\\)/i;
const OPTION_ALIASES: Readonly<Record<string, string>> = {
  '-i': '--index-url',
  '-f': '--find-links',
  '-r': '--requirement',
  '-c': '--constraint',
  '-e': '--editable',
  '--pypi-url': '--index-url',
};

export function readRequirements(text: string): readonly Requirement[] {
  const found: Requirement[] = [];
  for (const { line, text: content } of logicalLines(text)) {
    if (found.length >= MAX_LINES) break;
    if (content !== '') found.push(readLine(content, line));
  }
  return found;
}

function* logicalLines(text: string): Generator<{ line: number; text: string }> {
  let held = '';
  let start = 0;
  const lines = text.split(/\r\n|\r|\n/);
  for (const [index, raw] of lines.entries()) {
    if (held === '') start = index + 1;
    const comment = /^\s*#/.test(raw);
    if (raw.endsWith('\\') && !comment) {
      held += `${raw.slice(0, -1)} `;
      continue;
    }
    const whole = held + raw;
    held = '';
    yield { line: start, text: whole.replace(/(^|\s)#.*$/, '').trim() };
  }
  if (held !== '') yield { line: start, text: held.trim() };
}

function readLine(text: string, line: number): Requirement {
  if (text.startsWith('-')) return readOption(text, line);
  const [main = '', ...rest] = text.split(/\s+(?=--)/);
  const hashed = rest.some((part) => /^--hash[= ]sha(?:256|384|512):[0-9a-fA-F]{64,128}$/.test(part.trim()));
  if (LOCATION.test(main)) return { kind: 'url', line, url: main, editable: false };
  const name = NAME.exec(main);
  if (name === null) return { kind: 'unknown', line, text: text.slice(0, 200) };
  const after = main.slice(name[0].length);
  if (after.startsWith('@')) {
    const url = after.slice(1).trim().split(/\s/)[0] ?? '';
    return { kind: 'package', line, name: name[1] ?? '', specifier: '', pinned: false, hashed, url };
  }
  const specifier = (after.split(';')[0] ?? '').trim();
  if (!SPECIFIER.test(specifier)) return { kind: 'unknown', line, text: text.slice(0, 200) };
  const pinned = /^\(?={2,3}\s*[A-Za-z0-9.+!_-]+\s*\)?$/.test(specifier);
  return { kind: 'package', line, name: name[1] ?? '', specifier, pinned, hashed };
}

function readOption(text: string, line: number): Requirement {
  const match = /^(--?[A-Za-z][A-Za-z-]*)(?:[= ]\s*|(?=\S))(.*)$/.exec(text);
  const short = /^(-[a-z])(.+)$/i.exec(text);
  const [, name = text, value = ''] = (text.startsWith('--') ? match : (short ?? match)) ?? [];
  const long = OPTION_ALIASES[name] ?? name;
  const trimmed = value.replace(/^[= ]+/, '').trim();
  if (long === '--editable') return { kind: 'url', line, url: trimmed, editable: true };
  return { kind: 'option', line, name: long, value: trimmed };
}
