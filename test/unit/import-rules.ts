import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

/** The arrows of docs/design.md, "Structure": which folders of `src` a folder may import. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  commands: [
    ...['cli', 'steps', 'views', 'approval', 'config', 'doctor', 'sandbox', 'files', 'model'],
    // Until every use case has its step.
    ...['apply', 'planner', 'stores'],
  ],
  // What programs import: the steps of the commands without their words.
  'index.ts': ['apply', 'files', 'model', 'steps'],
  cli: ['views', 'approval', 'config', 'files', 'model', 'apply', 'stores'],
  steps: ['config', 'approval', 'planner', 'apply', 'stores', 'files', 'model'],
  config: ['files', 'model'],
  views: ['files', 'model'],
  planner: ['decide', 'files', 'stores', 'model'],
  apply: ['decide', 'files', 'stores', 'model'],
  doctor: ['stores', 'model'],
  approval: ['files', 'model'],
  files: ['decide', 'model'],
  stores: ['model'],
  decide: ['model'],
  model: [],
  sandbox: ['model'],
};
const DRIVERS = ['mongodb', 'pg', 'pg-cursor'];
const PURE_FOLDERS = ['decide'];
const FOLDERS_WITH_DRIVERS = ['sandbox', 'stores'];
/** What makes a result depend on more than the arguments. */
const IMPURE = ['Date.now', 'Math.random', 'performance.now', 'process', 'globalThis', 'crypto'];
/** All that the rules need of Node: a hash. */
const PURE_BUILTINS: Readonly<Record<string, readonly string[]>> = { 'node:crypto': ['hash'] };

/** Every place under `root` (a folder like `src`) that breaks an arrow, as "file: what is wrong". */
export function importViolations(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => violationsOf(path, root))
    .sort();
}

function violationsOf(path: string, root: string): string[] {
  const file = relative(root, path).split(sep).join('/');
  const folder = file.split('/')[0] ?? '';
  const text = readFileSync(path, 'utf8');
  // Finds `import`, `export … from`, `import()`, `import type` and `require` alike.
  const specifiers = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const problems = specifiers.flatMap((specifier) => problemOf(specifier, path, folder, root) ?? []);
  if (PURE_FOLDERS.includes(folder))
    problems.push(...impurities(path, text).map((what) => `${folder} ${what}`));
  return problems.map((problem) => `${file}: ${problem}`);
}

function problemOf(specifier: string, path: string, folder: string, root: string): string | undefined {
  if (!specifier.startsWith('.')) return packageProblem(specifier, folder);
  const target = relative(root, resolve(dirname(path), specifier)).split(sep);
  const to = target[0] ?? '';
  if (to === '..') return `imports ${specifier} from outside`;
  if (to === folder) return undefined;
  const allowed = ARROWS[folder];
  if (allowed === undefined) return `is in a folder without arrows, ${folder}`;
  if (!allowed.includes(to)) return `${folder} imports ${to}`;
  if (to === 'sandbox' && !relative(root, path).split(sep).includes('sandbox'))
    return 'only its commands import sandbox';
  return undefined;
}

function packageProblem(specifier: string, folder: string): string | undefined {
  const name = specifier.split('/')[0] ?? '';
  if (DRIVERS.includes(name) && !FOLDERS_WITH_DRIVERS.includes(folder))
    return `${folder} imports the driver ${name}`;
  if (PURE_FOLDERS.includes(folder) && !(specifier in PURE_BUILTINS))
    return `${folder} imports ${isBuiltin(specifier) ? 'the system' : 'a package'}: ${specifier}`;
  return undefined;
}

/** Where a file reads a clock, chance or the environment. */
function impurities(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const name = impureName(node, source);
    if (name !== undefined) found.push(`uses ${name}`);
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function impureName(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (ts.isNewExpression(node) && node.expression.getText(source) === 'Date' && !node.arguments?.length)
    return 'new Date()';
  if (ts.isCallExpression(node) && node.expression.getText(source) === 'Date') return 'Date()';
  if (ts.isImportDeclaration(node)) return impureImport(node, source);
  if (!ts.isPropertyAccessExpression(node) && !ts.isIdentifier(node)) return undefined;
  const name = node.getText(source);
  return IMPURE.includes(name) ? name : undefined;
}

function impureImport(node: ts.ImportDeclaration, source: ts.SourceFile): string | undefined {
  const allowed = ts.isStringLiteral(node.moduleSpecifier)
    ? PURE_BUILTINS[node.moduleSpecifier.text]
    : undefined;
  if (allowed === undefined) return undefined;
  const bindings = node.importClause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return 'more of a system module than it needs';
  const names = bindings.elements.map((element) => (element.propertyName ?? element.name).getText(source));
  return names.find((name) => !allowed.includes(name));
}
