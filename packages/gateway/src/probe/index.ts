// What a probe offers to the command line.
export type { Checked } from './check.js';
export { rawWire } from './edge/raw-wire.js';
export { planGatewayProbe } from './plan-gateway-probe.js';
export type { ProbeSettings } from './probe.js';
export { PROBE_PROTOCOLS, probePath } from './probe-path.js';
export { probeTarget } from './probe-target.js';
export type { ProbeProtocol } from './probe-target.js';
export { PROBE_BOUNDS } from './rules.js';
export { runProbe } from './run-probe.js';
export type { ProbeSeen } from './run-probe.js';
