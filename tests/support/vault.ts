// A vault for tests: a keyring that is cheap to open, declared in vallum.yaml, and objects under ids that the test chooses.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asSha256, nodeDisk } from '@vallum/core';
import type { ObjectKind } from '@vallum/data';
import { createKeyring, openKeyring, sealTree } from '@vallum/data';
import { buildVaultAct, signStatement } from '@vallum/trust';
import { closeProjectLedger, fileStatement, openProjectLedger } from '../../packages/cli/src/project/log.js';
import { openSession } from '../../packages/cli/src/project/session.js';

export const PASSPHRASE = 'correct horse battery staple';
/** The cheapest scrypt that a keyring may have. */
const CHEAP = 14;

export interface VaultHome {
  readonly project: string;
  /** Of the custodian. */
  readonly keys: string;
}

/** Declares a vault with a keyring, and makes both. @returns the file with its passphrase */
export async function makeVault({ project, keys }: VaultHome, bulk = ''): Promise<string> {
  const path = join(keys, 'keyring.json');
  const passphraseFile = join(keys, 'passphrase');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  appendFileSync(
    join(project, 'vallum.yaml'),
    `vault: { keys: { provider: passphrase-file, file: ${path} }${bulk === '' ? '' : `, bulk: ${bulk}`} }\n`,
  );
  await createKeyring({ disk: nodeDisk, path, passphrase: PASSPHRASE, logN: CHEAP });
  mkdirSync(join(project, 'vault'), { mode: 0o700 });
  return passphraseFile;
}

/** As `vallum data seal` does, under an id of the caller's. */
export async function sealAs(
  { project, keys }: VaultHome,
  id: string,
  { kind, name, path }: { readonly kind: ObjectKind; readonly name: string; readonly path: string },
): Promise<void> {
  const session = await openSession({ disk: nodeDisk, clock: () => new Date(), keysFolder: keys, folder: project });
  const sealed = await sealTree({
    disk: nodeDisk,
    vault: join(project, 'vault'),
    id,
    name: { project: session.declaration.project, kind, name },
    path: join(project, path),
    detached: ['model.sig'],
    keys: await openKeyring({ disk: nodeDisk, path: join(keys, 'keyring.json'), passphrase: PASSPHRASE }),
  });
  const key = session.keys.find((one) => one.name === 'approver-vault');
  if (key === undefined) throw new Error('the keys are not those of the custodian');
  const { object, digest, bytes } = sealed.header;
  const subject = { name: object, digest: { sha256: asSha256(digest) } };
  const act = { act: 'seal', object: id, kind, subject, commitment: sealed.commitment, bytes } as const;
  const statement = buildVaultAct({ ...act, who: 'approver', why: 'for the tests' }, session.clock());
  const ledger = await openProjectLedger(session);
  await fileStatement(ledger, signStatement(statement, key));
  await closeProjectLedger(session, ledger);
}
