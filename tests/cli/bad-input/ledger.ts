// Bad input for receipts, anchors and witnesses.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Row, Spoil } from './row.js';
import { put } from './row.js';

const KEY = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
const NOT_A_KEY = 'vallum: this is not a verifier key: it does not have the form name+key id+key [NOTE_VKEY]';
const receipt = put('a.tlog-proof', 'c2sp.org/tlog-proof@v1\nindex 0\n\n');
const WITNESS = ['ledger', 'witness', '--name', 'example.net/w1', '--state', 'w'];

/** Reads and writes go on, but the name of the state is taken by a file. */
const stateIsAFile: Spoil = put('w', 'hello');

export const ledger: readonly Row[] = [
  {
    condition: 'a receipt that is none',
    on: 'fresh',
    args: ['ledger', 'verify-proof', 'vallum.yaml', '--log', KEY],
    exit: 3,
    first:
      'vallum: vallum.yaml: this is not a receipt of a ledger (tlog-proof): it has no checkpoint [RECEIPT_INVALID]',
  },
  {
    condition: 'a truncated receipt',
    on: 'fresh',
    spoil: receipt,
    args: ['ledger', 'verify-proof', 'a.tlog-proof', '--log', KEY],
    exit: 3,
    first: 'vallum: a.tlog-proof: this is not a signed note: the signature lines are missing [NOTE_INVALID]',
  },
  {
    condition: 'a receipt that is not there',
    on: 'fresh',
    args: ['ledger', 'verify-proof', 'none.tlog-proof', '--log', KEY],
    exit: 3,
    first: 'vallum: cannot read none.tlog-proof: there is no such file [DISK_READ]',
  },
  {
    condition: 'a receipt and no word about who is believed',
    on: 'fresh',
    spoil: receipt,
    args: ['ledger', 'verify-proof', 'a.tlog-proof'],
    exit: 3,
    first: 'vallum: it is not said which log is believed [LOG_POLICY]',
  },
  {
    condition: 'a policy about logs with an unknown line',
    on: 'fresh',
    spoil: put('policy.txt', `log ${KEY}\nthreshold 2\nquorum none\n`),
    args: ['ledger', 'verify-proof', 'a.tlog-proof', '--policy', 'policy.txt'],
    exit: 3,
    first:
      'vallum: policy.txt: this is not a policy about logs and witnesses: line 2 is not a line of a log policy [LOG_POLICY]',
  },
  {
    condition: 'a mistyped key of a log',
    on: 'fresh',
    args: ['ledger', 'verify-proof', 'a.tlog-proof', '--log', KEY.replace('Ac4z', 'Ac4y')],
    exit: 3,
    first: 'vallum: this is not a verifier key: its key id is not that of its key [NOTE_VKEY]',
  },
  {
    condition: 'a receipt for a statement that is not there',
    on: 'released',
    args: ['ledger', 'prove', '00000000'],
    exit: 3,
    first: 'vallum: no statement begins with 00000000 [ID_UNKNOWN]',
  },
  {
    condition: 'anchors where no folder is',
    on: 'released',
    args: ['ledger', 'anchor', 'vallum.yaml'],
    exit: 3,
    first: 'vallum: vallum.yaml is not a folder [ANCHOR_FOLDER]',
  },
  {
    condition: 'anchors of a project without a ledger',
    on: 'fresh',
    spoil: ({ project }) => void mkdirSync(join(project, 'anchors')),
    as: 'approver',
    args: ['ledger', 'anchor', 'anchors'],
    exit: 2,
    first: 'vallum: this project has no ledger yet [LEDGER_NONE]',
  },
  {
    condition: 'a comparison with what is no checkpoint',
    on: 'released',
    args: ['ledger', 'compare', 'vallum.yaml'],
    exit: 3,
    first: 'vallum: vallum.yaml: this is not a signed note: the signature lines are missing [NOTE_INVALID]',
  },
  {
    condition: 'a new key for the ledger, without the root',
    on: 'released',
    args: ['ledger', 'rotate'],
    exit: 3,
    first: 'vallum: the root key of trust.json is not in DIR/keys/runner [TRUST_ROOT]',
  },
  {
    condition: 'a witness that nobody can reach',
    on: 'released',
    args: ['ledger', 'cosign', '--witness', 'http://127.0.0.1:9', '--key', 'w+00000000+x'],
    exit: 3,
    first: NOT_A_KEY,
  },
  {
    condition: 'the key of a log in place of that of a witness',
    on: 'released',
    args: ['ledger', 'cosign', '--witness', 'http://127.0.0.1:9', '--key', KEY],
    exit: 3,
    first: 'vallum: the key of sum.golang.org is that of a log, not of a witness [WITNESS_KEY]',
  },
  {
    condition: 'a witness whose key is none',
    on: 'fresh',
    args: [...WITNESS, '--log', 'example.org/log'],
    exit: 3,
    first: NOT_A_KEY,
  },
  {
    condition: 'a witness that is to listen nowhere',
    on: 'fresh',
    args: [...WITNESS, '--log', KEY, '--listen', 'here'],
    exit: 3,
    first: 'vallum: "here" is not HOST:PORT [WITNESS_LISTEN]',
  },
  {
    condition: 'a witness with a name that a note cannot carry',
    on: 'fresh',
    args: ['ledger', 'witness', '--state', 'w', '--name', 'a witness'],
    exit: 3,
    first: 'vallum: not the name of a witness: "a witness" [WITNESS_NAME]',
  },
  {
    condition: 'a witness whose folder is a file',
    on: 'fresh',
    spoil: stateIsAFile,
    args: WITNESS,
    exit: 3,
    first: 'vallum: cannot write w/lock: a part of its path is not a directory [DISK_WRITE]',
  },
];
