// `vallum monitor show` and `vallum monitor settle`: what is open and what was pinned; and that an alert has been dealt with.
import { VallumError } from '@vallum/core';
import { snippetOf } from '@vallum/data';
import { isOpen } from '@vallum/monitor';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { alertJson, alertLines } from '../output/monitor-text.js';
import { printable } from '../output/style.js';
import { filedText } from '../project/log.js';
import { faultOf, readMonitorState } from '../project/monitor-place.js';
import { atMonitor, checkMonitorWhy, decideOn, withActs } from './monitor-desk.js';

export async function monitorShowCommand(io: Io, target: string): Promise<Answer> {
  return atMonitor(io, target, async ({ session, place, acts }) => {
    const fault = await faultOf(session, acts);
    const remembered = await readMonitorState(place);
    const state = remembered === undefined ? undefined : withActs(remembered, acts);
    const alerts = state?.alerts ?? [];
    const pins = acts.pins.map(({ act, reference }) => {
      const { who, why, createdAt: at, data } = act;
      return { reference, who, why, at, ...(data === undefined ? {} : { data }) };
    });
    const last = state?.recent.at(-1);
    const open = alerts.filter(isOpen);
    const text = [
      `${place.monitor}: ${state?.judged ?? 0} windows judged since the pin, ${state?.rows ?? 0} rows in all, ${open.length} alerts open`,
      ...(last === undefined ? [] : [`  last window ${last.number} at ${last.at}: ${last.outcome}`]),
      ...(acts.current === undefined ? ['  nobody pinned a reference: vallum monitor pin'] : []),
      ...(acts.firstRevoked === true ? ['  the first pin was revoked, and is still compared with'] : []),
      ...(fault === undefined ? [] : [`  ${printable(fault)}`]),
      ...pins.map(
        ({ reference, who, why, at }) => `  pin ${reference.slice(0, 12)} by ${who} at ${at}: ${printable(why)}`,
      ),
      ...acts.settlings.map(
        ({ subject, who, why, createdAt }) =>
          `  ${printable(subject.name)} settled by ${who} at ${createdAt}: ${printable(why)}`,
      ),
      ...alerts.flatMap(alertLines),
    ].join('\n');
    return {
      exit: EXIT.pass,
      text,
      json: {
        schema: 'vallum/monitor-show/v1',
        monitor: place.monitor,
        reference: acts.current?.reference ?? null,
        first: acts.first?.reference ?? null,
        ...(acts.firstRevoked === true ? { firstRevoked: true } : {}),
        ...(fault === undefined ? {} : { fault }),
        judged: state?.judged ?? 0,
        rows: state?.rows ?? 0,
        windows: state?.recent ?? [],
        performance: state?.performance ?? [],
        files: (state?.files ?? []).map(({ path, sha256, size, used, rows, failed }) => ({
          path: snippetOf(path),
          sha256,
          size,
          used,
          ...(rows === undefined ? {} : { rows }),
          ...(failed === undefined ? {} : { failed }),
        })),
        pins,
        settled: acts.settlings.map(({ subject, who, why, createdAt }) => ({
          alert: subject.digest.sha256,
          who,
          why,
          at: createdAt,
        })),
        alerts: alerts.map(alertJson),
      },
    };
  });
}

export async function monitorSettleCommand(
  io: Io,
  target: string,
  alert: string,
  { why }: { readonly why: string },
): Promise<Answer> {
  return atMonitor(io, target, async (desk) => {
    const { place, acts } = desk;
    checkMonitorWhy(place.monitor, why);
    const remembered = await readMonitorState(place);
    const open = remembered === undefined ? [] : withActs(remembered, acts).alerts.filter(isOpen);
    const found = /^[0-9a-f]{6,64}$/.test(alert) ? open.filter(({ id }) => id.startsWith(alert)) : [];
    const [only, ...more] = found;
    if (only === undefined || more.length > 0)
      throw new VallumError(
        'MONITOR_ALERT',
        more.length > 0
          ? `${alert} is the beginning of ${found.length} alerts`
          : `${place.monitor} has no open alert ${JSON.stringify(alert.slice(0, 80))}`,
        { fix: `give more digits of its id; see vallum monitor show ${place.version}` },
      );
    const subject = { name: `alert ${only.id.slice(0, 12)}`, digest: { sha256: only.id } };
    const { by, filed } = await decideOn(desk, { act: 'settle', subject, why });
    return {
      exit: EXIT.pass,
      text: `Settled alert ${only.id.slice(0, 12)} of ${place.monitor}: ${printable(why)}\n  ${filedText(filed)}`,
      json: {
        schema: 'vallum/monitor-settle/v1',
        monitor: place.monitor,
        alert: only.id,
        rule: only.rule,
        by,
        why,
        filed,
      },
    };
  });
}
