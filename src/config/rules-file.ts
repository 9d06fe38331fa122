import { readFile } from 'node:fs/promises';
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { Complaints } from './complaint.js';
import { codeOf } from './variables.js';

/** A JSON file of settings, as far as it could be read, and where in it each value stands. */
export interface RulesFile {
  readonly name: string;
  readonly root: Node;
  /** The line (from 1) of a node. */
  lineOf(node: Node): number;
}

/**
 * Reads a JSON file. Syntax errors and duplicate keys are complained about by line; nothing of the text is quoted, for
 * it may be any file.
 *
 * @param missing what to do where it does not exist
 */
export async function readRulesFile(
  path: string,
  name: string,
  missing: 'complain' | 'ignore',
  complaints: Complaints,
): Promise<RulesFile | undefined> {
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (missing === 'complain' || codeOf(error) !== 'ENOENT')
      complaints.add(name, `cannot be read (${codeOf(error)})`);
    return undefined;
  }
  const source = text;
  const lineAt = (offset: number): number => source.slice(0, offset).split('\n').length;
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first !== undefined || root === undefined) {
    const what = first === undefined ? 'no value' : printParseErrorCode(first.error);
    complaints.add(`${name}:${lineAt(first?.offset ?? 0)}`, `is no JSON (${what})`);
    return undefined;
  }
  const file: RulesFile = { name, root, lineOf: (node) => lineAt(node.offset) };
  return hasDuplicateKeys(root, file, complaints) ? undefined : file;
}

function hasDuplicateKeys(node: Node, file: RulesFile, complaints: Complaints): boolean {
  let found = false;
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    if (child.type === 'property') {
      const [key] = child.children ?? [];
      if (key && seen.has(key.value)) {
        complaints.add(`${file.name}:${file.lineOf(key)}`, 'names a key twice');
        found = true;
      }
      seen.add(key?.value);
    }
    found = hasDuplicateKeys(child, file, complaints) || found;
  }
  return found;
}
