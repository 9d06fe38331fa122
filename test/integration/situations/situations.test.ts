import { MongoServerError } from 'mongodb';
import { afterAll, describe, expect, test } from 'vitest';
import { createTestDatabases } from '../../servers.js';
import { CONSTRAINTS } from './constraints.js';
import { ERRORS } from './errors.js';
import { measure, type Measured } from './measure.js';
import { NEIGHBOURS } from './neighbours.js';
import { ODD_VALUES } from './odd-values.js';
import { PLAIN } from './plain.js';
import { SHAPES } from './shapes.js';
import type { Need, Situation, TeamState } from './situation.js';
import { SOURCES } from './sources.js';
import { TRIGGERS } from './triggers.js';

/** A table of situations more is a line here. */
const TABLES: Readonly<Record<string, readonly Situation[]>> = {
  'nothing special': PLAIN,
  'constraints that PostgreSQL checks late': CONSTRAINTS,
  'triggers and rules': TRIGGERS,
  neighbours: NEIGHBOURS,
  'errors that no repetition cures': ERRORS,
  'types and shapes': SHAPES,
  'odd values': ODD_VALUES,
  'sources that are gone': SOURCES,
};

/** Every team tried again: that they were is a defect to be told, and no time-out. */
const LONGEST_MS = 120_000;

const lines: string[] = [];
let [held, measured] = [0, 0];

const lacking = new Set<Need | undefined>(['validators']);
const databases = await createTestDatabases();
const { mongo } = databases;
try {
  await mongo.createCollection('validated', { validator: { role: { $exists: true } } });
  await mongo.collection('validated').insertOne({});
} catch (error) {
  if (error instanceof MongoServerError && error.code === 121 && error.errInfo !== undefined)
    lacking.delete('validators');
}
await mongo
  .collection('collated')
  .createIndexes([{ key: { a: 1 }, collation: { locale: 'en', strength: 2 } }])
  .catch(() => lacking.add('collations'));
await databases.drop();

afterAll(() => {
  process.stdout.write(
    `\n${[...lines, `${held} of ${measured} situations held`].map((line) => `${line}\n`).join('')}`,
  );
});

describe.each(Object.entries(TABLES))('%s', (title, situations) => {
  test.for(situations.map((one) => [one.name, one] as const))(
    '%s',
    { timeout: LONGEST_MS },
    async ([, situation], { skip }) => {
      skip(lacking.has(situation.needs), `this server lacks ${situation.needs ?? 'nothing'}`);
      measured++;
      const found = await measure(situation);
      if (found.defects.length === 0) held++;
      if (!lines.includes(title)) lines.push(title);
      lines.push(lineOf(situation, found));
      expect(found.defects).toEqual([]);
    },
  );
});

function lineOf({ name, expected }: Situation, found: Measured): string {
  const wanted = typeof expected.teams === 'string' ? [expected.teams] : expected.teams;
  const mark = found.defects.length === 0 ? '✓' : '✗';
  return [
    `${mark} ${name}`,
    `    expected: ${inWords(wanted)}, exit ${expected.exit}`,
    `    found:    MongoDB ${inWords(found.mongo)}; PostgreSQL ${inWords(found.postgres)}; exit ${found.exit} ` +
      `after ${found.seconds.toFixed(1)} s; undo ${found.undo}`,
    ...found.defects.map((defect) => `    ✗ ${defect.slice(0, 1_000)}`),
  ].join('\n');
}

function inWords(states: readonly TeamState[]): string {
  const [first] = states;
  return states.every((state) => state === first) ? (first ?? 'nothing') : states.join(' / ');
}
