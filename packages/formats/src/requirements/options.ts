// Options of a requirements line as pip takes them apart: words as `shlex.split` does, options as `optparse` does. So one line
// may have several, an unambiguous beginning of a name is enough (`--extra-index`), and `--` ends them. What pip refuses is
// `problem`: the line names something that nobody can say.

export interface LineOptions {
  /** In order; `name` is the whole long one, `value` is empty for a switch. */
  readonly options: readonly { readonly name: string; readonly value: string }[];
  readonly problem?: string;
}

/** Long options of requirement files in pip, and whether a value follows. */
const LONG: ReadonlyMap<string, boolean> = new Map([
  ['--index-url', true],
  ['--pypi-url', true],
  ['--extra-index-url', true],
  ['--no-index', false],
  ['--constraint', true],
  ['--requirement', true],
  ['--editable', true],
  ['--find-links', true],
  ['--no-binary', true],
  ['--only-binary', true],
  ['--prefer-binary', false],
  ['--require-hashes', false],
  ['--pre', false],
  ['--trusted-host', true],
  ['--use-feature', true],
  ['--global-option', true],
  ['--hash', true],
  ['--config-settings', true],
]);
const SHORT: Readonly<Record<string, string>> = {
  '-i': '--index-url',
  '-c': '--constraint',
  '-r': '--requirement',
  '-e': '--editable',
  '-f': '--find-links',
  '-C': '--config-settings',
};

export function readOptions(text: string): LineOptions {
  const words = splitWords(text);
  if (words === undefined) return { options: [], problem: 'a quote or an escape that does not end' };
  const options: { name: string; value: string }[] = [];
  let stray: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') {
      stray ??= words[at + 1];
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      stray ??= word;
      continue;
    }
    const found = word.startsWith('--') ? longOption(word) : shortOption(word);
    if (typeof found === 'string') return { options, problem: found };
    const { name, takes } = found;
    if (!takes && found.value !== undefined) return { options, problem: `${name} with a value` };
    if (takes && found.value === undefined && at + 1 >= words.length)
      return { options, problem: `${name} without a value` };
    if (takes && found.value === undefined) at += 1;
    const value = takes ? (found.value ?? words[at] ?? '') : '';
    options.push({ name: name === '--pypi-url' ? '--index-url' : name, value });
  }
  return stray === undefined ? { options } : { options, problem: 'words that belong to no option' };
}

interface Found {
  readonly name: string;
  readonly takes: boolean;
  readonly value?: string;
}

function longOption(word: string): Found | string {
  const equals = word.indexOf('=');
  const typed = equals === -1 ? word : word.slice(0, equals);
  const names = LONG.has(typed) ? [typed] : [...LONG.keys()].filter((name) => name.startsWith(typed));
  const [name] = names;
  if (name === undefined) return 'an option that pip does not know here';
  if (names.length > 1) return `an option that may be ${names.join(' or ')}`;
  return { name, takes: LONG.get(name) === true, ...(equals === -1 ? {} : { value: word.slice(equals + 1) }) };
}

/** The value may stand right behind the letter, without a `=`. */
function shortOption(word: string): Found | string {
  const name = SHORT[word.slice(0, 2)];
  if (name === undefined) return 'an option that pip does not know here';
  return { name, takes: true, ...(word.length > 2 ? { value: word.slice(2) } : {}) };
}

/** `shlex.split` of Python under POSIX rules, without comments; undefined where it raises. */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let parts: string[] | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && /^[ \t\r\n]$/.test(character)) {
      if (parts !== undefined) words.push(parts.join(''));
      parts = undefined;
    } else if (character === quote) quote = '';
    else if (character === '\\' && quote !== "'") {
      at += 1;
      if (at >= text.length) return undefined;
      const next = text.charAt(at);
      // Within double quotes only the quote and the backslash itself lose their meaning.
      (parts ??= []).push(quote === '"' && next !== '\\' && next !== '"' ? `\\${next}` : next);
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      parts ??= [];
    } else (parts ??= []).push(character);
  }
  if (quote !== '') return undefined;
  if (parts !== undefined) words.push(parts.join(''));
  return words;
}
