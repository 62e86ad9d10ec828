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
      /** `sha256:<hex>`, in lower case. */
      readonly hashes: readonly string[];
      /** Where it comes from instead of the index: `name @ url`. */
      readonly url?: string;
    }
  | {
      readonly kind: 'url';
      readonly line: number;
      readonly url: string;
      readonly editable: boolean;
      readonly hashes: readonly string[];
    }
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

/** What is read at most, and whether anything came after it. */
export interface RequirementLines {
  readonly requirements: readonly Requirement[];
  readonly cut: boolean;
}

export function readRequirements(text: string): readonly Requirement[] {
  return readRequirementLines(text).requirements;
}

export function readRequirementLines(text: string): RequirementLines {
  const requirements: Requirement[] = [];
  for (const { line, text: content } of logicalLines(text)) {
    if (content === '') continue;
    if (requirements.length >= MAX_LINES) return { requirements, cut: true };
    requirements.push(readLine(content, line));
  }
  return { requirements, cut: false };
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
  const hashes = rest.flatMap((part) => {
    const hash = /^--hash[= ]\s*((?:sha(?:256|384|512)|md5|sha1|sha224):[0-9a-fA-F]{32,128})$/.exec(part.trim())?.[1];
    return hash === undefined ? [] : [hash.toLowerCase()];
  });
  const hashed = hashes.some((hash) => /^sha(?:256|384|512):[0-9a-f]{64,128}$/.test(hash));
  if (LOCATION.test(main)) return { kind: 'url', line, url: main, editable: false, hashes: withFragment(main, hashes) };
  const name = NAME.exec(main);
  if (name === null) return { kind: 'unknown', line, text: text.slice(0, 200) };
  const after = main.slice(name[0].length);
  if (after.startsWith('@')) {
    const url = after.slice(1).trim().split(/\s/)[0] ?? '';
    return {
      kind: 'package',
      line,
      name: name[1] ?? '',
      specifier: '',
      pinned: false,
      hashed,
      hashes: withFragment(url, hashes),
      url,
    };
  }
  const specifier = (after.split(';')[0] ?? '').trim();
  if (!SPECIFIER.test(specifier)) return { kind: 'unknown', line, text: text.slice(0, 200) };
  const pinned = /^\(?={2,3}\s*[A-Za-z0-9.+!_-]+\s*\)?$/.test(specifier);
  return { kind: 'package', line, name: name[1] ?? '', specifier, pinned, hashed, hashes };
}

/** pip takes the hash of an archive from the fragment of its address too. */
function withFragment(url: string, hashes: readonly string[]): readonly string[] {
  const [, own] = /[#&]((?:sha(?:256|384|512)|md5|sha1|sha224)=[0-9a-fA-F]{32,128})(?:&|$)/.exec(url) ?? [];
  return own === undefined ? hashes : [...hashes, own.replace('=', ':').toLowerCase()];
}

function readOption(text: string, line: number): Requirement {
  const match = /^(--?[A-Za-z][A-Za-z-]*)(?:[= ]\s*|(?=\S))(.*)$/.exec(text);
  const short = /^(-[a-z])(.+)$/i.exec(text);
  const [, name = text, value = ''] = (text.startsWith('--') ? match : (short ?? match)) ?? [];
  const long = OPTION_ALIASES[name] ?? name;
  const trimmed = value.replace(/^[= ]+/, '').trim();
  if (long === '--editable')
    return { kind: 'url', line, url: trimmed, editable: true, hashes: withFragment(trimmed, []) };
  return { kind: 'option', line, name: long, value: trimmed };
}
