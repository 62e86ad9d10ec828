// Works out what small pipelines of constants print, such as `echo Y3VybA== | base64 -d`, so that a command cannot hide
// behind its own spelling. Only text tools that do nothing but change text are followed; anything else is left open.
import { gunzipSync } from 'node:zlib';
import type { ShellCommand, ShellScript } from './script.js';

const MAX_OUTPUT = 256 * 1024;

/** What the script prints, where that is certain; undefined otherwise. */
export function constantOutput(script: ShellScript): string | undefined {
  const [pipeline, ...others] = script.pipelines;
  if (pipeline === undefined || others.length > 0) return undefined;
  return pipelineOutput(pipeline.commands);
}

/** The same for the commands of one pipeline. */
export function pipelineOutput(commands: readonly ShellCommand[]): string | undefined {
  let text: Buffer | undefined;
  for (const [index, command] of commands.entries()) {
    const input = index === 0 ? inputOf(command) : text;
    text = runTool(command, input);
    if (text === undefined || text.length > MAX_OUTPUT) return undefined;
  }
  return text?.toString('utf8');
}

function inputOf(command: ShellCommand): Buffer | undefined {
  for (const { op, target, body } of command.redirects) {
    if (op === '<<<' && target.known) return Buffer.from(`${target.text}\n`);
    if (op === '<<' && body !== undefined) return Buffer.from(body);
  }
  return undefined;
}

function runTool(command: ShellCommand, input: Buffer | undefined): Buffer | undefined {
  if (command.words.length === 0 || command.words.some((word) => !word.known)) return undefined;
  if (command.redirects.some(({ op }) => op.startsWith('>') && op !== '>&')) return undefined;
  const [name = '', ...args] = command.words.map((word) => word.text);
  const tool = name.split('/').at(-1) ?? '';
  if (tool === 'echo') return echo(args);
  if (tool === 'printf') return printf(args);
  return input === undefined ? undefined : change(tool, args, input);
}

function echo(args: readonly string[]): Buffer {
  const options = args.findIndex((arg) => !/^-[neE]+$/.test(arg));
  const rest = options < 0 ? [] : args.slice(options);
  const flags = args.slice(0, options < 0 ? args.length : options).join('');
  const text = rest.join(' ') + (flags.includes('n') ? '' : '\n');
  return Buffer.from(flags.includes('e') ? decodeEscapes(text) : text);
}

function printf([format = '', ...args]: readonly string[]): Buffer | undefined {
  if (format.startsWith('-')) return undefined;
  let next = 0;
  const once = (): string =>
    decodeEscapes(format).replace(/%(%|[-+ 0#]*\d*(?:\.\d+)?[sbdcxXo])/g, (whole, kind: string) => {
      if (kind === '%') return '%';
      const value = args[next++] ?? '';
      if (kind.endsWith('b')) return decodeEscapes(value);
      if (kind.endsWith('c')) return value.slice(0, 1);
      if (/[xXod]$/.test(kind)) return Number(value).toString(kind.endsWith('d') ? 10 : kind.endsWith('o') ? 8 : 16);
      return kind.endsWith('s') ? value : whole;
    });
  let text = once();
  while (next > 0 && next < args.length && text.length < MAX_OUTPUT) text += once();
  return Buffer.from(text, 'utf8');
}

function change(tool: string, args: readonly string[], input: Buffer): Buffer | undefined {
  const flags = args.filter((arg) => arg.startsWith('-'));
  const decodes = flags.some((flag) => /^(?:-[a-zA-Z]*[dD][a-zA-Z]*|--decode|-base64)$/.test(flag));
  switch (tool) {
    case 'cat':
    case 'tee':
      return args.length === 0 || args[0] === '-' ? input : undefined;
    case 'base64':
    case 'gbase64':
      return decodes ? Buffer.from(input.toString('latin1'), 'base64') : Buffer.from(input.toString('base64'));
    case 'openssl':
      return decodes && args.some((arg) => arg.includes('base64'))
        ? Buffer.from(input.toString('latin1'), 'base64')
        : undefined;
    case 'base32':
      return decodes ? fromBase32(input.toString('latin1')) : undefined;
    case 'xxd':
      return args.some((arg) => /^-[a-z]*r/.test(arg)) ? fromHex(input.toString('latin1')) : undefined;
    case 'rev':
      return Buffer.from(
        input
          .toString('utf8')
          .split('\n')
          .map((line) => [...line].reverse().join(''))
          .join('\n'),
      );
    case 'tr':
      return translate(args, input.toString('utf8'));
    case 'gunzip':
    case 'gzip':
    case 'zcat':
      return unzip(input);
    default:
      return undefined;
  }
}

function unzip(input: Buffer): Buffer | undefined {
  try {
    return gunzipSync(input, { maxOutputLength: MAX_OUTPUT });
  } catch {
    return undefined;
  }
}

function fromHex(text: string): Buffer {
  return Buffer.from(text.replace(/\\x|0x|\s/g, ''), 'hex');
}

function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const character of text) {
    const value = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(character);
    if (value < 0) continue;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes.push((held >> (bits -= 8)) & 0xff);
  }
  return Buffer.from(bytes);
}

function translate(args: readonly string[], text: string): Buffer | undefined {
  const [first = '', second] = args.filter((arg) => !/^-[a-z]+$/.test(arg));
  const from = characterSet(first);
  if (args.some((arg) => /^-[a-z]*d/.test(arg)))
    return Buffer.from([...text].filter((character) => !from.includes(character)).join(''));
  if (args.some((arg) => /^-[a-z]*[cCs]/.test(arg)) || second === undefined) return undefined;
  const to = characterSet(second);
  const changed = [...text].map((character) => {
    const at = from.indexOf(character);
    return at < 0 ? character : (to[at] ?? to.at(-1) ?? '');
  });
  return Buffer.from(changed.join(''));
}

function characterSet(text: string): readonly string[] {
  const named = decodeEscapes(text).replace(/\[:(upper|lower|digit):\]/g, (_, name: string) =>
    name === 'upper' ? 'A-Z' : name === 'lower' ? 'a-z' : '0-9',
  );
  const set: string[] = [];
  for (let at = 0; at < named.length && set.length < 1000; at++) {
    const low = named.charCodeAt(at);
    const high = named.charCodeAt(at + 2);
    if (named[at + 1] === '-' && high >= low && high - low < 256) {
      for (let code = low; code <= high; code++) set.push(String.fromCharCode(code));
      at += 2;
    } else set.push(named[at] ?? '');
  }
  return set;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  E: '\u001b',
  f: '\f',
  v: '\v',
};

/** Escapes of `$'...'`, `printf` and `echo -e`. */
export function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:x\{?([0-9a-fA-F]{1,2})\}?|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|0?([0-7]{1,3})|(.))/gs,
    (_whole, hex?: string, short?: string, long?: string, octal?: string, plain?: string) => {
      if (plain !== undefined) return ESCAPES[plain] ?? (/[\\'"?]/.test(plain) ? plain : `\\${plain}`);
      const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '0', 16) : Number.parseInt(octal, 8);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    },
  );
}
