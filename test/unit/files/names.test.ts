import { describe, expect, test } from 'vitest';
import { comparePlans, type PlanDifference } from '../../../src/files/plan/compare.js';
import { openPlanWriter, type PlanRest } from '../../../src/files/plan/writer.js';
import { DEFAULT_MAPPING, NAMING_MAPPING, type Mapping } from '../../../src/model/mapping.js';
import { diffText } from '../../../src/views/plan/diff-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { textOf } from '../views/sample-plan.js';
import { collectingSink } from './collecting-sink.js';
import { all, readBytes, refusalOf, withDigest } from './reading.js';
import { decide, id, SAMPLE_REST, SAMPLE_TEAMS } from './sample-plan.js';

/** Teams of one owner, a member and an outsider, with findings and a block about them. */
const NAMES = new Map([
  [id('b', 1), 'Ann'],
  [id('b', 3), 'Sam'],
  [id('b', 5), 'Eve'],
]);
const FINDING = { code: 'malformed-row', team: null, user: id('b', 3) } as const;
const AT = { at: { store: 'mongo', row: 'x', field: 'team_id' }, value: '7' } as const;

async function plan(names: ReadonlyMap<string, string>, mapping: Mapping = NAMING_MAPPING): Promise<Buffer> {
  const writer = await openPlanWriter();
  const nameOf = (user: string | null) => (user === null ? undefined : names.get(user));
  for (const sample of SAMPLE_TEAMS) {
    const { planned, findings, blocked } = decide(sample);
    for (const finding of findings) await writer.finding({ ...finding, name: nameOf(finding.user) });
    for (const block of blocked) await writer.block({ ...block, name: nameOf(block.user) });
    if (planned === undefined) continue;
    await writer.team({
      holders: planned.holders,
      team: { ...planned.team, createdByName: nameOf(planned.team.createdBy) },
      decisions: planned.decisions.map((decision) => ({ ...decision, name: nameOf(decision.user) })),
    });
  }
  await writer.finding({ ...FINDING, ...AT, name: names.get(FINDING.user) });
  const { sink, written } = collectingSink();
  const rest: PlanRest = { ...SAMPLE_REST, header: { ...SAMPLE_REST.header, mapping } };
  await writer.finish(rest, sink);
  return written();
}

const PLAN = await plan(NAMES);

function refusedAfter(from: string, to: string, bytes = PLAN): Promise<string> {
  const text = bytes.toString();
  expect(text).toContain(from);
  return refusalOf(withDigest(Buffer.from(text.replace(from, to))));
}

describe('a name in a plan', () => {
  test('stands beside the id and is read back', async () => {
    const read = await readBytes(PLAN);
    const named = (await all(read.teams())).flatMap(({ team, decisions }) => [
      team.createdByName,
      ...decisions.map(({ name }) => name),
    ]);
    expect(named.filter((name) => name !== undefined)).toEqual(['Ann', 'Ann', 'Sam', 'Eve', 'Eve']);
    expect(await all(read.findings())).toContainEqual({ ...FINDING, ...AT, name: 'Sam' });
    await read.close();
  });

  const ANN = '"name":"Ann"';
  test.for([
    ['a line break', ANN, '"name":"A\\nnn"', /field name: holds a control/],
    ['a bidirectional override', ANN, '"name":"A\u202enn"', /field name: holds a control/],
    ['an escape sequence', ANN, '"name":"\\u001b[31mAnn"', /field name: holds a control/],
    ['a lone surrogate', ANN, '"name":"\\ud800"', /lone surrogate/],
    ['more than 256 characters', ANN, `"name":"${'n'.repeat(257)}"`, /field name/],
    ['nothing', ANN, '"name":""', /field name/],
    ['null', ANN, '"name":null', /field name/],
    ['a line break, of the creator', '"createdByName":"Ann"', '"createdByName":"A\\nnn"', /createdByName/],
    [
      'that of a creator who has no id',
      '"state":"missing","createdBy":null',
      '"state":"missing","createdBy":null,"createdByName":"Ann"',
      /team\.createdByName: is the name of nobody/,
    ],
    [
      'that of a whole team in a finding',
      '"code":"missing-team","team":"a00000000000000000000002","user":null',
      '"code":"missing-team","team":"a00000000000000000000002","user":null,"name":"Ann"',
      /field name: is the name of nobody/,
    ],
  ] as const)('must not be %s', async ([, from, to, why]) => {
    expect(await refusedAfter(from, to)).toMatch(why);
  });

  test('must not be there where the mapping names no users', async () => {
    const off = JSON.stringify(NAMING_MAPPING.mongo.users);
    expect(await refusedAfter(`"users":${off}`, '"users":null')).toMatch(/name: is there, though/);
    const bare = await plan(new Map(), DEFAULT_MAPPING);
    const user = `{"user":"${id('b', 1)}"`;
    expect(await refusedAfter(user, `${user},${ANN}`, bare)).toMatch(/field name: is there, though/);
    const team = `"createdBy":"${id('b', 1)}"`;
    expect(await refusedAfter(team, `${team},"createdByName":"Ann"`, bare)).toMatch(
      /createdByName: is there/,
    );
  });
});

describe('two plans that differ in names', () => {
  async function compared(old: Buffer, fresh: Buffer): Promise<{ kinds: string[]; text: string }> {
    const [one, other] = [await readBytes(old), await readBytes(fresh)];
    const differences: PlanDifference[] = await all(comparePlans(one, other));
    const mappings = { old: one.header.mapping, new: other.header.mapping };
    const text = await textOf(diffText(comparePlans(one, other), mappings, PLAIN_TERMINAL));
    await one.close();
    await other.close();
    return { kinds: differences.map((each) => ('change' in each ? each.change : each.kind)), text };
  }

  test('alone differ in no decision, and are said to', async () => {
    const { kinds, text } = await compared(PLAN, await plan(new Map([...NAMES, [id('b', 3), 'Samira']])));
    expect(kinds).toEqual(['renamed', 'user-renamed']);
    expect(text).toContain('only the name differs  malformed-row: team unreadable, user ');
    expect(text).toContain(`only the name differs  user ${id('b', 3)}: "Sam" → "Samira"\n`);
    expect(text).toMatch(
      /The two plans differ in the names of people alone, in no decision: 2 differences\.\n$/,
    );
  });

  test('are said to where the one has none, by its mapping', async () => {
    const { kinds, text } = await compared(PLAN, await plan(new Map(), DEFAULT_MAPPING));
    expect(new Set(kinds)).toEqual(new Set(['header', 'renamed', 'user-renamed']));
    expect(text).toContain(`user ${id('b', 1)}: "Ann" → none\n`);
    expect(text).toMatch(/in the names of people alone, in no decision/);
  });

  test('and in more than that are not', async () => {
    const member = PLAN.toString()
      .replace('"name":"Team 3"', '"name":"Team 4"')
      .replaceAll('"Sam"', '"Samira"');
    const { kinds, text } = await compared(PLAN, withDigest(Buffer.from(member)));
    expect(kinds).toEqual(['renamed', 'user-renamed', 'team-changed']);
    expect(text).toMatch(/The two plans differ: 3 differences\.\n$/);
  });
});
