// All checks of a probe in their order. The good request comes first and last: where it fails, nothing that was refused
// counts for anything.
import type { Checked } from './check.js';
import { askGood, findBody } from './checks/control.js';
import { credentialChecks } from './checks/credentials.js';
import { framingChecks } from './checks/framing.js';
import { leakChecks } from './checks/leaks.js';
import { quotaCheck } from './checks/quota.js';
import { adminChecks, modelCheck, overrideChecks, pathChecks } from './checks/routes.js';
import { schemaChecks } from './checks/schemas.js';
import { sizeChecks } from './checks/sizes.js';
import type { ProbePorts, ProbeSettings } from './probe.js';
import { Probe } from './probe.js';

export interface ProbeSeen {
  readonly checks: readonly Checked[];
  /** Requests that were sent. */
  readonly requests: number;
  /** Why nothing is proven. */
  readonly doubt?: { readonly code: string; readonly message: string };
}

/** How long an answer that is one too many may take, in multiples of what a good one takes. */
const QUIET_FACTOR = 3;
const LEAST_QUIET_MS = 25;
const MOST_QUIET_MS = 500;

const GROUPS: readonly (readonly [string, (probe: Probe) => Promise<readonly Checked[]>])[] = [
  ['credentials', credentialChecks],
  ['input', schemaChecks],
  ['models', modelCheck],
  ['administration', adminChecks],
  ['overrides', overrideChecks],
  ['paths', pathChecks],
  ['sizes', sizeChecks],
];

/** @param ticks milliseconds of a clock that only goes forward */
export async function runProbe(
  settings: ProbeSettings,
  ports: ProbePorts & { readonly ticks: () => number; readonly progress: (what: string) => void },
): Promise<ProbeSeen> {
  const probe = new Probe(settings, ports);
  const noBody = await findBody(probe);
  if (noBody !== undefined)
    return { checks: [], requests: probe.requests, doubt: { code: 'no-input', message: noBody } };
  const begun = ports.ticks();
  const before = await askGood(probe);
  const quiet = Math.min(MOST_QUIET_MS, Math.max(LEAST_QUIET_MS, QUIET_FACTOR * (ports.ticks() - begun)));
  if (!before.good)
    return { checks: [], requests: probe.requests, doubt: noControl(`was not answered: ${before.came}`) };
  const checks: Checked[] = [];
  for (const [name, group] of GROUPS) {
    ports.progress(name);
    checks.push(...(await group(probe)));
  }
  ports.progress('framing');
  checks.push(...(await framingChecks(probe, quiet)));
  const after = await askGood(probe);
  ports.progress('quota');
  checks.push(...(await quotaCheck(probe)), ...leakChecks(probe.errors));
  const seen = { checks, requests: probe.requests };
  return after.good ? seen : { ...seen, doubt: noControl(`is not answered any more: ${after.came}`) };
}

function noControl(what: string): { code: string; message: string } {
  return { code: 'no-control', message: `a good request ${what}; a server that answers nothing proves nothing` };
}
