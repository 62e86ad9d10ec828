// The only place where the process environment is read.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export interface Config {
  /** Folder of the acting person's keys and pins. */
  readonly keys: string;
  /** Colour only on a terminal, and never when NO_COLOR is set and not empty (no-color.org). */
  readonly colour: boolean;
  /** Progress on stderr: on a terminal that is no CI job. */
  readonly progress: boolean;
  /** Width of the progress line. */
  readonly columns: number;
}

export function readConfig(): Config {
  const { env, stdout, stderr } = process;
  return {
    keys: given('VALLUM_KEYS') ?? join(configHome(), 'vallum'),
    colour: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
    progress: stderr.isTTY && env['CI'] === undefined,
    // Some terminals do not know their width.
    columns: stderr.isTTY && stderr.columns > 0 ? stderr.columns : 80,
  };
}

/** A variable that is set to nothing, as an unset one of a CI job is, would make the project folder hold its own pins. */
function given(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** A relative XDG_CONFIG_HOME is ignored, as its specification says. */
function configHome(): string {
  const home = given('XDG_CONFIG_HOME');
  return home !== undefined && isAbsolute(home) ? home : join(homedir(), '.config');
}
