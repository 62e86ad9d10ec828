// The step that a principal is on. Callers never learn it: what they see is a smaller budget or a poorer answer.
export const STEPS = ['observe', 'tighten', 'degrade', 'block'] as const;
export type Step = (typeof STEPS)[number];
