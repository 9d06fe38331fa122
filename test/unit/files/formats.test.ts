import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readHeader } from '../../../src/files/plan/check/header-check.js';
import {
  liftedHeaderOf1,
  PLAN_FORMATS,
  planHeaderOf,
  summarySchema,
  type PlanFormat,
} from '../../../src/files/plan/schema.js';
import { lifted } from '../../../src/model/format-version.js';
import { DEFAULT_MAPPING, liftedMappingSchema1, mappingSchema } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY, policySchema, policySchema1 } from '../../../src/model/policy.js';
import { all, readBytes, refusalOf, withDigest } from './reading.js';
import { AS_OF, NOW, planOf, SAMPLE_TEAMS } from './sample-plan.js';

const OLD_PLAN = await readFile(new URL('../../formats/1/plan.json', import.meta.url));
const OLD_REVERT = await readFile(new URL('../../formats/1/revert.json', import.meta.url));

function headerLinesOf(plan: Uint8Array): string[] {
  const lines = Buffer.from(plan).toString('utf8').split('\n');
  return lines.slice(0, lines.indexOf('"findings":['));
}

test.each([
  ['plan', OLD_PLAN, 4],
  ['revert plan', OLD_REVERT, 3],
])('a %s of format 1 is read, and means what it meant', async (_name, bytes, teams) => {
  const plan = await readBytes(bytes);
  expect(plan.header).toMatchObject({ formatVersion: 1, policy: DEFAULT_POLICY, mapping: DEFAULT_MAPPING });
  expect(await all(plan.teams())).toHaveLength(teams);
  await plan.close();
});

test('a format of another number is refused, and the known ones are named', async () => {
  const renumbered = OLD_PLAN.toString().replace('"formatVersion":1', '"formatVersion":3');
  expect(await refusalOf(withDigest(Buffer.from(renumbered)))).toContain('is not 1 or 2');
});

test('what only a later format knows is refused in a file of format 1', async () => {
  const later = OLD_REVERT.toString().replace('"blocked":{}', '"blocked":{"not-undoable":1}');
  expect(await refusalOf(withDigest(Buffer.from(later)))).toMatch(/field summary\.blocked/);
  const several = OLD_REVERT.toString().replace(
    /(?<="receipt":)("sha256:)\w{64}"/,
    `[$1${'1'.repeat(64)}",$1${'2'.repeat(64)}"]`,
  );
  expect(await refusalOf(withDigest(Buffer.from(several)))).toMatch(/field reverts\.receipt/);
});

test('a malformed row is told without its field in a file of format 1, and never with it', async () => {
  const block = '{"code":"malformed-row","team":null,"user":null}';
  const old = OLD_PLAN.toString()
    .replace(
      '"findings":{"deleted-team-holds-roles":1,',
      '"findings":{"deleted-team-holds-roles":1,"malformed-row":1,',
    )
    .replace('{"code":"owner-without-membership"', `${block},\n{"code":"owner-without-membership"`);
  const plan = await readBytes(withDigest(Buffer.from(old)));
  expect((await all(plan.findings()))[1]).toEqual({ code: 'malformed-row', team: null, user: null });
  await plan.close();
  const later = old.replace(
    block,
    `${block.slice(0, -1)},"at":{"store":"mongo","row":"1","field":"x"},"value":"7"}`,
  );
  expect(await refusalOf(withDigest(Buffer.from(later)))).toMatch(/unknown fields: at, value/);
});

test('a further part of the policy costs one schema, and no file that was written before', async () => {
  // The one schema: the part, and what was done before there was such a part.
  const further = policySchema.extend({ guests: z.enum(['ignored', 'listed']).optional() });
  const present = planHeaderOf(2, further, mappingSchema, summarySchema);
  const formats: Record<string, PlanFormat> = {
    1: {
      written: PLAN_FORMATS[1].written,
      read: liftedHeaderOf1(lifted(policySchema1, further, DEFAULT_POLICY), liftedMappingSchema1),
    },
    2: { written: present, read: present },
  };
  const written = headerLinesOf(await planOf(SAMPLE_TEAMS));
  expect(readHeader(headerLinesOf(OLD_PLAN), NOW, formats).policy).toEqual(DEFAULT_POLICY);
  expect(readHeader(written, NOW, formats)).toMatchObject({ asOf: AS_OF, policy: DEFAULT_POLICY });
  const withPart = written.map((line) =>
    line.startsWith('"policy":') ? line.replace(/\},$/, ',"guests":"listed"},') : line,
  );
  expect(readHeader(withPart, NOW, formats).policy).toEqual({ ...DEFAULT_POLICY, guests: 'listed' });
  // Nobody but who knows the part reads it, and in a file of format 1 nobody does.
  expect(() => readHeader(withPart, NOW)).toThrow(/unknown fields: guests/);
  const inOldFile = headerLinesOf(OLD_PLAN).map((line) =>
    line.startsWith('"policy":') ? line.replace(/\},$/, ',"guests":"listed"},') : line,
  );
  expect(() => readHeader(inOldFile, NOW, formats)).toThrow(/unknown fields: guests/);
});

test('a part that an older file does not know has its default, at any depth and in its place', () => {
  const old = z.strictObject({ a: z.strictObject({ y: z.int() }), list: z.array(z.int()) });
  const present = z.strictObject({
    first: z.string(),
    a: z.strictObject({ x: z.int(), y: z.int() }),
    list: z.array(z.int()),
  });
  const defaults = { first: 'before', a: { x: 0, y: 0 }, list: [1] };
  expect(JSON.stringify(lifted(old, present, defaults).parse({ a: { y: 7 }, list: [] }))).toBe(
    '{"first":"before","a":{"x":0,"y":7},"list":[]}',
  );
});
