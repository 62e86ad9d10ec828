// Where data in a pipe comes from: addresses that commands fetch, decoders, and the program that takes it.
import type { ShellCommand, ShellScript } from '@vallum/formats';
import type { Call } from './calls.js';
import { allCommands, callOf, fetchOf, isShell, wordsOf } from './calls.js';
import type { Origin } from './origins.js';
import type { CompiledShellRules } from './shell-rules.js';

export function decodes({ name, args }: Call, rules: CompiledShellRules): boolean {
  if (!rules.decoders.has(name)) return false;
  const texts = args.map((word) => word.text);
  if (/base(?:64|32)|basenc/.test(name)) return texts.some((text) => /^-[a-zA-Z]*[dD]|^--decode/.test(text));
  if (name === 'xxd') return texts.some((text) => /^-[a-z]*r/.test(text));
  if (name === 'openssl') return texts.some((text) => /^-(?:d|base64)$/.test(text)) && texts.includes('-d');
  if (name === 'gpg') return texts.some((text) => /^(?:-d|--decrypt)$/.test(text));
  if (name === 'od' || name === 'hexdump') return false;
  return true;
}

export function interpreterOf(call: Call | undefined, rules: CompiledShellRules): string {
  if (call === undefined || isShell(call.name, rules) || call.name === 'source' || call.name === '.') return 'sh';
  return call.name;
}

/** One spelling for one file: `./x`, `"$PWD/x"` and `x`. */
export function plainPath(text: string): string {
  return text.replace(/^(?:\.\/|\$PWD\/)+/, '').replace(/\/{2,}/g, '/');
}

export function show(command: ShellCommand): string {
  return command.words
    .map((word) => word.text.replace(/\s+/g, ' '))
    .join(' ')
    .slice(0, 120);
}

export function fetchedIn(runs: readonly ShellScript[], rules: CompiledShellRules): readonly Origin[] {
  const commands = runs.flatMap((run) => [...allCommands(run)]);
  return commands.flatMap((command) => {
    const call = callOf(command, rules);
    return call === undefined ? [] : (fetchOf(call, rules)?.origins ?? []);
  });
}

export function decoderOf(commands: readonly ShellCommand[], rules: CompiledShellRules): string | undefined {
  for (const command of commands) {
    const all = [
      command,
      ...(command.body === undefined ? [] : allCommands(command.body)),
      ...wordsOf(command).flatMap((word) => word.runs.flatMap((run) => [...allCommands(run)])),
    ];
    for (const one of all) {
      const call = callOf(one, rules);
      if (call !== undefined && decodes(call, rules)) return call.name;
    }
  }
  return undefined;
}
