// All detectors over one matrix of rows. Neighbours say what a row is; every other detector names rows that have something
// in common, and one test asks whether content explains their label (residual.ts). Suspects then lose their vote and it is
// asked again: a group that has been found out no longer makes its victims' class look odd.
//
// A row that its neighbours contradict is a hard row, a careless label or poison: it is ranked for review and is never by
// itself a reason for a verdict, because a label-noise check is not a poisoning check.
import { pause } from '@vallum/core';
import { clusterActivations } from './activation-clusters.js';
import type { ActivationFindings } from './activation-clusters.js';
import { findBlockPatterns } from './block-patterns.js';
import { copySets } from './bursts.js';
import { contradictedSets } from './contradicted-sets.js';
import { findCopiedBlocks } from './copied-blocks.js';
import type { CopiedBlocks } from './copied-blocks.js';
import { checkEnsembleInput } from './ensemble-input.js';
import type { EnsembleInput } from './ensemble-input.js';
import { levelsOf } from './levels.js';
import { cellsOf, DETECTORS } from './report.js';
import type { DetectorName, EnsembleReport } from './report.js';
import { rowsBy, unexplainedSets } from './row-sets.js';
import type { RowSet } from './row-sets.js';
import { conformalP, scoreRows } from './row-scores.js';
import { entropyUnderOverlays, lowEntropySets } from './strip.js';
import type { Detector, SuspectGroup } from './suspect-group.js';
import { findPatterns } from './value-patterns.js';
import { imageViews, tableViews } from './views.js';
import type { Views } from './views.js';
import { codeLabels, disagreement, Voters } from './votes.js';
import type { Labelled, ViewedVotes } from './votes.js';

/** @throws VallumError `POISON_INPUT` */
export async function runEnsemble(input: EnsembleInput): Promise<EnsembleReport> {
  checkEnsembleInput(input);
  const { labels: given, rules, signal } = input;
  const labels = codeLabels(given);
  const missing = new Map<DetectorName, string>();
  const basis = await basisOf(input, labels, missing);
  if (basis === undefined) return nothingRan(input, missing);
  const proposals = await proposalsOf(input, labels, missing);
  const copies = proposals.copies.flatMap((rows) => rows.slice(1));
  const suspects = new Uint8Array(given.length);
  let groups: readonly SuspectGroup[] = [];
  const voters = new Voters({ ...basis.views, labels, rules, signal });
  let votes: ViewedVotes | undefined;
  for (let round = 0; round < rules.rounds; round += 1) {
    input.progress(`looking for groups of rows with an unexplained label, round ${round + 1} of ${rules.rounds}`);
    // Copies have one vote together: they would vouch for each other.
    const silent = suspects.slice();
    for (const row of copies) silent[row] = 1;
    votes = await voters.votes(silent);
    const found = await groupsOf(input, labels, { votes, basis, sets: proposals.sets });
    const before = suspects.reduce((sum, flag) => sum + flag, 0);
    for (const { rows } of found) for (const row of rows) suspects[row] = 1;
    groups = found.length > 0 ? found : groups;
    if (suspects.reduce((sum, flag) => sum + flag, 0) === before) break;
  }
  const odd = disagreement(votes as ViewedVotes, labels);
  const scored = scoreRows({ disagreement: odd, labels, groups });
  const sorted = odd.slice().sort();
  return {
    ran: DETECTORS.filter((detector) => !missing.has(detector)),
    notRun: [...missing].map(([detector, why]) => ({ detector, why })),
    groups,
    separated: proposals.activations?.separated ?? [],
    spectral: proposals.activations?.spectral,
    cells: cellsOf(given, input.sources, {
      suspects,
      odd: Uint8Array.from(odd, (value) => (conformalP(sorted, value) <= rules.reviewLevel ? 1 : 0)),
      minRows: rules.minRowsPerLabel,
    }),
    rows: [...scored].sort((a, b) => b.score - a.score || a.row - b.row),
  };
}

interface Basis {
  readonly views: Views;
  /** Set when the features themselves are given, so that single columns can be searched. */
  readonly levels: Uint8Array | undefined;
  /** Set when the features are pixels. */
  readonly blocks: CopiedBlocks | undefined;
}

/** What neighbours are taken on; activations where there is nothing better. */
async function basisOf(
  input: EnsembleInput,
  labels: Labelled,
  missing: Map<DetectorName, string>,
): Promise<Basis | undefined> {
  const { features, activations, image, rules, signal } = input;
  const sizes = labels.names.map((_, label) => labels.codes.filter((code) => code === label).length);
  if (sizes.filter((size) => size >= rules.minRowsPerLabel).length < rules.minLabels) {
    for (const detector of DETECTORS)
      missing.set(detector, `fewer than ${rules.minLabels} labels have ${rules.minRowsPerLabel} rows`);
    return undefined;
  }
  if (features !== undefined) {
    const views = image === undefined ? tableViews(features) : imageViews(features, image);
    if (views.hidden.length === 0) missing.set('value-pattern', 'a single column leaves nothing to compare with');
    const blocks =
      image === undefined
        ? undefined
        : await findCopiedBlocks({ features, image, viewOf: views.viewOf, rules, signal });
    if (blocks === undefined)
      missing.set(
        'copied-block',
        image === undefined ? 'the features are no pixels' : 'there are too many copies to hold',
      );
    return { views, levels: levelsOf(features, rules.levels), blocks };
  }
  missing.set('copied-block', 'no features were given');
  missing.set('value-pattern', 'no features were given');
  if (activations !== undefined)
    return { views: { ...tableViews(activations), hidden: [] }, levels: undefined, blocks: undefined };
  for (const detector of DETECTORS) missing.set(detector, 'neither features nor activations were given');
  return undefined;
}

interface Proposals {
  readonly sets: readonly RowSet[];
  readonly copies: readonly (readonly number[])[];
  readonly activations: ActivationFindings | undefined;
}

/** The sets of rows that do not depend on the votes: computed once. */
async function proposalsOf(
  input: EnsembleInput,
  labels: Labelled,
  missing: Map<DetectorName, string>,
): Promise<Proposals> {
  const { activations, texts, sources, features, ask, rules, seed, signal } = input;
  const sets: RowSet[] = [];
  let found: ActivationFindings | undefined;
  if (activations === undefined) {
    missing.set('activation-cluster', 'no activations were given');
    missing.set('spectral-signature', 'no activations were given');
  } else {
    found = await clusterActivations({ activations, labels, rules, seed, signal });
    sets.push(...found.sets);
  }
  if (ask === undefined || features === undefined) missing.set('strip', 'no model that can be asked was given');
  else
    sets.push(
      ...lowEntropySets(await entropyUnderOverlays({ features, labels, ask, rules, seed, signal }), labels, rules),
    );
  const bySource = rowsBy(labels.codes.length, (row) => sources?.[row]);
  if (bySource.size < 2) missing.set('source-shift', 'the rows have no sources, or one only');
  else
    for (const [source, carriers] of bySource)
      for (const label of new Set(carriers.map((row) => labels.codes[row] as number)))
        sets.push({ detector: 'source-shift', carriers, label, source, what: `the source ${JSON.stringify(source)}` });
  await pause(signal);
  const copies = texts === undefined ? [] : copySets(texts, rules);
  if (texts === undefined) missing.set('duplicate-burst', 'no texts were given');
  for (const carriers of copies)
    for (const label of new Set(carriers.map((row) => labels.codes[row] as number)))
      sets.push({
        detector: 'duplicate-burst',
        carriers,
        label,
        what: `a text of which there are ${carriers.length} copies`,
      });
  return { sets, copies, activations: found };
}

async function groupsOf(
  input: EnsembleInput,
  labels: Labelled,
  { votes, basis, sets }: { readonly votes: ViewedVotes; readonly basis: Basis; readonly sets: readonly RowSet[] },
): Promise<readonly SuspectGroup[]> {
  const { rules, image, signal } = input;
  const content = { votes: votes.whole, labels, rules };
  const of = (detector: Detector): readonly RowSet[] => sets.filter((set) => set.detector === detector);
  const named = [
    ...unexplainedSets(of('source-shift'), content),
    ...unexplainedSets(of('duplicate-burst'), content),
    ...contradictedSets(of('activation-cluster'), content),
    ...contradictedSets(of('strip'), content),
  ];
  if (basis.levels === undefined || votes.hiding.length === 0) return named;
  const nameOf = (column: number): string => {
    if (image === undefined) return `column ${column}`;
    const pixel = Math.floor(column / image.channels);
    return `pixel ${pixel % image.width}, ${Math.floor(pixel / image.width)}`;
  };
  const { levels, views, blocks } = basis;
  const { viewOf } = views;
  const patterns = await findPatterns({
    levels,
    columns: viewOf.length,
    viewOf,
    hiding: votes.hiding,
    labels,
    nameOf,
    rules,
    weak: image !== undefined,
    signal,
  });
  const { hiding, whole } = votes;
  const copied = blocks === undefined ? [] : await findBlockPatterns({ blocks, hiding, whole, labels, rules, signal });
  const all = [...patterns, ...copied, ...named];
  const firm = new Set(all.filter(({ detector }) => detector !== 'weak-mark').flatMap(({ rows }) => rows));
  // What another detector says more surely is not said again as a weak mark.
  return all.filter(
    ({ detector, rows }) => detector !== 'weak-mark' || rows.filter((row) => firm.has(row)).length < rows.length / 2,
  );
}

function nothingRan(
  { labels, sources, rules }: EnsembleInput,
  missing: ReadonlyMap<DetectorName, string>,
): EnsembleReport {
  const none = new Uint8Array(labels.length);
  return {
    ran: [],
    notRun: [...missing].map(([detector, why]) => ({ detector, why })),
    groups: [],
    separated: [],
    spectral: undefined,
    cells: cellsOf(labels, sources, { suspects: none, odd: none, minRows: rules.minRowsPerLabel }),
    rows: [],
  };
}
