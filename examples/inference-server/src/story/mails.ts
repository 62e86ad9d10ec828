// Mails that the spam filter never saw: the latest fifth of the feeds that trained it, as the spam filter's own scripts lay them out.
import { readFile } from 'node:fs/promises';
import { shuffled } from './chance.js';
import type { World } from './world.js';
import { compiled } from './world.js';

export interface Mail {
  /** The first line is the subject. */
  readonly text: string;
  readonly isSpam: boolean;
}

/** What the spam filter's own scripts read of a mail. */
interface Text {
  readonly subject: string;
  readonly body: string;
}

interface MailReader {
  readonly mailText: (mail: string) => Promise<Text>;
}

const FEEDS = ['easy-ham-1', 'spam-1'];
const TRAIN_SHARE = 0.8;

/** @param feeds folder of the feeds */
export async function heldOutMails(world: World, feeds: string, most: number): Promise<readonly Mail[]> {
  const { mailText } = (await import(compiled('spam-filter', 'mail-text.js'))) as MailReader;
  const mails: { readonly mail: string; readonly isSpam: boolean }[] = [];
  for (const feed of FEEDS) {
    const lines = (await readFile(world.path(feeds, feed, 'rows.jsonl'), 'utf8')).trimEnd().split('\n');
    for (const line of lines.slice(Math.floor(lines.length * TRAIN_SHARE))) {
      const { mail, label } = JSON.parse(line) as { readonly mail: string; readonly label: string };
      mails.push({ mail, isSpam: label === 'spam' });
    }
  }
  const some = shuffled(mails, 1).slice(0, most);
  return Promise.all(some.map(async ({ mail, isSpam }) => ({ text: textOf(await mailText(mail)), isSpam })));
}

function textOf({ subject, body }: Text): string {
  return `${subject}\n${body}`;
}
