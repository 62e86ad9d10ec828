// The facts that checks compare with - issuers, countries, ranges - as rules.json holds them.

export interface Tables {
  readonly cardIssuers: readonly { readonly from: string; readonly to: string; readonly lengths: readonly number[] }[];
  readonly ibanLengths: Readonly<Record<string, number>>;
  readonly ssnNeverIssued: readonly string[];
  readonly ipv4NotPublic: readonly { readonly low: number; readonly high: number }[];
  readonly callingCodes: ReadonlySet<string>;
  readonly placeholders: readonly string[];
}
