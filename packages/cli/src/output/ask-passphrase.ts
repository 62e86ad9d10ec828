// A passphrase from the terminal, not echoed; or from a file that only its owner can read. Never from an argument or a
// variable: other accounts, and whoever reads the history of a shell, would have it too.
import type { Disk } from '@vallum/core';
import { VallumError } from '@vallum/core';

const MAX_BYTES = 4096;
const GROUP_OR_OTHERS = 0o077;
const ENTER = /[\r\n\u0004]/;

/** The first line of the file. @throws VallumError `KEY_MODE`, `DISK_READ` */
export async function readPassphraseFile(disk: Disk, path: string): Promise<string> {
  const stat = await disk.stat(path);
  if (stat?.kind === 'file' && (stat.mode & GROUP_OR_OTHERS) !== 0)
    throw new VallumError('KEY_MODE', `${path} is readable by other accounts`, { fix: `chmod 600 ${path}` });
  const text = Buffer.from(await disk.read(path, MAX_BYTES)).toString();
  return text.replace(/\r?\n$/, '');
}

/** @throws VallumError `VAULT_PASSPHRASE` where there is no terminal, or when the person gives up */
export async function askPassphrase(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY)
    throw new VallumError('VAULT_PASSPHRASE', 'there is no terminal to ask for the passphrase', {
      fix: 'give a file that only you can read with --passphrase-file FILE',
    });
  stderr.write(`${question}: `);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed = '';
      stdin.on('data', (bytes: Buffer) => {
        for (const character of bytes.toString()) {
          if (ENTER.test(character)) return resolve(typed);
          if (character === '\u0003') return reject(new VallumError('VAULT_PASSPHRASE', 'no passphrase was given'));
          typed = character === '\u007f' || character === '\b' ? [...typed].slice(0, -1).join('') : typed + character;
        }
      });
    });
  } finally {
    stdin.removeAllListeners('data');
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}
