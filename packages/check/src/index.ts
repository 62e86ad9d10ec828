// The door of `check`: runs the controls handed to it and turns what they return into signed evidence.
export { draftEvidence } from './evidence.js';
export type { EvidenceDraft, RunTimes, ToolInfo } from './evidence.js';
export { makeReuse } from './reuse.js';
export type { ReuseContext } from './reuse.js';
export { runPlan } from './run-plan.js';
export type { ControlReport, Reuse, RunPorts } from './run-plan.js';
export { runTask } from './run-task.js';
export type { RunOptions } from './run-task.js';
