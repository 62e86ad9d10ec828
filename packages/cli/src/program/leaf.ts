// What every command of the program shares: an example in its help and the options that may also stand after its name.
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Answer, Io } from '../answer.js';

/** Calls a command's work with what it gets from the outside, and prints its answer. */
export type Run = (command: Command, work: (io: Io) => Promise<Answer>) => Promise<void>;

export const action = (): Option =>
  new Option('--action <action>', 'what the verdict is for').choices(['promote', 'deploy', 'export']).default('deploy');

/** A command with an example and the options that every command understands, also after its name. */
export function leaf(
  parent: Command,
  name: string,
  description: string,
  example: string,
  formats: readonly string[] = ['text', 'json'],
): Command {
  return parent
    .command(name)
    .description(description)
    .addHelpText('after', `\nExample:\n  ${example}`)
    .addOption(new Option('-C, --project <dir>', 'folder of the project'))
    .addOption(
      new Option('--format <format>', `${formats.slice(0, -1).join(', ')} or ${formats.at(-1) ?? ''}`).choices(formats),
    )
    .addOption(new Option('--trust-root <fingerprint>', 'believe this root instead of the pinned one'));
}
