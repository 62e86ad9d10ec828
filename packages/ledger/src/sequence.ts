// Enters what lies in the inbox, in groups. A file leaves the inbox only after its statement is durable in the ledger or
// after it was set aside; a crash in between makes the next round find the statement entered and remove the file.
import { messageOf, VallumError, type Disk } from '@vallum/core';
import type { Signed } from '@vallum/trust';
import { entryOf } from './entry.js';
import { listInbox, readInboxFile, setAside, type SetAside } from './inbox.js';
import { CONFLICT, conflict, isSame, type Writer } from './statements/writer.js';
import type { Envelope } from './store/content-store.js';

export interface Inbox {
  readonly disk: Disk;
  readonly inboxDir: string;
  readonly nonce: () => string;
  readonly admit: ((signed: Signed) => string | undefined) | undefined;
}

export interface Sequenced {
  /** Statements that were new. */
  readonly entered: number;
  readonly setAside: readonly SetAside[];
}

const GROUP_FILES = 256;
/** Bytes of envelopes that are held in memory before they are entered. */
const GROUP_BYTES = 16 * 1024 * 1024;

export async function sequence(inbox: Inbox, writer: Writer): Promise<Sequenced> {
  const { disk, inboxDir, nonce } = inbox;
  const aside: SetAside[] = [];
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
      else aside.push(await setAside(disk, inboxDir, { name, reason }, nonce()));
    }
    entered += fresh.filter((envelope) => !refused.has(envelope)).length;
    group = [];
    bytes = 0;
  }
  for (const name of await listInbox(disk, inboxDir)) {
    const found = await readInboxFile(disk, inboxDir, name);
    const reason = 'reason' in found ? found.reason : refusal(inbox, writer, found);
    if (reason !== undefined) aside.push(await setAside(disk, inboxDir, { name, reason }, nonce()));
    else if ('signed' in found) {
      group.push(found);
      bytes += found.bytes.length;
    }
    if (group.length === GROUP_FILES || bytes >= GROUP_BYTES) await flush();
  }
  await flush();
  return { entered, setAside: aside };
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
