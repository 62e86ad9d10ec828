// SARIF 2.1.0 (OASIS), in the form that code-scanning services accept: relative URIs, a region for every result, stable
// fingerprints, and a security-severity for every rule. What was not examined is a notification of the run, so that a
// consumer that reads only results still sees an execution that was not whole.
import type { Finding, Location, Severity } from '@vallum/core';
import { sha256 } from '@vallum/core';
import type { Accepted, FileReport, NotExamined, ScanReport } from '../report.js';
import type { FindingRule } from '../rule-types.js';
import type { Rules } from '../rules.js';

const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** On the scale of CVSS, as code-scanning services sort by it. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
};

export interface ToolName {
  readonly name: string;
  readonly version: string;
}

/** @param report paths relative to the root of the repository, so that the service finds the files */
export function toSarif(report: ScanReport, rules: Rules, tool: ToolName): object {
  const ids = [...new Set(report.files.flatMap((file) => allFindings(file).map(({ rule }) => rule)))].sort();
  const index = new Map(ids.map((id, at) => [id, at]));
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { ...tool, semanticVersion: tool.version, rules: ids.map((id) => ruleOf(rules.finding(id))) } },
        automationDetails: { id: `${tool.name}/scan/` },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: report.files.flatMap((file) =>
              file.notExamined.map((one) => notification(file, one)),
            ),
            properties: { outcome: report.outcome, gate: report.summary.gate, rules: report.summary.rules },
          },
        ],
        results: report.files.flatMap((file) => resultsOf(file, index, report.summary.accepted !== undefined)),
      },
    ],
  };
}

function allFindings(file: FileReport): readonly Finding[] {
  return [...file.findings, ...(file.accepted ?? []).flatMap(({ finding }) => finding ?? [])];
}

function ruleOf({ id, title, fix, severity, atlas, cwe, cve }: FindingRule): object {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: title },
    help: { text: fix },
    defaultConfiguration: { level: LEVEL[severity] },
    properties: {
      'security-severity': SECURITY_SEVERITY[severity],
      precision: 'high',
      tags: ['security', ...cwe.map((one) => `external/cwe/${one.toLowerCase()}`), ...atlas, ...cve],
    },
  };
}

function resultsOf(file: FileReport, index: ReadonlyMap<string, number>, compared: boolean): readonly object[] {
  return [
    ...file.findings.map((finding) => ({
      ...result(file, finding, index),
      ...(compared ? { baselineState: 'new' } : {}),
    })),
    ...(file.accepted ?? []).flatMap((one) =>
      one.finding === undefined ? [] : [{ ...result(file, one.finding, index), ...acceptance(one) }],
    ),
  ];
}

function result(file: FileReport, finding: Finding, index: ReadonlyMap<string, number>): object {
  const { rule, severity, message, fix, location } = finding;
  return {
    ruleId: rule,
    ruleIndex: index.get(rule) ?? -1,
    level: LEVEL[severity],
    message: { text: `${message}. Fix: ${fix}` },
    locations: [locationOf(file, location)],
    partialFingerprints: {
      'vallumFinding/v1': sha256(JSON.stringify([rule, file.path, location?.entry ?? '', message])),
    },
    properties: { severity, ...(location?.offset === undefined ? {} : { offset: location.offset }) },
  };
}

function locationOf(file: FileReport, location?: Location): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file.path) },
      // Weights have no lines; a service needs one to show the result at all.
      region: { startLine: location?.line ?? 1 },
    },
    ...(location?.entry === undefined
      ? {}
      : { logicalLocations: [{ fullyQualifiedName: location.entry, kind: 'member' }] }),
  };
}

function acceptance({ by, reason, expires }: Accepted): object {
  if (by === 'baseline') return { baselineState: 'unchanged' };
  const justification = `${reason ?? ''} (until ${expires ?? ''})`;
  return { baselineState: 'new', suppressions: [{ kind: 'external', status: 'accepted', justification }] };
}

function notification(file: FileReport, { what, why }: NotExamined): object {
  return {
    descriptor: { id: 'not-examined' },
    level: 'warning',
    message: { text: `not examined: ${what}: ${why}` },
    locations: [locationOf(file)],
  };
}

/** A relative reference (RFC 3986): every part percent-encoded, never a scheme or an absolute path. */
export function uriOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/') || '.';
}
