import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A text that an error for people begins with, in one of its parts, and where the code says it. */
export interface GuidanceText {
  readonly part: 'doing' | 'problem' | 'next';
  readonly text: string;
  /** The file that puts the failure together. */
  readonly file: string;
  readonly where: string;
  /** The text goes on with a value that the code does not show. */
  readonly open: 'at-end' | 'no';
}

const PARTS = ['doing', 'problem', 'next'] as const;

/**
 * Every text that the code gives as a part of a failure, wherever it is put together: the values of properties and
 * variables called `doing`, `problem` and `next`, arguments for parameters of these names, and what functions return
 * that such a value is taken from. Of a template only its beginning (and for an end, whether it is known) is looked at.
 */
export function guidanceTexts(root: string): GuidanceText[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const text = readFileSync(join(root, name), 'utf8');
      return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
    });
  const everywhere = new Map(files.flatMap((file) => [...declared(file)]));
  const found: GuidanceText[] = [];
  for (const file of files) {
    // What the file declares itself hides what others call the same.
    const names: Names = new Map([...everywhere, ...declared(file)]);
    const say = (part: GuidanceText['part'], value: ts.Expression | undefined): void => {
      for (const { text, open, node } of value === undefined ? [] : textsOf(value, names)) {
        const from = node.getSourceFile();
        const { line } = from.getLineAndCharacterOfPosition(node.getStart());
        found.push({ part, text, open, file: file.fileName, where: `${from.fileName}:${line + 1}` });
      }
    };
    const visit = (node: ts.Node): void => {
      const named = ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node) || ts.isParameter(node);
      const part = named ? PARTS.find((name) => name === node.name.getText()) : undefined;
      // In a view such a variable is a line of its own.
      const line = ts.isVariableDeclaration(node) && file.fileName.startsWith('views');
      if (named && part !== undefined && !line) say(part, node.initializer);
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
        const called = names.get(node.expression.text);
        const parameters = called !== undefined && ts.isFunctionDeclaration(called) ? called.parameters : [];
        for (const [index, argument] of node.arguments.entries()) {
          const name = PARTS.find((one) => one === parameters[index]?.name.getText());
          if (name !== undefined) say(name, argument);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

/** The files in which an error for people is put together. */
export function filesWithFailures(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && /new (Receipt)?Failure\(/.test(readFileSync(join(root, name), 'utf8')),
  );
}

/** Functions and constants of a file by name. */
type Names = Map<string, ts.FunctionDeclaration | ts.Expression>;

function declared(file: ts.SourceFile): Names {
  const names: Names = new Map();
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined)
      names.set(statement.name.text, statement);
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations)
      if (initializer !== undefined) names.set(name.getText(), initializer);
  }
  return names;
}

interface Beginning {
  readonly text: string;
  readonly open: GuidanceText['open'];
  readonly node: ts.Node;
}

/** The texts that an expression can be, as far as they stand in the code. */
function textsOf(value: ts.Expression, names: Names, depth = 0): Beginning[] {
  if (ts.isStringLiteral(value) || ts.isNoSubstitutionTemplateLiteral(value))
    return [{ text: value.text, open: 'no', node: value }];
  if (ts.isTemplateExpression(value)) {
    const last = value.templateSpans.at(-1)?.literal.text ?? '';
    // What begins with a value is known only when it runs.
    if (value.head.text === '') return [];
    return [
      last === ''
        ? { text: value.head.text, open: 'at-end', node: value }
        : { text: `${value.head.text}…${last}`, open: 'no', node: value },
    ];
  }
  if (ts.isConditionalExpression(value))
    return [value.whenTrue, value.whenFalse].flatMap((one) => textsOf(one, names, depth));
  if (ts.isParenthesizedExpression(value)) return textsOf(value.expression, names, depth);
  if (depth > 3) return [];
  if (ts.isCallExpression(value) && value.expression.getText() === 'withoutHostileCharacters')
    return value.arguments.flatMap((one) => textsOf(one, names, depth));
  const called = ts.isCallExpression(value) ? value.expression : value;
  const meant = ts.isIdentifier(called) ? names.get(called.text) : undefined;
  if (meant === undefined) return [];
  if (!ts.isFunctionDeclaration(meant)) return value === called ? textsOf(meant, names, depth + 1) : [];
  const texts: Beginning[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression)
      texts.push(...textsOf(node.expression, names, depth + 1));
    ts.forEachChild(node, visit);
  };
  if (meant.type?.getText() === 'string' && meant.body !== undefined) visit(meant.body);
  return texts;
}
