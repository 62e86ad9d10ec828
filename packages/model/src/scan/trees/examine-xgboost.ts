// Judges an XGBoost model, from JSON or UBJSON alike: structure that the library follows without checking, objectives that
// it does not have, and texts in it that are something else.
import { messageOf } from '@vallum/core';
import type { JsonValue } from '@vallum/core';
import type { UbjsonValue } from '@vallum/formats';
import { readUbjson } from '@vallum/formats';
import type { Context, Item } from '../context.js';
import { find, read, skip } from '../context.js';
import { followTexts, textsIn } from './carried-texts.js';
import type { Value } from './numbers.js';
import { countOf, fieldsOf, integerAt, isFields, lengthOf, listOf, member } from './numbers.js';
import { looksLikeXgboost } from './shape.js';
import { checkXgboostTree } from './xgboost-tree.js';

export async function examineUbjson(context: Context, item: Item): Promise<void> {
  const report = await read(context, item, readUbjson(item.source.size));
  if (report.value === undefined) return skip(context, item, 'as UBJSON', report.fault ?? 'it cannot be read');
  for (const key of report.duplicates)
    find(context, item, { rule: 'VLM-XGB-004', detail: `the key ${JSON.stringify(key)} stands twice` });
  if (report.end < item.source.size) {
    const left = item.source.size - report.end;
    find(context, item, {
      rule: 'VLM-XGB-004',
      detail: `${left} bytes stand behind it`,
      location: { offset: report.end },
    });
    skip(context, item, `the bytes from offset ${report.end}`, 'they belong to no value');
  }
  if (looksLikeXgboost(report.value)) await examineModel(context, item, report.value);
  else await followTexts(context, item, textsIn(report.value), 'VLM-XGB-005');
}

export function examineXgboostJson(context: Context, item: Item, value: JsonValue): Promise<void> {
  return examineModel(context, item, value);
}

async function examineModel(context: Context, item: Item, value: UbjsonValue): Promise<void> {
  const model = member(value, 'Model') ?? value;
  const tell = (rule: string, detail: string): void => find(context, item, { rule, detail });
  try {
    judgeNames(context, model, tell);
    judgeLearner(member(model, 'learner'), tell);
    if (model !== value) judgeNames(context, member(value, 'Config'), tell);
  } catch (error) {
    skip(context, item, 'as XGBoost', messageOf(error));
  }
  await followTexts(context, item, textsIn(value), 'VLM-XGB-005');
}

type Tell = (rule: string, detail: string) => void;

function judgeNames(context: Context, model: Value, tell: Tell): void {
  const { objectives, boosters, keys } = context.rules.files.xgboost;
  const learner = member(model, 'learner');
  const objective = member(member(learner, 'objective'), 'name');
  if (objective !== undefined && !(typeof objective === 'string' && objectives.includes(objective)))
    tell('VLM-XGB-002', `objective ${JSON.stringify(objective)?.slice(0, 120)}`);
  const booster = member(member(learner, 'gradient_booster'), 'name');
  if (booster !== undefined && !(typeof booster === 'string' && boosters.includes(booster)))
    tell('VLM-XGB-002', `booster ${JSON.stringify(booster)?.slice(0, 120)}`);
  const unknown = Object.keys(fieldsOf(learner)).filter((key) => !keys.includes(key));
  if (unknown.length > 0) tell('VLM-XGB-003', unknown.slice(0, 5).join(', ').slice(0, 200));
}

function judgeLearner(learner: Value, tell: Tell): void {
  const booster = member(learner, 'gradient_booster');
  const parameters = member(learner, 'learner_model_param');
  const linear = member(booster, 'name') === 'gblinear';
  const trees = member(member(booster, 'gbtree'), 'model') ?? (linear ? undefined : member(booster, 'model'));
  if (trees === undefined && !(linear && isFields(member(booster, 'model')))) return;
  const features = countOf(member(parameters, 'num_feature'));
  const classes = countOf(member(parameters, 'num_class') ?? 0);
  const targets = countOf(member(parameters, 'num_target') ?? 1);
  const groups = Math.max(1, classes, targets);
  if (!(features < 2 ** 31 && groups < 2 ** 24))
    return tell('VLM-XGB-001', 'its numbers of features, classes or targets are missing or absurd');
  for (const key of ['feature_names', 'feature_types']) {
    const length = lengthOf(member(learner, key)) ?? 0;
    if (length !== 0 && length !== features)
      tell('VLM-XGB-001', `${key} has ${length} entries for ${features} features`);
  }
  if (linear) return judgeLinear(member(booster, 'model'), features, groups, tell);
  judgeTrees(trees, features, groups, tell);
  const dropped = lengthOf(member(booster, 'weight_drop'));
  if (dropped !== undefined && dropped !== listOf(member(trees, 'trees')).length)
    tell('VLM-XGB-001', `weight_drop has ${dropped} elements for ${listOf(member(trees, 'trees')).length} trees`);
}

function judgeLinear(model: Value, features: number, groups: number, tell: Tell): void {
  const weights = lengthOf(member(model, 'weights'));
  if (weights !== (features + 1) * groups)
    tell('VLM-XGB-001', `it has ${weights ?? 'no'} weights for ${features} features and ${groups} outputs`);
}

function judgeTrees(model: Value, features: number, groups: number, tell: Tell): void {
  const trees = listOf(member(model, 'trees'));
  const announced = countOf(member(member(model, 'gbtree_model_param'), 'num_trees'));
  if (announced !== trees.length) tell('VLM-XGB-001', `it announces ${announced} trees and holds ${trees.length}`);
  const info = member(model, 'tree_info');
  if ((lengthOf(info) ?? 0) !== trees.length)
    tell('VLM-XGB-001', `tree_info has ${lengthOf(info) ?? 'no'} elements for ${trees.length} trees`);
  const starts = member(model, 'iteration_indptr');
  const steps = lengthOf(starts) ?? 0;
  for (let index = 0; index < steps; index++) {
    const at = integerAt(starts, index);
    const before = index === 0 ? 0 : integerAt(starts, index - 1);
    if (at >= before && at <= trees.length) continue;
    tell('VLM-XGB-001', `iteration ${index} starts at tree ${at} of ${trees.length}`);
    break;
  }
  let told = 0;
  for (const [index, tree] of trees.entries()) {
    const group = integerAt(info, index);
    const problems = [...checkXgboostTree(tree, features)];
    if (!(group >= 0 && group < groups)) problems.push(`it adds to output ${group} of ${groups}`);
    for (const problem of problems) if (told++ < 20) tell('VLM-XGB-001', `tree ${index}: ${problem}`);
  }
}
