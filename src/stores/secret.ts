import { codeOf } from '../model/errors.js';
import { withoutEcho } from './server-words.js';

const MASK = '***';

/**
 * A copy of an error that keeps its name, code and message but neither the command that a server repeats nor any of the given secrets. The driver's own errors
 * carry connection options and URLs in further properties, which everything that prints an error would show.
 */
export function withoutSecrets(error: unknown, secrets: readonly string[]): Error {
  // Masked before it is cut: a part of a secret would not be found.
  const copy = new Error(withoutEcho(mask(messageOf(error), secrets)));
  copy.name = error instanceof Error ? error.name : 'Error';
  // The stack of the copy says nothing of value, and its first line was made before the name was known.
  copy.stack = `${copy.name}: ${copy.message}`;
  const code = codeOf(error);
  return code === undefined ? copy : Object.assign(copy, { code });
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  // Several addresses of one host refused the connection: Node leaves the message empty.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error.message;
}

function mask(text: string, secrets: readonly string[]): string {
  // Longest first, so that no part of one secret survives the removal of another.
  const longestFirst = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  return longestFirst.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
}
