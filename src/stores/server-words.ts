/** More than any server has to say; what is longer holds what it was asked. */
const LONGEST = 500;

/**
 * What a server says of an error, without the command that it repeats: MongoDB quotes it whole, with every id in it, and the
 * reason drowns.
 */
export function withoutEcho(message: string): string {
  const short = message.replace(
    /\bcommand \{ (\w+): (?:"([^"]*)")?.*$/s,
    (_, command: string, on?: string) =>
      on === undefined ? `command ${command}` : `command ${command} on ${on}`,
  );
  if (short.length <= LONGEST) return short;
  // What happened stands in front, and what it was caused by comes last.
  return `${short.slice(0, LONGEST / 2)} … ${short.slice(-LONGEST / 2)}`;
}
