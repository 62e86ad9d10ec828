// Reads requirements.txt as pip does: continued lines, comments, options, specifiers, hashes, markers, URLs.
// The attacker controls it whole; an extra index or a URL decides whose code is installed. Grammar: pip's
// req_file.py and PEP 508; what fits neither, and what is beyond the limits, is of kind `unknown`. Options that pip ignores
// because a requirement stands on their line are told all the same.
import { foreignEncoding, logicalLines } from './lines.js';
import { readOptions } from './options.js';
import { readName, readSpecifier } from './specifier.js';

export type Requirement =
  | {
      readonly kind: 'package';
      readonly line: number;
      readonly name: string;
      readonly specifier: string;
      /** One exact version: `==1.2.3` without a wildcard. */
      readonly pinned: boolean;
      /** That version. */
      readonly version?: string;
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
  | { readonly kind: 'unknown'; readonly line: number; readonly text: string; readonly why: string };

const MAX_LINES = 20_000;
const LOCATION = /^(?:[a-z][a-z0-9+.-]*:|\.|\/|~\/|[A-Za-z]:\\|[^@;=<>!~[\s]*\/)/i;
const ARCHIVE = /^[^\s;@]+\.(?:whl|zip|tar|tgz|tbz|txz|tlz|tar\.(?:gz|bz2|xz|lz|lzma))$/i;

export function readRequirements(text: string): readonly Requirement[] {
  const requirements: Requirement[] = [];
  const foreign = foreignEncoding(text);
  if (foreign !== undefined) {
    const { line, encoding } = foreign;
    requirements.push({
      kind: 'unknown',
      line,
      text: `coding: ${encoding}`.slice(0, 200),
      why: 'another encoding than UTF-8',
    });
  }
  let lines = 0;
  for (const { line, text: content, problem } of logicalLines(text)) {
    lines += 1;
    if (lines > MAX_LINES) return [...requirements, unknown(line, content, `lines beyond ${MAX_LINES}`)];
    if (problem !== undefined) requirements.push(unknown(line, content, problem));
    else requirements.push(...readLine(content, line));
  }
  return requirements;
}

function unknown(line: number, text: string, why: string): Requirement {
  return { kind: 'unknown', line, text: text.slice(0, 200), why };
}

/** pip takes for options what follows the first word, parted by spaces, that begins with a dash. */
function readLine(text: string, line: number): readonly Requirement[] {
  const at = text.startsWith('-') ? 0 : text.indexOf(' -');
  const main = at === -1 ? text : text.slice(0, at).trim();
  const { options, problem } = readOptions(at === -1 ? '' : text.slice(at));
  const rest = options.flatMap(({ name, value }): readonly Requirement[] => {
    if (name === '--editable')
      return [{ kind: 'url', line, url: value, editable: true, hashes: withFragment(value, []) }];
    return main !== '' && name === '--hash' ? [] : [{ kind: 'option', line, name, value }];
  });
  const hashes = options.flatMap(({ name, value }) => (name === '--hash' ? readHash(value) : []));
  return [
    ...(main === '' ? [] : [readMain(main, hashes, line)]),
    ...rest,
    ...(problem === undefined ? [] : [unknown(line, text, problem)]),
  ];
}

function readMain(main: string, hashes: readonly string[], line: number): Requirement {
  const hashed = hashes.some((hash) => /^sha(?:256|384|512):[0-9a-f]{64,128}$/.test(hash));
  if (LOCATION.test(main) || ARCHIVE.test(main)) {
    const url = (main.split('; ')[0] ?? '').trim();
    return { kind: 'url', line, url, editable: false, hashes: withFragment(url, hashes) };
  }
  const named = readName(main);
  if (named === undefined) return unknown(line, main, 'no requirement');
  const { name, rest } = named;
  if (rest.startsWith('@')) {
    const [url = ''] = /^\S+/.exec(rest.slice(1).trimStart()) ?? [];
    const own = withFragment(url, hashes);
    return { kind: 'package', line, name, specifier: '', pinned: false, hashed, hashes: own, url };
  }
  const specifier = (rest.split(';')[0] ?? '').trim();
  const read = readSpecifier(specifier);
  if (read === undefined) return unknown(line, main, 'no requirement');
  const { version } = read;
  const exact = version === undefined ? { pinned: false } : { pinned: true, version };
  return { kind: 'package', line, name, specifier, ...exact, hashed, hashes };
}

function readHash(value: string): readonly string[] {
  return /^(?:sha(?:256|384|512)|md5|sha1|sha224):[0-9a-fA-F]{32,128}$/.test(value) ? [value.toLowerCase()] : [];
}

/** pip takes the hash of an archive from the fragment of its address too. */
function withFragment(url: string, hashes: readonly string[]): readonly string[] {
  const [, own] = /[#&]((?:sha(?:256|384|512)|md5|sha1|sha224)=[0-9a-fA-F]{32,128})(?:&|$)/.exec(url) ?? [];
  return own === undefined ? hashes : [...hashes, own.replace('=', ':').toLowerCase()];
}
