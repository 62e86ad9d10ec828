// `vallum data review`: rows that the scan for poison names, the worst first, each with its reasons and what was decided. It
// shows and changes nothing.
import type { LedgerDecision, QueueItem } from '@vallum/data';
import { foldDecisions, printChoice, snippetOf } from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import type { Style } from '../output/style.js';
import { atReview, queueOf } from '../project/review.js';

interface Shown {
  readonly id: string;
  readonly feed: string;
  readonly row: string;
  readonly label: string;
  readonly content: QueueItem['content'];
  /** Personal data and secrets are masked. */
  readonly snippet: string;
  readonly reasons: QueueItem['reasons'];
  readonly decision?: { readonly choice: string; readonly who: string; readonly why: string; readonly index: number };
}

const TOLD = 20;

export async function dataReviewCommand(io: Io, version: string | undefined): Promise<Answer> {
  return atReview(io, version, async (desk) => {
    const { scan, queue, rowOf } = await queueOf(desk);
    const folded = foldDecisions(queue.items, desk.decisions);
    const decided = new Map(folded.decided.map(({ item, by }) => [item.id, by]));
    const items = queue.items.map((item): Shown => {
      const { id, feed, row, label, content, reasons } = item;
      const by = decided.get(id);
      const snippet = snippetOf(rowOf(feed, row)?.text ?? '');
      return {
        id,
        feed,
        row,
        label,
        content,
        snippet,
        reasons,
        ...(by === undefined ? {} : { decision: shownDecision(by) }),
      };
    });
    const { target, dataset } = desk;
    const counts = { open: folded.open.length, decided: folded.decided.length, stale: folded.stale.length };
    return {
      exit: EXIT.pass,
      text: [
        io.style.bold(
          `${target}: ${items.length} suspect rows, ${counts.open} of them undecided (scan: ${scan.outcome}, entry ${scan.index})`,
        ),
        ...items.slice(0, TOLD).flatMap((item) => itemLines(item, io.style)),
        ...(items.length > TOLD ? [`  ... and ${items.length - TOLD} more, all of them in --format json`] : []),
        ...(queue.unknown.length === 0 ? [] : [`  ${queue.unknown.length} findings name rows that are not there`]),
        ...(counts.stale === 0
          ? []
          : [`  ${counts.stale} decisions are about rows that changed since, and do not count`]),
        ...(items.length === 0 ? [] : ['Decisions make a new feed; the outcome of the scan stays what it is.']),
      ].join('\n'),
      json: {
        schema: 'vallum/data-review-queue/v1',
        target,
        dataset: dataset.subject.digest.sha256,
        scan,
        ...counts,
        items,
        unknown: queue.unknown,
      },
    };
  });
}

function shownDecision({ index, decision }: LedgerDecision): NonNullable<Shown['decision']> {
  return { choice: printChoice(decision.choice), who: decision.who, why: decision.why, index };
}

function itemLines({ feed, row, label, snippet, reasons, decision }: Shown, style: Style): readonly string[] {
  const said =
    decision === undefined
      ? style.warn('undecided')
      : `${style.good(printable(decision.choice))} by ${printable(decision.who)}: ${printable(decision.why)}`;
  return [
    `  ${printable(feed)}/${printable(row)}  ${printable(label)}  ${said}`,
    style.dim(`    ${printable(snippet)}`),
    ...reasons.map(({ severity, rule, message }) => `    ${severity}: ${printable(message)} [${printable(rule)}]`),
  ];
}
