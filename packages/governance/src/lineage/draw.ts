// The lineage as a text tree, from the model back to its sources, for the terminal.
import type { LineageGraph } from './graph.js';

/** One line for each node; what does not hold stands behind it. Lines carry no trailing line break. */
export function drawLineage(graph: LineageGraph): readonly string[] {
  const lines: string[] = [];
  const visit = (id: string, indent: string, branch: string, problems: readonly string[], above: readonly string[]) => {
    const node = graph.nodes.find((one) => one.id === id);
    const digest = node?.digest === undefined ? '' : `  ${node.digest.slice(0, 12)}`;
    const wrong = problems.length === 0 ? '' : `  ! ${problems.join('; ')}`;
    lines.push(`${indent}${branch}${node?.label ?? '(nothing)'}${digest}${wrong}`);
    const sources = graph.edges.filter((edge) => edge.to === id && !above.includes(edge.from));
    const deeper = indent + (branch === '' ? '' : branch.startsWith('└') ? '   ' : '│  ');
    sources.forEach((edge, i) =>
      visit(
        edge.from,
        deeper,
        i === sources.length - 1 ? '└─ ' : '├─ ',
        edge.problems.map(({ message }) => message),
        [...above, id],
      ),
    );
  };
  visit('model', '', '', [], []);
  return lines;
}
