// `vallum data list`: what is in the vault, and whether the files and the ledger agree. It needs no key and no role: headers
// are readable by whoever has the files.
import type { RecordedObject, StoredObject } from '@vallum/data';
import { headerName } from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { colourOf, printable, table } from '../output/style.js';
import type { VaultDesk } from './data-desk.js';
import { atVault } from './data-desk.js';

/** `sealed` and `shredded` are as they should be; the others need somebody to look. */
export type ObjectState = 'sealed' | 'shredded' | 'lost' | 'back' | 'unrecorded' | 'revoked' | 'replaced' | 'broken';

export function stateOf(stored: StoredObject | undefined, recorded: RecordedObject | undefined): ObjectState {
  if (recorded === undefined) return 'unrecorded';
  if (recorded.shredded !== undefined) return stored?.kek === undefined ? 'shredded' : 'back';
  if (stored === undefined) return 'lost';
  const { subject, commitment } = recorded.sealed;
  const isSame = subject.name === headerName(stored) && subject.digest.sha256 === stored.digest;
  if (!isSame || commitment !== stored.commitment) return 'replaced';
  if (stored.kek === undefined) return 'lost';
  return recorded.revoked === undefined ? 'sealed' : 'revoked';
}

export async function dataListCommand(io: Io): Promise<Answer> {
  return atVault(io, async (desk) => {
    const objects = rowsOf(desk);
    const { strange } = desk.survey;
    const isFine = strange.length === 0 && objects.every(({ state }) => state === 'sealed' || state === 'shredded');
    const rows = objects.map(({ id, kind, name, state, digest }) => [
      { text: id.slice(0, 12) },
      { text: kind },
      { text: printable(name) },
      { text: digest.slice(0, 12) },
      { text: state, paint: (text: string) => colourOf(io.style, text) },
    ]);
    return {
      exit: isFine ? EXIT.pass : EXIT.refused,
      text: [
        objects.length === 0 ? 'The vault is empty.' : table(rows),
        ...strange.map((name) => `No sealed object: ${printable(name)}`),
      ].join('\n'),
      json: { schema: 'vallum/data-list/v1', objects, strange },
    };
  });
}

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly digest: string;
  readonly state: ObjectState;
}

function rowsOf({ log, survey, session }: VaultDesk): readonly Listed[] {
  const broken = new Map(survey.broken.map(({ file, message }) => [file.slice(0, 32), message]));
  const stored = new Map(survey.objects.map((one) => [one.id, one]));
  const ids = [...new Set([...log.ids, ...stored.keys(), ...broken.keys()])];
  return ids.map((id) => {
    const recorded = log.object(id);
    const file = stored.get(id);
    const fault = broken.get(id);
    const [, kind = '?', ...name] = (
      recorded?.sealed.subject.name ?? (file === undefined ? '' : headerName(file))
    ).split('/');
    return {
      id,
      kind,
      name: name.join('/'),
      digest: recorded?.sealed.subject.digest.sha256 ?? file?.digest ?? '',
      state: fault === undefined || recorded?.shredded !== undefined ? stateOf(file, recorded) : 'broken',
      ...(file?.kek === undefined ? {} : { kek: file.kek }),
      ...(fault === undefined ? {} : { message: fault }),
      ...(file !== undefined && file.project !== session.declaration.project ? { project: file.project } : {}),
      ...(recorded === undefined ? {} : { sealed: said(recorded.sealed) }),
      ...(recorded?.revoked === undefined ? {} : { revoked: recorded.revoked }),
      ...(recorded?.shredded === undefined ? {} : { shredded: said(recorded.shredded) }),
    };
  });
}

function said({ who, why, createdAt }: RecordedObject['sealed']): object {
  return { by: who, why, at: createdAt };
}
