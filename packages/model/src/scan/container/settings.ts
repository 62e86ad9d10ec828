// Settings that hold a secret, by their names and by values that are no placeholder.
const SECRET_NAME = /(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIALS?)$/i;
const NO_SECRET =
  /^["']?(?:|\$.*|<.*|\*+|x+|change.?me|your.*|example.*|dummy|test|none|null|true|false|\d{1,3}|root|admin|postgres|password|secret|mysql|user|jupyter|token)["']?$/i;

export function holdsSecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) && value.length >= 8 && !NO_SECRET.test(value);
}
