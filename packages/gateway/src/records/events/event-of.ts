// Makes events: a CloudEvents 1.0 envelope around an OCSF body, with what OCSF has no field for in `unmapped.vallum`. Pure.
// Class, activity, severity and status numbers are those of ocsf-schema (github.com/ocsf/ocsf-schema).
import { SEVERITIES } from '@vallum/core';
import type { JsonObject, JsonValue, SecurityEvent, Severity } from '@vallum/core';
import type { Decision } from '../decision.js';
import type { GatewayAlert } from './alert.js';
import { ATLAS_VERSION, isSettled, OCSF_VERSION, signalOfAlert, signalOfDecision } from './signals.js';
import type { DecisionSignal } from './signals.js';

/** Who makes events. */
export interface EventSource {
  /** Name of the gateway. */
  readonly gateway: string;
  /** Version of Vallum. */
  readonly version: string;
}

const API_ACTIVITY = 6003;
const AUTHENTICATION = 3002;
const DETECTION_FINDING = 2004;
const APPLICATION_LIFECYCLE = 6002;
/** Kinds that are acts of operation; all others are findings. */
const OPERATION: ReadonlySet<string> = new Set(['reloaded', 'self-test', 'credential-revoked']);
const OTHER = 99;
const LONGEST = 512;

/** The event of a decision, or undefined when nobody has to hear of it. Its id is the decision's. */
export function eventOfDecision(source: EventSource, decision: Decision): SecurityEvent | undefined {
  const { code, outcome, at, model, version } = decision;
  const signal = code === undefined || outcome !== 'refused' ? undefined : signalOfDecision(code);
  if (signal === undefined) return undefined;
  const subject = model === undefined ? undefined : version === undefined ? model : `${model}/${version}`;
  const body = signal.class === AUTHENTICATION ? authentication(source, decision) : apiActivity(decision);
  return envelope(
    source,
    { id: decision.id, event: signal.event, at, ...(subject === undefined ? {} : { subject }) },
    {
      ...body,
      ...refused(decision, signal),
      ...common(source, decision.id, at, signal.severity, ['security_control']),
      ...attacksOf(signal.atlas),
      ...(decision.times === undefined ? {} : { count: decision.times }),
      unmapped: { vallum: ofDecision(decision) },
    },
  );
}

/** The event of an alert. @param id unique, such as 128 random bits in hexadecimal */
export function eventOfAlert(source: EventSource, alert: GatewayAlert, id: string): SecurityEvent {
  const signal = signalOfAlert(alert.kind);
  const { at, model, route } = alert;
  const subject = model ?? route;
  const isFinding = !OPERATION.has(alert.kind);
  return envelope(
    source,
    { id, event: alert.kind, at, ...(subject === undefined ? {} : { subject }) },
    {
      ...(isFinding ? finding(source, alert, id) : operation(source, alert)),
      message: cut(alert.why),
      ...common(source, id, at, signal.severity, []),
      unmapped: { vallum: ofAlert(alert) },
    },
  );
}

function envelope(
  { gateway }: EventSource,
  what: { readonly id: string; readonly event: string; readonly at: number; readonly subject?: string },
  data: JsonObject,
): SecurityEvent {
  const { id, event, at, subject } = what;
  return {
    specversion: '1.0',
    id: cut(id),
    source: `urn:vallum:gateway:${gateway}`,
    type: `dev.vallum.gateway.${event}.v1`,
    time: new Date(at).toISOString(),
    ...(subject === undefined ? {} : { subject: cut(subject) }),
    datacontenttype: 'application/json',
    data,
  };
}

function common(
  { version }: EventSource,
  uid: string,
  at: number,
  severity: Severity,
  profiles: readonly string[],
): JsonObject {
  return {
    time: at,
    // OCSF counts from 1 Informational to 5 Critical.
    severity_id: SEVERITIES.length - SEVERITIES.indexOf(severity),
    metadata: {
      version: OCSF_VERSION,
      uid: cut(uid),
      product: { name: 'Vallum gateway', vendor_name: 'Vallum', version },
      ...(profiles.length === 0 ? {} : { profiles }),
    },
  };
}

/** @param activity of the class; 99 has to be named */
function classOf(uid: number, activity: number, name?: string): JsonObject {
  return {
    category_uid: Math.floor(uid / 1000),
    class_uid: uid,
    activity_id: activity,
    ...(name === undefined ? {} : { activity_name: name }),
    type_uid: uid * 100 + activity,
  };
}

function apiActivity({ operation, principal, peer, route, status, model }: Decision): JsonObject {
  return {
    ...classOf(API_ACTIVITY, OTHER, 'Infer'),
    api: { operation: cut(operation ?? 'unknown'), service: { name: cut(route ?? 'none') } },
    actor: { user: userOf(principal) },
    src_endpoint: { ip: cut(peer) },
    http_response: { code: status },
    ...(model === undefined ? {} : { resources: [{ name: cut(model), type: 'model' }] }),
  };
}

function authentication({ gateway }: EventSource, { principal, peer }: Decision): JsonObject {
  return {
    ...classOf(AUTHENTICATION, 1),
    user: userOf(principal),
    service: { name: gateway },
    src_endpoint: { ip: cut(peer) },
    is_remote: true,
  };
}

function refused({ code, reason }: Decision, { title }: DecisionSignal): JsonObject {
  return {
    message: title,
    status_id: 2,
    status_code: code ?? '',
    ...(reason === undefined ? {} : { status_detail: cut(reason) }),
    action_id: 2,
    disposition_id: 2,
  };
}

function finding({ gateway }: EventSource, alert: GatewayAlert, id: string): JsonObject {
  const { title, atlas, ends } = signalOfAlert(alert.kind);
  const { route, principal, upstream, kind } = alert;
  // Opening and settling name the same thing, so that a desk can put them together.
  const settles = ends !== undefined;
  return {
    ...classOf(DETECTION_FINDING, settles ? 3 : 1),
    status_id: settles ? 4 : 1,
    finding_info: {
      uid: ends !== undefined || isSettled(kind) ? cut([gateway, ends ?? kind, route ?? upstream ?? ''].join('/')) : id,
      title,
      desc: cut(alert.why),
      types: [kind],
      ...attacksOf(atlas),
    },
    is_alert: !settles,
    ...(principal === undefined ? {} : { evidences: [{ actor: { user: userOf(principal) } }] }),
  };
}

function operation({ gateway, version }: EventSource, { kind }: GatewayAlert): JsonObject {
  return {
    ...classOf(APPLICATION_LIFECYCLE, OTHER, kind),
    app: { name: gateway, vendor_name: 'Vallum', version },
    status_id: 1,
  };
}

function attacksOf(atlas: readonly string[]): JsonObject {
  if (atlas.length === 0) return {};
  return {
    attacks: atlas.map((id) => {
      const [family, technique, sub] = id.split('.');
      const parent = { technique: { uid: `${family ?? ''}.${technique ?? ''}` } };
      return {
        ...parent,
        ...(sub === undefined ? {} : { sub_technique: { uid: id } }),
        version: `ATLAS ${ATLAS_VERSION}`,
      };
    }),
  };
}

function userOf(principal: string | undefined): JsonObject {
  return principal === undefined ? { name: 'unknown', type_id: 0 } : { uid: cut(principal), type_id: OTHER };
}

function ofDecision({
  id,
  code,
  route,
  credential,
  policies,
  step,
  input,
  times,
  config,
  policy,
}: Decision): JsonObject {
  return defined({
    decision: id,
    code,
    route,
    credential,
    step,
    input,
    times,
    config,
    policy,
    policies: policies?.slice(0, 16).map(cut),
  });
}

function ofAlert({
  kind,
  route,
  model,
  principal,
  group,
  upstream,
  seen,
  step,
  decisions,
  more,
}: GatewayAlert): JsonObject {
  return defined({
    ...{ alert: kind, route, model, principal, group, upstream, more },
    seen: seen && { ...seen },
    step: step && { ...step },
    decisions: decisions?.slice(0, 20).map(cut),
  });
}

function defined(values: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const known = Object.entries(values).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([key, value]) => [key, typeof value === 'string' ? cut(value) : value]));
}

function cut(text: string): string {
  return text.slice(0, LONGEST).toWellFormed();
}
