// Bad input for the commands that look at tables: tables, rules, profiles and cards that are not what they should be.
import { mkdirSync } from 'node:fs';
import type { Row, Spoil } from './row.js';
import { ESCAPE, inProject, put } from './row.js';

const CHECK = ['data', 'check', 'a.csv'];
const RULES = [...CHECK, '--rules', 'r.yaml'];
const table: Spoil = put('a.csv', 'x,y\n1,a\n2,b\n');
const both =
  (...spoils: readonly Spoil[]): Spoil =>
  async (place) => {
    for (const spoil of spoils) await spoil(place);
  };
const rules = (text: string): Spoil => both(table, put('r.yaml', `schema: vallum/data-rules/v1\nrules:\n${text}`));
const on = 'fresh';

export const dataCheckRows: readonly Row[] = [
  {
    condition: 'a table that is not there',
    on,
    args: CHECK,
    exit: 3,
    first: 'vallum: cannot read a.csv: there is no such file [DISK_READ]',
  },
  {
    condition: 'a table that is none',
    on,
    spoil: put('a.csv', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0])),
    args: CHECK,
    exit: 3,
    first: 'vallum: a.csv: line 1 holds a NUL byte [TABLE_NUL]',
  },
  {
    condition: 'a folder without anything',
    on,
    spoil: inProject((file) => mkdirSync(file('a.csv'))),
    args: CHECK,
    exit: 3,
    first: 'vallum: "a.csv" holds files of several kinds, or none: no file [TABLE_FORMAT]',
  },
  {
    condition: 'a ragged table',
    on,
    spoil: put('a.csv', 'x,y\n1,a\n2,b,c,d\n'),
    args: CHECK,
    exit: 3,
    first: 'vallum: a.csv: line 3 has 4 fields and the first one 2 [TABLE_RAGGED]',
  },
  {
    condition: 'a table in another encoding',
    on,
    spoil: put('a.csv', Buffer.from('x,y\n1,caf\xe9\n', 'latin1')),
    args: CHECK,
    exit: 3,
    first: 'vallum: a.csv: line 2 is not UTF-8: byte 9 is 0xe9 [TABLE_ENCODING]',
  },
  {
    condition: 'a test table that is broken',
    on,
    spoil: both(table, put('b.csv', 'x,y\n1,"a\n')),
    args: [...CHECK, '--test', 'b.csv'],
    exit: 3,
    first: 'vallum: b.csv: a quote in the row that begins in line 2 is not closed: a quote is missing [TABLE_QUOTE]',
  },
  {
    condition: 'a label that is no column',
    on,
    spoil: table,
    args: [...CHECK, '--label', `z${ESCAPE}`],
    exit: 3,
    first: 'vallum: there is no column "z\\u001b[2J" [DATA_COLUMN]',
    also: ['fix: name one of x, y'],
  },
  {
    condition: 'a time that is no time',
    on,
    spoil: table,
    args: [...CHECK, '--time', 'y'],
    exit: 3,
    first: 'vallum: y is text, so that it has no order in time [DATA_COLUMN]',
  },
  {
    condition: 'rules that are not there',
    on,
    spoil: table,
    args: RULES,
    exit: 3,
    first: 'vallum: cannot read r.yaml: there is no such file [DISK_READ]',
  },
  {
    condition: 'rules of another schema',
    on,
    spoil: both(table, put('r.yaml', 'rules: []\n')),
    args: RULES,
    exit: 3,
    first: 'vallum: r.yaml: the rules are refused: the key "schema" is not "vallum/data-rules/v1" [DATA_RULES]',
  },
  {
    condition: 'a misspelt key in a rule',
    on,
    spoil: rules('  - { id: r, check: range, column: x, mim: 1, max: 2 }\n'),
    args: RULES,
    exit: 3,
    first: 'vallum: r.yaml: the rules are refused: rule "r": the key "mim" is not known here [DATA_RULES]',
  },
  {
    condition: 'a pattern that looks ahead',
    on,
    spoil: rules("  - { id: r, check: pattern, column: y, pattern: '(?=a)a' }\n"),
    args: RULES,
    exit: 3,
    first:
      'vallum: r.yaml: the rules are refused: rule "r": the pattern "(?=a)a" is refused: it looks ahead, looks behind or names a group [DATA_RULES]',
  },
  {
    condition: 'an expression over a column that is not there',
    on,
    spoil: rules("  - { id: r, check: expression, expression: 'x > z' }\n"),
    args: RULES,
    exit: 3,
    first: 'vallum: rule "r": the expression is refused: there is no column "z" (at character 5) [DATA_RULES]',
  },
  {
    condition: 'a rule for a column that is not there: a finding, never skipped',
    on,
    spoil: rules('  - { id: r, check: range, column: z, max: 2 }\n'),
    args: RULES,
    exit: 1,
    first: 'a.csv: fail, 2 rows, 2 columns (csv), findings: 1 high',
    also: ['r: there is no column "z" [rules.r]'],
  },
  {
    condition: 'a table without rows',
    on,
    spoil: put('a.csv', 'x,y\n'),
    args: [...CHECK, '--gate', 'critical'],
    exit: 2,
    first: 'a.csv: inconclusive, 0 rows, 2 columns (csv), findings: 1 high',
  },
  {
    condition: 'a seed that is no number',
    on,
    args: [...CHECK, '--seed', 'x'],
    exit: 3,
    first: "vallum: option '--seed <number>' argument 'x' is invalid. give a whole number below 2^32 [USAGE]",
  },
  {
    condition: 'a reference that is no profile',
    on,
    spoil: both(table, put('p.json', '{}')),
    args: ['data', 'profile', 'a.csv', '--reference', 'p.json'],
    exit: 3,
    first: 'vallum: p.json: this is not a profile: its schema is not vallum/profile/v1 [PROFILE_INVALID]',
  },
  {
    condition: 'a profile over a file that is there',
    on,
    spoil: table,
    args: ['data', 'profile', 'a.csv', '--out', 'vallum.yaml'],
    exit: 3,
    first: 'vallum: vallum.yaml is there already [OUT_EXISTS]',
  },
  {
    condition: 'rules into a folder that is not there',
    on,
    spoil: table,
    args: ['data', 'rules', 'a.csv', '--out', 'no/where.yaml'],
    exit: 3,
    first: 'vallum: cannot write no/where.yaml: there is no such file [DISK_WRITE]',
  },
  {
    condition: 'a key that one version lacks',
    on,
    spoil: both(table, put('b.csv', 'y\na\n')),
    args: ['data', 'compare', 'a.csv', 'b.csv', '--key', 'x'],
    exit: 3,
    first: 'vallum: b.csv has no column "x" [DATA_COLUMN]',
  },
  {
    condition: 'versions with nothing in common',
    on,
    spoil: both(table, put('b.csv', 'z\n1\n')),
    args: ['data', 'compare', 'a.csv', 'b.csv'],
    exit: 3,
    first: 'vallum: the two versions have no column in common that says what a row is [DATA_COMPARE]',
  },
  {
    condition: 'a card that is none',
    on,
    spoil: both(table, put('c.json', '{"@type":"sc:Dataset"}')),
    args: ['data', 'card', 'a.csv', '--verify', 'c.json'],
    exit: 3,
    first:
      'vallum: c.json: this is no Croissant card: it does not say that it conforms to Croissant 1.0 or 1.1 [DATA_CARD]',
  },
  {
    condition: 'facts that the vocabulary does not know',
    on,
    spoil: both(table, put('f.yaml', 'bias: none\n')),
    args: ['data', 'card', 'a.csv', '--rai', 'f.yaml'],
    exit: 3,
    first: 'vallum: f.yaml: the facts are refused: "bias" is no property of the RAI vocabulary [DATA_CARD]',
  },
];
