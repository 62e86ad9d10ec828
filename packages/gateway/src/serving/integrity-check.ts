// Control `integrity.check`: what a gateway saw of the model that it guards, as evidence about the approved digest. Only a
// store that the gateway hashed itself gives a pass; a canary or a declaration proves no digest, however well it fits.
import type { ControlResult, Finding, Severity, Subject, Task, TaskIdentity } from '@vallum/core';
import { digestJson, inconclusive } from '@vallum/core';
import rules from './integrity-rules.json' with { type: 'json' };
import type { IntegrityLook } from './looks.js';

export interface IntegrityFacts {
  /** The version's model as the verdict approves it: `spam-filter@v1`. */
  readonly subject: Subject;
  readonly by: 'store' | 'canary' | 'declared';
  /** Name of the gateway and id of its route. */
  readonly gateway: string;
  readonly route: string;
  readonly look: IntegrityLook;
}

const KIND = 'integrity.check';
const VERSION = '1';
const RULES_DIGEST = digestJson(rules);

/** Why the outcome is inconclusive; stable. */
const CANARY_ONLY = [
  'canary-proves-no-digest',
  'the answers are those of the approved model, which proves no digest',
] as const;
const DECLARED_ONLY = [
  'declared-only',
  'the configuration of the gateway asserts the version, and nobody looked at the model',
] as const;

export function planIntegrityCheck({ subject, by, gateway, route, look }: IntegrityFacts): Task {
  return { ...identityOf(subject, { by, gateway, route }), run: () => Promise.resolve(resultOf(by, look)) };
}

/** What evidence of any gateway has to speak about to count for a version: its bytes, and nothing that a gateway chooses. */
export function integrityIdentity(subject: Subject): TaskIdentity {
  return identityOf(subject, {});
}

function identityOf(subject: Subject, parameters: TaskIdentity['parameters']): TaskIdentity {
  return { kind: KIND, version: VERSION, rules: RULES_DIGEST, subject, inputs: [], parameters };
}

function resultOf(by: IntegrityFacts['by'], look: IntegrityLook): ControlResult {
  switch (look.kind) {
    case 'mismatch':
      return failed(by === 'canary' ? 'VLM-INT-002' : 'VLM-INT-001', look);
    case 'match': {
      if (by === 'canary') return doubted(...CANARY_ONLY);
      if (by === 'declared') return doubted(...DECLARED_ONLY);
      const { files, bytes } = look;
      const examined = { ...(files === undefined ? {} : { files }), ...(bytes === undefined ? {} : { bytes }) };
      return { outcome: 'pass', findings: [], metrics: [], coverage: { examined, notExamined: [LOADED] } };
    }
    case 'unreadable':
      return inconclusive(by === 'store' ? 'store-unreadable' : 'canary-unusable', look.reason);
    case 'unanswered':
      return inconclusive('canary-unanswered', look.reason);
    case 'not-asked':
      return by === 'declared'
        ? doubted(...DECLARED_ONLY)
        : inconclusive('not-looked', 'the model was not looked at, because no verdict says which one it has to be');
  }
}

const LOADED = {
  what: 'the bytes that the server has in memory',
  why: 'the store was hashed, and a server may have loaded it before',
};

function doubted(code: string, message: string): ControlResult {
  return inconclusive(code, message, { examined: {}, notExamined: [{ what: 'the bytes of the model', why: message }] });
}

function failed(
  rule: keyof typeof rules,
  { reason, files = [] }: Extract<IntegrityLook, { kind: 'mismatch' }>,
): ControlResult {
  const { severity, fix } = rules[rule];
  const finding = (message: string, location: Finding['location']): Finding => ({
    rule,
    severity: severity as Severity,
    message,
    location,
    atlas: ['AML.T0018', 'AML.T0010.003'],
    cve: [],
    cwe: ['CWE-354'],
    fix,
  });
  const findings =
    files.length === 0
      ? [finding(reason, {})]
      : files.map((file) =>
          finding(`${file} is not as the verdict approves it`, { file: file.replace(/ \(\w+\)$/, '') }),
        );
  return { outcome: 'fail', findings, metrics: [], coverage: { examined: {}, notExamined: [] } };
}
