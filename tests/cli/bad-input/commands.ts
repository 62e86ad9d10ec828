// Bad input on the command line.
import type { Row } from './row.js';
import { ESCAPE } from './row.js';

export const commands: readonly Row[] = [
  {
    condition: 'an unknown command',
    on: 'fresh',
    args: ['chekc'],
    exit: 3,
    first: "vallum: unknown command 'chekc' [USAGE]",
    also: ['fix: did you mean check?'],
  },
  {
    condition: 'an unknown command below another',
    on: 'fresh',
    args: ['ledger', 'fsk'],
    exit: 3,
    first: "vallum: unknown command 'fsk' [USAGE]",
    also: ['fix: did you mean fsck? see vallum ledger --help'],
  },
  {
    condition: 'a command with control characters',
    on: 'fresh',
    args: [`check${ESCAPE}`],
    exit: 3,
    first: "vallum: unknown command 'check\\u{1b}[2J' [USAGE]",
  },
  {
    condition: 'an unknown option',
    on: 'fresh',
    args: ['check', 'v1', '--actoin', 'deploy'],
    exit: 3,
    first: "vallum: unknown option '--actoin' [USAGE]",
    also: ['fix: did you mean --action? see vallum check --help'],
  },
  {
    condition: 'one argument too many',
    on: 'fresh',
    args: ['gate', 'v1', 'v2'],
    exit: 3,
    first: "vallum: too many arguments for 'gate'. Expected 1 argument but got 2. [USAGE]",
  },
  {
    condition: 'an argument is missing',
    on: 'fresh',
    args: ['scan'],
    exit: 3,
    first: "vallum: missing required argument 'path' [USAGE]",
  },
  {
    condition: 'a required option is missing',
    on: 'fresh',
    args: ['revoke', 'abcdef12'],
    exit: 3,
    first: "vallum: required option '--reason <text>' not specified [USAGE]",
  },
  ...['abc', '0', '-1', '1e9', 'Infinity', ''].map((value): Row => ({
    condition: `--timeout ${JSON.stringify(value)}`,
    on: 'fresh',
    args: ['check', 'v1', `--timeout=${value}`],
    exit: 3,
    first: `vallum: option '--timeout <seconds>' argument '${value}' is invalid. Give a number of seconds above 0, at most 86400. [USAGE]`,
  })),
  {
    condition: 'a bad --action',
    on: 'fresh',
    args: ['check', 'v1', '--action', 'launch'],
    exit: 3,
    first:
      "vallum: option '--action <action>' argument 'launch' is invalid. Allowed choices are promote, deploy, export. [USAGE]",
  },
  {
    condition: 'a bad --trust-root',
    on: 'fresh',
    args: ['check', 'v1', '--trust-root', 'abc'],
    exit: 3,
    first: 'vallum: not a SHA-256 digest: "abc" [CORE_DIGEST]',
  },
  {
    condition: 'an unknown version',
    on: 'fresh',
    args: ['check', 'v9'],
    exit: 3,
    first: 'vallum: vallum.yaml declares no version "v9" [TARGET_UNKNOWN]',
    also: ['fix: did you mean "v1"?'],
  },
  {
    condition: 'a version with control characters',
    on: 'fresh',
    args: ['gate', `v1${ESCAPE}`],
    exit: 3,
    first: 'vallum: vallum.yaml declares no version "v1\\u001b[2J" [TARGET_UNKNOWN]',
  },
  {
    condition: 'no version where there are two',
    on: 'fresh',
    args: ['gate'],
    exit: 3,
    first: 'vallum: which version is meant? [TARGET_UNKNOWN]',
    also: ['fix: name one of v1, v2'],
  },
];
