// The door of the detectors: a sketcher for the workers, a desk for the primary.
export { Baseline } from './baseline.js';
export { DetectorDesk } from './desk.js';
export type { DeskSettings, WatchedRoute } from './desk.js';
export { detectorFacts } from './facts.js';
export type { DetectorFacts, DetectorId, Signal } from './facts.js';
export type { Change } from './scorer.js';
export type { Postures, QuerySketch, RowAnswer, RowSketch } from './sketch.js';
export { rowAnswer } from './sketching/row-answer.js';
export type { Range } from './sketching/scale.js';
export { makeSketcher } from './sketching/sketcher.js';
export type { Sketcher, SketcherOptions } from './sketching/sketcher.js';
export { STEPS } from './step.js';
export type { Step } from './step.js';
