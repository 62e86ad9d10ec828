// Signed statements for the ledger tasks, about as large as a scan's: made before the clock starts.
import { sha256 } from '@vallum/core';
import { generateKey, signStatement } from '@vallum/trust';

export const ORIGIN = 'bench.example/ledger';

export function places(base) {
  return { origin: ORIGIN, dir: `${base}/ledger`, statementsDir: `${base}/statements`, inboxDir: `${base}/inbox` };
}

export function makeStatements(count) {
  const key = generateKey('bench', 'ed25519');
  return Array.from({ length: count }, (_, n) =>
    signStatement(
      {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: `model@v${n}`, digest: { sha256: sha256(`subject ${n}`) } }],
        predicateType: 'urn:vallum:evidence:artifact.scan:v1',
        predicate: { outcome: 'pass', n, note: 'x'.repeat(400) },
      },
      key,
    ),
  );
}

export function* groupsOf(list, size) {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
