import { codeOf } from '../model/errors.js';

const MASK = '***';

/** Keeps name, code and message. The driver's other properties may hold URLs and options, which must not be shown. */
export function withoutSecrets(error: unknown, secrets: readonly string[]): Error {
  // Masking comes before cutting: a cut secret would not be found.
  const copy = new Error(withoutEcho(mask(messageOf(error), secrets)));
  copy.name = error instanceof Error ? error.name : 'Error';
  // The copy's own stack says nothing of value, and starts without the name.
  copy.stack = `${copy.name}: ${copy.message}`;
  const code = codeOf(error);
  return code === undefined ? copy : Object.assign(copy, { code });
}

/** MongoDB's Unauthorized, PostgreSQL's insufficient_privilege. */
const DENIALS: readonly unknown[] = [13, '42501'];

/** Whether the error or one of its causes is a server's refusal for want of a privilege. */
export function isDenial(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause)
    if (DENIALS.includes(codeOf(each))) return true;
  return false;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  // Node leaves the message empty if several addresses of one host refused the connection.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error.message;
}

function mask(text: string, secrets: readonly string[]): string {
  // The longest comes first: removing a shorter one could leave a part of it.
  const longestFirst = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  return longestFirst.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
}

/** A longer message repeats what the server was asked. */
const LONGEST = 500;

/** A server's message without the command in it: MongoDB quotes it whole, ids included, and the reason drowns. */
export function withoutEcho(message: string): string {
  const short = message.replace(
    /\bcommand \{ (\w+): (?:"([^"]*)")?.*$/s,
    (_, command: string, on?: string) =>
      on === undefined ? `command ${command}` : `command ${command} on ${on}`,
  );
  if (short.length <= LONGEST) return short;
  // The event stands in front, its cause comes last.
  return `${short.slice(0, LONGEST / 2)} … ${short.slice(-LONGEST / 2)}`;
}
