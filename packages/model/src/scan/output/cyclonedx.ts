// CycloneDX 1.6: every scanned file as a component with its digest, every finding as a vulnerability of it, and what was
// not examined as a property, since a bill of materials has no word for it.
import type { Finding } from '@vallum/core';
import { sha256 } from '@vallum/core';
import type { Accepted, FileReport, ScanReport } from '../report.js';
import type { ToolName } from './sarif.js';

export interface BomSetting {
  readonly tool: ToolName;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  /** What was scanned. */
  readonly subject: string;
}

/** @param report with the digest of every file */
export function toCycloneDx(report: ScanReport, { tool, timestamp, subject }: BomSetting): object {
  const components = report.files.map(componentOf);
  const vulnerabilities = report.files.flatMap(vulnerabilitiesOf);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([timestamp, subject, components, vulnerabilities]))}`,
    version: 1,
    metadata: {
      timestamp,
      tools: { components: [{ type: 'application', ...tool }] },
      component: { type: 'application', 'bom-ref': 'scanned', name: subject },
      properties: [
        { name: 'vallum:outcome', value: report.outcome },
        { name: 'vallum:gate', value: report.summary.gate },
        { name: 'vallum:rules', value: report.summary.rules },
      ],
    },
    components,
    vulnerabilities,
  };
}

/** Formats that are weights; everything else is a file. */
const MODELS: ReadonlySet<string> = new Set([
  'safetensors',
  'onnx',
  'gguf',
  'tflite',
  'hdf5',
  'savedmodel',
  'graphdef',
  'pickle',
  'external-data',
]);

const refOf = (path: string): string => `file:${path}`;

function componentOf({ path, sha256: digest, formats, outcome, notExamined }: FileReport): object {
  return {
    type: formats.some((format) => MODELS.has(format)) ? 'machine-learning-model' : 'file',
    'bom-ref': refOf(path),
    name: path === '' ? '.' : path,
    ...(digest === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: digest }] }),
    properties: [
      { name: 'vallum:outcome', value: outcome },
      ...formats.map((value) => ({ name: 'vallum:format', value })),
      ...notExamined.map(({ what, why }) => ({ name: 'vallum:not-examined', value: `${what}: ${why}` })),
    ],
  };
}

function vulnerabilitiesOf(file: FileReport): readonly object[] {
  return [
    ...file.findings.map((finding) => vulnerability(file, finding, undefined)),
    ...(file.accepted ?? []).flatMap((one) =>
      one.finding === undefined ? [] : [vulnerability(file, one.finding, one)],
    ),
  ];
}

function vulnerability(file: FileReport, finding: Finding, accepted: Accepted | undefined): object {
  const { rule, severity, message, cwe, cve, atlas, fix, location } = finding;
  return {
    'bom-ref': `finding:${sha256(JSON.stringify([file.path, rule, message, location]))}`,
    id: rule,
    source: { name: 'vallum' },
    ratings: [{ severity, method: 'other' }],
    cwes: cwe.map((one) => Number(one.slice('CWE-'.length))),
    description: message,
    recommendation: fix,
    affects: [{ ref: refOf(file.path) }],
    references: cve.map((id) => ({ id, source: { name: 'CVE' } })),
    properties: [
      ...atlas.map((value) => ({ name: 'vallum:atlas', value })),
      ...(location?.entry === undefined ? [] : [{ name: 'vallum:entry', value: location.entry }]),
      ...(location?.offset === undefined ? [] : [{ name: 'vallum:offset', value: String(location.offset) }]),
      ...(accepted === undefined ? [] : [{ name: 'vallum:accepted', value: acceptedText(accepted) }]),
    ],
  };
}

function acceptedText({ by, reason, expires }: Accepted): string {
  return by === 'baseline' ? 'baseline' : `${reason ?? ''} (until ${expires ?? ''})`;
}

/** A UUID of version 8 (RFC 9562) made from the content: the same scan gives the same document. */
function uuidOf(content: string): string {
  const hex = sha256(content);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
