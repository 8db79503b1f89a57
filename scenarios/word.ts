/** What YAML takes for a text without quotes, also inside of brackets. */
const SAFE = /^[A-Za-z0-9_][A-Za-z0-9_./-]*( [A-Za-z0-9_./()-]+)*$/;
const SPECIAL = /^(true|false|null|yes|no|on|off)$/i;

/** A text as a YAML word. */
export function word(text: string): string {
  if (SAFE.test(text) && !SPECIAL.test(text) && Number.isNaN(Number(text))) return text;
  return /^[\x20-\x7e]*$/.test(text) ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);
}
