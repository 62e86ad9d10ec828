// `vallum data init`: makes the folder of the vault and, where vallum.yaml names a keyring, the keyring with its first key.
// Never over one that is there: whoever replaces a keyring loses all that it wraps.
import { resolve } from 'node:path';
import { parent, VallumError } from '@vallum/core';
import { createKeyring } from '@vallum/data';
import type { Answer, Io } from '../answer.js';
import { EXIT } from '../exit.js';
import { askPassphrase, readPassphraseFile } from '../output/ask-passphrase.js';
import { printable } from '../output/style.js';
import type { Session } from '../project/session.js';
import { openSession } from '../project/session.js';
import { assertOutside, keyringPlace, keyStatus } from '../project/vault-keys.js';
import { vaultPlace } from '../project/vault.js';

export async function dataInitCommand(io: Io, options: { readonly passphraseFile?: string }): Promise<Answer> {
  const session = await openSession(io);
  const { disk, folder, keys } = await vaultPlace(session);
  const place = keys.provider === 'exec' ? undefined : await keyringPlace(session, keys);
  if (place !== undefined) {
    const passphrase = await newPassphrase(session, options.passphraseFile);
    await disk.makeDirectory(parent(place.path), 0o700);
    await createKeyring({ ...place, passphrase });
  }
  await disk.makeDirectory(folder, 0o700);
  const { active } = await keyStatus(session, keys);
  return {
    exit: EXIT.pass,
    text: [
      `The vault is ${printable(folder)}; its active key is ${printable(active)}`,
      ...(place === undefined
        ? []
        : [`The keyring is ${printable(place.path)}: without it and its passphrase, nothing opens.`]),
    ].join('\n'),
    json: { schema: 'vallum/data-init/v1', folder, active, keyring: place?.path ?? null },
  };
}

async function newPassphrase({ disk, paths }: Session, file: string | undefined): Promise<string> {
  if (file !== undefined) {
    await assertOutside(resolve(file), paths.root, 'the file with the passphrase');
    return readPassphraseFile(disk, file);
  }
  const typed = await askPassphrase('New passphrase of the keyring');
  if ((await askPassphrase('The same once more')) === typed) return typed;
  throw new VallumError('VAULT_PASSPHRASE', 'the two passphrases differ', { fix: 'try again' });
}
