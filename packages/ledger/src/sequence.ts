// Enters what lies in the inbox, in groups. A file leaves the inbox only after its statement is durable in the ledger or
// after it was set aside; a crash in between makes the next round find the statement entered and remove the file. Whoever
// can write into the inbox decides how many files there are: all that may be statements are read and the good ones entered,
// but only so many others are set aside in one round; the rest wait, and people are told how many.
import { messageOf, VallumError, type Disk } from '@vallum/core';
import type { Signed } from '@vallum/trust';
import { entryOf } from './entry.js';
import { listInbox, readInboxFile, setAside, type SetAside } from './inbox.js';
import { CONFLICT, conflict, isSame, type Writer } from './statements/writer.js';
import type { Envelope } from './store/content-store.js';
import { inParallel } from './store/parallel.js';

export interface Inbox {
  readonly disk: Disk;
  readonly inboxDir: string;
  readonly nonce: () => string;
  readonly admit: ((signed: Signed) => string | undefined) | undefined;
}

export interface Sequenced {
  /** Statements that were new. */
  readonly entered: number;
  /** What was moved out of the way, and last the files that wait for the next round to do so. */
  readonly setAside: readonly SetAside[];
}

const GROUP_FILES = 256;
/** Bytes of envelopes that are held in memory before they are entered. */
const GROUP_BYTES = 16 * 1024 * 1024;

/** Files that are set aside in one round. */
const MOST_ASIDE = 1024;
/** Files that are read side by side. */
const READ_TOGETHER = 16;

export async function sequence(inbox: Inbox, writer: Writer): Promise<Sequenced> {
  const { disk, inboxDir } = inbox;
  const aside = new Aside(inbox);
  let entered = 0;
  let group: Envelope[] = [];
  let bytes = 0;
  async function flush(): Promise<void> {
    const fresh = group.filter(({ signed }) => writer.find(signed.id) === undefined);
    const refused = await enter(writer, group);
    for (const envelope of group) {
      const name = `${envelope.signed.id}.json`;
      const reason = refused.get(envelope);
      if (reason === undefined) await disk.remove(`${inboxDir}/${name}`);
      else await aside.add({ name, reason });
    }
    entered += fresh.filter((envelope) => !refused.has(envelope)).length;
    group = [];
    bytes = 0;
  }
  const { names, nameless } = await listInbox(disk, inboxDir);
  for (let from = 0; from < names.length; from += READ_TOGETHER) {
    const together = names.slice(from, from + READ_TOGETHER);
    const files = await inParallel(together, (name) => readInboxFile(disk, inboxDir, name));
    for (const [at, found] of files.entries()) {
      const reason = 'reason' in found ? found.reason : refusal(inbox, writer, found);
      if (reason !== undefined) await aside.add({ name: together[at] ?? '', reason });
      else if ('signed' in found) {
        group.push(found);
        bytes += found.bytes.length;
      }
      if (group.length === GROUP_FILES || bytes >= GROUP_BYTES) await flush();
    }
  }
  await flush();
  return { entered, setAside: await aside.told(nameless) };
}

/** What is refused, moved out of the way in groups. */
class Aside {
  readonly #inbox: Inbox;
  readonly #told: SetAside[] = [];
  #group: SetAside[] = [];
  #waiting = 0;
  #firstWaiting: SetAside | undefined;

  constructor(inbox: Inbox) {
    this.#inbox = inbox;
  }

  async add(file: SetAside): Promise<void> {
    if (this.#told.length + this.#group.length >= MOST_ASIDE) {
      this.#waiting += 1;
      this.#firstWaiting ??= file;
      return;
    }
    this.#group.push(file);
    if (this.#group.length === GROUP_FILES) await this.#flush();
  }

  /** @param nameless files whose names cannot be used */
  async told(nameless: number): Promise<readonly SetAside[]> {
    await this.#flush();
    const told = [...this.#told];
    if (this.#firstWaiting !== undefined) {
      const { name, reason } = this.#firstWaiting;
      const wait = `${this.#waiting} files of this kind wait for the next run, this one among them`;
      told.push({ name, reason: `${reason}; ${wait}: one run sets ${MOST_ASIDE} aside` });
    }
    if (nameless > 0)
      told.push({ name: '?', reason: `${nameless} files stay in the inbox: their names are not valid UTF-8` });
    return told;
  }

  async #flush(): Promise<void> {
    const { disk, inboxDir, nonce } = this.#inbox;
    if (this.#group.length > 0) this.#told.push(...(await setAside(disk, inboxDir, this.#group, nonce)));
    this.#group = [];
  }
}

function refusal({ admit }: Inbox, writer: Writer, { signed }: Envelope): string | undefined {
  const entry = entryOf(signed);
  const known = writer.find(signed.id);
  if (known !== undefined) return isSame(known, entry) ? undefined : messageOf(conflict(entry));
  return admit?.(signed);
}

/** Enters a group; answers those that met another signature of their statement on its way in, and why. */
async function enter(writer: Writer, group: readonly Envelope[]): Promise<ReadonlyMap<Envelope, string>> {
  try {
    if (group.length > 0) await writer.append(group);
    return new Map();
  } catch (error) {
    if (!(error instanceof VallumError && error.code === CONFLICT)) throw error;
    const [only, ...more] = group;
    if (only !== undefined && more.length === 0) return new Map([[only, error.message]]);
    const refused = new Map<Envelope, string>();
    for (const envelope of group) for (const [one, why] of await enter(writer, [envelope])) refused.set(one, why);
    return refused;
  }
}
