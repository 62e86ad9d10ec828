// What the commands of a monitor share: the project, the place of the monitor, and what people decided about it on record.
import type { Subject } from '@vallum/core';
import { digestDirectory, digestTree, VallumError } from '@vallum/core';
import type { Ledger } from '@vallum/ledger';
import type { MonitorState } from '@vallum/monitor';
import { closeAlerts } from '@vallum/monitor';
import { SIGNATURE_FILE } from '@vallum/model';
import type { MonitorAct } from '@vallum/trust';
import { buildMonitorAct, signStatement } from '@vallum/trust';
import type { LedgerStatement } from '@vallum/policy';
import type { Io } from '../answer.js';
import type { Filed } from '../project/log.js';
import { closeProjectLedger, fileStatement, openProjectLedger, readRecorded } from '../project/log.js';
import type { MonitorActs } from '../project/monitor-acts.js';
import { monitorActsOf } from '../project/monitor-acts.js';
import type { MonitorPlace } from '../project/monitor-place.js';
import { monitorPlace } from '../project/monitor-place.js';
import type { Session } from '../project/session.js';
import { openSession, requireRole } from '../project/session.js';
import { versionOf } from '../project/target.js';
import { actorOf } from './authority.js';
import { drafted } from './draft.js';

export interface MonitorDesk {
  readonly session: Session;
  readonly place: MonitorPlace;
  readonly ledger: Ledger;
  readonly acts: MonitorActs;
  readonly statements: readonly LedgerStatement[];
}

export async function atMonitor<T>(io: Io, target: string, work: (desk: MonitorDesk) => Promise<T>): Promise<T> {
  const session = await openSession(io);
  return withLedger(session, await monitorPlace(session, versionOf(session, target)), work);
}

/** The ledger is held only as long as the work needs it. */
export async function withLedger<T>(
  session: Session,
  place: MonitorPlace,
  work: (desk: MonitorDesk) => Promise<T>,
): Promise<T> {
  const ledger = await openProjectLedger(session);
  try {
    const { statements } = await readRecorded(session, ledger);
    return await work({ session, place, ledger, statements, acts: monitorActsOf(session, place.monitor, statements) });
  } finally {
    await closeProjectLedger(session, ledger);
  }
}

type Decision = Pick<MonitorAct, 'act' | 'subject' | 'why' | 'data'>;

/** Looked at before anything else is done: a reason that no statement can carry is wrong use. */
export function checkMonitorWhy(monitor: string, why: string): void {
  const subject = { name: 'monitor', digest: { sha256: '0'.repeat(64) } } as Subject;
  draft({ act: 'settle', subject, why }, monitor, 'who', new Date(0));
}

/** @throws VallumError `ACT_NO_ROLE`, `ACT_UNKNOWN`, `TRUST_FORMAT` */
export async function decideOn(
  { session, place, ledger }: MonitorDesk,
  decision: Decision,
): Promise<{ readonly by: string; readonly filed: Filed }> {
  const actor = actorOf(session, requireRole(session, 'monitor'));
  const statement = draft(decision, place.monitor, actor.id, session.clock());
  return { by: actor.id, filed: await fileStatement(ledger, signStatement(statement, actor.key)) };
}

function draft(decision: Decision, monitor: string, who: string, now: Date): ReturnType<typeof buildMonitorAct> {
  return drafted(() => buildMonitorAct({ ...decision, monitor, who }, now), 'give --why a sentence in plain text');
}

/** The model folder of the version, as other controls name it. */
export async function modelSubject({ session, version, monitor }: MonitorPlace): Promise<Subject> {
  const { disk, paths, declaration } = session;
  const declared = declaration.versions[version];
  if (declared === undefined) throw new VallumError('TARGET_UNKNOWN', `vallum.yaml declares no version ${version}`);
  const files = await digestTree(disk, `${paths.root}/${declared.model}`, (path) => path !== SIGNATURE_FILE);
  return { name: monitor, digest: { sha256: digestDirectory(files) } };
}

/** With what people settled or pinned since. */
export function withActs(state: MonitorState, { current, settled }: MonitorActs): MonitorState {
  const reference = current?.reference ?? state.reference;
  return { ...state, alerts: closeAlerts(state.alerts, { settled, reference, window: state.number }) };
}
