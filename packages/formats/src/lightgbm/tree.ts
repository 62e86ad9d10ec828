// One tree of a LightGBM text model: whether its lists have the lengths that its counts say, and whether children, features
// and categories point inside them. A child is the index of an inner node, or, when negative, the complement of a leaf's.

const MAX_LEAVES = 10_000_000;
const PER_NODE = ['split_feature', 'threshold', 'left_child', 'right_child'];
const PER_NODE_OR_NONE = ['split_gain', 'decision_type', 'internal_value', 'internal_weight', 'internal_count'];

/** @param maxFeature highest index of a feature; NaN where the header does not say */
export function checkTree(fields: ReadonlyMap<string, string>, maxFeature: number): readonly string[] {
  const problems: string[] = [];
  const leaves = Number(fields.get('num_leaves') ?? NaN);
  if (!Number.isSafeInteger(leaves) || leaves < 1 || leaves > MAX_LEAVES)
    return [`num_leaves is ${JSON.stringify((fields.get('num_leaves') ?? '').slice(0, 40))}`];
  const nodes = leaves - 1;
  const count = (key: string): number | undefined => {
    const text = fields.get(key);
    return text === undefined ? undefined : text === '' ? 0 : text.split(/ +/).length;
  };
  const expect = (key: string, wanted: number, needed: boolean): void => {
    const found = count(key);
    if (found === undefined ? needed : found !== wanted && (needed || found !== 0))
      problems.push(`${key} has ${found ?? 'no'} values for ${leaves} leaves`);
  };
  expect('leaf_value', leaves, true);
  if (nodes > 0) {
    for (const key of PER_NODE) expect(key, nodes, true);
    for (const key of PER_NODE_OR_NONE) expect(key, nodes, false);
    for (const key of ['leaf_weight', 'leaf_count']) expect(key, leaves, false);
  }
  if (problems.length > 0 || nodes === 0) return problems;
  problems.push(...checkChildren(integers(fields, 'left_child'), integers(fields, 'right_child'), leaves));
  for (const feature of integers(fields, 'split_feature'))
    if (!(feature >= 0 && feature <= maxFeature)) {
      problems.push(`it splits on feature ${feature} of ${maxFeature + 1}`);
      break;
    }
  problems.push(...checkCategories(fields, nodes), ...checkLinear(fields, leaves, maxFeature));
  return problems;
}

function integers(fields: ReadonlyMap<string, string>, key: string): readonly number[] {
  const text = fields.get(key) ?? '';
  return text === '' ? [] : text.split(/ +/).map((one) => (/^-?\d{1,10}$/.test(one) ? Number(one) : NaN));
}

/** Every node but the root, and every leaf, hangs below one node, so that walking down ends. */
function checkChildren(left: readonly number[], right: readonly number[], leaves: number): readonly string[] {
  const seen = new Set<number>();
  for (const child of [...left, ...right]) {
    const inside = Number.isInteger(child) && (child >= 0 ? child > 0 && child < leaves - 1 : ~child < leaves);
    if (!inside) return [`a child is ${child} in a tree of ${leaves} leaves`];
    if (seen.has(child)) return [`the child ${child} hangs below two nodes`];
    seen.add(child);
  }
  return hangsTogether(left, right) ? [] : ['some of its nodes cannot be reached from the root'];
}

/** With one parent each, nodes that are not below the root are below one another. */
function hangsTogether(left: readonly number[], right: readonly number[]): boolean {
  let reached = 0;
  const open = [0];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    reached += 1;
    for (const child of [left[node] ?? -1, right[node] ?? -1]) if (child >= 0) open.push(child);
  }
  return reached === left.length;
}

/** A node with a categorical decision has, as its threshold, the index of its row in the table of categories. */
function checkCategories(fields: ReadonlyMap<string, string>, nodes: number): readonly string[] {
  const rows = Number(fields.get('num_cat') ?? 0);
  if (!Number.isSafeInteger(rows) || rows < 0) return ['num_cat is no count'];
  const decisions = integers(fields, 'decision_type');
  const thresholds = (fields.get('threshold') ?? '').split(/ +/);
  for (let node = 0; node < nodes; node++) {
    if (((decisions[node] ?? 0) & 1) === 0) continue;
    const row = Number(thresholds[node]);
    if (!(Number.isInteger(row) && row >= 0 && row < rows)) return [`a decision uses row ${row} of ${rows} categories`];
  }
  if (rows === 0) return [];
  const bounds = integers(fields, 'cat_boundaries');
  const words = integers(fields, 'cat_threshold').length;
  const rising = bounds.every(
    (bound, index) => bound >= (index === 0 ? 0 : (bounds[index - 1] ?? 0)) && bound <= words,
  );
  return bounds.length === rows + 1 && bounds[0] === 0 && rising ? [] : ['cat_boundaries points outside cat_threshold'];
}

/** Trees with linear leaves list, one after the other, the features of each leaf. */
function checkLinear(fields: ReadonlyMap<string, string>, leaves: number, maxFeature: number): readonly string[] {
  if (fields.get('is_linear') !== '1') return [];
  const counts = integers(fields, 'num_features');
  const total = counts.reduce((sum, one) => sum + one, 0);
  const features = integers(fields, 'leaf_features');
  if (counts.length !== leaves || features.length !== total || !counts.every((one) => one >= 0))
    return ['the features of its leaves are not as many as it says'];
  return features.every((one) => one >= 0 && one <= maxFeature) ? [] : ['a leaf uses a feature that there is not'];
}
