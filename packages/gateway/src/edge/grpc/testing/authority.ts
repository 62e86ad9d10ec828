// An authority with certificates for tests, made with openssl and thrown away.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pem {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  readonly certificate: string;
  /**
   * @param names as openssl writes them: `DNS:localhost,URI:spiffe://acme/web`
   * @param days that it lasts; -1 for one that has expired
   */
  issue(commonName: string, names: string, days?: number): Pem;
  end(): void;
}

export const hasOpenssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

export function authority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'vallum-grpc-'));
  const at = (name: string): string => join(folder, name);
  const run = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-subj',
    '/CN=test authority',
    '-days',
    '2',
  );
  let count = 0;
  return {
    certificate: readFileSync(at('ca.pem'), 'utf8'),
    issue: (commonName, names, days = 2) => {
      count += 1;
      const [key, request, pem, extensions] = ['key', 'csr', 'pem', 'ext'].map((end) => at(`${count}.${end}`)) as [
        string,
        string,
        string,
        string,
      ];
      writeFileSync(extensions, `subjectAltName=${names}\n`);
      run('req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${commonName}`);
      run(
        'x509',
        '-req',
        '-in',
        request,
        '-CA',
        at('ca.pem'),
        '-CAkey',
        at('ca.key'),
        '-CAcreateserial',
        '-days',
        String(days),
        '-extfile',
        extensions,
        '-out',
        pem,
      );
      return { certificate: readFileSync(pem, 'utf8'), key: readFileSync(key, 'utf8') };
    },
    end: () => rmSync(folder, { recursive: true }),
  };
}
