// The door of `governance`: lineage from rows to model, and approvals.
export { approvalIdentity, buildApproval } from './approval/approval.js';
export type { ApprovalDraft } from './approval/approval.js';
export { lastApproved } from './approval/last-approved.js';
export type { ApprovedModel, LastApprovedQuery } from './approval/last-approved.js';
export { planLineage, readLineage } from './lineage/control.js';
export type { LineageOptions } from './lineage/control.js';
export { drawLineage } from './lineage/draw.js';
export type { LineageEdge, LineageGraph, LineageNode, LineageProblem } from './lineage/graph.js';
export { readRunFile, RUN_FILE } from './lineage/run-file.js';
export type { RunFeed, RunRecord } from './lineage/documents.js';
