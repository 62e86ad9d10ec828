// The data that configuration of editors, git and package tools is judged by (`rules/workspace.json`).
import type { Severity } from '@vallum/core';

export interface WorkspaceRules {
  /** Settings of VS Code and its kin: the key, and the value as text, that make it a finding. */
  readonly settings: readonly {
    readonly key: string;
    readonly value: string;
    readonly rule: string;
    readonly severity?: Severity;
    /** Values that are fine all the same. */
    readonly except?: string;
    /** A second pattern that the key must match. */
    readonly keys?: string;
  }[];
  /** `section.key` of a git configuration. */
  readonly gitKeys: readonly { readonly key: string; readonly rule: string; readonly except?: string }[];
  /** The hook that git-lfs writes. */
  readonly lfsHook: string;
  readonly envrc: string;
  /** Scripts that a package manager runs by itself. */
  readonly setupScripts: readonly string[];
  readonly plainScripts: string;
  /** Keys of YAML whose texts are commands. */
  readonly commandKeys: readonly string[];
}
