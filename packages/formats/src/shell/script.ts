// What a reader of shell scripts says: commands with their words, pipes, redirections and the scripts inside words.

export interface ShellWord {
  /** Quotes removed and constants put in. What only the shell would know stays as `$NAME`, `$(...)` or `<(...)`. */
  readonly text: string;
  readonly raw: string;
  /** No part of it was left open. */
  readonly known: boolean;
  /** Scripts whose output is part of the word: `$(...)`, backquotes, `<(...)`, also by way of a variable. */
  readonly runs: readonly ShellScript[];
  /** Ways of writing that hide what the word says, such as `ansi-c`, `slice`, `ifs`, `decoded`, `inner quotes`. */
  readonly tricks: readonly string[];
}

export interface Redirect {
  /** `>`, `>>`, `<`, `<<`, `<<<`, `>&`, ... without the number of the descriptor. */
  readonly op: string;
  readonly target: ShellWord;
  /** Text of a here-document. */
  readonly body?: string;
}

export interface ShellCommand {
  readonly line: number;
  readonly assignments: readonly { readonly name: string; readonly value: ShellWord }[];
  readonly words: readonly ShellWord[];
  readonly redirects: readonly Redirect[];
  /** A group, loop, condition or sub-shell: what is in it. */
  readonly body?: ShellScript;
}

/** Commands joined by `|`. */
export interface Pipeline {
  readonly line: number;
  readonly commands: readonly ShellCommand[];
}

export interface ShellScript {
  readonly pipelines: readonly Pipeline[];
}

export interface ShellReport {
  readonly script: ShellScript;
  /** Functions that the script defines. */
  readonly functions: readonly string[];
  /** Why the script was not read to its end, or not as a shell would. */
  readonly fault?: { readonly kind: 'budget' | 'syntax'; readonly line: number; readonly why: string };
}

export interface ShellLimits {
  /** UTF-16 units of text. */
  readonly maxText: number;
  /** Scripts inside words, groups inside groups. */
  readonly maxDepth: number;
  readonly maxCommands: number;
  /** Units that variables may unfold to. */
  readonly maxUnfolded: number;
}

export const SHELL_LIMITS: ShellLimits = {
  maxText: 4 * 1024 * 1024,
  maxDepth: 40,
  maxCommands: 100_000,
  maxUnfolded: 4 * 1024 * 1024,
};
