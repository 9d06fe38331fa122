import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { getNodePath, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { Complaints } from './complaint.js';
import { withoutByteOrderMark } from '../model/text.js';
import { codeOf } from '../model/errors.js';

/** A JSON file of settings, and where in it each value stands. */
export interface RulesFile {
  readonly name: string;
  readonly root: Node;
  /** The line (from 1) of a node. */
  lineOf(node: Node): number;
}

/**
 * Reads JSON with comments and trailing commas: `init` writes such a file, to be edited by hand. Complains about every
 * syntax error and duplicate key by line. It must quote nothing of a text that is no JSON, which may be any file.
 *
 * @param source the path, or a stream that is read to its end
 * @param missing what to do where the file does not exist
 */
export async function readRulesFile(
  source: string | NodeJS.ReadableStream,
  name: string,
  missing: 'complain' | 'ignore',
  complaints: Complaints,
): Promise<RulesFile | undefined> {
  let text: string;
  try {
    text = withoutByteOrderMark(
      typeof source === 'string' ? await readFile(source, 'utf8') : await textOf(source),
    );
  } catch (error) {
    if (missing === 'complain' || codeOf(error) !== 'ENOENT')
      complaints.add(name, `cannot be read (${codeOf(error) ?? 'unknown'})`);
    return undefined;
  }
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: false, allowTrailingComma: true });
  if (root !== undefined && errors.length === 0) {
    const file: RulesFile = { name, root, lineOf: (node) => lineAt(node.offset) };
    return hasDuplicateKeys(root, file, complaints) ? undefined : file;
  }
  // Only the first error on each line: the others mostly follow from it.
  const byLine = new Map<number, string>(errors.length === 0 ? [[1, 'ValueExpected']] : []);
  for (const { offset, error } of errors) {
    const line = lineAt(offset);
    if (!byLine.has(line)) byLine.set(line, printParseErrorCode(error));
  }
  for (const [line, what] of byLine) complaints.add(`${name}:${line}`, `is no JSON (${what})`);
  return undefined;
}

function hasDuplicateKeys(node: Node, file: RulesFile, complaints: Complaints): boolean {
  let found = false;
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    if (child.type === 'property') {
      const [key] = child.children ?? [];
      if (key && seen.has(key.value)) {
        const path = getNodePath(key).join('.');
        complaints.add(`${file.name}:${file.lineOf(key)}: ${path}`, 'stands here a second time');
        found = true;
      }
      seen.add(key?.value);
    }
    found = hasDuplicateKeys(child, file, complaints) || found;
  }
  return found;
}
