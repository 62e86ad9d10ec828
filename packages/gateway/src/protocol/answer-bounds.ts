// How much of an answer is read. Its bytes are bounded by the route before; these bound what its bytes may claim.
export const ANSWER_BOUNDS = { maxDepth: 64, maxElements: 4_194_304, maxBinaryElements: 268_435_456 } as const;
