// The only place where the process environment is read.
import { homedir } from 'node:os';
import { join } from 'node:path';

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
  const configHome = env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
  return {
    keys: env['VALLUM_KEYS'] ?? join(configHome, 'vallum'),
    colour: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
    progress: stderr.isTTY && env['CI'] === undefined,
    // Some terminals do not know their width.
    columns: stderr.isTTY && stderr.columns > 0 ? stderr.columns : 80,
  };
}
