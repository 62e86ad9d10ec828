// The table of bad input.
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Person, Place } from './command.js';
import { holdLedger } from './held-ledger.js';

/** `fresh`: nothing was checked; `released`: v1 passes; `dated after now`: the same, by a clock that ran two days ahead. */
export type Base = 'fresh' | 'released' | 'dated after now';

export interface Row {
  readonly condition: string;
  readonly on: Base;
  /** Makes it bad. @returns what has to be undone, where something has */
  readonly spoil?: (place: Place) => void | (() => void | Promise<void>) | Promise<() => Promise<void>>;
  /** Default: the runner. */
  readonly as?: Person;
  /** Default: the project's folder. */
  readonly cwd?: (place: Place) => string;
  readonly args: readonly string[];
  readonly exit: 1 | 2 | 3;
  /** First line: of stderr for an error, of stdout for an answer. */
  readonly first: string;
  /** What the text says besides. */
  readonly also?: readonly string[];
}

type Spoil = NonNullable<Row['spoil']>;

const inProject =
  (work: (file: (path: string) => string) => void): Spoil =>
  ({ project }) =>
    work((path) => join(project, path));
const remove = (path: string): Spoil => inProject((file) => rmSync(file(path), { recursive: true }));
const put = (path: string, content: string | Uint8Array): Spoil =>
  inProject((file) => writeFileSync(file(path), content));
const folderInPlaceOf = (path: string): Spoil =>
  inProject((file) => {
    rmSync(file(path));
    mkdirSync(file(path));
  });
/** The text must be there, or the row would test nothing. */
const edit = (path: string, from: string, to: string): Spoil =>
  inProject((file) => {
    const text = readFileSync(file(path), 'utf8');
    if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
    writeFileSync(file(path), text.replace(from, to));
  });
const yaml = (from: string, to: string): Spoil => edit('vallum.yaml', from, to);
const requirement = (line: string): Spoil =>
  inProject((file) => appendFileSync(file('vallum.yaml'), `requirements:\n  - ${line}\n`));

const NOT_PROVEN = 'NOT PROVEN  spam-filter@v1 may not be deployed now';
const REFUSED = 'REFUSED     spam-filter@v1 may not be deployed now';
const CHECKED = 'spam-filter@v1: 8 controls, 0 reused';
const ESCAPE = '\u001b[2J';
const ZEROS = '0'.repeat(64);
const EVASION = ['waive', 'robustness.evasion', 'v1'];
const UNTIL = ['--until', '2099-01-01'];
const REASON = ['--reason', 'for the table'];
const ACCEPT = ['--accept', 'evasion-rate<=1'];

const declaration: readonly Row[] = [
  {
    condition: 'no vallum.yaml',
    on: 'fresh',
    spoil: remove('vallum.yaml'),
    args: ['check'],
    exit: 3,
    first: 'vallum: there is no vallum.yaml in . [PROJECT_MISSING]',
    also: ['fix: run vallum init, or name the project with --project DIR'],
  },
  {
    condition: 'no vallum.yaml for trust init',
    on: 'fresh',
    spoil: remove('vallum.yaml'),
    as: 'root',
    args: ['trust', 'init'],
    exit: 3,
    first: 'vallum: there is no vallum.yaml in . [PROJECT_MISSING]',
  },
  {
    condition: 'no such project folder',
    on: 'fresh',
    args: ['check', '--project', 'nowhere'],
    exit: 3,
    first: 'vallum: there is no folder nowhere [PROJECT_MISSING]',
  },
  {
    condition: 'no such project folder for trust show',
    on: 'fresh',
    args: ['trust', 'show', '-C', 'nowhere'],
    exit: 3,
    first: 'vallum: there is no folder nowhere [PROJECT_MISSING]',
  },
  {
    condition: 'no such project folder for init',
    on: 'fresh',
    args: ['init', '-C', 'nowhere'],
    exit: 3,
    first: 'vallum: there is no folder nowhere [PROJECT_MISSING]',
  },
  {
    condition: 'init where a vallum.yaml is',
    on: 'fresh',
    args: ['init'],
    exit: 3,
    first: 'vallum: DIR/project/vallum.yaml is there already [INIT_EXISTS]',
  },
  {
    condition: 'broken YAML',
    on: 'fresh',
    spoil: put('vallum.yaml', 'schema: vallum/project/v1\nproject: "a\n'),
    args: ['check'],
    exit: 3,
    first: 'vallum: vallum.yaml: this YAML is refused: missing closing "quote (line 3, column 1) [YAML_INVALID]',
  },
  {
    condition: 'a key twice',
    on: 'fresh',
    spoil: put('vallum.yaml', 'project: a\nproject: b\n'),
    args: ['check'],
    exit: 3,
    first:
      'vallum: vallum.yaml: this YAML is refused: the key "project" stands twice (line 2, column 1) [YAML_INVALID]',
  },
  {
    condition: 'an unknown key',
    on: 'fresh',
    spoil: yaml('labels:', 'lables:'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "lables" is not known [PROJECT_KEY]',
    also: ['fix: did you mean "labels"?'],
  },
  {
    condition: 'an unknown key deep inside',
    on: 'fresh',
    spoil: yaml('v1: { model:', 'v1: { modle:'),
    args: ['gate', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "versions.v1.modle" is not known [PROJECT_KEY]',
    also: ['fix: did you mean "model"?'],
  },
  {
    condition: 'a key of the wrong type',
    on: 'fresh',
    spoil: yaml('words: 20', 'words: many'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "robustness.words": expected number, received string [PROJECT_KEY]',
  },
  {
    condition: 'a missing key',
    on: 'fresh',
    spoil: yaml('project: spam-filter\n', ''),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "project" is missing [PROJECT_KEY]',
  },
  {
    condition: 'a path out of the project',
    on: 'fresh',
    spoil: yaml('model: models/v1', 'model: ../models/v1'),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: the key "versions.v1.model": a path stays inside the project: relative, with "/", without ".." [PROJECT_KEY]',
  },
  {
    condition: 'a feed that is not declared',
    on: 'fresh',
    spoil: yaml('feeds: [ham-feed, spam-feed] }', 'feeds: [ham-fed, spam-feed] }'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: versions.v1.feeds names "ham-fed", which is not under feeds [PROJECT_KEY]',
    also: ['fix: did you mean "ham-feed"?'],
  },
  {
    condition: 'a feed with the name of a method',
    on: 'fresh',
    spoil: yaml('feeds: [ham-feed, spam-feed] }', 'feeds: [toString] }'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: versions.v1.feeds names "toString", which is not under feeds [PROJECT_KEY]',
  },
  {
    condition: 'a name with control characters',
    on: 'fresh',
    spoil: yaml('project: spam-filter', 'project: "spam\\e[2J"'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "project": a name has letters, digits, ".", "_" and "-" [PROJECT_KEY]',
  },
  {
    condition: 'an unknown class of personal data',
    on: 'fresh',
    spoil: yaml('class: email', 'class: emial'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'TODO',
  },
  {
    condition: 'a huge vallum.yaml',
    on: 'fresh',
    spoil: put('vallum.yaml', '#'.repeat(300_000)),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: DIR/project/vallum.yaml has 300000 bytes, more than the 262144 that are read [DISK_TOO_LARGE]',
  },
  {
    condition: 'vallum.yaml is empty',
    on: 'fresh',
    spoil: put('vallum.yaml', ''),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: it is not a mapping of keys [PROJECT_KEY]',
  },
  {
    condition: 'vallum.yaml is no text',
    on: 'fresh',
    spoil: put('vallum.yaml', Buffer.from([0xff, 0xfe, 0x00, 0x01])),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: it is not a mapping of keys [PROJECT_KEY]',
  },
  {
    condition: 'vallum.yaml is a link',
    on: 'fresh',
    spoil: inProject((file) => {
      renameSync(file('vallum.yaml'), file('other.yaml'));
      symlinkSync('other.yaml', file('vallum.yaml'));
    }),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: cannot read DIR/project/vallum.yaml: it is a symbolic link [DISK_READ]',
  },
  {
    condition: 'vallum.yaml is a folder',
    on: 'fresh',
    spoil: folderInPlaceOf('vallum.yaml'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: cannot read DIR/project/vallum.yaml: it is a directory [DISK_READ]',
  },
  {
    condition: 'a loosened floor',
    on: 'released',
    spoil: requirement('{ id: robustness.accuracy, metric: { atLeast: 0.5 } }'),
    args: ['gate', 'v1'],
    exit: 3,
    first:
      'vallum: requirements.robustness.accuracy.metric.atLeast is 0.5, which loosens the floor of 0.95 [POLICY_LOOSENED]',
    also: ['ask for a waiver instead'],
  },
  {
    condition: 'a loosened floor of another kind',
    on: 'fresh',
    spoil: requirement('{ id: artifact.scan, actions: [promote] }'),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: requirements.artifact.scan.actions is ["promote"], which loosens the floor of ["promote","deploy","export"] [POLICY_LOOSENED]',
  },
  {
    condition: 'an unknown key in a requirement',
    on: 'fresh',
    spoil: requirement('{ id: artifact.scan, metrik: { atLeast: 1 } }'),
    args: ['policy', 'show'],
    exit: 3,
    first: 'vallum: requirements[0] has the unknown key "metrik" [POLICY_KEY]',
    also: ['fix: did you mean "metric"?'],
  },
];

const files: readonly Row[] = [
  {
    condition: 'the model folder is missing',
    on: 'fresh',
    spoil: remove('models/v1'),
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED,
    also: [NOT_PROVEN, 'cannot read DIR/project/models/v1: there is no such file'],
  },
  {
    condition: 'the model folder is missing',
    on: 'released',
    spoil: remove('models/v1'),
    args: ['gate', 'v1'],
    exit: 2,
    first: NOT_PROVEN,
    also: ['cannot read DIR/project/models/v1: there is no such file'],
  },
  {
    condition: 'the weights are missing',
    on: 'fresh',
    spoil: remove('models/v1/model.onnx'),
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED,
    also: ['cannot read DIR/project/models/v1/model.onnx: there is no such file'],
  },
  {
    condition: 'the weights of an approved model are missing',
    on: 'released',
    spoil: remove('models/v1/model.onnx'),
    args: ['gate', 'v1'],
    exit: 1,
    first: REFUSED,
  },
  {
    condition: 'a feed is missing',
    on: 'released',
    spoil: remove('feeds/ham-feed'),
    args: ['gate', 'v1'],
    exit: 2,
    first: NOT_PROVEN,
    also: ['cannot read DIR/project/feeds/ham-feed/feed.json: there is no such file'],
  },
  {
    condition: 'feed.json is missing',
    on: 'released',
    spoil: remove('feeds/ham-feed/feed.json'),
    args: ['gate', 'v1'],
    exit: 2,
    first: NOT_PROVEN,
    also: ['cannot read DIR/project/feeds/ham-feed/feed.json: there is no such file'],
  },
  {
    condition: 'zero rows',
    on: 'fresh',
    spoil: put('feeds/ham-feed/rows.jsonl', ''),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: DIR/project/feeds/ham-feed/rows.jsonl holds no rows [DATA_NO_ROWS]',
  },
  {
    condition: 'a row that is no JSON',
    on: 'fresh',
    spoil: inProject((file) => appendFileSync(file('feeds/ham-feed/rows.jsonl'), 'hello\n')),
    args: ['check', 'v1'],
    exit: 1,
    first: CHECKED,
    also: ['rows.jsonl: line 121 is refused: it is not JSON'],
  },
  {
    condition: 'feed.json names another feed',
    on: 'fresh',
    spoil: edit('feeds/ham-feed/feed.json', '"ham-feed"', '"spam-feed"'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: DIR/project/feeds/ham-feed/feed.json names the feed "spam-feed", not "ham-feed" [DATA_FEED_NAME]',
  },
  {
    condition: 'an unknown key in feed.json',
    on: 'fresh',
    spoil: edit('feeds/ham-feed/feed.json', '"license"', '"licence"'),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: DIR/project/feeds/ham-feed/feed.json: the key "licence" is not known [DATA_FEED]',
  },
  {
    condition: 'a model that is not ONNX',
    on: 'fresh',
    spoil: put('models/v1/model.onnx', 'these are not weights\n'),
    args: ['check', 'v1'],
    exit: 1,
    first: CHECKED,
    also: ['model.onnx is not the file that the run wrote'],
  },
  {
    condition: 'model.json has an unknown key',
    on: 'fresh',
    spoil: edit('models/v1/model.json', '"task"', '"tusk"'),
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED,
    also: ['model.json does not say how to query the model: the key "tusk" is not known here'],
  },
  {
    condition: 'run.json is broken',
    on: 'fresh',
    spoil: put('models/v1/run.json', '{'),
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED,
    also: ['run.json cannot be used'],
  },
  {
    condition: 'a link in the model folder',
    on: 'fresh',
    spoil: inProject((file) => symlinkSync('/etc/hostname', file('models/v1/notes.txt'))),
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED,
    also: ['models/v1/notes.txt is a symbolic link, so its digest cannot be computed'],
  },
  {
    condition: 'a file name with control characters',
    on: 'released',
    spoil: put(`models/v1/a${ESCAPE}b`, 'x\n'),
    args: ['gate', 'v1'],
    exit: 1,
    first: REFUSED,
  },
  {
    condition: 'a file name with control characters',
    on: 'released',
    spoil: put(`models/v1/a${ESCAPE}b`, 'x\n'),
    args: ['check', 'v1'],
    exit: 1,
    first: 'spam-filter@v1: 8 controls, 3 reused',
    also: ['extra a\\u{1b}[2Jb'],
  },
  {
    condition: 'the target of a waiver has no digest',
    on: 'fresh',
    spoil: remove('models/v1'),
    as: 'author',
    args: [...EVASION, ...ACCEPT, ...UNTIL, ...REASON],
    exit: 2,
    first:
      'vallum: the subject of robustness.report cannot be named: cannot read DIR/project/models/v1: there is no such file [WAIVE_SUBJECT]',
  },
];

const state: readonly Row[] = [
  {
    condition: 'unreadable state',
    on: 'released',
    spoil: folderInPlaceOf('.vallum/ledger/checkpoint'),
    args: ['check', 'v1'],
    exit: 2,
    first: 'vallum: cannot read DIR/project/.vallum/ledger/checkpoint: it is a directory [DISK_READ]',
  },
  {
    condition: 'unreadable state',
    on: 'released',
    spoil: folderInPlaceOf('.vallum/ledger/checkpoint'),
    args: ['gate', 'v1'],
    exit: 2,
    first: 'vallum: cannot read DIR/project/.vallum/ledger/checkpoint: it is a directory [DISK_READ]',
  },
  {
    condition: 'the checkpoint is gone',
    on: 'released',
    spoil: remove('.vallum/ledger/checkpoint'),
    args: ['gate', 'v1'],
    exit: 2,
    first: 'vallum: the ledger does not match its checkpoint: the file `checkpoint` is missing [LEDGER_DAMAGED]',
  },
  {
    condition: 'read-only state',
    on: 'fresh',
    // Root writes whatever the mode says, so that for root a file stands in the way of the folder.
    spoil: (place) => {
      const folder = join(place.project, '.vallum');
      if (process.getuid?.() === 0) return writeFileSync(folder, '');
      mkdirSync(folder);
      chmodSync(folder, 0o500);
      return () => chmodSync(folder, 0o700);
    },
    args: ['check', 'v1'],
    exit: 2,
    first: `vallum: cannot write DIR/project/.vallum/ledger: ${process.getuid?.() === 0 ? 'a part of its path is not a directory' : 'permission denied'} [DISK_WRITE]`,
  },
  {
    condition: 'a ledger held by another process',
    on: 'fresh',
    spoil: (place) => holdLedger(place),
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED,
    also: [NOT_PROVEN, 'what is new waits in the inbox and does not count yet'],
  },
  {
    condition: 'no ledger yet',
    on: 'fresh',
    args: ['ledger', 'fsck'],
    exit: 2,
    first: 'vallum: this project has no ledger yet [LEDGER_NONE]',
  },
  {
    condition: 'clock set back',
    on: 'dated after now',
    args: ['gate', 'v1'],
    exit: 2,
    first: NOT_PROVEN,
    also: ['after the clock of this machine', 'fix: set the clock of this machine right'],
  },
  {
    condition: 'clock set back, and everything but the approval run again',
    on: 'dated after now',
    args: ['check', 'v1'],
    exit: 2,
    first: CHECKED,
    also: ['approval.record is dated', 'fix: set the clock of this machine right'],
  },
];

const commands: readonly Row[] = [
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

const people: readonly Row[] = [
  {
    condition: 'a root that is not pinned',
    on: 'released',
    as: 'stranger',
    args: ['gate', 'v1'],
    exit: 2,
    first: 'NOT PROVEN  spam-filter@v1: the root of trust.json is not pinned on this machine',
  },
  {
    condition: 'trust.json is no JSON',
    on: 'released',
    spoil: put('trust.json', 'trust me\n'),
    args: ['check', 'v1'],
    exit: 2,
    first:
      'NOT PROVEN  spam-filter@v1: trust.json does not count: this is not strict JSON: a value is missing or broken (at character 0)',
  },
  {
    condition: 'trust.json is no JSON',
    on: 'released',
    spoil: put('trust.json', 'trust me\n'),
    args: ['trust', 'show'],
    exit: 3,
    first: 'vallum: trust.json: this is not strict JSON: a value is missing or broken (at character 0) [JSON_INVALID]',
  },
  {
    condition: 'trust.json is gone, for enrol',
    on: 'fresh',
    spoil: remove('trust.json'),
    as: 'root',
    args: ['trust', 'enrol', 'alice', '--roles', 'approve'],
    exit: 3,
    first: 'vallum: this project has no trust.json [TRUST_MISSING]',
  },
  {
    condition: 'trust init a second time',
    on: 'fresh',
    as: 'root',
    args: ['trust', 'init'],
    exit: 3,
    first: 'vallum: this project has a trust.json already [TRUST_EXISTS]',
  },
  {
    condition: 'trust init over the keys of another project',
    on: 'fresh',
    spoil: remove('trust.json'),
    as: 'root',
    args: ['trust', 'init'],
    exit: 3,
    first: 'vallum: DIR/keys/author is there already, with keys of another project [TRUST_KEYS]',
  },
  {
    condition: 'enrol without the root key',
    on: 'fresh',
    as: 'author',
    args: ['trust', 'enrol', 'alice', '--roles', 'approve'],
    exit: 3,
    first: 'vallum: the root key of trust.json is not in DIR/keys/author [TRUST_ROOT]',
  },
  {
    condition: 'a principal that is a path',
    on: 'fresh',
    as: 'root',
    args: ['trust', 'enrol', '../alice', '--roles', 'approve'],
    exit: 3,
    first: 'vallum: "../alice" is not an id for a principal [TRUST_PRINCIPAL]',
  },
  {
    condition: 'an unknown role',
    on: 'fresh',
    as: 'root',
    args: ['trust', 'enrol', 'alice', '--roles', 'aprove'],
    exit: 3,
    first: 'vallum: "aprove", given to alice, is not a role [TRUST_ROLE]',
  },
  {
    condition: 'a bad fingerprint',
    on: 'fresh',
    args: ['trust', 'pin', '9F2C'],
    exit: 3,
    first: 'vallum: not a SHA-256 digest: "9F2C" [CORE_DIGEST]',
  },
  {
    condition: 'policy.json is gone',
    on: 'released',
    spoil: remove('policy.json'),
    args: ['gate', 'v1'],
    exit: 2,
    first: 'vallum: policy.json is missing, and trust.json enrols a policy owner [POLICY_MISSING]',
  },
  {
    condition: 'a key file that others can read',
    on: 'released',
    spoil: ({ dir }) => chmodSync(join(dir, 'keys/runner/runner.key.json'), 0o644),
    args: ['check', 'v1'],
    exit: 3,
    first: 'vallum: DIR/keys/runner/runner.key.json is readable by other accounts [KEY_MODE]',
    also: ['fix: chmod 600 DIR/keys/runner/runner.key.json'],
  },
  {
    condition: 'a broken key file',
    on: 'released',
    spoil: ({ dir }) => writeFileSync(join(dir, 'keys/runner/more.key.json'), 'hello', { mode: 0o600 }),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: DIR/keys/runner: this is not strict JSON: a value is missing or broken (at character 0) [JSON_INVALID]',
  },
  {
    condition: 'broken pins',
    on: 'released',
    spoil: ({ dir }) => writeFileSync(join(dir, 'keys/runner/pins.json'), 'hello', { mode: 0o600 }),
    args: ['check', 'v1'],
    exit: 3,
    first:
      'vallum: DIR/keys/runner/pins.json: this is not strict JSON: a value is missing or broken (at character 0) [JSON_INVALID]',
  },
  {
    condition: 'approve without the role',
    on: 'released',
    as: 'author',
    args: ['approve', 'v1'],
    exit: 3,
    first: 'vallum: no key in DIR/keys/author holds the role approve [ACT_NO_ROLE]',
  },
  {
    condition: 'approve before the rest holds',
    on: 'fresh',
    as: 'approver',
    args: ['approve', 'v1'],
    exit: 2,
    first: 'Not approved: everything but the approval has to hold first.',
  },
  {
    condition: 'an unknown requirement',
    on: 'fresh',
    as: 'author',
    args: ['waive', 'robustness.evason', 'v1', ...ACCEPT, ...UNTIL, ...REASON],
    exit: 3,
    first: 'vallum: there is no requirement "robustness.evason" [WAIVE_REQUIREMENT]',
    also: ['fix: did you mean "robustness.evasion"?'],
  },
  {
    condition: '--accept turned round',
    on: 'fresh',
    as: 'author',
    args: [...EVASION, '--accept', 'evasion-rate>=1', ...UNTIL, ...REASON],
    exit: 3,
    first: 'vallum: --accept "evasion-rate>=1": the bound points the wrong way [WAIVE_ACCEPT]',
    also: ['fix: write it like evasion-rate<=0.5'],
  },
  {
    condition: '--accept for a requirement without a metric',
    on: 'fresh',
    as: 'author',
    args: ['waive', 'artifact.scan', 'v1', ...ACCEPT, ...UNTIL, ...REASON],
    exit: 3,
    first: 'vallum: --accept "evasion-rate<=1": this requirement has no metric [WAIVE_ACCEPT]',
    also: ['fix: this requirement has to be met'],
  },
  {
    condition: '--accept of a reason that nobody may waive',
    on: 'fresh',
    as: 'author',
    args: ['waive', 'data.poison_scan', 'v1', '--accept', 'control-threw', ...UNTIL, ...REASON],
    exit: 3,
    first:
      'vallum: --accept "control-threw": neither METRIC<=NUMBER, METRIC>=NUMBER nor a reason that its control declares waivable [WAIVE_ACCEPT]',
    also: ['fix: write it like no-predecessor'],
  },
  {
    condition: '--until is no date',
    on: 'fresh',
    as: 'author',
    args: [...EVASION, ...ACCEPT, '--until', 'tomorrow', ...REASON],
    exit: 3,
    first: 'vallum: not a UTC date or time: "tomorrow" [TIME_FORMAT]',
  },
  {
    condition: '--until is past',
    on: 'fresh',
    as: 'author',
    args: [...EVASION, ...ACCEPT, '--until', '2020-01-01', ...REASON],
    exit: 3,
    first: 'vallum: --until 2020-01-01 is past already [WAIVE_UNTIL]',
  },
  {
    condition: 'a waiver without a reason',
    on: 'fresh',
    as: 'author',
    args: [...EVASION, ...ACCEPT, ...UNTIL, '--reason', ' '],
    exit: 3,
    first: 'vallum: the reason of a waiver is not a text [TRUST_FORMAT]',
  },
  {
    condition: 'revoke with two targets',
    on: 'released',
    as: 'approver',
    args: ['revoke', 'abcdef12', '--tool', '0.1.0', ...REASON],
    exit: 3,
    first: 'vallum: revoke names exactly one thing [REVOKE_TARGET]',
  },
  {
    condition: 'revoke with no target',
    on: 'released',
    as: 'approver',
    args: ['revoke', ...REASON],
    exit: 3,
    first: 'vallum: revoke names exactly one thing [REVOKE_TARGET]',
  },
  {
    condition: 'a short id',
    on: 'released',
    as: 'approver',
    args: ['revoke', 'abc', ...REASON],
    exit: 3,
    first: 'vallum: "abc" is not an id [ID_UNKNOWN]',
    also: ['fix: give at least 8 hexadecimal digits'],
  },
  {
    condition: 'an unknown id',
    on: 'released',
    as: 'approver',
    args: ['revoke', '00000000', ...REASON],
    exit: 3,
    first: 'vallum: no statement begins with 00000000 [ID_UNKNOWN]',
  },
  {
    condition: 'a reason with control characters',
    on: 'released',
    as: 'approver',
    args: ['revoke', '--tool', '0.1.0', '--reason', `x${ESCAPE}`],
    exit: 3,
    first: 'vallum: the reason of a revocation holds a control character [TRUST_FORMAT]',
  },
  {
    condition: 'a policy that is no YAML',
    on: 'fresh',
    spoil: put('policy.yaml', 'requirements: [\n'),
    as: 'policy',
    args: ['policy', 'sign', 'policy.yaml'],
    exit: 3,
    first:
      'vallum: policy.yaml: this YAML is refused: flow sequence in block collection must be sufficiently indented and end with a ] (line 2, column 1) [YAML_INVALID]',
  },
  {
    condition: 'a Cedar policy that does not parse',
    on: 'fresh',
    spoil: put('policy.yaml', 'requirements: []\ncedar: { all: "permit (" }\n'),
    as: 'policy',
    args: ['policy', 'sign', 'policy.yaml'],
    exit: 3,
    first:
      'vallum: the Cedar policies do not validate: failed to parse policy with id `all` from string: unexpected end of input [POLICY_CEDAR]',
  },
];

const exported = (change: (file: string, place: Place) => void): Spoil => {
  return async (place) => {
    await place.as('runner', ['evidence', 'export', 'v1', '--out', 'v1.json']);
    change(join(place.project, 'v1.json'), place);
    return () => Promise.resolve();
  };
};
const VERIFY = ['evidence', 'verify', 'v1.json', '--trust', 'trust.json'];

const proof: readonly Row[] = [
  {
    condition: 'a truncated export',
    on: 'released',
    spoil: exported((file) => truncateSync(file, 5000)),
    args: VERIFY,
    exit: 2,
    first: 'TODO',
  },
  {
    condition: 'an export with another figure in it',
    on: 'released',
    spoil: exported((file) =>
      writeFileSync(file, readFileSync(file, 'utf8').replace('"outcome":"pass"', '"outcome":"fail"')),
    ),
    args: VERIFY,
    exit: 2,
    first: 'TODO',
  },
  {
    condition: 'a file that is no export',
    on: 'released',
    args: ['evidence', 'verify', 'policy.json', '--trust', 'trust.json'],
    exit: 2,
    first: 'TODO',
  },
  {
    condition: 'an export and the trust file of somebody else',
    on: 'released',
    spoil: exported((file, { dir, project }) => {
      const keys = join(dir, 'other-keys');
      const other = join(dir, 'other');
      mkdirSync(other);
      copyFileSync(join(project, 'vallum.yaml'), join(other, 'vallum.yaml'));
      mkdirSync(keys);
    }),
    args: ['evidence', 'verify', 'v1.json', '--trust', 'policy.json'],
    exit: 2,
    first: 'TODO',
  },
  {
    condition: 'an export against another root',
    on: 'released',
    spoil: exported(() => undefined),
    args: [...VERIFY, '--trust-root', ZEROS],
    exit: 2,
    first: 'vallum: trust.json is signed by another root than the one given [TRUST_ROOT_DIFFERS]',
  },
  {
    condition: 'no such export',
    on: 'released',
    args: VERIFY,
    exit: 3,
    first: 'vallum: cannot read v1.json: there is no such file [DISK_READ]',
  },
  {
    condition: 'an export into a folder that is not there',
    on: 'released',
    args: ['evidence', 'export', 'v1', '--out', 'nowhere/v1.json'],
    exit: 3,
    first: 'vallum: there is no folder nowhere [EXPORT_OUT]',
  },
  {
    condition: 'verify without a key outside a project',
    on: 'released',
    spoil: ({ dir, project }) => renameSync(join(project, 'models/v1'), join(dir, 'v1')),
    cwd: ({ dir }) => dir,
    args: ['verify', 'v1'],
    exit: 3,
    first: 'vallum: no project is around v1, so no key is enrolled [VERIFY_KEY]',
  },
  {
    condition: 'verify with a key that is none',
    on: 'released',
    args: ['verify', 'models/v1', '--key', 'trust.json'],
    exit: 3,
    first: 'vallum: trust.json is not a public key in PEM [VERIFY_KEY]',
  },
  {
    condition: 'sign a folder that is not there',
    on: 'fresh',
    as: 'author',
    args: ['sign', 'models/v9'],
    exit: 3,
    first: 'vallum: models/v9 is not a folder [SIGN_DIR]',
  },
  {
    condition: 'sign over the weights',
    on: 'fresh',
    as: 'author',
    args: ['sign', 'models/v1', '--signature', 'model.onnx'],
    exit: 3,
    first: 'vallum: model.onnx is there already and is no signature [SIGN_OVERWRITE]',
  },
  {
    condition: 'sign with a key that is none',
    on: 'fresh',
    as: 'author',
    args: ['sign', 'models/v1', '--key', 'trust.json'],
    exit: 3,
    first: 'vallum: trust.json is not an unencrypted private key in PEM [SIGN_KEY]',
  },
  {
    condition: 'scan of a missing path',
    on: 'fresh',
    args: ['scan', 'models/v9'],
    exit: 3,
    first: 'vallum: cannot read models/v9: there is no such file [DISK_READ]',
  },
  {
    condition: 'scan of a missing path with control characters',
    on: 'fresh',
    args: ['scan', `models${ESCAPE}`],
    exit: 3,
    first: 'vallum: cannot read models\\u{1b}[2J: there is no such file [DISK_READ]',
  },
];

export const BAD_INPUT: readonly Row[] = [...declaration, ...files, ...state, ...commands, ...people, ...proof];
