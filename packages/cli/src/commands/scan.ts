// placeholder until scan door exists
export {};
