import { digestInLine } from './layout.js';

/** Why a file that was a plan, or comes from one, is none; and what to do. */
export interface Reformatted {
  readonly problem: string;
  readonly next: string;
}

const RESTORE =
  'Restore it as it was written: from git (git checkout -- PLAN), or from the person who made it. jq, Prettier, editors and shells must leave it alone.';
/** Under core.autocrlf, git would bring it back with the same line breaks. */
const RESTORE_BYTES =
  'Put the line "*.json -text" into .gitattributes, so that git leaves its bytes alone; then rm PLAN && git checkout -- PLAN brings it back as it was written.';

/**
 * Recognises a plan that some program wrote anew: its values may all be right, but its bytes, which the digest is of and
 * people have approved, are others. It is judged only once a plan was refused, and by its form alone.
 *
 * @param start the first bytes of the file
 * @param rest what follows its last line break
 */
export function reformatted(start: Buffer, rest: Buffer): Reformatted | undefined {
  const wide = wideText(start);
  const text = wide ?? start.toString('utf8');
  if (text.startsWith('{"event":'))
    return {
      problem: 'it is a receipt, and not a plan',
      next: 'Name the plan. A receipt can be shown (fix-roles show PLAN) and taken back (fix-roles revert PLAN).',
    };
  if (/"format"\s*:\s*"fix-roles\/plan-view"/.test(text))
    return { problem: 'it is what show printed of a plan, and not the plan', next: 'Name the plan itself.' };
  if (!/"format"\s*:\s*"fix-roles\/plan"/.test(text)) return undefined;
  const how = (problem: string, next = RESTORE): Reformatted => ({
    problem: `it is a plan that was reformatted, so that its digest proves nothing any more: ${problem}`,
    next,
  });
  if (wide !== undefined) return how('it was written as UTF-16, as > in Windows PowerShell does');
  if (text.startsWith('\ufeff')) return how('a byte order mark was put in front of it');
  if (text.includes('\r\n'))
    return how('its lines end with CR LF, as git writes them under core.autocrlf', RESTORE_BYTES);
  if (!text.startsWith('{\n"format":'))
    return how('it is laid out in another way, as jq, Prettier and editors do');
  return digestInLine(rest.toString('latin1')) === undefined
    ? undefined
    : how('its last line break is missing, as after an editor or a copy by hand');
}

/** The text where it is UTF-16, of either byte order and with or without a mark. */
function wideText(start: Buffer): string | undefined {
  const bytes = start.subarray(0, start.length - (start.length % 2));
  const [first, second] = [bytes[0], bytes[1]];
  if ((first === 0xff && second === 0xfe) || second === 0) return bytes.toString('utf16le');
  return (first === 0xfe && second === 0xff) || first === 0
    ? Buffer.from(bytes).swap16().toString('utf16le')
    : undefined;
}
