import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import {
  findNodeAtLocation,
  getNodePath,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import type { z } from 'zod';
import { codeOf } from '../model/errors.js';
import { withoutByteOrderMark } from '../model/text.js';
import type { Complaints } from './complaint.js';
import { nearest } from './did-you-mean.js';

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

/** The settings of one file; any may be left out. */
export interface Layer {
  readonly file: RulesFile;
  readonly node: Node;
  /** Stands before the path of a setting in messages: "policy.", or nothing. */
  readonly prefix: string;
}

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

/**
 * Lays the layers over the defaults, setting by setting, later ones last, and validates the whole. Complains about every
 * mistake where it stands, with what was probably meant.
 *
 * @returns undefined where there was any mistake
 */
export function settingsFrom<T>(
  schema: z.ZodType<T>,
  defaults: T,
  layers: readonly Layer[],
  complaints: Complaints,
): T | undefined {
  let value: unknown = defaults;
  for (const layer of layers) value = overlaid(value, withoutSchemaReference(getNodeValue(layer.node)));
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    if (issue.code !== 'unrecognized_keys')
      complain(path, problemOf(issue, path, layers), layers, complaints);
    else
      for (const key of issue.keys)
        complain([...path, key], unknownKey(key, Object.keys(objectAt(defaults, path))), layers, complaints);
  }
  return undefined;
}

/** Objects are merged, everything else is replaced. */
function overlaid(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  // A map takes keys such as __proto__ as they are, and fromEntries defines them, so that the schema can refuse them.
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over))
    merged.set(key, merged.has(key) ? overlaid(merged.get(key), value) : value);
  return Object.fromEntries(merged);
}

/** `$schema` is for editors, and no setting. */
function withoutSchemaReference(value: unknown): unknown {
  if (!isObject(value) || typeof value['$schema'] !== 'string') return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== '$schema'));
}

function complain(path: Path, problem: string, layers: readonly Layer[], complaints: Complaints): void {
  const found = nodeAt(path, layers);
  const name = `${found?.layer.prefix ?? ''}${path.join('.')}`.replace(/\.$/, '');
  const place = found && `${found.layer.file.name}:${found.layer.file.lineOf(found.node)}`;
  complaints.add([place, name].filter(Boolean).join(': '), problem);
}

/** The node of the value at the path, or the nearest one around it, in the last layer that has it. */
function nodeAt(path: Path, layers: readonly Layer[]): { layer: Layer; node: Node } | undefined {
  for (let length = path.length; length >= 0; length--) {
    for (const layer of layers.toReversed()) {
      const node = findNodeAtLocation(layer.node, path.slice(0, length));
      if (node !== undefined) return { layer, node };
    }
  }
  return undefined;
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === undefined
    ? `is not known here; there is ${known.join(', ')}`
    : `is not known; did you mean ${meant}?`;
}

function problemOf(issue: Issue, path: Path, layers: readonly Layer[]): string {
  if (issue.code !== 'invalid_value') return issue.message;
  const allowed = issue.values.map(String);
  const node = nodeAt(path, layers)?.node;
  const given: unknown = node === undefined ? undefined : getNodeValue(node);
  const meant = typeof given === 'string' ? nearest(given, allowed) : undefined;
  return `must be one of ${allowed.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function objectAt(value: unknown, path: Path): Record<string, unknown> {
  let at = value;
  for (const key of path) at = isObject(at) ? at[key] : undefined;
  return isObject(at) ? at : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
