// Runs the abstract machine over a pickle and judges it; follows the pickles that its constants carry.
import type { Payload, PickleReport } from '@vallum/formats';
import { bytesSource, decodePayload, parseSource, PICKLE_LIMITS, readPickles, sliceSource } from '@vallum/formats';
import type { Source } from '@vallum/formats';
import { atOrAbove } from '@vallum/core';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { PickleJudge } from './judge.js';

/** @param certain false for bytes that are probably no pickle: only what acts is told, and no fault */
export async function examinePickle(context: Context, item: Item, certain = true): Promise<void> {
  const judge = new PickleJudge(context.pickle, (draft) => find(context, item, draft));
  const limits = { ...PICKLE_LIMITS, maxSteps: context.budgets.maxSteps };
  const report = await read(context, item, readPickles(item.source.size, judge.visit, limits));
  judge.finish(report);
  if (certain) tellFaults(context, item, report);
  for (const payload of report.payloads) await followPayload(context, item, payload);
}

function tellFaults(context: Context, item: Item, report: PickleReport): void {
  for (const one of report.pickles) {
    if (one.place === 'found' && one.acted)
      find(context, item, {
        rule: 'VLM-PKL-018',
        detail: `at offset ${one.start}`,
        location: { offset: one.start },
      });
    if (one.fault === undefined || one.place === 'found') continue;
    const { message, offset } = one.fault;
    skip(context, item, `the pickle at offset ${one.start}, from offset ${offset} on`, message);
    if (one.acted && one.fault.kind === 'broken')
      find(context, item, { rule: 'VLM-PKL-015', detail: `${message}, at offset ${offset}`, location: { offset } });
  }
  const frame = report.anomalies.get('frame-crossed') ?? report.anomalies.get('frame-beyond-end');
  if (frame !== undefined)
    find(context, item, { rule: 'VLM-PKL-016', detail: `at offset ${frame}`, location: { offset: frame } });
  if (report.anomalies.has('payloads-dropped'))
    skip(context, item, 'further constants that carry pickles', 'there are too many');
  const { trailing } = report;
  if (trailing === undefined) return;
  const { offset, length, searched } = trailing;
  // Behind a fault nobody can say where the pickle ends.
  const ended = report.pickles.every((one) => one.place === 'found' || one.fault === undefined);
  if (ended)
    find(context, item, { rule: 'VLM-PKL-017', detail: `${length} bytes from offset ${offset}`, location: { offset } });
  if (searched < length)
    skip(
      context,
      item,
      `bytes behind the last pickle, from offset ${offset + searched}`,
      'they are too many to search',
    );
}

async function followPayload(context: Context, item: Item, payload: Payload): Promise<void> {
  if (item.depth >= context.budgets.maxDepth)
    return skip(context, item, `a constant at offset ${payload.offset}`, 'it is nested too deep');
  const source = await payloadSource(context, item, payload);
  if (source === undefined) return;
  let worst: string | undefined;
  const judge = new PickleJudge(context.pickle, (draft) => {
    if (atOrAbove(context.rules.finding(draft.rule).severity, 'high')) worst ??= draft.detail;
  });
  const limits = { ...PICKLE_LIMITS, maxSteps: Math.min(1_000_000, context.budgets.maxSteps) };
  const report = await parseSource(readPickles(source.size, judge.visit, limits), source, context.signal);
  judge.finish(report);
  const { offset } = payload;
  if (worst !== undefined)
    find(context, item, {
      rule: 'VLM-PKL-014',
      detail: `the constant at offset ${offset} (${payload.encoding}) ${worst}`,
      location: { offset },
    });
  const inner = { ...item, source, depth: item.depth + 1 };
  for (const next of report.payloads) await followPayload(context, inner, next);
}

async function payloadSource(context: Context, item: Item, payload: Payload): Promise<Source | undefined> {
  const { offset, length, encoding, bytes } = payload;
  if (bytes !== undefined) return bytesSource(decodePayload(bytes, encoding));
  if (encoding === 'raw') return sliceSource(item.source, offset, length);
  if (length > context.budgets.maxEntryBytes)
    return void skip(context, item, `a constant at offset ${offset}`, `it has ${length} bytes in ${encoding}`);
  return bytesSource(decodePayload(await item.source.read(offset, length), encoding));
}
