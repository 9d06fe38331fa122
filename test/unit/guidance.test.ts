import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { filesWithFailures, guidanceTexts, type GuidanceText } from './guidance-texts.js';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const texts = guidanceTexts(SOURCES);

/** What an instruction begins with; a new one is welcome if it is one. */
const INSTRUCTIONS = [
  ...[
    'Add',
    'Allow',
    'Apply',
    'Ask',
    'Build',
    'Check',
    'Confirm',
    'Connect',
    'Copy',
    'Correct',
    'Count',
    'Create',
  ],
  ...['Do not', 'Find', 'Give', 'Grant', 'Have', 'Install', 'Keep', 'Leave', 'Let', 'Look', 'Make', 'Map'],
  ...['Name', 'Plan', 'Please', 'Put', 'Raise', 'Rename', 'Replace', 'Restore', 'Run', 'Save', 'Say', 'See'],
  ...['Set', 'Show', 'Start', 'Switch', 'Take', 'Try', 'Turn', 'Use', 'Wait', 'Widen', 'Write'],
];
const INSTRUCTION = new RegExp(`^(Nothing was [a-z]+\\. )?(${INSTRUCTIONS.join('|')}) `);

/** Those texts of a part that are not as they should be, with where they stand. */
function wrong(part: GuidanceText['part'], isRight: (text: GuidanceText) => boolean): string[] {
  return texts
    .filter((text) => text.part === part && !isRight(text))
    .map(({ where, text }) => `${where}: ${text}`);
}

test('what to do next is an instruction, whatever was or was not done before it', () => {
  expect(wrong('next', ({ text }) => INSTRUCTION.test(text))).toEqual([]);
});

test('what was being done is said in the form of "reading the plan"', () => {
  expect(wrong('doing', ({ text }) => /^[a-z]+ing( |$)/.test(text))).toEqual([]);
});

test('what happened goes on with its sentence, and leaves the end of it to others', () => {
  expect(wrong('problem', ({ text }) => text !== '' && !/^[A-Z][a-z]+ (is|was|has) /.test(text))).toEqual([]);
  expect(wrong('problem', ({ text, open }) => open === 'at-end' || !text.endsWith('.'))).toEqual([]);
});

test('no file that puts failures together goes unseen', () => {
  const seen = new Set(texts.filter(({ part }) => part === 'next').map(({ file }) => file));
  // These pass on what others say, or choose it together with what happened.
  const passing = ['apply/postgres-check.ts', 'files/file-sink.ts', 'stores/connections.ts'];
  expect(filesWithFailures(SOURCES).filter((file) => !seen.has(file) && !passing.includes(file))).toEqual([]);
  for (const part of ['doing', 'problem', 'next'] as const)
    expect(texts.filter((text) => text.part === part).length).toBeGreaterThan(50);
});
