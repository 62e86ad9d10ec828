// The door of stream detectors.
export { Adwin } from './adwin.js';
export type { AdwinOptions } from './adwin.js';
export { calibrateThreshold } from './calibrate.js';
export type { Calibration, CalibrationOptions } from './calibrate.js';
export { Cusum } from './cusum.js';
export type { CusumOptions } from './cusum.js';
export { Ddm } from './ddm.js';
export type { DdmOptions } from './ddm.js';
export type { StreamDetector, StreamStatus } from './detector.js';
export { createDetector, restoreDetector } from './detectors.js';
export type { DetectorOptions } from './detectors.js';
export { Kswin } from './kswin.js';
export type { KswinOptions } from './kswin.js';
export { PageHinkley } from './page-hinkley.js';
export type { PageHinkleyOptions } from './page-hinkley.js';
