// The door of the gateway: a guarded door in front of any inference server.
export type { GatewayConfig, Route } from './config/config.js';
export { readGatewayConfig } from './config/read-config.js';
export type { Operation } from './door/operation.js';
export { Primary } from './edge/process/primary.js';
export type { PrimaryOptions } from './edge/process/primary.js';
export { learnFromProfile } from './guard/learn/from-profile.js';
export { learnFromTable } from './guard/learn/from-table.js';
export type { LearnAs } from './guard/learn/from-table.js';
export type { GatewayRanges, RangeColumn } from './guard/learn/ranges.js';
export { rangesBytes } from './guard/learn/read-ranges.js';
export type { PolicySet } from './may/decide.js';
export {
  planGatewayProbe,
  PROBE_BOUNDS,
  PROBE_PROTOCOLS,
  probePath,
  probeTarget,
  rawWire,
  runProbe,
} from './probe/index.js';
export type { Checked, ProbeProtocol, ProbeSeen, ProbeSettings } from './probe/index.js';
export { buildLogCheckpoint, LOG_CHECKPOINT_TYPE, readLogCheckpoint } from './records/checkpoint-statement.js';
export type { LogCheckpoint } from './records/checkpoint-statement.js';
export { doubtAboutHistory } from './records/continued.js';
export { gatewayKey, gatewayLogFolder, gatewayOrigin, openGatewayLog } from './records/edge/open-gateway-log.js';
export { planGatewayConfig } from './records/evidence/plan-gateway-config.js';
export { planGatewayEvents } from './records/evidence/plan-gateway-events.js';
export type { EventsFacts, EventsState } from './records/evidence/plan-gateway-events.js';
export { readDecision } from './records/read-decision.js';
export { CANARY_ROLES, CANARY_TYPE, MOST_EXCHANGES, buildCanary, canaryRequest, readCanary } from './serving/canary.js';
export type { Canary, CanaryContent, CanaryRequest, Exchange } from './serving/canary.js';
export { firstDifference } from './serving/compare-json.js';
export type { Tolerance } from './serving/compare-json.js';
export { askUpstream } from './serving/edge/ask-upstream.js';
export { isEvidenceDue } from './serving/evidence-due.js';
export type { Written } from './serving/evidence-due.js';
export { integrityIdentity, planIntegrityCheck } from './serving/integrity-check.js';
export type { IntegrityFacts } from './serving/integrity-check.js';
export type { IntegrityLook, VerdictLook, VerdictPass } from './serving/looks.js';
export { bodyOf, isBusy, replayCanary } from './serving/replay.js';
export type { Ask } from './serving/replay.js';
export type { ServingRules } from './serving/serving-state.js';
export { RouteWatch } from './serving/watch-route.js';
export { StoreWatch } from './serving/watch-store.js';
export { addKey, isOpen, makeKey, revokeKey, rotateKey } from './who/keys/key-edits.js';
export type { KeyHolder, KeyRecord } from './who/keys/key-file.js';
export { changeKeys, readHolders } from './who/keys/key-store.js';
export type { KeyPlaces } from './who/keys/key-store.js';
