// Bad input for `vallum monitor`.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row, Spoil } from './row.js';

const MONITORED = 'monitor: { incoming: incoming, caller: caller, window: { rows: 200 } }\n';
const ROWS = `caller,x\n${'web,1\napp,2\n'.repeat(150)}`;

const declare =
  (line: string, files: Readonly<Record<string, string>> = {}): Spoil =>
  ({ project }) => {
    writeFileSync(join(project, 'vallum.yaml'), line, { flag: 'a' });
    mkdirSync(join(project, 'incoming'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  };
const WHY = ['--why', 'for the table'];

export const monitorRows: readonly Row[] = [
  {
    condition: 'a monitor that is not declared',
    on: 'fresh',
    args: ['monitor', 'run', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml declares no monitor [MONITOR_UNDECLARED]',
  },
  {
    condition: 'a monitor with a key that is not known',
    on: 'fresh',
    spoil: declare('monitor: { incoming: incoming, callers: x }\n'),
    args: ['monitor', 'run', 'v1'],
    exit: 3,
    first: 'vallum: vallum.yaml: the key "monitor.callers" is not known [PROJECT_KEY]',
  },
  {
    condition: 'a monitor with fewer probabilities than labels',
    on: 'fresh',
    spoil: declare('monitor: { incoming: incoming, probabilities: [a, b, c] }\n'),
    args: ['monitor', 'run', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: monitor.probabilities names 3 columns, and there are 2 labels: one for each, in their order [PROJECT_KEY]',
  },
  {
    condition: 'a monitor with a time between false alarms that is none',
    on: 'fresh',
    spoil: declare('monitor: { incoming: incoming, falseAlarm: PT5M }\n'),
    args: ['monitor', 'run', 'v1'],
    exit: 3,
    first:
      'vallum: vallum.yaml: the key "monitor.falseAlarm": a time between false alarms is from P1D to P3650D [PROJECT_KEY]',
  },
  {
    condition: 'a reference without the declared caller',
    on: 'fresh',
    as: 'approver',
    spoil: declare(MONITORED, { 'rows.csv': 'x\n1\n' }),
    args: ['monitor', 'pin', 'v1', 'rows.csv', ...WHY],
    exit: 3,
    first: 'vallum: rows.csv has no column "caller", which vallum.yaml names under monitor [MONITOR_COLUMN]',
  },
  {
    condition: 'a reference of few rows',
    on: 'fresh',
    as: 'approver',
    spoil: declare(MONITORED, { 'rows.csv': 'caller,x\nweb,1\n' }),
    args: ['monitor', 'pin', 'v1', 'rows.csv', ...WHY],
    exit: 3,
    first: 'vallum: rows.csv has 1 rows, and a reference needs 200 [MONITOR_FEW_ROWS]',
  },
  {
    condition: 'a pin by somebody without the role',
    on: 'fresh',
    spoil: declare(MONITORED, { 'rows.csv': ROWS }),
    args: ['monitor', 'pin', 'v1', 'rows.csv', ...WHY],
    exit: 3,
    first: 'vallum: no key in DIR/keys/runner holds the role monitor [ACT_NO_ROLE]',
  },
  {
    condition: 'a monitor that looks every moment',
    on: 'fresh',
    spoil: declare(MONITORED),
    args: ['monitor', 'run', 'v1', '--interval', '0'],
    exit: 3,
    first: 'vallum: --interval "0" is no number of seconds from 1 to 86400 [MONITOR_INTERVAL]',
  },
  {
    condition: 'an alert that is not there',
    on: 'fresh',
    as: 'approver',
    spoil: declare(MONITORED),
    args: ['monitor', 'settle', 'v1', 'abcdef123456', ...WHY],
    exit: 3,
    first: 'vallum: spam-filter@v1 has no open alert "abcdef123456" [MONITOR_ALERT]',
  },
  {
    condition: 'a monitor that remembers something else',
    on: 'fresh',
    spoil: (place) => {
      void declare(MONITORED)(place);
      mkdirSync(join(place.project, '.vallum/monitor'), { recursive: true });
      writeFileSync(join(place.project, '.vallum/monitor/v1.json'), '{"schema":"vallum/monitor-state/v1"}');
    },
    args: ['monitor', 'run', 'v1'],
    exit: 2,
    first: 'vallum: what the monitor remembers cannot be read: it is not about spam-filter@v1 [MONITOR_STATE]',
  },
  {
    condition: 'a link in place of the folder of references',
    on: 'fresh',
    spoil: (place) => {
      void declare(MONITORED)(place);
      symlinkSync('/', join(place.project, 'monitor'));
    },
    args: ['monitor', 'show', 'v1'],
    exit: 2,
    first: 'vallum: DIR/project/monitor is a symbolic link, not a folder [DISK_LINK]',
  },
];
