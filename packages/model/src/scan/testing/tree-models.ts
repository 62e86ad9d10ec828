// Small models of XGBoost and LightGBM for tests, as the libraries write them, with places to break. Bytes only.
import type { JsonValue } from '@vallum/core';

type Fields = Readonly<Record<string, JsonValue>>;

export interface XgboostParts {
  readonly tree?: Fields;
  readonly model?: Fields;
  readonly learner?: Fields;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One tree of three nodes over two features. */
export function xgboostModel({ tree = {}, model = {}, learner = {}, attributes = {} }: XgboostParts = {}): JsonValue {
  const one = {
    base_weights: [0.5, 0.25, 0.75],
    categories: [],
    categories_nodes: [],
    categories_segments: [],
    categories_sizes: [],
    default_left: [0, 0, 0],
    id: 0,
    left_children: [1, -1, -1],
    loss_changes: [1.5, 0.5, 0.5],
    parents: [2147483647, 0, 0],
    right_children: [2, -1, -1],
    split_conditions: [0.5, 0.25, 0.75],
    split_indices: [1, 0, 0],
    split_type: [0, 0, 0],
    sum_hessian: [2.5, 1.5, 1.5],
    tree_param: { num_deleted: '0', num_feature: '2', num_nodes: '3', size_leaf_vector: '1' },
    ...tree,
  };
  return {
    learner: {
      attributes,
      feature_names: [],
      feature_types: [],
      gradient_booster: {
        model: {
          gbtree_model_param: { num_parallel_tree: '1', num_trees: '1' },
          iteration_indptr: [0, 1],
          tree_info: [0],
          trees: [one],
          ...model,
        },
        name: 'gbtree',
      },
      learner_model_param: { base_score: '5E-1', num_class: '0', num_feature: '2', num_target: '1' },
      objective: { name: 'reg:squarederror', reg_loss_param: { scale_pos_weight: '1' } },
      ...learner,
    },
    version: [3, 0, 0],
  };
}

export interface LightgbmParts {
  readonly header?: Readonly<Record<string, string>>;
  readonly tree?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly sizes?: string;
  readonly behind?: string;
}

/** One tree of three leaves over two features. */
export function lightgbmModel(parts: LightgbmParts = {}): Uint8Array {
  const fields = {
    num_leaves: '3',
    num_cat: '0',
    split_feature: '0 1',
    split_gain: '1 1',
    threshold: '0.5 0.5',
    decision_type: '2 2',
    left_child: '1 -1',
    right_child: '-2 -3',
    leaf_value: '1 2 3',
    leaf_weight: '1 1 1',
    leaf_count: '1 1 1',
    internal_value: '0 0',
    internal_weight: '0 0',
    internal_count: '3 2',
    is_linear: '0',
    shrinkage: '1',
    ...parts.tree,
  };
  const lines = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
  const tree = ['Tree=0', ...lines, '', '', ''].join('\n');
  const header = {
    version: 'v4',
    num_class: '1',
    num_tree_per_iteration: '1',
    label_index: '0',
    max_feature_idx: '1',
    objective: 'regression',
    feature_names: 'a b',
    feature_infos: '[0:1] [0:1]',
    tree_sizes: parts.sizes ?? String(tree.length),
    ...parts.header,
  };
  const parameters = { boosting: 'gbdt', objective: 'regression', data: '', output_model: '', ...parts.parameters };
  return Buffer.from(
    [
      'tree',
      ...Object.entries(header).map(([key, value]) => `${key}=${value}`),
      '',
      `${tree}end of trees`,
      '',
      'feature_importances:',
      'a=1',
      '',
      'parameters:',
      ...Object.entries(parameters).map(([key, value]) => `[${key}: ${value}]`),
      '',
      'end of parameters',
      '',
      `pandas_categorical:null`,
      parts.behind ?? '',
    ].join('\n'),
  );
}
