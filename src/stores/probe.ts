import { withoutSecrets } from './secret.js';
import { codeOf } from '../model/errors.js';

/** What came of one question to a store. `denied`: the user may not ask it. */
export type Probe<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'denied' | 'failed'; readonly problem: string };

/** MongoDB's Unauthorized, PostgreSQL's insufficient_privilege. */
const DENIALS: readonly unknown[] = [13, '42501'];

/** Whether a server says that the user may not do something: itself, or as the cause of a failure. */
export function isDenial(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause)
    if (DENIALS.includes(codeOf(each))) return true;
  return false;
}

/** Asks, and takes an error for an answer too: what doctor cannot learn must not keep it from asking the rest. */
export async function probe<T>(ask: () => Promise<T>, secrets: readonly string[]): Promise<Probe<T>> {
  try {
    return { kind: 'found', value: await ask() };
  } catch (error) {
    const { message } = withoutSecrets(error, secrets);
    return { kind: isDenial(error) ? 'denied' : 'failed', problem: message };
  }
}
