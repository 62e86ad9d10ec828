// The version of the tool, as statements carry it; a test holds it equal to package.json.
export const TOOL = { name: 'vallum', version: '0.1.0' } as const;
