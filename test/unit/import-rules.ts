import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

/** The arrows of docs/design.md, "Structure": which folders of `src` a folder may import. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  commands: ['cli', 'steps', 'views', 'approval', 'config', 'doctor', 'sandbox', 'files', 'model'],
  // What programs import: the steps of the commands without their words.
  'index.ts': ['files', 'model', 'steps'],
  cli: ['views', 'approval', 'config', 'files', 'model'],
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
/** How many files a folder may hold directly. */
const MOST_FILES = 30;
const DRIVERS = ['mongodb', 'pg', 'pg-cursor'];
const PURE_FOLDERS = ['decide'];
const FOLDERS_WITH_DRIVERS = ['sandbox', 'stores'];
/** What makes a result depend on more than the arguments. */
const IMPURE = ['Date.now', 'Math.random', 'performance.now', 'process', 'globalThis', 'crypto'];
/** All that the rules need of Node: a hash. */
const PURE_BUILTINS: Readonly<Record<string, readonly string[]>> = { 'node:crypto': ['hash'] };

/** Every place under `root` (a folder like `src`) that breaks an arrow, as "file: what is wrong". */
export function importViolations(root: string): string[] {
  const files = sourceFiles(root);
  return [...files.flatMap((file) => violationsOf(file, root)), ...circles(files, root)].sort();
}

/** Every folder under `root` that holds too many files directly. */
export function crowdedFolders(root: string): string[] {
  const counts = new Map<string, number>();
  for (const file of sourceFiles(root)) {
    const folder = posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MOST_FILES)
    .map(([folder, count]) => `${folder}: holds ${count} files`);
}

/** Relative to `root`, with slashes. */
function sourceFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** Finds `import`, `export … from`, `import()`, `import type` and `require` alike. */
function specifiersIn(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

function violationsOf(file: string, root: string): string[] {
  const path = join(root, file);
  const folder = file.split('/')[0] ?? '';
  const text = readFileSync(path, 'utf8');
  const problems = specifiersIn(text).flatMap((specifier) => problemOf(specifier, path, folder, root) ?? []);
  if (PURE_FOLDERS.includes(folder))
    problems.push(...impurities(path, text).map((what) => `${folder} ${what}`));
  return problems.map((problem) => `${file}: ${problem}`);
}

/** Files that import each other, directly or through others; type imports count. Each circle stands once. */
function circles(files: readonly string[], root: string): string[] {
  const imports = new Map(
    files.map((file) => {
      const specifiers = specifiersIn(readFileSync(join(root, file), 'utf8'));
      const relatives = specifiers.filter((specifier) => specifier.startsWith('.'));
      return [file, relatives.map((to) => posix.join(posix.dirname(file), to.replace(/\.js$/, '.ts')))];
    }),
  );
  const reached = new Map(files.map((file) => [file, reachableFrom(file, imports)]));
  const inCircles = files.filter((file) => reached.get(file)?.has(file));
  const groups = inCircles.map((file) =>
    inCircles.filter((other) => reached.get(file)?.has(other) && reached.get(other)?.has(file)),
  );
  return [...new Set(groups.map((group) => group.sort().join(' ↔ ')))].map((group) => `circle: ${group}`);
}

function reachableFrom(file: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const open = [...(imports.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(imports.get(next) ?? []));
  }
  return reached;
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
