// The detectors as they were built: `npm run build` first. VALLUM_DETECTORS may name another build.
const { makeSketcher, Baseline, DetectorDesk } = await import(
  process.env.VALLUM_DETECTORS ?? '../../packages/gateway/dist/detectors/index.js'
);
export { Baseline, DetectorDesk, makeSketcher };
