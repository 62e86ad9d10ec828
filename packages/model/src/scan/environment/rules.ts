// What dep.scan finds and allows, as data: its own file, and the lists of popular names and known indexes that it shares with
// the scanner of model folders.
import type { Finding, JsonValue, Location, Severity, Sha256 } from '@vallum/core';
import { digestJson, SEVERITIES, VallumError } from '@vallum/core';
import { RULE_FILES } from '../rule-files.js';
import type { FindingRule } from '../rule-types.js';
import { isKnownIndex } from '../shell/origins.js';
import type { PopularPackages } from '../workspace/look-alikes.js';
import packaged from './rules.json' with { type: 'json' };

/** A group `module` of the pattern is imported: from `owner`, or it is the finder of an editable install. */
export interface AllowedLine {
  readonly what: string;
  readonly pattern: string;
  /** Name of the one distribution that may bring the module. */
  readonly owner?: string;
}

export interface EnvironmentRuleFile {
  readonly findings: readonly FindingRule[];
  readonly pth: {
    readonly allow: readonly AllowedLine[];
    /** Modules that setuptools writes for editable installs, as `editable-finder.ts` digests them. */
    readonly finders: readonly { readonly what: string; readonly sha256: Sha256 }[];
  };
  /** Modules that Python imports at its start. */
  readonly startModules: readonly string[];
  /** Extensions of what an import can run. */
  readonly code: readonly string[];
  /** Starts of the addresses of conda channels that are known. */
  readonly channels: readonly string[];
  /** For an advisory that does not say how severe it is. */
  readonly unknownSeverity: Severity;
}

export interface EnvironmentRules {
  readonly file: EnvironmentRuleFile;
  readonly popular: PopularPackages;
  readonly isKnownIndex: (url: string) => boolean;
  readonly digest: Sha256;
  readonly finding: (draft: FindingDraft) => Finding;
}

export interface FindingDraft {
  readonly rule: string;
  readonly detail: string;
  readonly location?: Location;
  readonly severity?: Severity;
  readonly cve?: readonly string[];
}

let shared: EnvironmentRules | undefined;

/** The rules that come with Vallum. */
export function environmentRules(): EnvironmentRules {
  return (shared ??= buildEnvironmentRules(packaged as unknown as EnvironmentRuleFile));
}

function buildEnvironmentRules(file: EnvironmentRuleFile): EnvironmentRules {
  const { popular, shell } = RULE_FILES;
  const { indexes } = shell;
  const byId = new Map(file.findings.map((rule) => [rule.id, rule]));
  return {
    file,
    popular,
    isKnownIndex: (url) => file.channels.some((start) => url.startsWith(start)) || isKnownIndex(url, shell),
    digest: digestJson({ file, popular, indexes } as unknown as JsonValue),
    finding: ({ rule: id, detail, location, severity, cve }) => {
      const rule = byId.get(id);
      if (rule === undefined || !SEVERITIES.includes(rule.severity))
        throw new VallumError('SCAN_RULES', `the rule ${id} is missing or has no severity`, {}, 'internal');
      return {
        rule: id,
        severity: severity ?? rule.severity,
        message: `${rule.title}: ${detail}`,
        location: location ?? {},
        atlas: rule.atlas,
        cve: cve ?? rule.cve,
        cwe: rule.cwe,
        fix: rule.fix,
      };
    },
  };
}
