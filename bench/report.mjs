// The figures as a table in Markdown, with what is needed to read them: when, where, how often.
import { cpus, loadavg, totalmem } from 'node:os';

export const seconds = (value) => (value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(1)} s`);
export const perSecond = (value, unit) =>
  `${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)} ${unit}/s`;
const ratio = (value) => (value < 0.1 ? value.toFixed(3) : value < 10 ? value.toFixed(2) : value.toFixed(0));

const HEAD = ['What', 'n', 'Vallum', 'CPU', 'Peer', 'Peer', 'CPU', 'wall', 'CPU'];

/**
 * @param rows each `{ what, ours, peer, show }`: `ours` and `peer` are summaries of `measure.mjs`, `peer` has a `name`;
 *   `show` says the main figure of a summary. Ratios are ours over the peer's: below 1 is faster.
 */
export function tableOf(rows) {
  const lines = rows.map(({ what, ours, peer, show }) => [
    what,
    ours.n,
    show(ours),
    seconds(ours.cpu),
    ...(peer === undefined
      ? ['', '', '', '', '']
      : [peer.name, show(peer), seconds(peer.cpu), ratio(ours.wall / peer.wall), ratio(ours.cpu / peer.cpu)]),
  ]);
  const head = HEAD.map((name, at) => (at >= 7 ? `${name} ratio` : name));
  return plainTable(head, lines);
}

/** Any table. */
export function plainTable(head, lines) {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function machine() {
  const [first] = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus().length} cores (${first?.model.trim() ?? 'unknown'}), ${gib} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}, load ${loadavg()[2]?.toFixed(1)} over the last quarter of an hour`;
}
