/** The code that a driver or the system gave an error: `42501`, `13`, `ECONNREFUSED`; undefined where there is none. */
export function codeOf(error: unknown): string | number | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? code : undefined;
}

/** What was thrown says, whatever it is: any value can be thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
