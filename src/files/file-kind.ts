import { beginningOf, continued, isGzip, packedReceipt, unpacked } from './gzip.js';
import { doingOf, openSource, type OpenSource, type PlanSource } from './source.js';

/** A file of known kind, open from its beginning. */
export interface KnownFile {
  readonly kind: 'plan' | 'receipt';
  readonly source: PlanSource;
}

/** Every receipt begins with these bytes; a plan has a line break after its brace. */
const RECEIPT_START = '{"event":';

/**
 * Opens a file and tells its kind by its first bytes. It is opened only once, because a pipe cannot be read again.
 * What is no receipt counts as a plan; the plan's reader says what is wrong with it.
 *
 * @throws Failure (operational) where the file cannot be read, (refused) where it is a packed receipt
 */
export async function openKnownFile(source: PlanSource): Promise<KnownFile> {
  const input = await openSource(source, 'plan', 'as-it-is');
  try {
    const bytes = input.chunks[Symbol.asyncIterator]();
    const first = await beginningOf(bytes, 2);
    const rest = unpacked(continued(first, bytes), input.doing)[Symbol.asyncIterator]();
    const beginning = await beginningOf(rest, RECEIPT_START.length);
    const kind = beginning.toString('latin1').trimStart().startsWith(RECEIPT_START) ? 'receipt' : 'plan';
    if (kind === 'receipt' && isGzip(first))
      throw packedReceipt(doingOf(source, kind), source.kind === 'file' ? source.path : 'PLAN');
    const chunks = continued(beginning, rest);
    const whole: OpenSource = { ...input, doing: doingOf(source, kind), chunks, close: () => input.close() };
    return { kind, source: { kind: 'open', input: whole } };
  } catch (error) {
    await input.close();
    throw error;
  }
}
