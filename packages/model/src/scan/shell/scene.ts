// What the parts of the judgement share: the rules, where the commands run, what they did before, and where to tell.
import type { Severity } from '@vallum/core';
import type { CompiledShellRules } from './shell-rules.js';

/** Where the commands run: building an image may set a machine up, a person's machine is not to be changed. */
export type Place = 'machine' | 'container' | 'page';

export interface Scene {
  readonly rules: CompiledShellRules;
  readonly place: Place;
  /** Files that the script put secrets into. */
  readonly secretFiles: Set<string>;
  /** A socket was opened by `exec`. */
  socket: boolean;
  /** @param line within the text that is judged; @param severity where it is graver than the rule's own */
  tell(rule: string, detail: string, line: number, severity?: Severity): void;
}
