import ts from 'typescript';
import { expect, it } from 'vitest';
import { SCRIPT } from '../../../src/views/plan/html/script.js';

// The report's script is a text to the compiler; this has it checked all the same.
it('is a script without type errors, as far as a compiler can tell without annotations', () => {
  const options: ts.CompilerOptions = {
    allowJs: true,
    checkJs: true,
    noEmit: true,
    noUnusedLocals: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    strict: false,
  };
  const host = ts.createCompilerHost(options);
  const readFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    name === 'report.js'
      ? ts.createSourceFile(name, SCRIPT, ts.ScriptTarget.ES2022)
      : readFile(name, ...rest);
  const program = ts.createProgram(['report.js'], options, host);
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  expect(problems).toEqual([]);
});
