// A command without what stands in front of it (`sudo`, `env`, `timeout` ...), and what it would do with its input: which
// address it fetches, whether it runs its input as a program, which texts it runs.
import type { ShellCommand, ShellScript, ShellWord } from '@vallum/formats';
import type { Origin } from './origins.js';
import { originOf } from './origins.js';
import type { CompiledShellRules } from './shell-rules.js';

export interface Call {
  readonly command: ShellCommand;
  /** Last part of the path, without `.exe`. */
  readonly name: string;
  readonly program: ShellWord;
  readonly args: readonly ShellWord[];
  /** Its arguments come from its input. */
  readonly fromInput: boolean;
}

const base = (text: string): string => (text.split('/').at(-1) ?? '').replace(/\.exe$/i, '');

const calls = new WeakMap<ShellCommand, { readonly rules: CompiledShellRules; readonly call: Call | undefined }>();

export function callOf(command: ShellCommand, rules: CompiledShellRules): Call | undefined {
  const known = calls.get(command);
  if (known !== undefined && known.rules === rules) return known.call;
  const call = unwrapped(command, rules);
  calls.set(command, { rules, call });
  return call;
}

function unwrapped(command: ShellCommand, rules: CompiledShellRules): Call | undefined {
  let words = command.words;
  let fromInput = false;
  for (let round = 0; round < 12; round++) {
    const [first, ...rest] = words;
    if (first === undefined) return undefined;
    const name = base(first.text);
    const valued = Object.hasOwn(rules.data.prefixes, name) ? rules.data.prefixes[name] : undefined;
    const inner = valued === undefined ? [] : behind(name, valued, rest);
    if (inner.length === 0) return { command, name: interpreterName(name), program: first, args: rest, fromInput };
    fromInput ||= name === 'xargs';
    words = inner;
  }
  return undefined;
}

/** `python3.11` is Python. */
function interpreterName(name: string): string {
  return name.replace(/^(python|perl|ruby|php|lua|node)[\d.]+w?$/, '$1').replace(/^pythonw$/, 'python');
}

/** The words of the inner command: past options, their values, assignments of `env` and the time of `timeout`. */
function behind(name: string, valued: readonly string[], words: readonly ShellWord[]): readonly ShellWord[] {
  let at = 0;
  for (; at < words.length; at++) {
    const text = words[at]?.text ?? '';
    if (text === '--') {
      at += 1;
      break;
    }
    if (valued.includes(text)) at += 1;
    else if (text.startsWith('-') && text.length > 1) continue;
    else if (name === 'env' && /^[A-Za-z_]\w*=/.test(text)) continue;
    else break;
  }
  if (
    (name === 'timeout' || name === 'gtimeout' || name === 'taskset' || name === 'chrt') &&
    /^[\d.$]/.test(words[at]?.text ?? '')
  )
    at += 1;
  return words.slice(at);
}

export const isShell = (name: string, rules: CompiledShellRules): boolean => rules.shells.has(name);

const VALUED: Readonly<Record<string, readonly string[]>> = {
  shell: ['-o', '-O', '+o', '+O', '--rcfile', '--init-file'],
  python: ['-W', '-X'],
  node: ['-r', '--require', '--import'],
};
const TEXT_OPTION = /^-[a-zA-Z]*[ceEprn]$|^--(?:command|eval|print|exec)$/;
const INPUT = /^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/;

/** Whether it takes its program from its input: `| sh`, `| python -`, `source /dev/stdin`. */
export function runsInput(call: Call, rules: CompiledShellRules): boolean {
  const { name, args } = call;
  if (name === 'at' || name === 'batch') return !args.some(({ text }) => /^-[fl]/.test(text));
  if (name === 'source' || name === '.') return INPUT.test(args[0]?.text ?? '');
  const shell = isShell(name, rules);
  if (!shell && !rules.interpreters.has(name)) return false;
  if (call.fromInput) return true;
  const valued = VALUED[shell ? 'shell' : name] ?? [];
  for (let at = 0; at < args.length; at++) {
    const text = args[at]?.text ?? '';
    if (INPUT.test(text)) return true;
    if (shell && /^-[a-z]*s[a-z]*$/.test(text) && !/c/.test(text)) return true;
    if (shell ? /^-[a-zA-Z]*c$/.test(text) : TEXT_OPTION.test(text) || text === '-m') return false;
    if (valued.includes(text)) at += 1;
    else if (!/^[-+<]/.test(text) && text !== '') return false;
    else if (/^--(?:version|help)$|^-[Vh]$/.test(text)) return false;
  }
  return true;
}

/** The text after `-c` or `-e`, with the interpreter that runs it. */
export function textsRun(call: Call, rules: CompiledShellRules): readonly { interpreter: string; word: ShellWord }[] {
  const found: { interpreter: string; word: ShellWord }[] = [];
  const { name, args } = call;
  if (name === 'eval' && args.length > 0) found.push({ interpreter: 'sh', word: joined(args) });
  if (name === 'trap' && args[0] !== undefined) found.push({ interpreter: 'sh', word: args[0] });
  if (name === 'alias')
    for (const word of args)
      found.push({ interpreter: 'sh', word: { ...word, text: word.text.replace(/^[\w.-]+=/, '') } });
  if (name === 'su' || name === 'runuser' || name === 'script')
    push(found, 'sh', after(args, /^(?:-[a-z]*c|--command)$/));
  const words = [call.program, ...args];
  for (const [at, word] of words.entries()) {
    const program = interpreterName(base(word.text));
    if (isShell(program, rules)) push(found, 'sh', after(words.slice(at + 1), /^-[a-zA-Z]*c$/));
    else if (rules.interpreters.has(program)) push(found, program, after(words.slice(at + 1), TEXT_OPTION));
    else continue;
    break;
  }
  return found;
}

function push(
  found: { interpreter: string; word: ShellWord }[],
  interpreter: string,
  word: ShellWord | undefined,
): void {
  if (word !== undefined) found.push({ interpreter, word });
}

function after(words: readonly ShellWord[], option: RegExp): ShellWord | undefined {
  const at = words.findIndex(
    (word, index) =>
      option.test(word.text) && words.slice(0, index).every((one) => /^[-+]/.test(one.text) || index < 4),
  );
  return at < 0 ? undefined : words[at + 1];
}

function joined(words: readonly ShellWord[]): ShellWord {
  return {
    text: words.map((word) => word.text).join(' '),
    raw: words.map((word) => word.raw).join(' '),
    known: words.every((word) => word.known),
    runs: words.flatMap((word) => word.runs),
    tricks: words.flatMap((word) => word.tricks),
  };
}

export interface Fetch {
  readonly origins: readonly Origin[];
  /** Files that it writes, as far as the command says. */
  readonly files: readonly string[];
}

/** What a command gets from another machine; undefined where it gets nothing. */
export function fetchOf(call: Call, rules: CompiledShellRules): Fetch | undefined {
  const { name, args } = call;
  const texts = args.map((word) => word.text);
  const made = (addresses: readonly string[], files: readonly string[] = []): Fetch => ({
    origins: (addresses.length === 0 ? ['$'] : addresses).map((address) => originOf(address, rules.data)),
    files,
  });
  const network = call.command.redirects.find(
    ({ op, target }) => op.startsWith('<') && /^\/dev\/(?:tcp|udp)\//.test(target.text),
  );
  if (network !== undefined)
    return made([network.target.text.replace(/^\/dev\/(?:tcp|udp)\//, 'http://').replace(/\/(\d+)$/, ':$1')]);
  if (name === 'openssl')
    return texts.includes('s_client')
      ? made(texts.filter((text) => /[:.]/.test(text)).map((text) => `tls://${text}`))
      : undefined;
  if (name === 'aws' && texts.includes('s3'))
    return made(
      texts.filter((text) => text.startsWith('s3://')),
      texts.slice(-1),
    );
  if (name === 'gh' || name === 'svn')
    return /^(?:api|gist|release|export|cat)$/.test(texts[0] ?? '')
      ? made(texts.filter((text) => text.includes('://')))
      : undefined;
  if (!Object.hasOwn(rules.data.fetchers, name)) return undefined;
  if (name === 'ssh')
    return made(
      texts
        .filter((text) => /^[\w.-]+@|\./.test(text))
        .slice(0, 1)
        .map((text) => `ssh://${text}`),
    );
  if (name === 'scp' || name === 'rsync' || name === 'sftp') return remoteCopy(texts, made);
  return download(name, args, rules.data.fetchers[name] ?? '', call, made);
}

/** `host:path` to a file or folder here; nothing where it goes the other way. */
function remoteCopy(
  texts: readonly string[],
  made: (addresses: readonly string[], files?: readonly string[]) => Fetch,
): Fetch | undefined {
  const plain = texts.filter((text) => !text.startsWith('-'));
  const remote = plain.slice(0, -1).filter((text) => /^[\w.@-]+:|^rsync:/.test(text));
  const to = plain.at(-1) ?? '';
  if (remote.length === 0 || /^[\w.@-]+:/.test(to)) return undefined;
  const names = remote.map((text) => base(text));
  return made(
    remote.map((text) => `ssh://${text.replace(/::?/, '/')}`),
    [to, ...names, ...names.map((one) => `${to.replace(/\/$/, '')}/${one}`)],
  );
}

/** What can be an address: with a scheme, a host with a dot, or something that only the shell would know. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/|^[\w-]+(?:\.[\w-]+)+|^localhost\b|^\[|[$*{]|^\d+$/i;

function download(
  name: string,
  args: readonly ShellWord[],
  valued: string,
  call: Call,
  made: (addresses: readonly string[], files?: readonly string[]) => Fetch,
): Fetch {
  const urls: string[] = [];
  const files: string[] = [];
  let remoteName = name === 'wget' || name === 'wget2' || name === 'aria2c' || name === 'axel';
  for (let at = 0; at < args.length; at++) {
    const text = args[at]?.text ?? '';
    const output = /^(?:--output(?:-document)?|--out)(?:=(.*))?$/.exec(text);
    const short = /^-([a-zA-Z#]+)(.*)$/s.exec(text);
    if (output !== null) files.push(output[1] ?? args[++at]?.text ?? '');
    else if (/^--(?:url|remote-name-all)(?:=|$)/.test(text)) urls.push(text.split('=')[1] ?? args[++at]?.text ?? '');
    else if (text === '--remote-name') remoteName = true;
    else if (text.startsWith('--'))
      at +=
        /^--(?:data|form|header|user|request|proxy|cacert|cert|key|json|retry|max-time|connect-timeout|post-data|post-file|body-data|tries|timeout|user-agent|cookie|referer|directory-prefix)(?:-[a-z]+)?$/.test(
          text,
        )
          ? 1
          : 0;
    else if (short !== null && text !== '-') {
      const letters = short[1] ?? '';
      const takes = [...letters].findIndex((letter) => valued.includes(letter));
      if (name === 'curl' && letters.includes('O')) remoteName = true;
      if (takes < 0) continue;
      const letter = letters[takes] ?? '';
      const value = letters.slice(takes + 1) + (short[2] ?? '') || (args[++at]?.text ?? '');
      if (
        (name === 'curl' && letter === 'o') ||
        (/^wget/.test(name) && letter === 'O') ||
        (name !== 'curl' && letter === 'o' && name !== 'wget')
      )
        files.push(value);
    } else if (ADDRESS.test(text)) urls.push(text);
  }
  for (const { op, target } of call.command.redirects) if (op === '>' || op === '>>') files.push(target.text);
  const folder = args.findIndex(({ text }) => /^(?:-P|--directory-prefix|--output-dir|--dir)(?:=|$)/.test(text));
  const written = files.filter((file) => !/^(?:-|\/dev\/(?:null|stdout|stderr)|&?\d)$/.test(file));
  if (files.length === 0 && remoteName) {
    const names = urls.map((url) => base(url.replace(/[?#].*$/, '')));
    const prefix = folder < 0 ? undefined : (args[folder]?.text.split('=')[1] ?? args[folder + 1]?.text);
    written.push(...names, ...(prefix === undefined ? [] : names.map((one) => `${prefix.replace(/\/$/, '')}/${one}`)));
  }
  return made(urls, written);
}

/** Every command of a script and of the groups in it, with the pipeline that it stands in. */
export function* allCommands(script: ShellScript, depth = 0): Generator<ShellCommand> {
  if (depth > 40) return;
  for (const { commands } of script.pipelines)
    for (const command of commands) {
      yield command;
      if (command.body !== undefined) yield* allCommands(command.body, depth + 1);
      for (const word of wordsOf(command)) for (const run of word.runs) yield* allCommands(run, depth + 1);
    }
}

export function wordsOf(command: ShellCommand): readonly ShellWord[] {
  return [
    ...command.assignments.map(({ value }) => value),
    ...command.words,
    ...command.redirects.map(({ target }) => target),
  ];
}
