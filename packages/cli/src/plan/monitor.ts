// Hands what a monitor remembers and what people pinned to its controls. The running monitor runs them; `check` and `gate` only
// compare its evidence with the pins that count now, for nobody but the monitor knows whether it is alive.
import type { Subject, Task, TaskIdentity } from '@vallum/core';
import type { MonitorFacts } from '@vallum/monitor';
import { planDriftMonitor, planPerformanceMonitor } from '@vallum/monitor';
import type { LedgerStatement } from '@vallum/policy';
import type { MonitorActs } from '../project/monitor-acts.js';
import { monitorActsOf } from '../project/monitor-acts.js';
import { declaredParameters, hasAnswers } from '../project/monitor-place.js';
import type { Session } from '../project/session.js';

/** The second one where the rows hold answers of the model. */
export function planMonitor(
  { declaration, clock }: Session,
  subject: Subject,
  { current, first }: MonitorActs,
  known: Pick<MonitorFacts, 'fault' | 'state'>,
): readonly Task[] {
  const { monitor } = declaration;
  if (monitor === undefined) return [];
  const facts: MonitorFacts = {
    subject,
    declared: declaredParameters(monitor),
    now: clock(),
    ...(current === undefined ? {} : { reference: current.reference }),
    ...(first === undefined ? {} : { first: first.reference }),
    ...known,
  };
  return [planDriftMonitor(facts), ...(hasAnswers(monitor) ? [planPerformanceMonitor(facts)] : [])];
}

/** What evidence of the monitor has to speak about to count for this version. */
export function monitorIdentities(
  session: Session,
  subject: Subject,
  statements: readonly LedgerStatement[],
): readonly TaskIdentity[] {
  return planMonitor(session, subject, monitorActsOf(session, subject.name, statements), {});
}
