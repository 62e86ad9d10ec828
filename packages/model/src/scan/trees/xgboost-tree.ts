// One tree of an XGBoost model: parallel lists with one element a node. The library reads them into C++ arrays and follows
// children and features when it predicts, so that an index that points outside reads memory that is not the model's.
import type { Value } from './numbers.js';
import { countOf, integerAt, lengthOf, member } from './numbers.js';

const NEEDED = ['left_children', 'right_children', 'parents', 'split_indices', 'split_conditions', 'default_left'];
const OPTIONAL = ['split_type', 'loss_changes', 'sum_hessian'];
const NO_PARENT = 2_147_483_647;
const MAX_NODES = 100_000_000;

/** @returns what is wrong, at most one sentence for each kind */
export function checkXgboostTree(tree: Value, features: number): readonly string[] {
  const nodes = countOf(member(member(tree, 'tree_param'), 'num_nodes'));
  if (!(nodes >= 1 && nodes <= MAX_NODES)) return ['its number of nodes is missing or absurd'];
  for (const key of NEEDED) {
    const length = lengthOf(member(tree, key));
    if (length !== nodes) return [`${key} has ${length ?? 'no'} elements for ${nodes} nodes`];
  }
  const problems: string[] = [];
  for (const key of OPTIONAL) {
    const length = lengthOf(member(tree, key));
    if (length !== undefined && length !== nodes) problems.push(`${key} has ${length} elements for ${nodes} nodes`);
  }
  const weights = lengthOf(member(tree, 'base_weights'));
  const width = Math.max(1, countOf(member(member(tree, 'tree_param'), 'size_leaf_vector')) || 1);
  if (weights !== undefined && weights !== nodes && weights !== nodes * width)
    problems.push(`base_weights has ${weights} elements for ${nodes} nodes`);
  const walked = walk(tree, nodes, features);
  if (walked !== undefined) problems.push(walked);
  const categories = checkCategories(tree, nodes);
  if (categories !== undefined) problems.push(categories);
  return problems;
}

/** From the root down: every node once, its parent where it says, its feature among those that there are. */
function walk(tree: Value, nodes: number, features: number): string | undefined {
  const left = member(tree, 'left_children');
  const right = member(tree, 'right_children');
  const parents = member(tree, 'parents');
  const splits = member(tree, 'split_indices');
  const seen = new Uint8Array(nodes);
  const open = [0];
  const root = integerAt(parents, 0);
  if (root !== NO_PARENT && root !== -1) return `the root has the parent ${root}`;
  seen[0] = 1;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const children = [integerAt(left, node), integerAt(right, node)];
    if (children[0] === -1) {
      // A leaf of a tree with several outputs has, as its right child, the number of its weights.
      if (children[1] === -1 || (children[1] !== undefined && children[1] >= 0 && children[1] < nodes)) continue;
      return `leaf ${node} of ${nodes} nodes has the weights ${children[1]}`;
    }
    const feature = integerAt(splits, node);
    if (!(feature >= 0 && feature < features)) return `node ${node} splits on feature ${feature} of ${features}`;
    for (const child of children) {
      if (!(child > 0 && child < nodes)) return `node ${node} of ${nodes} has the child ${child}`;
      if (seen[child] === 1) return `node ${child} hangs below two nodes`;
      if (integerAt(parents, child) !== node) return `node ${child} does not say that its parent is ${node}`;
      seen[child] = 1;
      open.push(child);
    }
  }
  return undefined;
}

/** Nodes with categories have a segment of a list each. */
function checkCategories(tree: Value, nodes: number): string | undefined {
  const owners = member(tree, 'categories_nodes');
  const segments = member(tree, 'categories_segments');
  const sizes = member(tree, 'categories_sizes');
  const total = lengthOf(member(tree, 'categories')) ?? 0;
  const count = lengthOf(owners) ?? 0;
  if ((lengthOf(segments) ?? 0) !== count || (lengthOf(sizes) ?? 0) !== count)
    return 'its lists of categories have different lengths';
  for (let index = 0; index < count; index++) {
    const owner = integerAt(owners, index);
    const from = integerAt(segments, index);
    const size = integerAt(sizes, index);
    if (!(owner >= 0 && owner < nodes)) return `categories belong to node ${owner} of ${nodes}`;
    if (!(from >= 0 && size >= 0 && from + size <= total))
      return `the categories of node ${owner} lie outside their list`;
  }
  const categories = member(tree, 'categories');
  for (let index = 0; index < total; index++)
    if (!(integerAt(categories, index) >= 0)) return 'a category is negative or no number';
  return undefined;
}
