// `vallum data review decide`: what a person says about suspect rows, signed, one statement a row. Only rows of the queue can be
// decided, as they are now: the statement names their content.
import type { JsonObject } from '@vallum/core';
import { STATEMENT_TYPE, VallumError } from '@vallum/core';
import type { Choice, QueueItem } from '@vallum/data';
import { decisionPredicate, printChoice, REVIEW_TYPE } from '@vallum/data';
import { didYouMean } from '@vallum/policy';
import { readEnvelope, signStatement } from '@vallum/trust';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { printable } from '../output/style.js';
import { fileStatement, filedText } from '../project/log.js';
import { atReview, queueOf, REVIEW_ROLE } from '../project/review.js';
import { requireRole } from '../project/session.js';
import { actorOf } from './authority.js';
import { drafted } from './draft.js';

export interface DecideOptions {
  readonly keep?: boolean;
  readonly drop?: boolean;
  readonly relabel?: string;
  readonly why: string;
}

export async function dataReviewDecideCommand(
  io: Io,
  version: string,
  rows: readonly string[],
  options: DecideOptions,
): Promise<Answer> {
  return atReview(io, version, async ({ session, ledger, target, ...desk }) => {
    const choice = choiceOf(options, session.declaration.labels);
    const actor = actorOf(session, requireRole(session, REVIEW_ROLE));
    const { queue } = await queueOf({ session, ledger, target, ...desk });
    const items = [...new Set(rows.map((row) => findItem(row, queue.items)))];
    const createdAt = session.clock().toISOString();
    const envelopes = items.map((item) => {
      const { id, feed, row, content } = item;
      const predicate = drafted(
        (): JsonObject =>
          decisionPredicate({ item: id, feed, row, content, choice, who: actor.id, why: options.why, createdAt }),
        'give --why a sentence in plain text',
      );
      const subject = [{ name: `${feed}/${row}`, digest: { sha256: id } }];
      return {
        item,
        envelope: signStatement({ _type: STATEMENT_TYPE, subject, predicateType: REVIEW_TYPE, predicate }, actor.key),
      };
    });
    const decided = [];
    for (const { item, envelope } of envelopes)
      decided.push({
        item: item.id,
        feed: item.feed,
        row: item.row,
        statement: readEnvelope(envelope).id,
        filed: await fileStatement(ledger, envelope),
      });
    return {
      exit: EXIT.pass,
      text: decided
        .map(
          ({ feed, row, filed }) =>
            `${printable(feed)}/${printable(row)}: ${printable(printChoice(choice))}\n  ${filedText(filed)}`,
        )
        .join('\n'),
      json: {
        schema: 'vallum/data-review-decide/v1',
        target,
        choice: printChoice(choice),
        by: actor.id,
        why: options.why,
        decided,
      },
    };
  });
}

/** @throws VallumError `REVIEW_CHOICE` */
function choiceOf({ keep, drop, relabel }: DecideOptions, labels: readonly string[]): Choice {
  const given = [keep === true, drop === true, relabel !== undefined].filter(Boolean).length;
  if (given !== 1)
    throw new VallumError('REVIEW_CHOICE', `${given === 0 ? 'nothing' : 'more than one thing'} was decided`, {
      fix: 'give one of --keep, --drop and --relabel LABEL',
    });
  if (relabel === undefined) return { action: keep === true ? 'keep' : 'drop' };
  if (!labels.includes(relabel))
    throw new VallumError('REVIEW_CHOICE', `${JSON.stringify(relabel.slice(0, 80))} is no label of this project`, {
      fix: didYouMean(relabel, labels),
    });
  return { action: 'relabel', label: relabel };
}

/** `ROW`, or `FEED/ROW` where several feeds have it. @throws VallumError `REVIEW_ROW` */
function findItem(name: string, items: readonly QueueItem[]): QueueItem {
  const found = items.filter(({ feed, row }) => row === name || `${feed}/${row}` === name);
  const [only, ...more] = found;
  const shown = JSON.stringify(name.slice(0, 80));
  if (only === undefined)
    throw new VallumError('REVIEW_ROW', `${shown} is no row of the queue`, {
      fix: 'see the rows with vallum data review',
    });
  if (more.length > 0)
    throw new VallumError('REVIEW_ROW', `several feeds have a row ${shown}`, {
      fix: `name one of ${found.map(({ feed, row }) => `${feed}/${row}`).join(', ')}`,
    });
  return only;
}
