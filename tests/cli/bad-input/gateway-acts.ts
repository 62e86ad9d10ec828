// Bad input for what people do around a gateway: its API keys, what it learns, and canaries.
import { chmodSync } from 'node:fs';
import { both, KEYS, settings } from './gateway.js';
import type { Row } from './row.js';
import { inProject, put, REASON } from './row.js';

const on = 'fresh';
const CANARY = [
  'gateway',
  'canary',
  'v1',
  '--upstream',
  'http://127.0.0.1:9',
  '--inputs',
  'inputs.json',
  '--output',
  'canary.json',
];
const INPUTS = put(
  'inputs.json',
  '{"schema":"vallum/canary-inputs/v1","requests":[{"method":"GET","path":"/v2/models/spam-filter"}]}',
);

export const gatewayActRows: readonly Row[] = [
  {
    condition: 'settings that say nothing about API keys',
    on,
    spoil: settings(),
    args: ['gateway', 'keys', 'list'],
    exit: 3,
    first: 'vallum: gateway.yaml does not say where the API keys are [GATEWAY_KEYS_PLACE]',
  },
  {
    condition: 'an API key for a role that is none',
    on,
    spoil: settings({ identity: KEYS }),
    args: ['gateway', 'keys', 'create', 'web', '--role', 'Infer'],
    exit: 3,
    first:
      'vallum: this cannot be written: roles.0: a role begins with a lower-case letter, such as infer or infer:spam-filter [GATEWAY_KEY_FORM]',
  },
  {
    condition: 'an API key that lasts for ever',
    on,
    spoil: settings({ identity: KEYS }),
    args: ['gateway', 'keys', 'create', 'web', '--role', 'infer', '--expires', 'never'],
    exit: 3,
    first: 'vallum: --expires "never" is not a time that a key lasts [GATEWAY_KEY_TIME]',
  },
  {
    condition: 'a second key for nobody',
    on,
    spoil: settings({ identity: KEYS }),
    args: ['gateway', 'keys', 'rotate', 'web'],
    exit: 3,
    first: 'vallum: no principal "web" has keys [GATEWAY_PRINCIPAL]',
  },
  {
    condition: 'an API key that is not there',
    on,
    spoil: settings({ identity: KEYS }),
    args: ['gateway', 'keys', 'revoke', 'aaaaaaaaaa', ...REASON],
    exit: 3,
    first: 'vallum: there is no key "aaaaaaaaaa" [GATEWAY_KEY_ID]',
  },
  {
    condition: 'API keys that others may write',
    on,
    spoil: both(
      settings({ identity: KEYS }),
      put('keys.json', '{}'),
      inProject((file) => chmodSync(file('keys.json'), 0o666)),
    ),
    args: ['gateway', 'keys', 'list'],
    exit: 3,
    first: 'vallum: other accounts can write DIR/project/keys.json [GATEWAY_KEYS_MODE]',
  },
  {
    condition: 'training data that are not there',
    on,
    args: ['gateway', 'learn', 'train.csv', '--output', 'ranges.json'],
    exit: 3,
    first: 'vallum: cannot read train.csv: there is no such file [DISK_READ]',
  },
  {
    condition: 'a margin that is none',
    on,
    spoil: put('train.csv', 'x,y\n1,a\n2,b\n'),
    args: ['gateway', 'learn', 'train.csv', '--output', 'ranges.json', '--margin', 'wide'],
    exit: 3,
    first: 'vallum: --margin "wide" is no number from 0 to 100 [LEARN_OPTION]',
  },
  {
    condition: 'a column to leave out that is not there',
    on,
    spoil: put('train.csv', 'x,y\n1,a\n2,b\n'),
    args: ['gateway', 'learn', 'train.csv', '--output', 'ranges.json', '--ignore', 'label'],
    exit: 3,
    first: 'vallum: the table has no column "label" [LEARN_COLUMN]',
  },
  {
    condition: 'ranges that are there already',
    on,
    spoil: both(put('train.csv', 'x,y\n1,a\n2,b\n'), put('ranges.json', '{}')),
    args: ['gateway', 'learn', 'train.csv', '--output', 'ranges.json'],
    exit: 3,
    first: 'vallum: ranges.json is there already [OUT_EXISTS]',
  },
  {
    condition: 'a canary of a model that nobody approved',
    on,
    spoil: INPUTS,
    args: CANARY,
    exit: 2,
    first: 'vallum: no deploy verdict approves v1: there is no ledger in . [CANARY_VERDICT]',
  },
  {
    condition: 'a canary without requests',
    on,
    spoil: put('inputs.json', '{"schema":"vallum/canary-inputs/v1","requests":[]}'),
    args: CANARY,
    exit: 3,
    first: 'vallum: inputs.json: requests: Too small: expected array to have >=1 items [CANARY_INPUTS]',
  },
  {
    condition: 'a canary that may differ by everything',
    on,
    spoil: INPUTS,
    args: [...CANARY, '--tolerance', '1'],
    exit: 3,
    first: 'vallum: --tolerance "1" is no number from 0 to 0.5 [CANARY_TOLERANCE]',
  },
  {
    condition: 'a canary by somebody without the role',
    on: 'released',
    as: 'author',
    spoil: INPUTS,
    args: CANARY,
    exit: 3,
    first: 'vallum: no key in DIR/keys/author holds the role decide or produce:integrity.check [ACT_NO_ROLE]',
  },
];
