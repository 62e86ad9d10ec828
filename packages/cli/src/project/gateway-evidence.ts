// What a running gateway says about itself as evidence in the projects that it serves: its settings, whether its events
// arrive, and whether the models are the approved ones. Whoever started it needs keys that may say so; without them it runs,
// and the verdicts that ask for this evidence stay not proven.
import { runPlan } from '@vallum/check';
import { messageOf } from '@vallum/core';
import type { Clock, Task } from '@vallum/core';
import type { GatewayConfig, Primary, RouteWatch, Written } from '@vallum/gateway';
import { doubtAboutHistory, gatewayKey, isEvidenceDue, planGatewayConfig, planGatewayEvents } from '@vallum/gateway';
import type { EntryLog } from '@vallum/ledger';
import { publicRecord } from '@vallum/trust';
import type { Io } from '../answer.js';
import { TOOL } from '../version.js';
import { projectOf } from './gateway-watches.js';
import { anchorGatewayLog, newestCheckpoint } from './gateway-anchor.js';
import { closeProjectLedger, enterWaiting, openProjectLedger, readRecorded } from './log.js';
import { saveEvidence } from './save-evidence.js';
import { writeIntegrity } from './serving-evidence.js';
import { keyWithRole, openSession } from './session.js';

const CONTROL_MS = 60_000;
/** Between two looks into an inbox for the sake of a closed route. */
const ENTER_MS = 10_000;

export class GatewayEvidence {
  readonly #config: GatewayConfig;
  readonly #state: string;
  readonly #io: Io;
  readonly #clock: Clock;
  readonly #told = new Set<string>();
  readonly #integrity = new Map<string, Written>();
  /** Counts of the last statement: the next one speaks of what came after. */
  #events = { emitted: 0, delivered: 0, dropped: 0 };
  /** When each project's inbox was looked into last. */
  readonly #entered = new Map<string, number>();
  #queue: Promise<void> = Promise.resolve();

  /** @param state folder of the gateway */
  constructor(config: GatewayConfig, state: string, io: Io) {
    this.#config = config;
    this.#state = state;
    this.#io = io;
    this.#clock = io.clock;
  }

  /** `gateway.config` and `gateway.events`; never rejects. */
  write(primary: Primary): Promise<void> {
    return this.#then(async () => {
      const selfTest = await primary.events.selfTest();
      const { settings, digest } = this.#config;
      const now = this.#clock();
      const { hasSink, counts } = primary.events;
      const state = {
        at: now.getTime(),
        hasSink,
        emitted: counts.emitted - this.#events.emitted,
        delivered: counts.delivered - this.#events.delivered,
        dropped: counts.dropped - this.#events.dropped,
        selfTest,
        ledgerReady: primary.records.ready,
        records: primary.records.log.size,
      };
      for (const project of this.#projects())
        await this.#save(project, primary.records.log, (doubt) => [
          planGatewayConfig(this.#config),
          planGatewayEvents({
            gateway: settings.name,
            config: digest,
            state: { ...state, ...(doubt === undefined ? {} : { historyDoubt: doubt }) },
            now,
          }),
        ]);
      // What could not be written is told again the next time.
      this.#events = counts;
    });
  }

  /** `integrity.check` of one route, when what was seen of the model is news or the last word on it grows old. */
  looked(route: string, watch: RouteWatch): void {
    const found = this.#config.routes.find(({ id }) => id === route);
    const subject = watch.state.pass?.subject;
    if (!watch.gate.open) this.#enterWaiting(route);
    if (found === undefined || found.settings.serving.by === 'nothing' || subject === undefined) return;
    const { serving, model } = found.settings;
    const written: Written = { at: this.#clock().getTime(), subject, look: watch.integrity };
    if (!isEvidenceDue(this.#integrity.get(route), written)) return;
    const before = this.#integrity.get(route);
    this.#integrity.set(route, written);
    void this.#then(
      async () => {
        const session = await openSession(projectOf(this.#config, serving.project, this.#io));
        const name = `${session.declaration.project}@${serving.version}`;
        const facts = {
          subject: { name, digest: { sha256: subject } },
          by: serving.by,
          gateway: this.#config.settings.name,
          route: model,
          look: watch.integrity,
        };
        await writeIntegrity(session, facts);
      },
      () => this.#forget(route, written, before),
    );
  }

  /** What could not be written is due again at the next look. */
  #forget(route: string, written: Written, before: Written | undefined): void {
    if (this.#integrity.get(route) !== written) return;
    if (before === undefined) this.#integrity.delete(route);
    else this.#integrity.set(route, before);
  }

  /** A verdict that somebody wrote while we held the ledger waits in the inbox, and the route waits for it. */
  #enterWaiting(route: string): void {
    const serving = this.#config.routes.find(({ id }) => id === route)?.settings.serving;
    const now = this.#clock().getTime();
    if (serving === undefined || serving.by === 'nothing' || now - (this.#entered.get(serving.project) ?? 0) < ENTER_MS)
      return;
    this.#entered.set(serving.project, now);
    void this.#then(async () => {
      const session = await openSession(projectOf(this.#config, serving.project, this.#io));
      const ledger = await openProjectLedger(session);
      try {
        await enterWaiting(session, ledger);
      } finally {
        await closeProjectLedger(session, ledger);
      }
    });
  }

  /** Waits for what is being written. */
  settled(): Promise<void> {
    return this.#queue;
  }

  #projects(): ReadonlySet<string> {
    return new Set(
      this.#config.routes.flatMap(({ settings: { serving } }) => (serving.by === 'nothing' ? [] : [serving.project])),
    );
  }

  /** @param tasksFor what is planned, given what speaks against the records going on from their last checkpoint */
  async #save(project: string, log: EntryLog, tasksFor: (doubt: string | undefined) => readonly Task[]): Promise<void> {
    const session = await openSession(projectOf(this.#config, project, this.#io));
    const ledger = await openProjectLedger(session);
    try {
      const logKey = await gatewayKey(this.#io.disk, this.#state);
      const { statements } = await readRecorded(session, ledger);
      const earlier = newestCheckpoint(session, log.origin, statements);
      const doubt = earlier === undefined ? undefined : await doubtAboutHistory(log, earlier, publicRecord(logKey));
      const reports = await runPlan(tasksFor(doubt), {
        tool: TOOL,
        clock: this.#clock,
        kinds: session.kinds,
        timeoutMs: CONTROL_MS,
        progress: () => undefined,
        reuse: () => ({ kind: 'none' }),
        keyFor: (kind) => keyWithRole(session, session.kinds.get(kind)?.role ?? `produce:${kind}`),
        save: (envelope, blob) => saveEvidence(session, ledger, envelope, blob),
      });
      for (const { kind, outcome, reason, findings } of reports) {
        const why = reason?.message ?? findings[0]?.message;
        if (outcome !== 'pass') this.#tell(`${kind}: ${outcome}${why === undefined ? '' : `, ${why}`}`);
      }
      const key = keyWithRole(session, 'produce:gateway.events');
      if (key !== undefined && doubt === undefined && log.size > (earlier?.checkpoint.size ?? -1))
        await anchorGatewayLog(session, ledger, log, { logKey: publicRecord(logKey), key });
      await enterWaiting(session, ledger);
    } finally {
      await closeProjectLedger(session, ledger);
    }
  }

  /** One after the other: they share the ledgers of the projects. */
  #then(work: () => Promise<void>, failed: () => void = () => undefined): Promise<void> {
    this.#queue = this.#queue.then(work).catch((error: unknown) => {
      failed();
      this.#tell(`evidence was not written: ${messageOf(error)}`);
    });
    return this.#queue;
  }

  #tell(line: string): void {
    if (this.#told.has(line) || this.#told.size > 1_000) return;
    this.#told.add(line);
    this.#io.notice(line);
  }
}
