// Which decisions about monitors count: entered in the ledger, by a key that held the role, under the name of its own principal, and
// not revoked. What waits in the inbox does not count yet: a pin that nobody can see must not move a reference.
import type { Sha256 } from '@vallum/core';
import { parseTime, VallumError } from '@vallum/core';
import type { LedgerStatement } from '@vallum/policy';
import { collectRevocations } from '@vallum/policy';
import type { MonitorAct } from '@vallum/trust';
import { MONITOR_TYPE, readMonitorAct } from '@vallum/trust';
import type { Session } from './session.js';
import { trustOf } from './session.js';

export interface Pin {
  readonly act: MonitorAct;
  /** Of the bytes of the reference. */
  readonly reference: Sha256;
}

export interface MonitorActs {
  /** Of this monitor, oldest first. */
  readonly pins: readonly Pin[];
  readonly current?: Pin;
  /** Of any version of the project's model: the first that ever counted, also where it was revoked since. */
  readonly first?: Pin;
  /** Whoever revokes it would else choose what the next one is compared with. */
  readonly firstRevoked?: true;
  /** Digests of the alerts that were settled. */
  readonly settled: ReadonlySet<Sha256>;
  readonly settlings: readonly MonitorAct[];
}

export function monitorActsOf(session: Session, monitor: string, statements: readonly LedgerStatement[]): MonitorActs {
  const trust = trustOf(session);
  const revocations = collectRevocations(statements, trust);
  const said = [...statements]
    .filter(({ statement }) => statement.predicateType === MONITOR_TYPE)
    .sort((a, b) => a.index - b.index)
    .flatMap((entry) => {
      const { keyid, statement } = entry;
      const act = readOrNothing(statement);
      if (act === undefined) return [];
      return trust.may(keyid, 'monitor', parseTime(act.createdAt))?.id === act.who
        ? [{ act, revoked: revocations.ofStatement(entry) !== undefined }]
        : [];
    });
  const acts = said.filter(({ revoked }) => !revoked).map(({ act }) => act);
  const pins = acts.filter((act) => act.act === 'pin' && act.monitor === monitor).map(pinOf);
  const earliest = said.find(
    ({ act }) => act.act === 'pin' && act.monitor.startsWith(`${session.declaration.project}@`),
  );
  const settlings = acts.filter((act) => act.act === 'settle' && act.monitor === monitor);
  const current = pins.at(-1);
  return {
    pins,
    ...(current === undefined ? {} : { current }),
    ...(earliest === undefined ? {} : { first: pinOf(earliest.act) }),
    ...(earliest?.revoked === true ? { firstRevoked: true } : {}),
    settled: new Set(settlings.map(({ subject }) => subject.digest.sha256)),
    settlings,
  };
}

function pinOf(act: MonitorAct): Pin {
  return { act, reference: act.subject.digest.sha256 };
}

/** A statement that is malformed says nothing. */
function readOrNothing(statement: LedgerStatement['statement']): MonitorAct | undefined {
  try {
    return readMonitorAct(statement);
  } catch (error) {
    if (error instanceof VallumError) return undefined;
    throw error;
  }
}
