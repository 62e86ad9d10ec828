// XGBoost and LightGBM: attacks, clean twins, files of the real libraries, and what is left open.
import type { JsonValue } from '@vallum/core';
import { integers, pickle, ubjson, zip } from '@vallum/formats/testing';
import { describe, expect, it } from 'vitest';
import type { Attack } from '../testing/attack-tables.js';
import { holdAgainst } from '../testing/attack-tables.js';
import { holdRealFiles } from '../testing/real-files.js';
import { verdictOf } from '../testing/scan-bytes.js';
import type { XgboostParts } from '../testing/tree-models.js';
import { lightgbmModel, xgboostModel } from '../testing/tree-models.js';
import real from '../testing/tree-files.json' with { type: 'json' };

const shell = pickle().proto(2).global('os', 'system').call('id').stop();
const harmless = pickle().proto(2).op('EMPTY_DICT').stop();
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const json = (value: JsonValue): Uint8Array => Buffer.from(JSON.stringify(value));

const XGBOOST: readonly (readonly [string, string, XgboostParts])[] = [
  ['a child outside the tree', 'VLM-XGB-001', { tree: { left_children: [100, -1, -1] } }],
  ['a child with a negative index', 'VLM-XGB-001', { tree: { right_children: [-2147483648, -1, -1] } }],
  ['a tree that loops', 'VLM-XGB-001', { tree: { left_children: [1, 1, -1], right_children: [2, 2, -1] } }],
  ['parents that loop', 'VLM-XGB-001', { tree: { parents: [0, 0, 0] } }],
  ['a feature that there is not', 'VLM-XGB-001', { tree: { split_indices: [2000000, 0, 0] } }],
  ['a list that is too short', 'VLM-XGB-001', { tree: { default_left: [0] } }],
  ['a huge number of nodes', 'VLM-XGB-001', { tree: { tree_param: { num_nodes: '2147483647' } } }],
  ['an output that there is not', 'VLM-XGB-001', { model: { tree_info: [7] } }],
  ['more trees than there are', 'VLM-XGB-001', { model: { gbtree_model_param: { num_trees: '9' } } }],
  [
    'categories outside their list',
    'VLM-XGB-001',
    { tree: { categories_nodes: [0], categories_segments: [5], categories_sizes: [100], split_type: [1, 0, 0] } },
  ],
  ['a program in an attribute', 'VLM-XGB-005', { attributes: { note: 'import os\nos.system("id")' } }],
  ['a pickle in an attribute', 'VLM-PKL-014', { attributes: { note: base64(shell) } }],
  [
    'a pickle in scikit-learn metadata',
    'VLM-PKL-014',
    { attributes: { scikit_learn: JSON.stringify({ a: 1 }), x: Buffer.from(shell).toString('hex') } },
  ],
];

const boosters = (encode: (value: JsonValue) => Uint8Array): readonly Attack[] =>
  XGBOOST.map(([what, rule, parts]) => ({
    what,
    rule,
    attack: encode(xgboostModel(parts)),
    clean: encode(xgboostModel({ attributes: { best_iteration: '3', note: base64(harmless) } })),
  }));

describe('XGBoost in JSON', () => {
  holdAgainst('model.json', boosters(json));
  it('tells objectives and keys that the library does not have, and passes', async () => {
    expect(await verdictOf('m.json', json(xgboostModel({ learner: { objective: { name: 'x:y' } } })))).toBe(
      'pass VLM-XGB-002',
    );
    expect(await verdictOf('m.json', json(xgboostModel({ learner: { plugin: 'x' } })))).toBe('pass VLM-XGB-003');
  });
});

describe('XGBoost in UBJSON', () => {
  holdAgainst('model.ubj', boosters(ubjson));
  const model = ubjson(xgboostModel());

  it('finds counts that do not fit, bytes behind it and keys that stand twice', async () => {
    const huge = Buffer.concat([Buffer.from('{L\0\0\0\0\0\0\0\x01a'), integers([1, 2], 2 ** 40), Buffer.from('}')]);
    expect(await verdictOf('m.ubj', huge)).toMatch(/^inconclusive/);
    const nulls = Buffer.concat([Buffer.from('[$Z#L'), Buffer.from('7fffffffffffffff', 'hex')]);
    expect(await verdictOf('m.ubj', nulls)).toMatch(/^inconclusive/);
    expect(await verdictOf('m.ubj', Buffer.concat([model, shell]))).toMatch(/^fail .*VLM-XGB-004/);
    const twice = Buffer.from('7b4c0000000000000001615a4c0000000000000001615a7d', 'hex');
    expect(await verdictOf('m.ubj', twice)).toMatch(/^fail .*VLM-XGB-004/);
  });

  it('never passes a model that is cut off', async () => {
    for (let cut = 1; cut < model.length; cut += 7)
      expect([cut, await verdictOf('m.ubj', model.subarray(0, cut))]).not.toEqual([cut, 'pass']);
  });
});

const tree = (fields: Readonly<Record<string, string>>): Uint8Array => lightgbmModel({ tree: fields });
const clean = lightgbmModel({ parameters: { output_model: 'LightGBM_model.txt' } });

describe('LightGBM', () => {
  const attacks: readonly (readonly [string, string, Uint8Array])[] = [
    ['a child outside the tree', 'VLM-LGB-001', tree({ left_child: '5000 -1' })],
    ['a leaf outside the tree', 'VLM-LGB-001', tree({ right_child: '-2 -4000' })],
    ['a tree that loops', 'VLM-LGB-001', tree({ left_child: '1 1', right_child: '-1 -2' })],
    ['a feature that there is not', 'VLM-LGB-001', tree({ split_feature: '0 999999' })],
    ['a negative feature', 'VLM-LGB-001', tree({ split_feature: '0 -7' })],
    ['a list that is too short', 'VLM-LGB-001', tree({ leaf_value: '1' })],
    ['an absurd number of leaves', 'VLM-LGB-001', tree({ num_leaves: '2147483647' })],
    ['sizes that cut the text elsewhere', 'VLM-LGB-001', lightgbmModel({ sizes: '999999999' })],
    [
      'categories outside their table',
      'VLM-LGB-001',
      tree({ num_cat: '1', decision_type: '1 2', threshold: '0 0.5', cat_boundaries: '0 99', cat_threshold: '1' }),
    ],
    ['a row of categories that there is not', 'VLM-LGB-001', tree({ decision_type: '1 2', threshold: '3 0.5' })],
    [
      'a program in a parameter',
      'VLM-LGB-006',
      lightgbmModel({ parameters: { note: '__import__("os").system("id")' } }),
    ],
    ['a pickle in a parameter', 'VLM-PKL-014', lightgbmModel({ parameters: { note: base64(shell) } })],
  ];
  holdAgainst(
    'model.txt',
    attacks.map(([what, rule, attack]) => ({ what, rule, attack, clean })),
  );

  it.each([
    ['VLM-LGB-003', { machines: '203.0.113.5:12400' }],
    ['VLM-LGB-003', { forcedsplits_filename: 'splits.json' }],
    ['VLM-LGB-003', { output_model: '../../etc/cron.d/x' }],
    ['VLM-LGB-004', { data: '/data/train.csv' }],
    ['VLM-LGB-004', { some_new_option: 'hdfs://host/x' }],
  ])('tells %s', async (rule, parameters: Record<string, string>) => {
    expect(await verdictOf('m.txt', lightgbmModel({ parameters }))).toBe(`pass ${rule}`);
  });

  it('tells what the library does not write, and is not proven when it is cut off', async () => {
    expect(await verdictOf('m.txt', lightgbmModel({ behind: 'import os' }))).toBe('pass VLM-LGB-005');
    expect(await verdictOf('m.txt', lightgbmModel({ header: { objective: 'evil' } }))).toBe('pass VLM-LGB-002');
    const end = Buffer.from(clean).indexOf('end of trees');
    for (let cut = 20; cut < end; cut += 11)
      expect([cut, await verdictOf('m.txt', clean.subarray(0, cut))]).not.toEqual([cut, 'pass']);
  });

  it('is found inside an archive', async () => {
    const archive = zip([{ name: 'model', data: tree({ left_child: '5000 -1' }) }]);
    expect(await verdictOf('m.zip', archive)).toMatch(/^fail .*VLM-LGB-001/);
  });
});

describe('recognised, not examined', () => {
  it.each([
    ['CatBoost', Buffer.from('43424d310001000000000000', 'hex')],
    ['the old format of XGBoost', Buffer.from('62696e660000003f0500000000000000', 'hex')],
    ['the old format of XGBoost as text', Buffer.from('bs64\tAAAAPwUAAAA=\n')],
  ])('%s', async (_, bytes) => {
    for (const name of ['m.bin', 'notes.txt', 'm']) expect(await verdictOf(name, bytes)).toMatch(/^inconclusive/);
  });
});

holdRealFiles('trees', real);
