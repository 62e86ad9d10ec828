// Control `gateway.probe`: whether what is forbidden is refused, tried on the server that runs. What a configuration says is
// `gateway.config`; only this shows what it does.
import { atOrAbove } from '@vallum/core';
import type { ControlResult, RunContext, Task } from '@vallum/core';
import type { Checked } from './check.js';
import type { ProbeSettings } from './probe.js';
import { probeSubject } from './probe-target.js';
import { PROBE_GATE, PROBE_RULES_DIGEST, probeFinding } from './rules.js';
import type { ProbeSeen } from './run-probe.js';

/** @param probe sends it all; what it saw is handed on as it is */
export function planGatewayProbe(settings: ProbeSettings, probe: (context: RunContext) => Promise<ProbeSeen>): Task {
  const { target, model, protocol, quota, oversizeBytes, path, key } = settings;
  return {
    kind: 'gateway.probe',
    version: '1',
    rules: PROBE_RULES_DIGEST,
    subject: probeSubject(target, model, protocol),
    inputs: [],
    parameters: { gate: PROBE_GATE, path, oversizeBytes, authenticated: key !== undefined, quota: quota ?? 0 },
    run: async (context) => resultOf(await probe(context), quota),
  };
}

function resultOf({ checks, requests, doubt }: ProbeSeen, quota: number | undefined): ControlResult {
  const failed = checks.filter(({ verdict }) => verdict === 'fail');
  const open = checks.filter(({ verdict }) => verdict === 'inconclusive');
  const findings = failed.map((check) => probeFinding(check.rule, sentence(check), check.id));
  const rest = {
    findings,
    metrics: [
      { id: 'checks', value: checks.length, unit: 'checks' },
      { id: 'checks-failed', value: failed.length, unit: 'checks' },
      { id: 'checks-inconclusive', value: open.length, unit: 'checks' },
      { id: 'requests', value: requests, unit: 'requests' },
    ],
    coverage: {
      examined: {},
      notExamined: [
        ...open.slice(0, MOST_OPEN).map(({ id, came }) => ({ what: id, why: came })),
        ...(quota === undefined ? [{ what: 'quota', why: 'it was not said how many requests the key may make' }] : []),
        ...NEVER,
      ],
    },
  };
  if (findings.some(({ severity }) => atOrAbove(severity, PROBE_GATE))) return { outcome: 'fail', ...rest };
  const reason =
    doubt ??
    (quota === undefined
      ? { code: 'quota-not-probed', message: 'without --quota it is not known whether anything ends a flood' }
      : open[0] === undefined
        ? undefined
        : {
            code: 'checks-inconclusive',
            message: `${open.length} checks said nothing, such as ${open[0].id}: ${open[0].came}`,
          });
  return reason === undefined ? { outcome: 'pass', ...rest } : { outcome: 'inconclusive', reason, ...rest };
}

const MOST_OPEN = 50;
const NEVER = [
  { what: 'TLS', why: 'versions, ciphers and certificates are not tried' },
  { what: 'gRPC and HTTP/2', why: 'only HTTP/1.1 is spoken' },
  { what: 'the model server behind', why: 'only what comes back is seen, not what was forwarded' },
];

function sentence({ sent, came, expected }: Checked): string {
  return `${sent}: ${came}; expected was ${expected}`;
}
