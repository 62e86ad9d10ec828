// What the primary is put together from, opened in an order in which a failure leaves nothing behind: first what can be found wrong
// by looking, then the records, whose holder holds the state folder, then the rest.
import { randomBytes } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { Disk, EventSink } from '@vallum/core';
import type { GatewayConfig } from '../../config/config.js';
import type { PolicySet } from '../../may/decide.js';
import { RecordDesk } from '../../records/desk.js';
import { GATHERED, openGatewayLog } from '../../records/edge/open-gateway-log.js';
import type { GatewayAlert } from '../../records/events/alert.js';
import { EventDesk } from '../../records/events/event-desk.js';
import type { RouteWatch } from '../../serving/watch-route.js';
import { Budgets } from './budgets.js';
import type { ToWorker, WorkerStart } from './messages.js';
import { readNamedFiles } from './named-files.js';
import { Reloads } from './reloads.js';
import { gatewaySecrets } from './secrets.js';

export interface PrimaryOptions {
  readonly config: GatewayConfig;
  /** State folder, absolute. */
  readonly state: string;
  readonly disk: Disk;
  /** Of Vallum. */
  readonly version: string;
  readonly policies: PolicySet;
  /** Reads the policies again; undefined where they cannot change. @throws VallumError when they do not validate */
  readonly readPolicies?: () => Promise<PolicySet>;
  /** Of the routes that serve under a verdict only. */
  readonly watches: ReadonlyMap<string, RouteWatch>;
  /** Told after each look at a route, such as to write evidence; never awaited. */
  readonly looked?: (route: string, watch: RouteWatch) => void;
  readonly sink?: EventSink;
  /** One line for the person who started the gateway. */
  readonly tell: (line: string) => void;
}

/** Who is told of what happens in the parts. */
export interface Heard {
  readonly ready: (ready: boolean, why?: string) => void;
  readonly standing: () => void;
  readonly alert: (alert: GatewayAlert) => void;
  readonly message: (message: ToWorker) => void;
  readonly revoked: (ids: readonly string[]) => void;
}

export interface PrimaryParts {
  readonly desk: RecordDesk;
  readonly budgets: Budgets;
  readonly events: EventDesk;
  readonly reloads: Reloads;
  readonly start: Omit<WorkerStart, 'life' | 'keys' | 'policies' | 'standing'>;
}

/** @throws VallumError as `Primary.start` */
export async function openParts(options: PrimaryOptions, heard: Heard): Promise<PrimaryParts> {
  const { config, disk, state, version, sink } = options;
  const { settings, folder, digest } = config;
  const path = (file: string): string => (isAbsolute(file) ? file : join(folder, file));
  const learned = readNamedFiles(config, Date.now());
  const secrets = await gatewaySecrets(disk, state);
  const reloads = await Reloads.open({
    disk,
    policies: options.policies,
    ...(options.readPolicies === undefined ? {} : { readPolicies: options.readPolicies }),
    ...(settings.identity.keys === undefined ? {} : { keys: { list: path(settings.identity.keys), state } }),
    changed: heard.message,
    revoked: heard.revoked,
    alert: (alert) => {
      options.tell(alert.why);
      heard.alert(alert);
    },
  });
  const group = settings.records.durable === 'after' ? GATHERED : undefined;
  const reopen = (): ReturnType<typeof openGatewayLog> => openGatewayLog(disk, state, settings.name, group);
  const log = await reopen();
  const budgets = await Budgets.open({
    disk,
    config,
    state,
    path,
    onRevoked: (fresh) => {
      for (const { kind, id } of fresh)
        heard.alert({ kind: 'credential-revoked', at: Date.now(), why: `the ${kind} ${id} was revoked` });
      heard.standing();
    },
    onState: (isUp, reason) => options.tell(`the shared state of the cluster is ${isUp ? 'there' : 'away'}: ${reason}`),
  }).catch(async (error: unknown) => {
    await log.close();
    throw error;
  });
  const desk = new RecordDesk({ log, reopen, tell: heard.ready });
  const events = new EventDesk({
    source: { gateway: settings.name, version },
    sink,
    clock: () => Date.now(),
    newId: () => randomBytes(16).toString('hex'),
  });
  const start = {
    settings,
    config: digest,
    folder,
    version,
    workers: settings.workers,
    secrets,
    learned,
    events: sink !== undefined,
  };
  return { desk, budgets, events, reloads, start };
}
