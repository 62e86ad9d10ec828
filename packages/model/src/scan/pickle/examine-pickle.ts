// Runs the abstract machine over a pickle and judges it; follows the pickles that its constants carry.
import type { PickleReport } from '@vallum/formats';
import { PICKLE_LIMITS, readPickles } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { followConstants } from './follow-constants.js';
import { PickleJudge } from './judge.js';

/** @param certain false for bytes that are probably no pickle: only what acts is told, and no fault */
export async function examinePickle(context: Context, item: Item, certain = true): Promise<void> {
  const judge = new PickleJudge(context.pickle, (draft) => find(context, item, draft));
  const limits = { ...PICKLE_LIMITS, maxSteps: context.budgets.maxSteps, keys: context.pickle.keys };
  const report = await read(context, item, readPickles(item.source.size, judge.visit, limits));
  judge.finish(report);
  if (certain) tellFaults(context, item, report);
  tellStorages(context, item, report);
  await followConstants(context, item, report.payloads, judge.loadsConstants);
}

/** In a zip of torch each storage is an entry: it must have the bytes that the pickle announces (CVE-2026-24747). */
function tellStorages(context: Context, item: Item, { storages }: PickleReport): void {
  const { entries, name } = item;
  if (entries === undefined || !/(?:^|\/)(?:data|constants)\.pkl$/.test(name)) return;
  for (const { key, width, count } of storages) {
    const bytes = entries.get(`${name.slice(0, -'.pkl'.length)}/${key}`);
    if (bytes === undefined || width === undefined || count === undefined || bytes === width * count) continue;
    const detail = `storage ${JSON.stringify(key.slice(0, 40))} is ${bytes} bytes and ${count} elements of ${width} are announced`;
    find(context, item, { rule: 'VLM-PKL-024', detail });
  }
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
  if (report.legacyTorch === 'incomplete')
    skip(context, item, 'the storages of the torch file', 'they are not as its persistent ids announce them');
  const unfolds = report.anomalies.get('unfolds');
  if (unfolds !== undefined)
    find(context, item, { rule: 'VLM-PKL-030', detail: `at offset ${unfolds}`, location: { offset: unfolds } });
  const source = report.anomalies.get('python-source');
  if (source !== undefined)
    find(context, item, { rule: 'VLM-PKL-023', detail: `at offset ${source}`, location: { offset: source } });
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
