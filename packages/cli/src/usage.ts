// Wrong use of the command line, said the way every other error is said: a sentence, what to do, and JSON where it was asked.
import { VallumError } from '@vallum/core';
import type { Command, CommanderError } from 'commander';
import type { ExitCode } from './exit.js';
import { EXIT } from './exit.js';
import { printError } from './run-command.js';

/** @param args the command line; it was refused, so its options are looked up by hand */
export function printUsage(error: CommanderError, program: Command, args: readonly string[]): ExitCode {
  const asJson = args.some(
    (arg, index) => arg === '--format=json' || (arg === 'json' && args[index - 1] === '--format'),
  );
  // Without a command, commander has printed the help on stderr already.
  const isHelp = error.code === 'commander.help';
  if (isHelp && !asJson) return EXIT.usage;
  const [first = '', hint] = isHelp ? ['no command is given'] : error.message.replace(/^error: /, '').split('\n');
  const help = `see ${commandOf(program, args)} --help`;
  const suggestion = hint?.replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?');
  const fix = suggestion === undefined || suggestion === '' ? help : `${suggestion} ${help}`;
  return printError(new VallumError('USAGE', first, { fix }), asJson);
}

/** The command that was meant, as far as it can be told. */
function commandOf(program: Command, args: readonly string[]): string {
  let command = program;
  const names = [program.name()];
  for (const arg of args) {
    const found = command.commands.find((each) => each.name() === arg);
    if (found === undefined) continue;
    command = found;
    names.push(arg);
  }
  return names.join(' ');
}
