// The primary process: owns the records, the budgets, the serving gates and what detectors conclude, and keeps as many workers
// as were asked for. It speaks with no stranger.
import { fileURLToPath } from 'node:url';
import { messageOf, VallumError } from '@vallum/core';
import type { Step } from '../../detectors/step.js';
import type { RecordDesk } from '../../records/desk.js';
import type { GatewayAlert } from '../../records/events/alert.js';
import type { EventDesk } from '../../records/events/event-desk.js';
import { GatewayMetrics, METRICS_TYPE } from '../../records/metrics/gateway-metrics.js';
import type { Budgets } from './budgets.js';
import { Detectors } from './detectors.js';
import type { DetectorsSaid } from './detector-thread.js';
import { alertsOfChange, alertOfServing } from './happenings.js';
import type { Ports, Standing, WorkerStart } from './messages.js';
import type { OperatorServer } from './operator-server.js';
import { serveOperators } from './operator-server.js';
import { openParts } from './primary-parts.js';
import type { PrimaryOptions, PrimaryParts } from './primary-parts.js';
import type { Reloads } from './reloads.js';
import { WorkerProcess } from './worker-process.js';

export type { PrimaryOptions } from './primary-parts.js';

const RESTART_MS = 250;
/** A revoked key is refused within two seconds, in a cluster everywhere. */
const KEYS_MS = 500;
const POLICIES_MS = 1_000;
/** The compiled worker-main.ts, beside this file in a checkout and in the bundle. */
const WORKER = fileURLToPath(new URL('./worker-main.js', import.meta.url));

export class Primary {
  readonly #options: PrimaryOptions;
  readonly #desk: RecordDesk;
  readonly #budgets: Budgets;
  readonly #events: EventDesk;
  readonly #metrics = new GatewayMetrics();
  readonly #start: Omit<WorkerStart, 'life' | 'keys' | 'policies' | 'standing'>;
  readonly #reloads: Reloads;
  readonly #workers = new Set<WorkerProcess>();
  readonly #timers: NodeJS.Timeout[] = [];
  #detectors: Detectors | undefined;
  #steps: readonly (readonly [string, Step])[] = [];
  #operator: OperatorServer | undefined;
  #ports: Ports = {};
  #isStopping = false;

  private constructor(options: PrimaryOptions, parts: PrimaryParts) {
    this.#options = options;
    this.#desk = parts.desk;
    this.#budgets = parts.budgets;
    this.#events = parts.events;
    this.#start = parts.start;
    this.#reloads = parts.reloads;
  }

  /**
   * Resolves when every worker listens.
   * @throws VallumError `GATEWAY_*`, `LEDGER_*`, `LIFETIME_CORRUPT`, `KEY_MODE`, `DISK_*`
   */
  static async start(options: PrimaryOptions): Promise<Primary> {
    const heard: { primary?: Primary } = {};
    const parts = await openParts(options, {
      ready: (ready, why) => heard.primary?.recordsReady(ready, why),
      standing: () => heard.primary?.tellStanding(),
      alert: (alert) => heard.primary?.alert(alert),
      message: (message) => heard.primary?.tellAll(message),
      revoked: (ids) => heard.primary?.shareRevoked(ids),
    });
    const primary = new Primary(options, parts);
    heard.primary = primary;
    try {
      await primary.#open();
      return primary;
    } catch (error) {
      await primary.stop();
      throw error;
    }
  }

  get ports(): Ports & { readonly operator: number } {
    return { ...this.#ports, operator: this.#operator?.port ?? 0 };
  }

  get events(): EventDesk {
    return this.#events;
  }

  get records(): RecordDesk {
    return this.#desk;
  }

  async #open(): Promise<void> {
    const { config, watches } = this.#options;
    const { settings } = config;
    const watched = config.routes.filter(({ settings: { detection } }) => detection.kind !== 'off');
    if (watched.length > 0)
      this.#detectors = new Detectors({
        program: new URL('./detector-thread.js', import.meta.url),
        start: {
          routes: watched.map(({ id, settings: { detection } }) => [id, { most: detection.most }]),
          ...settings.detection,
        },
        said: (said) => this.#concluded(said),
        failed: (why) => this.#options.tell(`the detectors failed and start anew: ${why}`),
      });
    this.#operator = await serveOperators(settings.operator.address, {
      metrics: async () => ({ type: METRICS_TYPE, text: await this.#metricsText() }),
      status: () => this.status(),
      isReady: () => this.#desk.ready && this.#workers.size > 0,
    });
    await Promise.all([...watches.keys()].map((route) => this.#look(route)));
    const ports = await Promise.all(Array.from({ length: settings.workers }, () => this.#fork()));
    this.#ports = ports[0] ?? {};
    this.#every(settings.serving.everySeconds * 1_000, () => {
      for (const route of watches.keys()) void this.#look(route);
    });
    // What was revoked while this gateway did not run.
    this.shareRevoked(this.#reloads.revoked);
    this.#every(KEYS_MS, () => void this.#reloads.lookAtKeys());
    this.#every(POLICIES_MS, () => void this.#reloads.lookAtPolicies());
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms));
  }

  async #fork(): Promise<Ports> {
    const start = { ...this.#start, ...this.#reloads.now, standing: this.#standing() };
    const { worker, ports } = await WorkerProcess.start(WORKER, start, (message, from) => this.#hear(message, from));
    if (this.#isStopping) {
      // Another one could not start, and nobody would ever stop this one.
      worker.kill();
      throw new VallumError('GATEWAY_WORKER', 'the gateway stops', { fix: 'start it again' });
    }
    this.#workers.add(worker);
    // What changed while it started: a key that was revoked meanwhile must not count in it.
    const { keys, policies } = this.#reloads.now;
    if (keys !== undefined && keys !== start.keys) worker.tell({ type: 'keys', keys });
    if (policies !== start.policies) worker.tell({ type: 'policies', policies });
    worker.tell({ type: 'standing', standing: this.#standing() });
    worker.tell({ type: 'records-ready', ready: this.#desk.ready });
    void worker.ended.then(() => this.#ended(worker));
    return ports;
  }

  #ended(worker: WorkerProcess): void {
    this.#workers.delete(worker);
    this.#budgets.left(worker.life);
    this.#desk.left(worker.life);
    this.#metrics.left(worker.life);
    if (this.#isStopping) return;
    const why = `the worker ${worker.pid ?? ''} ended and another one takes its place`;
    this.alert({ kind: 'worker-ended', at: Date.now(), why });
    this.#options.tell(why);
    this.#replace();
  }

  #replace(): void {
    setTimeout(() => {
      if (this.#isStopping) return;
      this.#fork().catch((error: unknown) => {
        this.#options.tell(`a worker could not start: ${messageOf(error)}`);
        this.#replace();
      });
    }, RESTART_MS);
  }

  #hear(message: Parameters<Parameters<typeof WorkerProcess.start>[2]>[0], from: WorkerProcess): void {
    switch (message.type) {
      case 'records':
        // Which life it is, is known here and not taken from what it says.
        return void this.#desk.take({ ...message, life: from.life }).then((ack) => from.tell(ack));
      case 'lease':
        return void this.#lend(message.id, message.requests, from);
      case 'sketches':
        return this.#detectors?.observe(message);
      case 'metrics':
        return this.#metrics.add(from.life, message);
      case 'event':
        return this.#events.event(message.event);
      case 'key-set-trouble':
        return this.#options.tell(
          `keys of ${message.trouble.issuer}: ${message.trouble.state}: ${message.trouble.reason}`,
        );
    }
  }

  async #lend(
    id: number,
    requests: Parameters<ReturnType<Budgets['sourceFor']>['lease']>[0],
    to: WorkerProcess,
  ): Promise<void> {
    try {
      to.tell({ type: 'leased', id, answers: await this.#budgets.sourceFor(to.life).lease(requests) });
    } catch (error) {
      const reason = messageOf(error);
      to.tell({ type: 'leased', id, answers: requests.map(() => ({ kind: 'unavailable', reason }) as const) });
    }
  }

  async #look(route: string): Promise<void> {
    const watch = this.#options.watches.get(route);
    if (watch === undefined) return;
    const before = watch.gate;
    const { raised } = await watch.look();
    for (const alert of raised) {
      this.alert(alertOfServing(route, alert));
      this.#options.tell(`${route}: ${alert.message}`);
    }
    if (watch.gate.open && !before.open) {
      this.alert({ kind: 'route-opened', at: Date.now(), why: 'a deploy verdict holds for it', route });
      this.#options.tell(`${route}: open under the verdict ${watch.gate.statement?.slice(0, 12) ?? ''}`);
    }
    this.#metrics.route(route, watch.gate.open);
    this.#options.looked?.(route, watch);
    this.tellStanding();
  }

  #concluded({ changes, steps }: DetectorsSaid): void {
    for (const change of changes) {
      for (const alert of alertsOfChange(change)) this.alert(alert);
      if (change.from !== change.to)
        this.#options.tell(`${change.principal} on ${change.route}: ${change.from} -> ${change.to}`);
    }
    if (changes.length === 0) return;
    this.#steps = steps;
    const counts: Partial<Record<Step, number>> = {};
    for (const [, step] of steps) counts[step] = (counts[step] ?? 0) + 1;
    this.#metrics.steps(counts);
    this.tellStanding();
  }

  #standing(): Standing {
    return {
      gates: [...this.#options.watches].map(([route, { gate }]) => [route, gate] as const),
      steps: this.#steps,
      revoked: this.#budgets.revocations.all(),
    };
  }

  shareRevoked(ids: readonly string[]): void {
    this.#budgets.shareRevoked(ids).catch((error: unknown) => this.#options.tell(messageOf(error)));
  }

  tellStanding(): void {
    this.tellAll({ type: 'standing', standing: this.#standing() });
  }

  tellAll(message: Parameters<WorkerProcess['tell']>[0]): void {
    for (const worker of this.#workers) worker.tell(message);
  }

  alert(alert: GatewayAlert): void {
    this.#events.alert(alert);
  }

  recordsReady(ready: boolean, why = ''): void {
    this.alert({
      kind: ready ? 'records-recovered' : 'records-failing',
      at: Date.now(),
      why: why || 'records are kept again',
    });
    this.#options.tell(ready ? 'records are kept again' : `records cannot be kept, requests are refused: ${why}`);
    this.#metrics.ledger(ready);
    this.tellAll({ type: 'records-ready', ready });
  }

  /** What serves and what does not. */
  status(): object {
    const { config, watches } = this.#options;
    return {
      gateway: config.settings.name,
      config: config.digest,
      policy: this.#reloads.now.policies.digest,
      records: { size: this.#desk.log.size, root: this.#desk.log.root, ready: this.#desk.ready },
      workers: this.#workers.size,
      routes: config.routes.map(({ id, settings: { serving } }) => ({
        id,
        serving: serving.by,
        ...(watches.get(id) === undefined ? {} : { gate: watches.get(id)?.gate }),
      })),
      events: this.#events.counts,
      lostSketches: this.#detectors?.lost ?? 0,
    };
  }

  #metricsText(): Promise<string> {
    this.#metrics.ledger(this.#desk.ready);
    this.#metrics.events(this.#events.counts);
    return this.#metrics.metricsText();
  }

  /** Lets workers come to their end, then closes what they needed. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.tellAll({ type: 'stop' });
    const patience = this.#options.config.settings.http.drainSeconds * 1_000 + 5_000;
    const late = setTimeout(() => [...this.#workers].forEach((worker) => worker.kill()), patience);
    await Promise.all([...this.#workers].map(({ ended }) => ended));
    clearTimeout(late);
    await this.#operator?.close();
    await this.#detectors?.close();
    await this.#budgets.close();
    await this.#desk.close();
  }
}
